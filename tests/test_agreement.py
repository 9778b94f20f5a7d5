"""Agreement: figures against published and reckoned ones, intervals against scipy and by simulation."""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipeline.agreement import Agreement, Judged, alpha, compare, figures, markdown, paragraph, share, wilson
from pipeline.cli import main
from pipeline.coding import Coding, load
from pipeline.errors import CodingError, MissingExtra
from pipeline.sample import Answer, Drawn, Question, Sample, Stratum, questions
from tests.test_coding import fill, sheet, to_csv, to_xlsx
from tests.test_sample import archive

IS_GOAL = next(question for question in questions("items") if question.name == "is_goal")
THEMES = Question("themes", "?", "several", {"a": "甲", "b": "乙", "c": "丙", "none": "无"})


def sample_of(
    machine: Sequence[Answer],
    *,
    question: Question = IS_GOAL,
    strata: Sequence[int] | None = None,
    sizes: Sequence[int] | None = None,
) -> Sample:
    """A sample whose rows have these answers of the machine; `strata` and `sizes` say where they were drawn."""
    places = list(strata or [0] * len(machine))
    counts = [places.count(k) for k in range(max(places) + 1)]
    return Sample(
        key="k",
        version="0.1.0",
        table="items",
        by=("theme",) if len(counts) > 1 else (),
        allocation="proportional",
        least=5,
        seed=1,
        plans=3,
        blind=True,
        questions=(question,),
        strata=tuple(
            Stratum(f"s{k}", size, n) for k, (size, n) in enumerate(zip(sizes or counts, counts, strict=True))
        ),
        rows=tuple(
            Drawn(f"k-{n}", f"i{n}", "p", place, "plan", "section", f"sentence {n}", {question.name: answer})
            for n, (answer, place) in enumerate(zip(machine, places, strict=True))
        ),
    )


def coding(name: str, answers: Sequence[Answer | None], question: str = "is_goal") -> Coding:
    """What a coder answered row by row, None where nothing."""
    rows = {f"k-{n}": {question: answer} if answer else {} for n, answer in enumerate(answers)}
    return Coding(name, Path(name), rows)


def yes_no(text: str) -> list[Answer]:
    return [("yes",) if character == "y" else ("no",) for character in text]


def judged(result: Agreement, by: str, code: str = "yes") -> Judged:
    return next(one for one in result.judged if (one.by, one.code) == (by, code))


# Agreement between coders


def by_row(*coders: str) -> list[dict[str, str]]:
    return [{str(n): value for n, value in enumerate(coder.split()) if value != "*"} for coder in coders]


@pytest.mark.parametrize(
    ("coders", "expected"),
    [
        # Krippendorff (2011), Computing Krippendorff's alpha-reliability, examples A, B and C.
        (("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"), 0.095),
        (("a a b b d c c c e d d a", "b a b b b c c c e d d d"), 0.692),
        (
            (
                "1 2 3 3 2 1 4 1 2 * * *",
                "1 2 3 3 2 2 4 1 2 5 * 3",
                "* 3 3 3 2 3 4 2 2 5 1 *",
                "1 2 3 3 2 4 4 1 2 5 1 *",
            ),
            0.743,
        ),
    ],
)
def test_alpha_is_that_of_krippendorffs_examples(coders: tuple[str, ...], expected: float) -> None:
    assert alpha(by_row(*coders)) == pytest.approx(expected, abs=0.0006)


def test_alpha_of_sets_counts_what_they_share() -> None:
    one = {str(n): frozenset(text) for n, text in enumerate(("ab", "a", "c", "ab"))}
    other = {str(n): frozenset(text) for n, text in enumerate(("ab", "ab", "c", "c"))}
    # Observed: distances of the four rows. Expected: of all pairs of the eight sets; both reckoned by hand.
    #   Jaccard  observed (0 + 1/2 + 0 + 1)/4; MASI 1 - 1/2 * 2/3 = 2/3 for a|ab
    #   sets: ab 4, a 1, c 3; pairs ab-a 4, ab-c 12, a-c 3 of 28
    assert alpha([one, other], "jaccard") == pytest.approx(1 - (1.5 / 4) / ((4 * 0.5 + 15) / 28))
    assert alpha([one, other], "masi") == pytest.approx(1 - ((2 / 3 + 1) / 4) / ((4 * 2 / 3 + 15) / 28))


def test_alpha_without_variation_is_none() -> None:
    assert alpha(by_row("a a a", "a a a")) is None
    assert alpha(by_row("a b *", "* * a")) is None


def test_kappa_is_cohens() -> None:
    # Observed 7/10, expected 0.6 * 0.5 + 0.4 * 0.5.
    coders = [coding("a", yes_no("yyyyyynnnn")), coding("b", yes_no("yyyynnynnn"))]
    (found,) = compare(sample_of(yes_no("y" * 10)), coders).agreed
    assert (found.share, found.rows) == (0.7, 10)
    assert found.kappa == pytest.approx((0.7 - 0.5) / 0.5)
    assert found.weighted == pytest.approx(found.kappa)


def test_kappa_is_weighted_to_the_table() -> None:
    # The second stratum's two rows stand for 8. Weighted: yy 1 and nn 1 in the first, yn 4 and ny 4 in the other.
    sample = sample_of(yes_no("yyyy"), strata=[0, 0, 1, 1], sizes=[2, 8])
    (found,) = compare(sample, [coding("a", yes_no("ynyn")), coding("b", yes_no("ynny"))]).agreed
    assert found.kappa == pytest.approx(0.0)
    assert found.weighted == pytest.approx((0.2 - 0.5) / 0.5)


def test_kappa_of_three_coders_is_the_mean_of_their_pairs() -> None:
    coders = [coding(name, yes_no(text)) for name, text in (("a", "yynn"), ("b", "yynn"), ("c", "ynyn"))]
    (found,) = compare(sample_of(yes_no("yyyy")), coders).agreed
    assert found.kappa == pytest.approx((1 + 0 + 0) / 3)
    assert found.share == pytest.approx((4 + 2 + 2) / 12)


def test_sets_are_compared_as_a_whole_by_main_code_and_code_by_code() -> None:
    machine: list[Answer] = [("a",), ("a", "b"), ("c",), ("none",)]
    other: list[Answer] = [("a", "b"), ("b", "a"), ("c",), ("none",)]
    coders = [coding("x", machine, "themes"), coding("y", other, "themes")]
    found = {one.code: one for one in compare(sample_of(machine, question=THEMES), coders).agreed}
    assert list(found) == ["all", "main", "a", "b", "c", "none"]
    assert (found["all"].share, found["main"].share, found["b"].share) == (0.75, 0.75, 0.75)
    assert found["all"].kappa is None
    assert found["all"].masi is not None
    assert found["a"].kappa == 1
    assert found["b"].kappa == pytest.approx(0.5)


def test_one_coder_agrees_with_nobody() -> None:
    result = compare(sample_of(yes_no("yyn")), [coding("a", yes_no("yyn"))])
    assert result.agreed == ()
    assert {one.by for one in result.judged} == {"a"}


def test_coders_of_one_name_are_refused() -> None:
    with pytest.raises(CodingError, match="2 codings are called a: give each coder's file a name of its own"):
        compare(sample_of(yes_no("y")), [coding("a", yes_no("y")), coding("a", yes_no("n"))])


def test_without_nltk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nltk.metrics", None)
    with pytest.raises(MissingExtra, match=r"agreement needs NLTK, .*: pip install 'planpipe\[stats\]'"):
        alpha(by_row("a b", "a a"))


# The machine by the coders


def test_precision_and_recall_by_each_and_by_both() -> None:
    machine = yes_no("yyyyynnnnn")
    one, other = yes_no("yyyynynnnn"), yes_no("yyynnyynnn")
    result = compare(sample_of(machine), [coding("a", one), coding("b", other)])
    counts = {
        by: [(part.hits, part.trials) for part in (judged(result, by).precision, judged(result, by).recall) if part]
        for by in ("a", "b", "agreed")
    }
    assert counts == {"a": [(4, 5), (4, 5)], "b": [(3, 5), (3, 5)], "agreed": [(3, 4), (3, 4)]}
    assert judged(result, "a").f1 == pytest.approx(0.8)


def test_a_majority_of_three_decides() -> None:
    coders = [coding(name, yes_no(text)) for name, text in (("a", "yyn"), ("b", "ynn"), ("c", "yyy"))]
    agreed = judged(compare(sample_of(yes_no("yyy")), coders), "agreed").precision
    assert agreed
    assert (agreed.hits, agreed.trials) == (2, 3)


def test_figures_are_weighted_to_the_table() -> None:
    # The machine is right in the small stratum, which is drawn whole, and wrong half the time in the large one.
    machine = yes_no("yyyyyy")
    sample = sample_of(machine, strata=[0, 0, 1, 1, 1, 1], sizes=[2, 98])
    precision = judged(compare(sample, [coding("a", yes_no("yyyynn"))]), "a").precision
    assert precision
    assert (precision.hits, precision.trials) == (4, 6)
    assert precision.value == pytest.approx((2 + 49) / 100)


def test_rows_that_are_not_coded_are_stood_for_by_their_stratum() -> None:
    sample = sample_of(yes_no("yyyyyy"), strata=[0, 0, 1, 1, 1, 1], sizes=[10, 90])
    coded: list[Answer | None] = [("yes",), None, ("no",), None, ("yes",), None]
    precision = judged(compare(sample, [coding("a", coded)]), "a").precision
    assert precision
    assert precision.value == pytest.approx((10 + 45) / 100)


def test_strata_without_coded_rows_are_named() -> None:
    sample = sample_of(yes_no("yyyy"), strata=[0, 0, 1, 1], sizes=[10, 90])
    part: list[Answer | None] = [("yes",), ("yes",), None, None]
    result = compare(sample, [coding("a", yes_no("yyyy")), coding("b", part)])
    assert result.silent == ("s1",)
    assert "No figure stands for the strata of which not every coder coded a row: s1." in paragraph(result)
    assert compare(sample, [coding("a", yes_no("yyyy"))]).silent == ()


def test_each_question_has_the_weights_of_the_rows_that_answer_it() -> None:
    both = (THEMES, IS_GOAL)
    answers = {"themes": ("a",), "is_goal": ("yes",)}
    one = replace(sample_of(yes_no("yyyy"), strata=[0, 0, 1, 1], sizes=[10, 90]), questions=both)
    one = replace(one, rows=tuple(replace(row, answers=answers) for row in one.rows))
    given: list[dict[str, Answer]] = [
        {"themes": ("a",), "is_goal": ("yes",)},
        {"is_goal": ("no",)},
        {"themes": ("b",)},
        {"themes": ("a",), "is_goal": ("yes",)},
    ]
    coder = Coding("x", Path("x"), {f"k-{n}": answer for n, answer in enumerate(given)})
    result = compare(one, [coder])
    themes, goal = judged(result, "x", "a").precision, judged(result, "x").precision
    assert themes
    assert goal
    assert themes.value == pytest.approx((10 + 45) / 100)
    assert goal.value == pytest.approx((5 + 90) / 100)


def test_none_counts_as_a_code_but_not_over_all() -> None:
    machine: list[Answer] = [("a",), ("none",), ("none",)]
    coder: list[Answer] = [("a",), ("none",), ("b",)]
    result = compare(sample_of(machine, question=THEMES), [coding("x", coder, "themes")])
    every, none = judged(result, "x", "all"), judged(result, "x", "none")
    assert every.precision
    assert every.recall
    assert none.precision
    assert (every.precision.hits, every.precision.trials, every.recall.hits, every.recall.trials) == (1, 1, 1, 2)
    assert (none.precision.hits, none.precision.trials) == (1, 2)


def test_recall_of_what_was_found_is_not_estimated() -> None:
    question = questions("targets")[0]
    result = compare(sample_of(yes_no("yyy"), question=question), [coding("a", yes_no("yyn"), "right")])
    assert judged(result, "a").recall is None
    assert "recall is not estimated" in paragraph(result)


def test_typed_answers_are_right_or_wrong() -> None:
    question = Question("unit", "?", "text", {})
    machine: list[Answer] = [("所",), ("次",), ("none",)]
    coders = [
        coding("a", [("所",), ("节",), ("none",)], "unit"),
        coding("b", [("所",), ("次",), ("none",)], "unit"),
    ]
    result = compare(sample_of(machine, question=question), coders)
    counts = {one.by: one.precision and (one.precision.hits, one.precision.trials) for one in result.judged}
    assert counts == {"agreed": (2, 2), "a": (2, 3), "b": (3, 3)}


# Intervals


@given(st.integers(1, 400), st.data())
def test_wilson_is_that_of_scipy(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(st.lists(st.booleans(), min_size=2, max_size=60))
def test_without_weights_the_interval_is_wilsons_on_the_rows(hits: list[bool]) -> None:
    sample = sample_of(yes_no("y" * len(hits)))
    found = share(sample, list(enumerate(hits)), {row.row: 1.0 for row in sample.rows})
    expected = binomtest(sum(hits), len(hits)).proportion_ci(method="wilson")
    assert found
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_weights_and_clusters_widen_the_interval() -> None:
    hits = [n % 3 > 0 for n in range(60)]
    plain = sample_of(yes_no("y" * 60))
    weights = {row.row: 1.0 for row in plain.rows}
    narrow = share(plain, list(enumerate(hits)), weights)
    uneven = share(plain, list(enumerate(hits)), {row: 1.0 + 9 * (n < 6) for n, row in enumerate(weights)})
    # Each row twice says nothing new; the interval must be as wide as with each once.
    doubled = share(plain, [entry for entry in enumerate(hits) for _ in range(2)], weights)
    assert narrow
    assert uneven
    assert doubled
    assert uneven.high - uneven.low > 1.5 * (narrow.high - narrow.low)
    assert (doubled.low, doubled.high) == pytest.approx((narrow.low, narrow.high))


def test_weights_count_where_all_is_right() -> None:
    sample = sample_of(yes_no("yyyyy"))
    found = share(sample, [(n, True) for n in range(5)], {f"k-{n}": 1.0 + 9 * (n == 0) for n in range(5)})
    assert found
    assert (found.low, found.high) == pytest.approx(wilson(1.0, 14**2 / (100 + 4)))  # Kish's effective size


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    # Precision differs by stratum, and the draw is far from proportional: 1,000 samples of 60 + 60 rows.
    chance = random.Random(1)
    sizes, truth = (900, 100), (0.9, 0.5)
    whole = (sizes[0] * truth[0] + sizes[1] * truth[1]) / sum(sizes)
    held = unweighted = 0
    sample = sample_of(yes_no("y" * 120), strata=[0] * 60 + [1] * 60, sizes=sizes)
    weights = {row.row: sample.weight(row) for row in sample.rows}
    for _ in range(1000):
        hits = [chance.random() < truth[row.stratum] for row in sample.rows]
        found = share(sample, list(enumerate(hits)), weights)
        assert found
        held += found.low <= whole <= found.high
        plain = binomtest(sum(hits), 120).proportion_ci(method="wilson")
        unweighted += plain.low <= whole <= plain.high
    assert 930 <= held <= 1000
    assert unweighted < 300


def test_there_is_no_share_of_nothing() -> None:
    assert share(sample_of(yes_no("y")), [], {"k-0": 1.0}) is None


# What is said of it


def test_the_paragraph_has_all_that_a_methods_section_needs() -> None:
    machine = yes_no("yyyyynnnnn")
    sample = sample_of(machine, strata=[0] * 5 + [1] * 5, sizes=[20, 80])
    text = paragraph(compare(sample, [coding("a", machine), coding("b", yes_no("yyyyynnnny"))]))
    for part in (
        "planpipe 0.1.0",
        "a stratified random sample of 10 of the 100 items that it found in 3 plans",
        "2 strata (theme)",
        "with at least 5 each",
        "seed 1, sample k",
        "Two coders independently coded 10 rows without seeing the machine's answers",
        "Cohen's kappa 0.80, Krippendorff's alpha 0.81, 90% of pairs of answers the same (n = 10)",
        "precision was 100.0% (95% CI ",
        "; 5 of 5)",
        "by each coder alone 100.0% and 55.6%",
        "Wilson score intervals on effective sample sizes",
    ):
        assert part in text, part


def test_the_paragraph_of_a_simple_sample_speaks_of_no_strata() -> None:
    text = paragraph(compare(sample_of(yes_no("yyn"), sizes=[50]), [coding("a", yes_no("yyn"))]))
    assert "a simple random sample of 3 of the 50 items" in text
    assert "One coder coded 3 rows" in text
    assert "strata" not in text
    assert "weighted" not in text
    assert "kappa" not in text


def test_figures_are_complete_and_markdown_shows_them() -> None:
    result = compare(sample_of(yes_no("yyn")), [coding("a", yes_no("yyn")), coding("b", yes_no("ynn"))])
    rows = figures(result)
    measures = [(row["by"], row["measure"]) for row in rows]
    assert measures[:4] == [("coders", "same"), ("coders", "kappa"), ("coders", "kappa_weighted"), ("coders", "alpha")]
    assert ("agreed", "precision") in measures
    precision = next(row for row in rows if (row["by"], row["measure"]) == ("b", "precision"))
    assert (precision["value"], precision["hits"], precision["n"]) == (0.5, 1, 2)
    text = markdown(result)
    assert "| yes | 1 / 2 | 0.50 (0.09–0.91) | 1 / 1 | 1.00 (0.21–1.00) | 0.67 |" in text
    assert "## For the methods section" in text


# The commands


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def check(tmp_path: Path) -> Mapping[str, Path]:
    """A sample drawn by the command, and two codings of it, of which one differs in a row."""
    out = archive(tmp_path / "out")
    drawn = call("sample", out, "--n", 20, "--by", "theme", "--ask", "is_goal", "--out", tmp_path / "check")
    assert drawn.exit_code == 0, drawn.output
    assert drawn.stdout.startswith("20 of 100 items in 4 strata, sample ")
    sample = load(tmp_path / "check")
    table = fill(sheet(tmp_path / "check"), sample)
    anna = to_xlsx(table, tmp_path / "check" / "anna.xlsx")
    table[1][4] = "no" if str(table[1][4]).startswith("yes") else "yes"
    return {"anna": anna, "bo": to_csv(table, tmp_path / "bo.csv"), "check": tmp_path / "check"}


def test_agree_prints_and_writes(check: Mapping[str, Path], tmp_path: Path) -> None:
    result = call("agree", check["anna"], check["bo"], "--out", tmp_path / "agreement")
    assert result.exit_code == 0, result.output
    assert result.stdout == (tmp_path / "agreement" / "agreement.md").read_text(encoding="utf-8")
    assert "| anna | 20 |" in result.stdout
    with (tmp_path / "agreement" / "disagreements.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["sentence"] == "每学期开展两次应急演练。"
    assert {row["anna"], row["bo"]} == {"yes", "no"}
    with (tmp_path / "agreement" / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["question"] for row in csv.DictReader(file)} == {"is_goal"}


def test_agree_finds_the_sample_beside_a_or_is_told(check: Mapping[str, Path]) -> None:
    refused = call("agree", check["bo"], check["anna"])
    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    assert "--sample FOLDER" in refused.stderr
    assert call("agree", check["bo"], check["anna"], "--sample", check["check"]).exit_code == 0


def test_agree_names_what_does_not_fit(check: Mapping[str, Path]) -> None:
    check["bo"].write_text(check["bo"].read_text(encoding="utf-8-sig").replace("yes 是", "ja"), encoding="utf-8")
    result = call("agree", check["anna"], check["bo"])
    assert result.exit_code == 1
    assert "bo.csv, row " in result.stderr
    assert "'ja' is no code of is_goal; take one of yes, no" in result.stderr


def test_sample_says_what_is_wrong(check: Mapping[str, Path], tmp_path: Path) -> None:
    for arguments, message in (
        (["--by", "rule", "--out", tmp_path / "new"], "items has no rule"),
        (["--out", check["check"]], "holds a sample already"),
        (["--n", 2, "--by", "theme", "--out", tmp_path / "new"], "2 rows do not reach for 4 strata"),
    ):
        result = call("sample", tmp_path / "out", *arguments)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
        assert message in result.stderr
    assert not (tmp_path / "new").exists()


def test_own_categories_are_sampled_with_their_taxonomy(tmp_path: Path) -> None:
    out = archive(tmp_path / "out")
    own = "".join(
        f"- code: {code}\n  zh: 类别{n}\n" for n, code in enumerate(("safety", "moral", "teachers", "digital"))
    )
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    result = call("sample", out, "--n", 10, "--taxonomy", tmp_path / "own.yaml", "--out", tmp_path / "check")
    assert result.exit_code == 0, result.output
    assert "safety 类别0" in (tmp_path / "check" / "label_studio.xml").read_text(encoding="utf-8")
