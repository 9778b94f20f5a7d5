"""Which targets of two plans are about the same thing: a score for each pair, and the best pairing of all.

A pair scores nothing where one of these is so (`rules/matching.yaml`):

- the units count different things (所 and 人; %, ‰ and 个百分点 are three), or the figures are per different times;
- the comparators point in opposite ways (不少于 and 不超过), or one is a change and the other a level;
- the phrases name different things of one group that exclude each other: 新建 and 改建, 小学 and 初中.

Else its score is the likeness of the phrases that name what is measured (the share of characters that they have in
common, in order; more where the longer ends with the shorter), or of the clauses that the figures stand in where those
say more, 85 in 100 of it, and the likeness of the sections and themes, 15 in 100. Of all pairs those are taken whose
scores add up to most, each target once (Jonker and Volgenant's algorithm in scipy).

THRESHOLD was set on the pairs of `tests/cases/indicators.csv` marked `dev`, half of them made to mislead; at it
precision and recall are 1.00 and 0.96 there, and 0.96 and 0.96 on the pairs marked `held`, which were written when all
was set and for which nothing was changed (`tests/test_matching.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from scipy.optimize import linear_sum_assignment

from pipeline.model import Op, fold
from pipeline.rules import alternation, load

Array = np.ndarray[Any, Any]
THRESHOLD = 0.7
OF_NAMES = 0.85
SWAPPED, ADDED = 1.5, 0.25
NAMELESS = 0.85
"""What a clause counts for where a figure has no name of its own: it has to be repeated nearly word for word."""
SENSES: dict[Op, str] = {"ge": "up", "gt": "up", "le": "down", "lt": "down", "eq": "at", "range": "at"}
_BESIDE = re.compile("[^一-鿿A-Za-z0-9%‰]+")
_LABEL = re.compile(r"^[(]?[一二三四五六七八九十\d]{1,3}[).、][ ]?")
_TIME = re.compile(
    r"(?:到|至|在|自|从)?(?:\d{4}|[“”十一二三四五]{3,5})年?(?:底|末|前|以前|之前|年底|期间|起)?(?=[^\d个所名%])"
)
_FIGURE = re.compile(r"[\d.]+|[〇一二两三四五六七八九十百千万亿]+(?=[个所名次场节人项家间套台%])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a figure measures, and where it stands.

    Args:
        indicator: the phrase that names what is measured, None where none was found.
        op: how figure and value relate.
        unit: as written, None for a ratio.
        per: the recurrence that it is per.
        before: the clause up to the figure.
        behind: the clause from the figure on.
        section: headings above it, joined.
        theme: main theme of its item.
    """

    indicator: str | None
    op: Op
    unit: str | None = None
    per: str | None = None
    before: str = ""
    behind: str = ""
    section: str = ""
    theme: str | None = None


def pairs(
    first: Sequence[Measure], second: Sequence[Measure], threshold: float = THRESHOLD
) -> list[tuple[int, int, float]]:
    """The best pairing of two lists of figures.

    Args:
        first, second: the figures of two plans.
        threshold: least score of a pair, 0 to 1.

    Returns:
        Indices into both lists and the score, in the order of the first list; each index at most once.
    """
    if not first or not second:
        return []
    table = scores(first, second)
    table[table < threshold] = 0
    rows, columns = linear_sum_assignment(table, maximize=True)
    return [(int(a), int(b), float(table[a, b])) for a, b in zip(rows, columns, strict=True) if table[a, b] > 0]


def scores(first: Sequence[Measure], second: Sequence[Measure]) -> Array:
    """The score of each pair, 0 to 1; 0 where the two cannot be about the same thing.

    Args:
        first, second: figures.

    Returns:
        Array of first by second.
    """
    sides = tuple([_read(measure) for measure in side] for side in (first, second))
    free = _comparable(*sides) & _uncontradicted(*sides)
    names = _likeness([side.name for side in sides[0]], [side.name for side in sides[1]])
    clauses = _likeness([side.clause for side in sides[0]], [side.clause for side in sides[1]])
    named = np.logical_and.outer(*([bool(read.name) for read in side] for side in sides))
    likeness = np.maximum(names, np.where(named, (names + clauses) / 2, NAMELESS * clauses))
    sections = _ratio([m.section for m in first], [m.section for m in second])
    themes = np.array([[a.theme == b.theme or a.theme is None or b.theme is None for b in second] for a in first])
    return np.where(free, OF_NAMES * likeness + (1 - OF_NAMES) * (sections + themes) / 2, 0.0)


@dataclass(frozen=True, slots=True)
class _Read:
    """A figure as it is matched: its name, normalised, the whole clause with the figure masked, and the rest."""

    name: str
    clause: str
    units: frozenset[str]
    sense: str
    per: str | None
    words: tuple[frozenset[str], ...]


def _read(measure: Measure) -> _Read:
    name = normal(measure.indicator or "")
    if name in _words("empty") or len(name) < 2:
        name = ""
    lead = _bare(measure.before)
    clause = _bare(measure.before + measure.behind)
    named = _bare(measure.indicator or "")
    told = named if named and named in lead else lead + named
    return _Read(
        name,
        _FIGURE.sub("数", _TIME.sub("", clause)),
        _units(measure.unit),
        SENSES.get(measure.op, measure.op),
        _recurrence(measure.per),
        (
            _rate(name),
            *(_named(group, told, _bare(measure.section)) for group in load("matching")["contrasts"]),
        ),
    )


def _rate(name: str) -> frozenset[str]:
    """The last two characters of what a rate is one of: 入学 of 小学净入学率."""
    return frozenset(re.findall("([一-鿿]{2})率", name)[-1:])


def normal(indicator: str) -> str:
    """An indicator in the form in which it is compared: folded, without label, scope, trailing verbs and fillers.

    Args:
        indicator: as in the table of targets.
    """
    text = _TIME.sub("", _bare(_LABEL.sub("", fold(indicator).strip(), count=1)))
    text = _unified(re.sub(r"[由从]\d.*$", "", text))
    for pattern in _beside():
        text = pattern.sub("", text)
    return text


@cache
def _beside() -> tuple[re.Pattern[str], ...]:
    """What of a name says nothing, in the order in which it is taken away."""
    scope, tail, filler = (alternation(load("matching")[key]) for key in ("scope", "tail", "filler"))
    forms = (f"^(?:{scope})+(?=.{{2}})", f"(?<=.{{2}})(?:{tail})+$", f"(?<=.){filler}(?=.)")
    return tuple(re.compile(form) for form in forms)


def _bare(text: str) -> str:
    return _BESIDE.sub("", fold(text))


def _unified(text: str) -> str:
    """A text with every word that has another of the same meaning in one form."""
    return _same().sub(lambda match: _forms()[match[0]], text)


@cache
def _forms() -> dict[str, str]:
    return {word: group[0] for group in load("matching")["same"] for word in group}


@cache
def _same() -> re.Pattern[str]:
    return re.compile(alternation(list(_forms())))


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(load("matching")[key])


@cache
def _units(unit: str | None) -> frozenset[str]:
    """The kinds of measure that a unit is of: the groups that it stands in, itself where it stands in none."""
    if unit is None:
        return frozenset()
    unit = fold(unit).strip()
    return frozenset(group["name"] for group in load("matching")["measures"] if unit in group["units"]) or frozenset(
        [unit]
    )


def same_units(first: str | None, second: str | None) -> bool:
    """Whether two units count the same, so that their figures can be set against each other.

    Args:
        first, second: units as written, None for a ratio.
    """
    return first == second or bool(_units(first) & _units(second))


@cache
def _recurrence(per: str | None) -> str | None:
    return next((group[0] for group in load("matching")["recurrences"] if per in group), per)


def _comparable(first: Sequence[_Read], second: Sequence[_Read]) -> Array:
    """Whether units, comparators and recurrences go together."""
    senses, recurrences = (
        [np.array([getattr(side, name) or "" for side in s]) for s in (first, second)] for name in ("sense", "per")
    )
    level = [np.isin(sense, ["up", "down", "at"]) for sense in senses]
    either = np.logical_or.outer(senses[0] == "at", senses[1] == "at")
    ways = np.equal.outer(*senses) | (np.logical_and.outer(*level) & either)
    units = _share(*([side.units or frozenset([""]) for side in s] for s in (first, second)))
    return np.asarray(units & ways & np.equal.outer(*recurrences))


def _share(first: Sequence[frozenset[str]], second: Sequence[frozenset[str]]) -> Array:
    """Whether two sets have a member in common, for each pair."""
    members = sorted(frozenset[str]().union(*first, *second))
    has = [np.array([[member in one for member in members] for one in side], dtype=int) for side in (first, second)]
    return np.asarray(has[0].reshape(len(first), -1) @ has[1].reshape(len(second), -1).T > 0)


def _uncontradicted(first: Sequence[_Read], second: Sequence[_Read]) -> Array:
    """Whether no group of words that exclude each other tells the two apart."""
    free = np.ones((len(first), len(second)), dtype=bool)
    for at in range(1 + len(load("matching")["contrasts"])):
        words = [side.words[at] for side in first], [side.words[at] for side in second]
        both = np.logical_and.outer(*([bool(named) for named in side] for side in words))
        free &= _share(*words) | ~both
    return free


@cache
def _group(name: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """The words of a group as a pattern, and the form that each stands for."""
    group = next(group for group in load("matching")["contrasts"] if group["name"] == name)
    forms = {word: word for word in group["words"]}
    for same in group.get("same", ()):
        forms |= dict.fromkeys(same, same[0])
    return re.compile(alternation(list(forms))), forms


def _named(group: dict[str, Any], told: str, section: str) -> frozenset[str]:
    """The words of a group that a phrase names; of stages, where it names none, those that its headings name."""
    pattern, forms = _group(group["name"])
    found = frozenset(forms[word] for word in pattern.findall(told))
    if not found and group.get("alone"):
        found = frozenset([""])
    if not found and group["name"] == "stage":
        found = frozenset(forms[word] for word in pattern.findall(section))
    return found


def _likeness(first: Sequence[str], second: Sequence[str]) -> Array:
    """How like each other phrases are, 0 to 1: what one has beyond the other tells less than what stands instead.

    Of the characters, in any order, `common` are in both; of the others as many as the poorer side has of its own
    are `swapped`, the rest is `added`. 基本养老保险参保率 and 基本医疗保险参保率 differ by two swapped,
    基本医疗保险参保率 and 城乡居民基本医疗保险参保率 by four added.
    """
    places = {char: at for at, char in enumerate(sorted(set("".join((*first, *second)))))}
    counts = np.zeros((len(first) + len(second), len(places)), dtype=np.float32)
    for row, text in enumerate((*first, *second)):
        for char in text:
            counts[row, places[char]] += 1
    common = np.zeros((len(first), len(second)), dtype=np.float32)
    for times in range(1, int(counts.max(initial=0)) + 1):
        has = (counts >= times).astype(np.float32)
        common += has[: len(first)] @ has[len(first) :].T
    left = np.array([len(text) for text in first])[:, None] - common
    right = np.array([len(text) for text in second])[None, :] - common
    swapped = np.minimum(left, right)
    weight = common + SWAPPED * swapped + ADDED * (np.maximum(left, right) - swapped)
    return np.divide(common, weight, out=np.zeros_like(common), where=weight > 0)


def _ratio(first: Sequence[str], second: Sequence[str]) -> Array:
    """Twice the longest common subsequence over the sum of the lengths; two empty texts share nothing."""
    filled = np.logical_and.outer(*([bool(text) for text in side] for side in (first, second)))
    return np.where(filled, process.cdist(first, second, scorer=fuzz.ratio, dtype=np.float32) / 100, 0.0)
