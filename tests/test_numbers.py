"""Quantities: invented phrases in cases/numbers.csv, numerals one by one, and time taken."""

import time
from itertools import pairwise

import pytest

from pipeline.model import fold
from pipeline.numbers import Quantity, chinese, quantities
from tests.made import cases


def rows():
    return cases("numbers", "text", "expected")


def plain(value):
    return "masked" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def shown(text: str) -> list[str]:
    """「4—5所 4~5 所」: the span as it stands, the figure, the unit."""
    result = []
    for found in quantities(fold(text)):
        figure = plain(found.value)
        if found.value2 is not None:
            figure += (":" if found.ratio else "~") + plain(found.value2)
        result.append(f"{text[found.start : found.end]} {figure} {found.unit or '-'}")
    return result


def test_cases_are_balanced():
    found = [expected for _, expected in rows() if expected]
    assert len(rows()) >= 60
    assert 0.4 <= len(found) / len(rows()) <= 0.6


@pytest.mark.parametrize(("text", "expected"), rows())
def test_case(text, expected):
    assert shown(text) == (expected.split(";") if expected else [])


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百零五", 105),
        ("两千三百", 2300),
        ("三万五千", 35_000),
        ("一亿二千万", 120_000_000),
        ("十万", 100_000),
    ],
)
def test_chinese_numeral(numeral, value):
    assert chinese(numeral) == value


@pytest.mark.parametrize("numeral", ["", "二三", "百千", "一点五", "百百", "〇十", "万亿亿"])
def test_what_is_no_numeral(numeral):
    assert chinese(numeral) is None


def test_what_a_quantity_says_of_itself():
    (share,) = quantities("80%")
    (span,) = quantities("3-5个")
    (ratio,) = quantities("8:1")
    assert (share.percent, share.range, share.ratio) == (True, False, False)
    assert (span.percent, span.range, span.ratio) == (False, True, False)
    assert (ratio.percent, ratio.range, ratio.ratio) == (False, False, True)


def test_how_a_figure_was_written_is_kept():
    (about,) = quantities("三百多家")
    assert about == Quantity(start=0, end=4, value=300.0, unit="家", approx="多", numeral="三百")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("数十家企业", ["数十家 masked 家"]),
        ("上百所学校", ["上百所 masked 所"]),
        ("成千名学生", ["成千名 masked 名"]),
        ("若干名教师", ["若干名 masked 名"]),
        ("若百所学校", ["若百所 masked 所"]),
        ("过半,", ["过半 50 %"]),
        ("过半数教师", ["半数 50 %"]),
        ("运动半小时", ["半小时 0.5 小时"]),
        ("运动半个小时", ["半个小时 0.5 小时"]),
        ("占比过半", []),
        ("数据上线成果若有过程", []),
    ],
)
def test_what_begins_with_no_numeral(text, expected):
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("推出线路4、5条", ["4、5条 4~5 条"]), ("推出线路4、6条", ["4 4 -", "6条 6 条"])]
)
def test_two_digits_side_by_side(text, expected):
    assert shown(text) == expected


def test_quantities_do_not_overlap_and_keep_order():
    found = list(quantities(fold("新建4—5所学校、投入1.2亿元、培训3000名教师、每学期听课20节。")))
    assert [q.unit for q in found] == ["所", "元", "名", "节"]
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize("unit", ["千瓦时", "吨标准煤", "人次", "平方公里", "个百分点", "标准箱"])
def test_the_longest_unit_is_taken(unit):
    assert [found.unit for found in quantities(f"3{unit}。")] == [unit]


@pytest.mark.parametrize(
    "text", ["1" * 50_000, "一" * 50_000, "1," * 25_000, "_" * 50_000, "1万" * 25_000, "3-" * 25_000]
)
def test_time_grows_with_the_text_alone(text):
    start = time.perf_counter()
    list(quantities(text))
    assert time.perf_counter() - start < 5


def test_rows_of_digits_are_no_figures():
    assert list(quantities(f"建设学校{'9' * 400}所，新增{'1' * 30}万个，共3所")) != []
    assert [found.value for found in quantities(f"建设学校{'9' * 400}所，新增{'1' * 30}万个，共3所")] == [3]
