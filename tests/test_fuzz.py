"""A smaller run of `tests/bench/fuzz.py`: damaged files of every format come out as rows."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from pipeline import rows
from pipeline.parsing import plans_of
from pipeline.read import read
from pipeline.read import text as text_reader
from pipeline.read.source import Source
from pipeline.themes import default
from tests.bench import fuzz

GOLD = Path(__file__).parent / "gold"
SAMPLE = Path(__file__).parents[1] / "corpora" / "sample"
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


@pytest.mark.parametrize("name", ["02_county_points_2003.txt", "16_town_plan_2015.txt", "26_school_term_plan_2011.txt"])
def test_a_plan_that_breaks_off_anywhere_is_parsed(name: str) -> None:
    """Cut at the end of each line, and behind a line that says little."""
    (source,) = [*SAMPLE.glob(name), *GOLD.glob(name)]
    whole = read(source).text
    ends = [at for at, char in enumerate(whole) if char == "\n" and whole[:at].strip()]
    assert len(ends) > 20
    for end in ends:
        for text in (whole[:end], f"{whole[:end]}\n特此通知\n"):
            document = text_reader.read(Source.of(text.encode(), "plan.txt"))
            assert rows.plan_rows(plans_of(document, default()), "0" * 12)["sections"]


def test_every_mutation_changes_a_file() -> None:
    whole = bytes(range(1, 250)) * 100
    for mutation in fuzz.MUTATIONS:
        data = bytearray(whole)
        mutation(data, random.Random(5), whole[::-1])
        assert data != whole, mutation.__name__
