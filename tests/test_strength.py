"""Strength: `cases/strength.csv` has items of a plan for 2026 and how binding they are; `notes` say what is hard."""

from __future__ import annotations

import pytest

from pipeline.extract import pipeline
from pipeline.strength import STRENGTHS, rules, strength, strengths
from pipeline.tables import BY_NAME
from tests.made import cases, doc_of

CASES = cases("strength", "text", "strength", "notes")


def found(text: str) -> str | None:
    doc = doc_of(text)
    for name in ("planpipe_deadlines", "planpipe_targets"):
        doc = pipeline().get_pipe(name)(doc)
    (one,) = strengths(doc)
    return one


@pytest.mark.parametrize(("text", "expected", "notes"), CASES)
def test_case(text: str, expected: str, notes: str) -> None:
    assert (found(text) or "") == expected
