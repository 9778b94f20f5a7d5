"""Samples: what is drawn, how it is shared out, and what it weighs."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import CodingError, NoTables
from pipeline.export import Writer
from pipeline.sample import allocate, band, draw, questions
from pipeline.tables import BY_NAME, conform
from pipeline.themes import Theme

THEMES = ("safety", "moral", "teachers", None)
SIZES = {"safety": 60, "moral": 25, "teachers": 12, "none": 3}
SENTENCE = "每学期开展两次应急演练。"


def archive(folder: Path, *, shuffled: bool = False) -> Path:
    """A run with 100 items in three plans of a file, each with a target, and a file that repeats it."""
    text = "".join(f"{SENTENCE}" for _ in range(100))
    (folder / "text").mkdir(parents=True)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in BY_NAME}
    for source, repeats in (("aaaaaaaaaaaa", None), ("aaaaaaaaaaaa-2", "aaaaaaaaaaaa")):
        (folder / "text" / f"{source}.txt").write_text(text, encoding="utf-8")
        rows["sources"].append({"source_id": source, "path": source, "duplicate_of": repeats, "status": "ok"})
        for plan in range(3):
            rows["plans"].append(
                {
                    "plan_id": f"{source}.p{plan}",
                    "source_id": source,
                    "title": f"=青禾县第{plan}个计划",
                    "level": ("county", "city", None)[plan],
                    "year_start": 2030 + plan,
                    "region": "青禾县",
                    "kind": "plan",
                    "char_start": 0,
                    "char_end": len(text),
                }
            )
        themes = [theme for theme, count in SIZES.items() for _ in range(count)]
        for number, theme in enumerate(themes):
            start = number * len(SENTENCE)
            plan_id = f"{source}.p{number % 3}"
            end = start + len(SENTENCE)
            section = f"{plan_id}.s{start}"
            place = {"plan_id": plan_id, "section_id": section, "char_start": start, "char_end": end}
            path = {"position": 1, "level": 1, "path": f"重点任务 / 第{number}项"}
            rows["sections"].append(place | path)
            codes = [] if theme == "none" else [theme, *(["digital"] if number % 5 == 0 else [])]
            item = {"item_id": f"{plan_id}.i{start}", "position": 1, "text": SENTENCE, "is_goal": number % 4 == 0}
            item |= {"themes": codes, "main_theme": codes[0] if codes else None, "targets": ["两次"]}
            if number % 3:  # one names its unit, the section around one does, nobody is charged with one
                item |= {"units": ["教导处"], "units_basis": ("item", "section")[number % 3 - 1]}
            rows["items"].append(place | item)
            at = start + SENTENCE.index("两次")
            target = {"target_id": f"{plan_id}.t{at}", "item_id": item["item_id"], "text": "两次", "op": "eq"}
            target |= {"value": 2.0, "unit": "次", "rule": "count", "confidence": (0.3, 0.85, None)[number % 3]}
            rows["targets"].append(place | target | {"char_start": at, "char_end": at + 2})
    for name, table in BY_NAME.items():
        found = rows[name][::-1] if shuffled else rows[name]
        with Writer(table, folder) as writer:
            writer.write(conform(table, row) for row in found)
    return folder


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("archive") / "out")


# Sharing out


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=30),
    st.integers(1, 500),
    st.sampled_from(["proportional", "equal"]),
    st.integers(1, 20),
)
def test_shares_add_up_and_fit(sizes: list[int], n: int, allocation: Any, least: int) -> None:
    n = max(n, len(sizes))
    shares = allocate(sizes, n, allocation, least)
    assert sum(shares) == min(n, sum(sizes))
    assert all(1 <= share <= size for share, size in zip(shares, sizes, strict=True))
    if sum(min(size, least) for size in sizes) <= n:
        assert all(share >= min(size, least) for share, size in zip(shares, sizes, strict=True))


@pytest.mark.parametrize(
    ("sizes", "n", "allocation", "least", "expected"),
    [
        ([600, 300, 100], 100, "proportional", 5, [60, 30, 10]),
        ([970, 20, 10], 100, "proportional", 5, [90, 5, 5]),
        ([970, 20, 2], 100, "proportional", 5, [93, 5, 2]),
        ([500, 500, 3], 103, "equal", 5, [50, 50, 3]),
        ([10, 10], 50, "equal", 5, [10, 10]),
        ([1, 1, 1], 3, "proportional", 5, [1, 1, 1]),
        ([333, 333, 334], 10, "proportional", 1, [3, 3, 4]),
        ([100, 100, 100], 9, "proportional", 5, [3, 3, 3]),
    ],
)
def test_shares(sizes: list[int], n: int, allocation: Any, least: int, expected: list[int]) -> None:
    assert allocate(sizes, n, allocation, least) == expected


def test_more_strata_than_rows_are_refused() -> None:
    with pytest.raises(CodingError, match="3 rows do not reach for 4 strata; raise --n or take a coarser --by"):
        allocate([9, 9, 9, 9], 3, "proportional", 5)


# Drawing


def test_strata_get_their_shares_and_weights_give_back_the_table(out: Path) -> None:
    sample = draw(out, 40, by=["theme"])
    assert [(s.name, s.size, s.drawn) for s in sample.strata] == [
        ("moral", 25, 9),
        ("none", 3, 3),
        ("safety", 60, 23),
        ("teachers", 12, 5),
    ]
    assert Counter(sample.strata[row.stratum].name for row in sample.rows) == {s.name: s.drawn for s in sample.strata}
    assert sum(sample.weight(row) for row in sample.rows) == pytest.approx(100)
    for row in sample.rows:
        assert row.answers["themes"][0] == sample.strata[row.stratum].name


def test_the_same_call_draws_the_same_rows_on_any_machine(out: Path, tmp_path: Path) -> None:
    other = archive(tmp_path / "other", shuffled=True)
    assert draw(other, 40, by=["theme"]) == draw(out, 40, by=["theme"])
    assert draw(out, 40, by=["theme"]).rows[0].id == "aaaaaaaaaaaa.p1.i768"  # of this machine and version, too


def test_another_seed_draws_others(out: Path) -> None:
    first, second = draw(out, 40, by=["theme"]), draw(out, 40, by=["theme"], seed=2)
    assert first.key != second.key
    assert {row.id for row in first.rows} != {row.id for row in second.rows}


def test_a_larger_sample_holds_the_smaller(out: Path) -> None:
    small, large = draw(out, 20), draw(out, 40)
    assert {row.id for row in small.rows} < {row.id for row in large.rows}


def test_every_row_is_as_likely_as_any(out: Path) -> None:
    draws = Counter(row.id for seed in range(300) for row in draw(out, 20, seed=seed).rows)
    assert len(draws) == 100
    # 300 draws of 20 of 100: 60 each, standard deviation 6.9; five of them leave room for the largest of 100.
    assert all(abs(count - 60) < 35 for count in draws.values())


def test_order_and_names_tell_nothing_of_the_strata(out: Path) -> None:
    sample = draw(out, 40, by=["theme"])
    names = [sample.strata[row.stratum].name for row in sample.rows]
    assert sum(one != other for one, other in pairwise(names)) > 12
    assert [row.row for row in sample.rows] == [f"{sample.key}-{n:03}" for n in range(1, 41)]


def test_rows_of_repeated_files_are_left_out(out: Path) -> None:
    sample = draw(out, 1000)
    assert (len(sample.rows), sample.size, sample.plans) == (100, 100, 3)
    assert not any("-2" in row.id for row in sample.rows)


@pytest.mark.parametrize(
    ("table", "by", "expected"),
    [
        ("items", ["level"], {"county": 34, "city": 33, "none": 33}),
        ("items", ["year"], {"2030": 34, "2031": 33, "2032": 33}),
        ("items", ["region"], {"青禾县": 100}),
        ("targets", ["theme"], SIZES),
        ("targets", ["kind"], {"plan": 100}),
        ("targets", ["rule"], {"count": 100}),
        ("targets", ["confidence"], {"0.00-0.50": 34, "0.80-0.90": 33, "none": 33}),
        ("items", [], {"all": 100}),
    ],
)
def test_what_strata_go_by(out: Path, table: str, by: list[str], expected: dict[str, int]) -> None:
    assert {s.name: s.size for s in draw(out, 50, table=table, by=by).strata} == expected


def test_strata_can_be_crossed(out: Path) -> None:
    names = {s.name for s in draw(out, 60, by=["theme", "level"]).strata}
    assert "safety × county" in names
    assert len(names) == 12


@pytest.mark.parametrize(("confidence", "name"), [(0.0, "0.00-0.50"), (0.8, "0.80-0.90"), (1.0, "0.95-1.00")])
def test_bands_hold_their_lower_end(confidence: float, name: str) -> None:
    assert band(confidence) == name


def test_what_was_found_is_marked_where_it_stands(out: Path) -> None:
    row = draw(out, 10, table="targets").rows[0]
    assert row.sentence == "每学期开展⟦两次⟧应急演练。"
    assert row.section.startswith("重点任务 / 第")
    assert row.answers == {"right": ("yes",), "op": ("eq",), "value": ("2",), "unit": ("次",)}


def test_questions_follow_what_they_need(out: Path) -> None:
    assert [question.name for question in draw(out, 10, table="targets", ask=["op"]).questions] == ["right", "op"]
    assert [question.name for question in draw(out, 10).questions] == ["themes"]
    sample = draw(out, 10, ask=["targets", "is_goal"])
    assert [question.name for question in sample.questions] == ["is_goal", "targets"]
    assert sample.rows[0].answers["targets"] == ("yes",)


def test_codes_are_those_of_the_tables() -> None:
    for table, name in (("targets", "op"), ("deadlines", "kind"), ("responsibilities", "role")):
        column = next(column for column in BY_NAME[table].columns if column.name == name)
        assert next(q for q in questions(table) if q.name == name).codes == column.values
    assert [*questions("items")[0].codes][-1] == "none"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": ["rule"]}, "items has no rule; take --by theme, level, year, region, kind"),
        ({"by": ["confidence"]}, "items has no confidence; take --by theme"),
        ({"ask": ["colour"]}, "nothing of items is called colour; ask for any of themes, is_goal, stage"),
        ({"ask": ["stage"]}, "items.stage is empty in this run; ask for something else with --ask"),
        ({"table": "goals"}, "has no rows of goals to draw from"),
        ({"themes": [Theme("own")]}, "is not in the taxonomy; give that of the run's theme model: --taxonomy"),
    ],
)
def test_what_cannot_be_drawn_is_said(out: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CodingError) as caught:
        draw(out, 40, **options)
    assert message in str(caught.value)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoTables, match="make it: planpipe run FILES"):
        draw(tmp_path, 10)


def test_a_unit_is_asked_for_where_the_item_names_it(tmp_path: Path) -> None:
    drawn = draw(archive(tmp_path / "run"), 100, ask=["units"], by=["level"])
    answers = Counter((drawn.strata[row.stratum].name, *row.answers["units"]) for row in drawn.rows)
    assert answers == {("county", "no"): 34, ("city", "yes"): 33, ("none", "no"): 33}
