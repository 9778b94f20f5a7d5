"""Regions and their codes, former names included."""

from __future__ import annotations

import pytest

from pipeline.regions import find, resolve


@pytest.mark.parametrize(
    ("texts", "year", "name", "code", "level"),
    [
        (["宣武区教育委员会"], 2005, "宣武区", "110104", "county"),
        (["原宣武区教育委员会"], 2005, "宣武区", "110104", "county"),
        (["常州市教育局"], 2020, "常州市", "320400", "city"),
        (["常州教育工作要点"], 2020, "常州", "320400", "city"),
        (["江苏省教育厅"], 2020, "江苏省", "320000", "province"),
        (["北京市教育委员会"], 2020, "北京市", "110000", "province"),
        (["江苏省太仓市教育局"], 2020, "太仓市", "320585", "county"),
        (["海淀区中小学工作计划"], 2020, "海淀区", "110108", "county"),
        (["南京市鼓楼区教育局"], 2020, "鼓楼区", "320106", "county"),
        (["鼓楼区教育局", "福州市教育工作会议"], 2020, "鼓楼区", "350102", "county"),
        (["鼓楼区教育局", "江苏省南京市教育工作会议"], 2020, "鼓楼区", "320106", "county"),
    ],
)
def test_resolve(texts: list[str], year: int, name: str, code: str, level: str) -> None:
    assert resolve(texts, year) == (name, code, level, None)


def test_a_name_that_several_regions_bear_has_no_code() -> None:
    name, code, level, warning = resolve(["鼓楼区教育局"], 2020)
    assert (name, code, level) == ("鼓楼区", None, "county")
    assert warning is not None
    assert "鼓楼区 is ambiguous" in warning
    assert "320106" in warning
    assert "350102" in warning


def test_a_former_name_holds_in_its_time() -> None:
    assert resolve(["崇文区教育委员会"], 2008)[1] == "110103"
    assert resolve(["崇文区教育委员会"], None)[1] == "110103"


def test_the_lowest_in_rank_counts() -> None:
    assert resolve(["广东省广州市天河区"], 2020)[:2] == ("天河区", "440106")


@pytest.mark.parametrize(
    "texts", [[], [""], ["学校工作计划"], ["青禾县教育局"], ["枫林县实施方案"], ["青禾高新区方案"]]
)
def test_no_region(texts: list[str]) -> None:
    assert resolve(texts, 2020) == (None, None, None, None)


def test_find_takes_the_longest_name_at_each_place() -> None:
    assert find("江苏省南京市鼓楼区") == [(0, "江苏省"), (3, "南京市"), (6, "鼓楼区")]
    assert find("内蒙古自治区教育厅") == [(0, "内蒙古自治区")]
