"""The benchmarks at a small scale: of readers, what is written comes back whole; of themes, what is measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench import read as bench
from tests.bench import report as report_bench
from tests.bench import themes as themes_bench
from tests.bench import web
from tests.bench import written as written_plan


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[written_plan.Truth, dict[str, Path]]:
    truth = written_plan.make(small=True)
    return truth, written_plan.write(truth, tmp_path_factory.mktemp("bench"))


@pytest.mark.parametrize("variant", written_plan.VARIANTS)
def test_planpipe_recovers_all_of_the_plan(variant: str, written: tuple[written_plan.Truth, dict[str, Path]]) -> None:
    truth, files = written
    scores = bench.score(truth, bench.with_planpipe(files[variant]), variant)
    assert {name: scores.pop(name).got for name in bench.LEFT_OUT} == dict.fromkeys(bench.LEFT_OUT, 0)
    assert {name: score for name, score in scores.items() if score.got < score.of or not score.of} == {}


def test_scores_see_what_is_missing(written: tuple[written_plan.Truth, dict[str, Path]]) -> None:
    truth, _ = written
    heading = next(piece for piece in truth.pieces if piece.level)
    got = bench.Got([heading.shown, written_plan.HEAD, "— 1 —", *truth.notes], {heading.text: 2}, [["重点任务"]])
    scores = bench.score(truth, got, "docx, typed")
    found = {name: score.got for name, score in scores.items() if score.got}
    assert found == {"labels": 1, "cells": 1, "heads left": 2, "notes in body": len(truth.notes)}


def test_readers_that_are_not_installed_are_named() -> None:
    absent = bench.Reader("no_such_reader", "no-such-reader", ("docx",), bench.with_planpipe)
    assert list(bench.rows_of(written_plan.make(small=True), {}, [absent])) == [
        ("no_such_reader: not installed, skipped; pip install 'no-such-reader'",)
    ]


def test_the_benchmark_of_themes_measures_shares_of_its_bounds() -> None:
    costs = themes_bench.measure(times=1, rounds=1)
    assert all(share > 0 for share in costs)
    assert costs.size < 1
    assert len(themes_bench.texts(2)) == 2 * len(themes_bench.texts(1))


@pytest.mark.parametrize("kind", list(web.pages(written_plan.make(small=True))))
def test_web_pages_give_the_plan_and_nothing_else(kind: str) -> None:
    truth = written_plan.make(small=True)
    plan, site, rows = web.counts(truth, web.with_planpipe(web.pages(truth)[kind]))
    assert (plan, site, rows) == (len(web.lines_of(truth)), 0, truth.rows)


def test_the_benchmark_of_the_report_opens_the_page_of_a_repeated_run() -> None:
    if not shutil.which("chromium"):
        pytest.skip("no chromium on this machine; on Debian: apt-get install chromium")
    costs = report_bench.measure(plans=12, rounds=1)
    assert costs.plans == 18
    assert 50_000 < costs.size < 1_000_000
    assert all(share > 0 for share in costs[2:])
