from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.series import place_of, series

KEYS = ("title", "issuer", "year_start", "year_end", "level")


def plan(number: int, title: str, issuer: str | None, year: int | None, **rest: Any) -> dict[str, Any]:
    return {
        "plan_id": f"p{number}",
        "title": title,
        "issuer": issuer,
        "region": None,
        "level": "county",
        "year_start": year,
        "year_end": year,
        "issued_on": None,
        "char_start": 0,
        "char_end": 100,
    } | rest


def chains(*plans: dict[str, Any]) -> list[list[str]]:
    """The ids of the editions of each series of more than one; the same whatever the order of the plans."""
    found = [[row["plan_id"] for row in one.editions] for one in series(plans) if len(one.editions) > 1]
    shuffled = list(plans)
    random.Random(1).shuffle(shuffled)
    assert [[row["plan_id"] for row in one.editions] for one in series(shuffled) if len(one.editions) > 1] == found
    return found


SAME = {
    "the plain case": [
        ("青禾县教育局2023年工作要点", "青禾县教育局", 2023),
        ("青禾县教育局2024年工作要点", "青禾县教育局", 2024),
    ],
    "another word for a plan": [
        ("青禾县教育局2023年工作要点", "青禾县教育局", 2023),
        ("2024年教育工作计划", "青禾县教育局", 2024),
    ],
    "an office": [
        ("青禾县2023年民生实事实施方案", "青禾县人民政府", 2023),
        ("青禾县2024年民生实事实施方案", "青禾县人民政府办公室", 2024),
    ],
    "an issuer left out": [
        ("青禾县2023年教育工作要点", None, 2023),
        ("青禾县教育局2024年工作要点", "青禾县教育局", 2024),
    ],
    "a province left out": [
        ("澄江省青禾县教育局2023年工作要点", "澄江省青禾县教育局", 2023),
        ("青禾县教育局2024年工作要点", "青禾县教育局", 2024),
    ],
    "a report": [("政府工作报告", "青禾县人民政府", 2023), ("2024年政府工作报告", "青禾县人民政府", 2024)],
    "full width": [
        ("青禾县教育局２０２３年工作要点", "青禾县教育局", 2023),
        ("青禾县教育局 2024 年 工作要点", "青禾县教育局", 2024),
    ],
}


@pytest.mark.parametrize("name", SAME)
def test_editions_of_one_plan(name: str) -> None:
    assert chains(*(plan(n, *row) for n, row in enumerate(SAME[name]))) == [["p0", "p1"]]


OTHERS = {
    "another place": [
        ("青禾县教育局2023年工作要点", "青禾县教育局", 2023),
        ("松岗县教育局2024年工作要点", "松岗县教育局", 2024),
    ],
    "another body": [
        ("青禾县教育局2023年工作要点", "青禾县教育局", 2023),
        ("青禾县民政局2024年工作要点", "青禾县民政局", 2024),
    ],
    "another matter": [
        ("青禾县教育局2023年工作要点", "青禾县教育局", 2023),
        ("青禾县教育局2024年安全生产工作要点", "青禾县教育局", 2024),
    ],
    "another stage of schooling": [
        ("青禾县2023年学前教育普及普惠发展实施方案", "青禾县教育局", 2023),
        ("青禾县2024年高中教育普及普惠发展实施方案", "青禾县教育局", 2024),
    ],
    "a report and a plan": [
        ("政府工作报告", "青禾县人民政府", 2023),
        ("青禾县人民政府2024年工作要点", "青禾县人民政府", 2024),
    ],
    "another term": [
        ("竹溪小学2023年第一学期德育工作计划", "竹溪小学", 2023),
        ("竹溪小学2024年第二学期德育工作计划", "竹溪小学", 2024),
    ],
    "no year": [("青禾县教育局2023年工作要点", "青禾县教育局", 2023), ("青禾县教育局工作要点", "青禾县教育局", None)],
    "neither place nor body": [("工作要点", None, 2023), ("工作要点", None, 2024)],
    "an office of any college": [("科技处2023年工作要点", "科技处", 2023), ("科技处2024年工作要点", "科技处", 2024)],
    "a masked school": [("xx小学2023年工作计划", "xx小学", 2023), ("xx小学2024年工作计划", "xx小学", 2024)],
    "what looks like a place": [("示范区建设2023年工作方案", None, 2023), ("示范区建设2024年工作方案", None, 2024)],
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_editions_of_one_plan(name: str) -> None:
    assert chains(*(plan(n, *row) for n, row in enumerate(OTHERS[name]))) == []


def test_a_year_and_several_years_are_apart() -> None:
    assert chains(
        plan(1, "青禾县教育局2023年工作要点", "青禾县教育局", 2023),
        plan(2, "青禾县教育发展规划（2021—2025年）", "青禾县教育局", 2021, year_end=2025),
        plan(3, "青禾县教育发展规划（2026—2030年）", "青禾县教育局", 2026, year_end=2030),
        plan(4, "青禾县教育局2024年工作要点", "青禾县教育局", 2024),
    ) == [["p1", "p4"], ["p2", "p3"]]


def test_places_of_one_name_are_parted_and_the_bare_name_is_of_neither() -> None:
    assert chains(
        plan(1, "云岭市江口区教育局2023年工作要点", "云岭市江口区教育局", 2023),
        plan(2, "临澜市江口区教育局2024年工作要点", "临澜市江口区教育局", 2024),
        plan(3, "江口区教育局2025年工作要点", "江口区教育局", 2025),
        plan(4, "江口区教育局2026年工作要点", "江口区教育局", 2026),
    ) == [["p3", "p4"]]


def test_schools_of_one_town_are_parted() -> None:
    school = {"level": "school"}
    assert chains(
        plan(1, "溪口镇中心小学2023年教学工作计划", "溪口镇中心小学", 2023, **school),
        plan(2, "溪口镇第二小学2024年教学工作计划", "溪口镇第二小学", 2024, **school),
        plan(3, "溪口镇中心小学2024年教学工作计划", "溪口镇中心小学", 2024, **school),
    ) == [["p1", "p3"]]
    assert place_of(plan(1, "溪口镇中心小学2023年教学工作计划", "溪口镇中心小学", 2023, **school)) == "溪口镇中心小学"


def test_a_government_is_known_by_its_region() -> None:
    found = [
        plan(1, "政府工作报告", "省人民政府", 2023, region="广东省", level="province"),
        plan(2, "政府工作报告", "省人民政府", 2024, region="陕西省", level="province"),
        plan(3, "政府工作报告", "省人民政府", 2024, region="广东省", level="province"),
        plan(4, "政府工作报告", "自治区人民政府", 2024, region="宁夏", level="province"),
    ]
    assert chains(*found) == [["p1", "p3"]]
    assert [place_of(row) for row in found] == ["广东省", "陕西省", "广东省", "宁夏"]


def test_the_state_council_needs_no_place() -> None:
    national = {"level": "national"}
    assert chains(
        plan(1, "2021年政府工作报告", "国务院", 2021, **national),
        plan(2, "2022年政府工作报告", "国务院", 2022, **national),
    ) == [["p1", "p2"]]


def test_of_one_period_the_last_issued_stands_for_all() -> None:
    title, body = "青禾县教育局2023年工作要点", "青禾县教育局"
    (found,) = series(
        [
            plan(1, title, body, 2023),
            plan(2, title, body, 2023, issued_on="2023-02-01"),
            plan(3, title, body, 2023, issued_on="2023-03-01"),
            plan(4, title, body, 2024),
            plan(5, title, body, 2024, char_end=200),
        ]
    )
    assert [row["plan_id"] for row in found.editions] == ["p3", "p5"]
    assert sorted(row["plan_id"] for row in found.others) == ["p1", "p2", "p4"]
    assert found.place == "青禾县"
