"""Section labels: where text could carry one, and what it says.

The families (第一章, 一、, （一）, 1., (1), ① …) are data, `rules/labels.yaml`. A candidate here is only a
possibility; `pipeline.sections` decides over a plan as a whole which of them are labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pipeline.errors import RuleError
from pipeline.numbers import chinese
from pipeline.rules import Rule, patterns
from pipeline.rules.needs import begins, quick

NUMERAL = "[一二三四五六七八九十]{1,3}"
DIGITS = "[0-9]{1,2}"
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_FORMAL = tuple("壹贰叁肆伍陆柒捌玖拾")
_BRACKETS = str.maketrans("[〈<]〉>", "((()))")
"""Brackets that scanned books and hasty typists put for round ones."""


class Label(NamedTuple):
    """A place where a label could stand.

    Args:
        start, end: characters of the text that was searched.
        family: name of the family in `rules/labels.yaml`.
        rank: usual depth of the family, 1 = top.
        ordinal: the number that it bears.
        text: as the tables give it: folded, without its trailing mark.
        opens_line: nothing but spaces stands before it on its line.
        before: the character before it, "" at the text's start.
        weak: the form is seldom a label; its series must speak for it.
    """

    start: int
    end: int
    family: str
    rank: int
    ordinal: int
    text: str
    opens_line: bool
    before: str
    weak: bool = False


@cache
def rules() -> tuple[Rule, ...]:
    """The families, in the order in which they are tried."""
    return patterns("labels", {"cn": NUMERAL, "n": DIGITS}, group="families")


@cache
def _by_opening() -> dict[tuple[int, ...], list[str]]:
    """The characters that labels begin with, by the families that may begin so, as numbers in order.

    Raises:
        RuleError: with what a family begins is not certain.
    """
    families: dict[str, tuple[int, ...]] = {}
    for number, rule in enumerate(rules()):
        if (openings := begins(rule.source, re.VERBOSE)) is None:
            raise RuleError(f"rules/labels.yaml, families: with what {rule.name!r} begins is not certain")
        for char in {opening[0] for opening in openings}:
            families[char] = (*families.get(char, ()), number)
    chars: dict[tuple[int, ...], list[str]] = {}
    for char in sorted(families):
        chars.setdefault(families[char], []).append(char)
    return chars


@cache
def _tried() -> tuple[Rule, ...]:
    """The families in the order in which they stand in `_any`."""
    return tuple(rules()[number] for numbers in _by_opening() for number in numbers)


@cache
def _any() -> re.Pattern[str]:
    """All families in one pattern, each behind the characters that it begins with; each is a group."""
    ways = []
    for numbers, chars in _by_opening().items():
        families = (f"({rules()[number].source.replace('(?P<n>', '(?:')})" for number in numbers)
        ways.append(f"(?=[{re.escape(''.join(chars))}])(?:{'|'.join(families)})")
    return quick("|".join(ways), re.VERBOSE)


def ordinal(text: str) -> int:
    """The number of a label: 「十二」 12, 「7」 7, 「③」 3, 「Ⅳ」 4, 「B」 2.

    Raises:
        ValueError: the text is no ordinal.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    if len(text) == 1:
        for first in "①⑴⒈Ⅰ":
            if 0 <= ord(text) - ord(first) < 20:
                return ord(text) - ord(first) + 1
        if "A" <= text <= "H" or "a" <= text <= "h":
            return ord(text.upper()) - ord("A") + 1
    if text in _ROMAN:
        return _ROMAN.index(text) + 1
    if text in _FORMAL:
        return _FORMAL.index(text) + 1
    value = chinese(text)
    if value is None or value > 99:
        raise ValueError(f"no ordinal: {text!r}")
    return int(value)


def shown(text: str) -> str:
    """A label as the tables give it: without spaces and the mark behind it, in round brackets."""
    return "".join(text.split()).rstrip("、.,:。·").translate(_BRACKETS)


def find(text: str) -> Iterator[Label]:
    """Every place of a folded text where a label could stand, in order.

    Args:
        text: folded text (`pipeline.model.fold`), lines parted by line feeds.
    """
    labels = (_label(text, match) for match in _any().finditer(text))
    yield from (label for label in labels if label is not None)


def _label(text: str, match: re.Match[str]) -> Label | None:
    """The label that a match of `_any` may be."""
    rule = _tried()[(match.lastindex or 0) - 1]
    start, end = match.span()
    before = start
    while before and text[before - 1].isspace() and text[before - 1] != "\n":
        before -= 1
    opens_line = not before or text[before - 1] == "\n"
    inline = rule.fields.get("inline")
    if not opens_line and (inline is False or text[start] in "[〈<"):
        return None
    inner = rule.regex.match(text, start)
    if inner is None:
        return None
    try:
        number = ordinal(inner["n"])
    except ValueError:
        return None
    listed = opens_line or inline != "list" or number == 1 or text[start - 1] in "。;!?:”)"
    if not (number and listed):
        return None
    return Label(
        start=start,
        end=end,
        family=rule.name,
        rank=rule.fields["rank"],
        ordinal=number,
        text=shown(text[start:end]),
        opens_line=opens_line,
        before=text[start - 1] if start else "",
        weak=bool(rule.fields.get("weak")),
    )


def opens_with_label(line: str) -> Label | None:
    """The label with which a folded line begins, None where it begins with none."""
    stripped = line.lstrip()
    match = _any().match(stripped)
    return (_label(stripped, match) or next(find(stripped[: match.end() + 12]), None)) if match else None


def addresses(line: str) -> bool:
    """Whether a folded line says whom a plan is for and nothing else: 「各县区教育局:」, 「各位代表:」."""
    return any(rule.regex.fullmatch(line) for rule in patterns("labels", group="addressees"))


def month_named(line: str) -> str | None:
    """The month, as written, of a folded line that says nothing but a month (「九月份:」); of two the first."""
    found = (rule.regex.fullmatch(line.strip()) for rule in patterns("labels", group="calendar"))
    return next((match["month"] for match in found if match), None)
