"""Which plans are editions of one plan, and in what order: 工作要点 of one bureau for 2023, 2024 and 2025.

Two plans are editions of one where all of these hold:

1. they are of one place: the same name with which issuer or title begins, or the same region; where one paper leaves
   out the province or the city (松陵县, 安徽省松陵县), only if no second place of that name is around;
2. they are of one body there, an office standing for the body that it serves (县人民政府办公室, 县人民政府); where one
   paper does not name it, only if there is no second body with a title like it;
3. their titles are alike: without place, body, years and words for kinds of paper, 85 of 100 characters in common, in
   order (an empty rest is like the body's own matter: 教育局 and 教育工作要点); the same stages of schooling, the same
   part of a year (第一学期);
4. they are for a year each, a school year each, or several years each.

A plan without place and body, or without a year, is in no series: nothing says what it is the next of. Editions are
ordered by first year. Of several plans for the same years one stands for all: the last issued, unknown dates first,
then that with most characters, then the first id.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from pipeline.model import fold
from pipeline.rules import Rule, alternation, load, patterns
from pipeline.stages import named
from pipeline.tables import Row

LIKE = 85
"""Least share of characters, of 100, that like titles have in common (`rapidfuzz.fuzz.ratio`)."""


@dataclass(frozen=True, slots=True)
class Series:
    """The editions of one plan.

    Args:
        place: whose it is; the body's whole name where it has no place.
        editions: rows of `plans`, one for each period, in order.
        others: rows for the same periods that are left out.
    """

    place: str
    editions: tuple[Row, ...]
    others: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What counts of a plan's metadata."""

    plan: Row
    uppers: str
    place: str
    organ: str
    topic: str
    stages: frozenset[str]
    part: str
    years: int


def series(plans: Iterable[Row]) -> list[Series]:
    """The series that have at least one edition, in the order of place and first plan.

    Args:
        plans: rows of `plans`, in any order.
    """
    by_place: dict[str, list[_Head]] = defaultdict(list)
    for plan in sorted(plans, key=lambda row: str(row["plan_id"])):
        head = _head(plan)
        if head is not None:
            by_place[head.place].append(head)
    found = []
    for place in sorted(by_place):
        for heads in _of_one_place(by_place[place]):
            found += [_ordered(heads[0].uppers + place, group) for group in _alike(_with_organs(heads))]
    return found


def place_of(plan: Row) -> str | None:
    """The place, or where there is none the body, that a plan is of; None where it names neither.

    Args:
        plan: a row of `plans`.
    """
    head = _head(plan)
    return None if head is None else head.place


def _head(plan: Row) -> _Head | None:
    if plan["year_start"] is None:
        return None
    issuer = re.split(r"\s{1,}|、", fold(plan["issuer"] or "").strip())[0]
    title = _bare(plan["title"] or "")
    for rule in _periods():
        title = rule.regex.sub("", title)
    lead = _place(issuer)
    if lead == "自治区":
        issuer, lead = issuer.removeprefix(lead), None
    region = fold(plan["region"] or "") if plan["level"] not in ("school", "town") else ""
    place = lead or _place(title.removeprefix("关于")) or region
    if lead is None and issuer and plan["level"] == "national":
        place = ""
    organ = issuer[len(lead or "") :]
    if re.search("[x×X*某]{2}", place + organ):
        return None
    for office in sorted(load("series")["offices"], key=len, reverse=True):
        organ = organ.removesuffix(office) or organ
    if not place and plan["level"] != "national" and not re.match(load("series")["institutions"], organ):
        return None
    uppers, last = _split(place)
    if plan["level"] == "school":
        last += organ
    topic = _topic(title, place, organ)
    return _Head(
        plan=plan,
        uppers=uppers,
        place=last or organ or "全国",
        organ=re.sub("^[省市县区州旗镇乡](?=.)", "", organ),
        topic=topic,
        stages=frozenset(named(topic)),
        part="".join(re.findall(load("series")["parts"], title)),
        years=min(2, (plan["year_end"] or plan["year_start"]) - plan["year_start"]),
    )


def _bare(title: str) -> str:
    return re.sub(r"[\s]+", "", fold(title))


@cache
def _places() -> re.Pattern[str]:
    rules = load("series")
    return re.compile(
        f"(?:(?!.{{0,6}}?{alternation(rules['no_places'])})[一-鿿]{{2,8}}?{alternation(rules['places'])})+"
    )


@cache
def _one_place() -> re.Pattern[str]:
    return re.compile(f"[一-鿿]{{2,8}}?{alternation(load('series')['places'])}")


@cache
def _generic() -> re.Pattern[str]:
    return re.compile(alternation(load("series")["generic"]))


@cache
def _periods() -> tuple[Rule, ...]:
    return patterns("series", group="periods")


def _place(text: str) -> str | None:
    """The names of places with which a text begins."""
    match = _places().match(text)
    return match[0] if match else None


def _split(place: str) -> tuple[str, str]:
    """The places around a place, and its own name."""
    parts = _one_place().findall(place)
    return ("".join(parts[:-1]), parts[-1]) if parts and "".join(parts) == place else ("", place)


def _topic(title: str, place: str, organ: str) -> str:
    """What a title says that its paper is about."""
    for name in (place, organ):
        title = title.replace(name, "") if name else title
    title = re.sub("[^一-鿿A-Za-z]", "", re.sub(load("series")["parts"], "", title))
    topic = _generic().sub("", title)
    return "" if organ and organ.startswith(topic) else topic


def _of_one_place(heads: Sequence[_Head]) -> list[list[_Head]]:
    """Plans of places of one name, parted where the places around differ."""
    around = sorted({head.uppers for head in heads if head.uppers})
    wholes = [upper for upper in around if not any(other != upper and other.endswith(upper) for other in around)]
    parted: dict[str, list[_Head]] = defaultdict(list)
    for head in heads:
        options = [upper for upper in wholes if upper.endswith(head.uppers)]
        parted[options[0] if len(options) == 1 else head.uppers].append(head)
    return [parted[upper] for upper in sorted(parted)]


def _with_organs(heads: Sequence[_Head]) -> dict[tuple[str, str, int], list[_Head]]:
    """Plans by body, part of the year and length; those without a body go to the only one with a title like theirs."""
    groups: dict[tuple[str, str, int], list[_Head]] = defaultdict(list)
    for head in heads:
        organ = head.organ
        if not organ:
            organs = {o.organ for o in heads if o.organ and _like(o, head)}
            organ = organs.pop() if len(organs) == 1 else ""
        groups[organ, head.part, head.years].append(head)
    return groups


def _like(first: _Head, second: _Head) -> bool:
    if (first.part, first.years, first.stages) != (second.part, second.years, second.stages):
        return False
    if first.topic == second.topic:
        return True
    subject = re.sub("[局厅委部科处室会]+$", "", first.organ or second.organ)
    topics = {first.topic or subject, second.topic or subject}
    return len(topics) == 1 or fuzz.ratio(*topics) >= LIKE


def _alike(groups: dict[tuple[str, str, int], list[_Head]]) -> list[list[_Head]]:
    """The plans of each group, parted by titles; a title is compared with the first of each part."""
    parted = []
    for key in sorted(groups):
        parts: list[list[_Head]] = []
        for head in groups[key]:
            part = next((part for part in parts if _like(part[0], head)), None)
            if part is None:
                parts.append([head])
            else:
                part.append(head)
        parted += parts
    return parted


def _ordered(place: str, heads: Sequence[_Head]) -> Series:
    """The plans of one series: for each period the one that stands for it, and the others."""
    plans = sorted((head.plan for head in heads), key=_rank)
    periods: dict[tuple[int, int], Row] = {}
    for plan in plans:
        periods.setdefault((plan["year_start"], plan["year_end"] or plan["year_start"]), plan)
    kept = tuple(periods[period] for period in sorted(periods))
    return Series(place, kept, tuple(plan for plan in plans if plan not in kept))


def _rank(plan: Row) -> tuple[str, int, str]:
    """The order among plans for the same years: the last issued first."""
    day = "".join(chr(0x7F - ord(char)) for char in plan["issued_on"] or "")
    return day or "~", plan["char_start"] - plan["char_end"], plan["plan_id"]
