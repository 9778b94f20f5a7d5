"""The benchmarks at a small scale: of readers, what is written comes back whole; of themes, what is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import read as bench
from tests.bench import themes as themes_bench


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[bench.Truth, dict[str, Path]]:
    truth = bench.make(small=True)
    return truth, bench.write(truth, tmp_path_factory.mktemp("bench"))


@pytest.mark.parametrize("variant", bench.VARIANTS)
def test_planpipe_recovers_all_of_the_plan(variant: str, written: tuple[bench.Truth, dict[str, Path]]) -> None:
    truth, files = written
    scores = bench.score(truth, bench.with_planpipe(files[variant]), variant)
    left = {name: scores.pop(name).got for name in ("heads left", "notes in body")}
    assert left == {"heads left": 0, "notes in body": 0}
    assert {name: score for name, score in scores.items() if score.got < score.of or not score.of} == {}


def test_scores_see_what_is_missing(written: tuple[bench.Truth, dict[str, Path]]) -> None:
    truth, _ = written
    heading = next(piece for piece in truth.pieces if piece.level)
    got = bench.Got([heading.shown, bench.HEAD, "— 1 —", *truth.notes], {heading.text: 2}, [["重点任务"]])
    scores = bench.score(truth, got, "docx, typed")
    found = {name: score.got for name, score in scores.items() if score.got}
    assert found == {"labels": 1, "cells": 1, "heads left": 2, "notes in body": len(truth.notes)}


def test_readers_that_are_not_installed_are_named() -> None:
    absent = bench.Reader("no_such_reader", "no-such-reader", ("docx",), bench.with_planpipe)
    assert list(bench.rows_of(bench.make(small=True), {}, [absent])) == [
        ("no_such_reader: not installed, skipped; pip install 'no-such-reader'",)
    ]


def test_the_benchmark_of_themes_measures_shares_of_its_bounds() -> None:
    costs = themes_bench.measure(times=1, rounds=1)
    assert all(share > 0 for share in costs)
    assert costs.size < 1
    assert len(themes_bench.texts(2)) == 2 * len(themes_bench.texts(1))
