"""A smaller run of `tests/bench/fuzz.py`: damaged files of every format come out as rows."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.bench import fuzz

QUICK = ("txt", "html", "mht", "docx", "pdf", "zip")
SLOW = tuple(format for format in fuzz.FORMATS if format not in QUICK)
"""Formats that LibreOffice reads."""


def test_damaged_files_are_rows(tmp_path: Path) -> None:
    found = fuzz.run(dict.fromkeys(QUICK, 25), 2, tmp_path / "fuzz")
    assert {format: outcome.faults for format, outcome in found.items() if outcome.faults} == {}
    assert set(found) == set(QUICK)
    assert all(outcome.counts.total() >= 25 and outcome.counts["ok"] for outcome in found.values())


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_damaged_files_for_libreoffice_are_rows(tmp_path: Path) -> None:
    found = fuzz.run(dict.fromkeys(SLOW, 4), 2, tmp_path / "fuzz")
    assert {format: outcome.faults for format, outcome in found.items() if outcome.faults} == {}
    assert {format: outcome.counts.total() for format, outcome in found.items()} == dict.fromkeys(SLOW, 4)


def test_every_mutation_changes_a_file() -> None:
    whole = bytes(range(1, 250)) * 100
    for mutation in fuzz.MUTATIONS:
        data = bytearray(whole)
        mutation(data, random.Random(5), whole[::-1])
        assert data != whole, mutation.__name__
