"""Tables of indicators: rows of a name, a unit and a figure a year, as five-year plans carry them.

    指标	单位	2020年	2025年	年均增长（%）	属性
    森林覆盖率	%	68.2	69	—	约束性

The head tells what the columns are for. A figure below a year of the plan, or below 「目标值」, is a target in the
row's unit, the figure below an earlier year its baseline, and one below 「年均增长」 a growth in per cent. Tables
come as rows with their cells parted by tabs, from a document's table or typed so in a text.

Words and patterns are data: `pipeline/rules/indicators.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from pipeline.extract.layers import text_of
from pipeline.model import Op, Target, fold
from pipeline.numbers import scaled
from pipeline.rules import Rule, patterns

Stretch = tuple[int, int]
# A figure that fills its cell, cumulative ones in brackets: 「≥11.5」, 「[280]」, 「95%以上」, 「8-10」.
FIGURE = re.compile(
    r"[\[(]?[ ]?(?P<compared>≥|≤|>|<|不低于|不少于|不小于|不超过|不高于|大于|小于|超过?)?[ ]?"
    r"(?P<low>\d[\d,]*(?:\.\d+)?)[ ]?(?:[-至~][ ]?(?P<high>\d[\d,]*(?:\.\d+)?))?"
    r"[ ]?(?P<unit>[^\d\s\])以左]{0,6})(?P<behind>以上|以下|以内|左右)?[ ]?[\])]?"
)
OPS: dict[str, Op] = {
    "≥": "ge", "不低于": "ge", "不少于": "ge", "不小于": "ge", "以上": "ge",
    "≤": "le", "不超过": "le", "不高于": "le", "以下": "le", "以内": "le",
    ">": "gt", "大于": "gt", "超": "gt", "超过": "gt", "<": "lt", "小于": "lt",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """What the columns of a table are for, by their number."""

    name: int
    unit: int | None
    aims: tuple[int, ...]
    base: int | None
    growth: tuple[int, ...]


@cache
def rules() -> tuple[Rule, ...]:
    """What a heading cell says of its column, the first rule that fits."""
    return patterns("indicators")


def tables(doc: Doc) -> tuple[list[Target], list[Stretch]]:
    """The targets in a plan's tables of indicators.

    Args:
        doc: a plan with `doc._.folded`, `doc._.years` and `doc.spans["items"]`.

    Returns:
        The targets in reading order, and the stretches of all rows read so: no other figure in them is a target.
    """
    text = text_of(doc)
    found: list[Target] = []
    rows: list[Stretch] = []
    head: Head | None = None
    for item in doc.spans.get("items", ()):
        cells = _cells(text, item.start_char, item.end_char)
        if len(cells) < 3:
            head = None
            continue
        if (here := _head(text, cells, doc._.years)) is not None:
            head = here
        elif head is not None and len(cells) > head.name:
            found += _row(text, cells, head)
        else:
            continue
        rows.append((item.start_char, item.end_char))
    return found, rows


def _cells(text: str, start: int, end: int) -> list[Stretch]:
    """The cells of a row, without white space at their ends; none where nothing parts them."""
    cells, at = [], start
    for piece in text[start:end].split("\t"):
        low = at + len(piece) - len(piece.lstrip())
        cells.append((low, max(low, at + len(piece.rstrip()))))
        at += len(piece) + 1
    return cells


def _head(text: str, cells: list[Stretch], years: tuple[int, int] | None) -> Head | None:
    """The columns of a head row; None for any other row."""
    kinds: dict[str, list[int]] = {}
    for number, (a, b) in enumerate(cells):
        content = "".join(fold(text[a:b]).split())
        rule = next((rule for rule in rules() if rule.regex.search(content)), None)
        if rule is None:
            continue
        kind = rule.fields["kind"]
        year = re.search(r"(?:19|20)\d\d", content)
        if kind == "year" and year is not None:
            kind = "base" if years is None or int(year[0]) < years[0] else "aim"
        kinds.setdefault(kind, []).append(number)
    if years is None and len(kinds.get("base", ())) > 1 and "aim" not in kinds:
        kinds["aim"] = [kinds["base"].pop()]  # of a plan without years the last column is the aim
    if "name" not in kinds or not (kinds.get("aim") or kinds.get("growth")):
        return None
    return Head(
        name=kinds["name"][0],
        unit=kinds["unit"][0] if "unit" in kinds else None,
        aims=tuple(kinds.get("aim", ())),
        base=kinds["base"][-1] if "base" in kinds else None,
        growth=tuple(kinds.get("growth", ())),
    )


def _row(text: str, cells: list[Stretch], head: Head) -> Iterator[Target]:
    name, unit = _name(text[slice(*cells[head.name])])
    if head.unit is not None and head.unit < len(cells):
        unit = fold(text[slice(*cells[head.unit])]).strip("-— ") or unit
    base = _figure(text, cells, head.base) if head.base is not None else None
    for column in sorted((*head.aims, *head.growth)):
        match = _figure(text, cells, column)
        if match is None:
            continue
        growth = column in head.growth
        own = match["unit"] or ("%" if growth else unit)
        value, counted = scaled(_number(match["low"]), own)
        op = OPS.get(match["compared"] or match["behind"] or "", "range" if match["high"] else "eq")
        start, end = (cells[column][0] + edge for edge in _inside_brackets(match))
        yield Target(
            start=start,
            end=end,
            text=text[start:end],
            rule="indicator_table",
            indicator=name or None,
            op="inc" if growth else op,
            value=value,
            value2=scaled(_number(match["high"]), own)[0] if match["high"] else None,
            unit=counted or None,
            per="年" if growth else None,
            baseline=None if growth or base is None else scaled(_number(base["low"]), own)[0],
        )


def _name(cell: str) -> tuple[str, str]:
    """An indicator's name and the unit in brackets behind it: 「城镇化率（%）」."""
    name = " ".join(cell.split())
    match = re.fullmatch(r"(?P<name>.+?)[ ]?[(（](?P<unit>[^()（）]{1,8})[)）]", name)
    if match is None or not re.search(r"[%‰元人个张所公亩吨米座家户次年岁瓦度件项]$", match["unit"]):
        return name, ""
    return match["name"], fold(match["unit"])


def _figure(text: str, cells: list[Stretch], column: int) -> re.Match[str] | None:
    if column >= len(cells):
        return None
    return FIGURE.fullmatch(fold(text[slice(*cells[column])]))


def _inside_brackets(match: re.Match[str]) -> Stretch:
    """The figure of a cell with its comparators, without the brackets of a cumulative one."""
    start = match.start("compared") if match["compared"] else match.start("low")
    return start, max(match.end(name) for name in ("low", "high", "unit", "behind"))


def _number(figure: str) -> float:
    return float(figure.replace(",", ""))
