"""Stages of schooling: `cases/stage.csv` has texts, the headings above them and what they are about."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.stages import STAGES, rules, stage
from pipeline.tables import BY_NAME
from pipeline.themes import PATH

with (Path(__file__).parent / "cases" / "stage.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


@pytest.mark.parametrize("row", CASES, ids=[f"{row['path']}|{row['text']}" for row in CASES])
def test_the_stage_of_a_text_under_headings(row: dict[str, str]) -> None:
    path = row["path"].split(PATH) if row["path"] else []
    assert (stage(row["text"], path) or "") == row["stage"]


def test_the_cases_show_every_stage_and_as_much_that_is_none() -> None:
    assert {row["stage"] for row in CASES} == {*STAGES, ""}
    assert len(CASES) >= 100
    assert sum(not row["stage"] for row in CASES) >= 40


def test_rules_give_the_values_of_the_column() -> None:
    (column,) = [column for column in BY_NAME["items"].columns if column.name == "stage"]
    assert set(column.values) == set(STAGES)
    assert {rule.fields["stage"] for rule in rules()} == {*STAGES, "several", "none"}
