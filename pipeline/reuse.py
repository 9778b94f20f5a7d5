"""Where sentences travelled: which plan has a sentence of an earlier one, word for word or nearly so.

    sentences    of the items of each plan, those of SHORTEST characters and more
    candidates   pairs whose MinHashes agree in a band and in CANDIDATE of all places (`pipeline.duplicates.near`)
    likeness     pairs that have LIKE of their characters in common, in order
    boilerplate  a sentence that is like those of more than COMMON plans, and what is like it, is left out
    rows         each later sentence with the earlier one that it has most in common with

Of plans that are near-duplicates of each other only the earliest is looked at: all of their sentences are the same.
Time grows with the number of sentences (`tests/bench/compare.py`); memory by 0.6 KB a sentence beside the tables.
Plans are put in order by day of issue, or year where no day is known; those without either come last. What a pair's
order rests on is said in `order_by`: two days, or else two different years that the plans are for, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from pipeline.duplicates import Array, minhash, near
from pipeline.grams import shingles
from pipeline.model import fold
from pipeline.numbers import quantities
from pipeline.saved import Saved, places_in
from pipeline.series import place_of
from pipeline.tables import COMPARISONS, Row, conform

REUSE = next(table for table in COMPARISONS if table.name == "reuse")
SHORTEST = 16
"""Han characters that a sentence has to have: shorter ones come again by chance."""
LIKE = 0.7
"""Share of the characters of both, in order, from which on one sentence is taken from the other."""
COMMON = 20
"""Plans from which on a sentence is boilerplate."""
RUN = 4
"""Characters in a row from which on a stretch counts as taken over."""
SHINGLE, PERMUTATIONS, ROWS = 2, 128, 4
CANDIDATE = 0.3
"""Among 8,700 sentences of 43 real plans this finds 145 of the 156 pairs that have LIKE of their characters in common,
all 86 of those that have 0.8."""
BUCKET = 64
"""Sentences, at least, that may share a band and are compared each with each; of more, some with all."""
SENTENCE = re.compile(r"[^。;!?\n\t]+[。;!?]*")
COUNTS = re.compile("[一-鿿A-Za-z0-9]")
HAN = re.compile("[一-鿿]")


class Reuse(NamedTuple):
    """The rows of `reuse`, and what was left out.

    Args:
        rows: complete, in the order of the earlier plan and its text.
        boilerplate: how many sentences are in too many plans.
        duplicates: how many plans are near-duplicates of an earlier one.
    """

    rows: list[Row]
    boilerplate: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a plan: which plan, which item, its first and last place in the source, and its text, cleaned."""

    plan: int
    item_id: str
    page: int | None
    start: int
    end: int
    text: str

    @property
    def content(self) -> str:
        """The characters that count."""
        return "".join(COUNTS.findall(fold(self.text)))


def reuse(saved: Saved, same: Mapping[str, str], *, common: int = COMMON) -> Reuse:
    """Which sentences stand in several plans of a run.

    Args:
        saved: the run.
        same: the cluster of near-duplicates of each plan.
        common: plans from which on a sentence is boilerplate.

    Raises:
        NoTables: tables or texts of the run are missing.
    """
    ordered = sorted(saved.plans, key=_when)
    seen: set[str] = set()
    plans = []
    for plan in ordered:
        if same[plan["plan_id"]] not in seen:
            seen.add(same[plan["plan_id"]])
            plans.append(plan | {"place": place_of(plan)})
    sentences = [sentence for number, plan in enumerate(plans) for sentence in _sentences(saved, number, plan)]
    first, second, score = _like(sentences, max(BUCKET, 2 * common))
    carriers = _carriers(sentences, first, second)
    common_ones = carriers > common
    for a, b in ((first, second), (second, first)):
        common_ones = common_ones | np.isin(np.arange(len(sentences)), b[carriers[a] > common])
    rows = []
    for at, origin, likeness in _origins(sentences, first, second, score):
        if not (common_ones[at] or common_ones[origin]):
            row = _row(saved, plans, sentences[origin], sentences[at], likeness, int(carriers[at]))
            rows += [row] if row else []
    rows.sort(key=lambda row: (row["plan_from"], row["char_start_from"], row["plan_to"], row["char_start_to"]))
    return Reuse(rows, int(common_ones.sum()), len(ordered) - len(plans))


def _when(plan: Row) -> tuple[int, str, str]:
    """Sorts plans by day of issue or year, unknown last."""
    year = int(plan["issued_on"][:4]) if plan["issued_on"] else plan["year_start"]
    return year or 9999, plan["issued_on"] or "~", plan["plan_id"]


def order(first: Row, second: Row) -> Literal["day", "year", "unknown"]:
    """What tells which of two plans is earlier.

    Args:
        first, second: rows of `plans`, in the order in which they were put.
    """
    days = first["issued_on"], second["issued_on"]
    if all(days):
        return "day" if days[0] < days[1] else "unknown"
    years = first["year_start"], second["year_start"]
    return "year" if all(years) and years[0] < years[1] else "unknown"


def _sentences(saved: Saved, number: int, plan: Row) -> Iterator[_Sentence]:
    """The sentences of a plan that are long enough, in the order of the text."""
    source = saved.text(plan)
    for item in saved.rows("items", plan["plan_id"]):
        text = item["text"] or ""
        places: list[int] = []
        for match in SENTENCE.finditer(fold(text)):
            if len(HAN.findall(match[0])) < SHORTEST:
                continue
            places = places or places_in(source[item["char_start"] : item["char_end"]], text)
            start, end = (item["char_start"] + places[at] for at in (match.start(), match.end() - 1))
            written = text[match.start() : match.end()].strip()
            yield _Sentence(number, item["item_id"], item["page"], start, end + 1, written)


def _like(sentences: Sequence[_Sentence], most: int) -> tuple[Array, Array, Array]:
    """The pairs of sentences of different plans that are like each other.

    Args:
        sentences: in the order of their plans.
        most: how many may share a band and are compared each with each.

    Returns:
        Three arrays of one length: index of the earlier, index of the later, their likeness. Sentences are in the
        order of their plans, and so are pairs.
    """
    nothing = np.zeros(0, dtype=np.int64)
    if not sentences:
        return nothing, nothing, np.zeros(0)
    contents = [sentence.content for sentence in sentences]
    values = np.stack([minhash(np.unique(shingles(content, SHINGLE)), PERMUTATIONS) for content in contents])
    plan = np.array([sentence.plan for sentence in sentences])
    keys = [nothing]
    for first, second in near(values, CANDIDATE, rows=ROWS, most=most):
        apart = plan[first] != plan[second]
        keys.append(np.unique(first[apart] * len(sentences) + second[apart]))
    pairs = np.unique(np.concatenate(keys))
    first, second = pairs // len(sentences), pairs % len(sentences)
    score = process.cpdist(
        [contents[at] for at in first], [contents[at] for at in second], scorer=fuzz.ratio, dtype=np.float32
    )
    like = score >= 100 * LIKE
    return first[like], second[like], np.asarray(score[like]) / 100


def _carriers(sentences: Sequence[_Sentence], first: Array, second: Array) -> Array:
    """For each sentence the number of plans that have one like it, its own among them."""
    plan = np.array([sentence.plan for sentence in sentences], dtype=np.int64)
    own = np.arange(len(sentences))
    sentence = np.concatenate([own, first, second])
    carrier = np.concatenate([plan, plan[second], plan[first]])
    pairs = np.unique(sentence * (len(sentences) + 1) + carrier) // (len(sentences) + 1)
    return np.bincount(pairs, minlength=len(sentences))


def _origins(
    sentences: Sequence[_Sentence], first: Array, second: Array, score: Array
) -> Iterator[tuple[int, int, float]]:
    """Each sentence that is like an earlier one, the one that it is most like (the first of several), and how much."""
    best: dict[int, tuple[float, int]] = {}
    for a, b, likeness in zip(first.tolist(), second.tolist(), score.tolist(), strict=True):
        found = (round(likeness, 3), -a)
        if b not in best or found > best[b]:
            best[b] = found
    for at in sorted(best):
        likeness, origin = best[at]
        yield at, -origin, likeness


def _row(
    saved: Saved, plans: Sequence[Row], first: _Sentence, second: _Sentence, score: float, carriers: int
) -> Row | None:
    """A row of `reuse`; None where nothing but scattered characters is in common."""
    before, after = plans[first.plan], plans[second.plan]
    blocks = Indel.opcodes(first.content, second.content)
    runs = [block for block in blocks if block.tag == "equal" and block.src_end - block.src_start >= RUN]
    characters = sum(block.dest_end - block.dest_start for block in runs)
    if characters < SHORTEST:
        return None
    row = {
        "reuse_id": f"{first.item_id}@{first.start}>{second.item_id}@{second.start}",
        "score": round(score, 3),
        "characters": characters,
        "order_by": order(before, after),
        "plans": carriers,
        "same_place": before["place"] is not None and before["place"] == after["place"],
        "same_figures": _figures(first) == _figures(second),
    }
    ends = (before, first, runs[0].src_start, runs[-1].src_end), (after, second, runs[0].dest_start, runs[-1].dest_end)
    for side, (plan, sentence, low, high) in zip(("from", "to"), ends, strict=True):
        places = places_in(saved.text(plan)[sentence.start : sentence.end], sentence.text)
        places = [at for at, char in zip(places, fold(sentence.text), strict=True) if COUNTS.match(char)]
        row |= {
            f"plan_{side}": plan["plan_id"],
            f"item_{side}": sentence.item_id,
            f"date_{side}": plan["issued_on"] or (plan["year_start"] and str(plan["year_start"])),
            f"text_{side}": sentence.text,
            f"char_start_{side}": sentence.start + places[low],
            f"char_end_{side}": sentence.start + places[high - 1] + 1,
            f"page_{side}": sentence.page,
        }
    return conform(REUSE, row)


def _figures(sentence: _Sentence) -> list[tuple[float | None, float | None]]:
    """The figures of a sentence, in order."""
    return [(found.value, found.value2) for found in quantities(fold(sentence.text))]


def routes(rows: Iterable[Row]) -> dict[tuple[str, str], int]:
    """How many sentences went from which plan to which, the most first.

    Args:
        rows: of `reuse`.
    """
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row["plan_from"], row["plan_to"]
        counts[key] = counts.get(key, 0) + 1
    return dict(sorted(counts.items(), key=lambda route: (-route[1], route[0])))
