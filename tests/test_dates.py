"""Calendar units: five-year plans, months, days."""

from __future__ import annotations

import pytest

from pipeline import dates


@pytest.mark.parametrize(("order", "since"), [(1, 1953), (2, 1958), (3, 1966), (6, 1981), (14, 2021), (15, 2026)])
def test_nth_five_year_plan(order: int, since: int) -> None:
    assert dates.nth_five_year_plan(order) == (since, since + 4)


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("六五", (1981, 1985)),
        ("十五", (2001, 2005)),
        ("十四五", (2021, 2025)),
        ("十五五", (2026, 2030)),
        ("二十五", None),
    ],
)
def test_five_year_plans_by_name(name: str, span: tuple[int, int] | None) -> None:
    assert dates.five_year_plan(name) == span


@pytest.mark.parametrize(
    ("text", "value"),
    [("2025", 2025), ("二〇二五", 2025), ("二○○九", 2009), ("二OO九", 2009), ("十二", 12), ("若干", None)],
)
def test_numbers_of_years_and_months(text: str, value: int | None) -> None:
    assert dates.number(text) == value


def test_months_and_days() -> None:
    assert dates.months(2028, 2) == ("2028-02-01", "2028-02-29")
    assert dates.months(2026, 11, 2) == ("2026-11-01", "2027-02-28")
    assert dates.day(2026, 2, 30) is None
    assert dates.before_month(2026, 1) == "2025-12-31"


def test_years_of_two_digits_need_a_nought_or_a_year_nearby() -> None:
    assert dates.year("二〇二五") == 2025
    assert dates.year("09") == 2009
    assert dates.year("16") is None
    assert dates.year("16", 2016) == 2016
