"""Plans made of sentences: what travels, in which order, and what is no travelling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.export import Writer
from pipeline.reuse import LIKE, order, reuse
from pipeline.saved import Saved
from pipeline.tables import BY_NAME, conform

FIRST = "以园际结对带动乡镇幼儿园教研，中心园每月到村园开展一次现场指导。"
SECOND = "把午休躺睡纳入课后服务清单，由各校与家长委员会共同确定看护办法。"
CHANGED = "把午休躺睡纳入课后服务清单，由各校会同家长代表共同商定看护的办法。"
ELSE = "沿河三个乡镇的渡口学生接送船只逐一检验登记并配足救生衣和领航员。"


class Archive:
    """A run's folder with the tables that `reuse` reads."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.plans: list[dict[str, Any]] = []
        self.items: list[dict[str, Any]] = []
        (out / "text").mkdir()

    def add(self, name: str, *sentences: str, issued_on: str | None = None, year: int | None = None) -> str:
        """A plan whose items are lines of sentences; its name is its place."""
        text = "\n".join((f"{name}县教育局工作要点", *sentences))
        (self.out / "text" / f"{name}.txt").write_bytes(text.encode())
        plan_id = f"{name}.p0"
        self.plans.append(
            conform(
                BY_NAME["plans"],
                {
                    "plan_id": plan_id,
                    "source_id": name,
                    "title": text.split("\n")[0],
                    "issuer": f"{name}县教育局",
                    "issued_on": issued_on,
                    "year_start": year,
                    "year_end": year,
                    "char_start": 0,
                    "char_end": len(text),
                },
            )
        )
        at = len(text.split("\n")[0]) + 1
        for sentence in sentences:
            self.items.append(
                conform(
                    BY_NAME["items"],
                    {
                        "item_id": f"{plan_id}.i{at}",
                        "plan_id": plan_id,
                        "section_id": f"{plan_id}.s0",
                        "position": len(self.items) + 1,
                        "text": sentence.replace("\n", ""),
                        "char_start": at,
                        "char_end": at + len(sentence),
                        "is_goal": False,
                    },
                )
            )
            at += len(sentence) + 1
        return plan_id

    def found(self, same: dict[str, str] | None = None, **options: Any) -> list[tuple[Any, ...]]:
        return [(row["plan_from"], row["plan_to"], row["order_by"]) for row in self.rows(same, **options)]

    def rows(self, same: dict[str, str] | None = None, **options: Any) -> list[dict[str, Any]]:
        return self.reuse(same, **options).rows

    def reuse(self, same: dict[str, str] | None = None, **options: Any) -> Any:
        for name, rows in (("plans", self.plans), ("items", self.items)):
            with Writer(BY_NAME[name], self.out) as writer:
                writer.write(rows)
        alone = {plan["plan_id"]: plan["plan_id"] for plan in self.plans}
        return reuse(Saved(self.out), alone | (same or {}), **options)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_the_earlier_day_comes_first_whatever_the_ids(archive: Archive) -> None:
    late = archive.add("甲山", FIRST, issued_on="2024-05-02", year=2024)
    early = archive.add("乙山", FIRST, issued_on="2024-03-01", year=2024)
    assert archive.found() == [(early, late, "day")]


def test_without_days_the_years_tell(archive: Archive) -> None:
    late = archive.add("甲山", FIRST, year=2025)
    early = archive.add("乙山", FIRST, issued_on="2024-03-01", year=2024)
    assert archive.found() == [(early, late, "year")]


@pytest.mark.parametrize("known", [{}, {"year": 2024}, {"issued_on": "2024-03-01", "year": 2024}])
def test_where_nothing_tells_the_row_says_so(known: dict[str, Any], archive: Archive) -> None:
    first = archive.add("乙山", FIRST, **known)
    second = archive.add("甲山", FIRST, **known)
    assert archive.found() == [(first, second, "unknown")]


def test_a_plan_of_unknown_date_comes_last(archive: Archive) -> None:
    unknown = archive.add("丁山", FIRST)
    known = archive.add("甲山", FIRST, year=2031)
    assert archive.found() == [(known, unknown, "unknown")]


def test_a_day_does_not_outweigh_the_year_that_a_plan_is_for() -> None:
    issued = {"issued_on": "2023-12-20", "year_start": 2024}
    undated = {"issued_on": None, "year_start": 2024}
    assert order(issued, undated) == order(undated, issued) == "unknown"
    assert order(issued, {"issued_on": None, "year_start": 2025}) == "year"
    assert order({"issued_on": None, "year_start": 2025}, issued) == "unknown"


def test_each_later_sentence_is_led_to_the_one_most_like_it(archive: Archive) -> None:
    archive.add("甲山", SECOND, year=2021)
    archive.add("乙山", CHANGED, year=2022)
    archive.add("丙山", CHANGED, year=2023)
    assert archive.found() == [("乙山.p0", "丙山.p0", "year"), ("甲山.p0", "乙山.p0", "year")]
    scores = {row["plan_to"]: row["score"] for row in archive.rows()}
    assert scores["丙山.p0"] == 1
    assert LIKE <= scores["乙山.p0"] < 0.9
    assert [row["plans"] for row in archive.rows()] == [3, 3]


def test_offsets_lead_to_what_is_in_common(archive: Archive) -> None:
    archive.add("甲山", f"三、各项保障。{SECOND}", year=2021)
    archive.add("乙山", "因地制宜地" + SECOND.replace("办法。", "办法，经费由县级统筹。"), year=2022)
    (row,) = archive.rows()
    for side in ("from", "to"):
        text = (archive.out / "text" / f"{row[f'plan_{side}'][:2]}.txt").read_text(encoding="utf-8")
        assert text[row[f"char_start_{side}"] : row[f"char_end_{side}"]] == SECOND.rstrip("。")
    assert row["characters"] == len(SECOND) - 2
    assert row["text_from"] == SECOND
    assert row["text_to"].startswith("因地制宜地")


def test_a_line_broken_in_the_source_is_one_sentence(archive: Archive) -> None:
    archive.add("甲山", SECOND, year=2021)
    plan_id = archive.add("乙山", SECOND[:12] + "\n" + SECOND[12:], year=2022)
    (row,) = archive.rows()
    assert (row["plan_to"], row["score"], row["text_to"]) == (plan_id, 1, SECOND)
    assert row["char_end_to"] - row["char_start_to"] == len(SECOND)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (SECOND, ELSE),
        ("全面提高教育质量。", "全面提高教育质量。"),  # short: comes again by chance
        ("All rights reserved 2024 Publishing House Ltd", "All rights reserved 2024 Publishing House Ltd"),
    ],
)
def test_what_is_no_reuse(first: str, second: str, archive: Archive) -> None:
    archive.add("甲山", first, year=2021)
    archive.add("乙山", second, year=2022)
    assert archive.rows() == []


def test_a_plan_that_repeats_itself_takes_over_nothing(archive: Archive) -> None:
    archive.add("甲山", SECOND, SECOND, year=2021)
    archive.add("乙山", ELSE, year=2022)
    assert archive.rows() == []


def test_figures_and_places_are_told_apart(archive: Archive) -> None:
    archive.add("甲山", "新增公办学位1800个并优先安排随迁子女就近入学入园。", FIRST, year=2021)
    archive.add("乙山", "新增公办学位2400个并优先安排随迁子女就近入学入园。", FIRST.replace("一次", "两次"), year=2022)
    archive.plans[1]["issuer"] = "甲山县教育局"
    assert [(row["same_figures"], row["same_place"]) for row in archive.rows()] == [(False, True), (False, True)]


def test_near_duplicates_travel_once(archive: Archive) -> None:
    archive.add("甲山", FIRST, year=2021)
    archive.add("乙山", FIRST, year=2022)
    archive.add("丙山", FIRST, year=2022)
    found = archive.reuse({"丙山.p0": "乙山.p0"})
    assert [(row["plan_from"], row["plan_to"]) for row in found.rows] == [("甲山.p0", "丙山.p0")]
    assert found.duplicates == 1


def test_boilerplate_is_counted_and_left_out(archive: Archive) -> None:
    for number in range(6):
        archive.add(f"甲{number}", FIRST, *([SECOND] if number < 3 else []), year=2020 + number)
    found = archive.reuse(common=5)
    assert {(row["plan_from"], row["text_from"]) for row in found.rows} == {("甲0.p0", SECOND)}
    assert [row["plans"] for row in found.rows] == [3, 3]
    assert found.boilerplate == 6
    assert len(archive.rows(common=6)) == 7


def test_no_sentences_no_rows(archive: Archive) -> None:
    archive.add("甲山", "短句。")
    archive.add("乙山")
    assert archive.rows() == []
