"""Known stretches of characters in many texts at once.

A table knows stretches of one to a dozen characters. `find` walks over all texts together, one length of
stretch after the other, with a rolling hash (Karp and Rabin 1987) that numpy works out at once for every position
where a stretch as long may stand; a sorted table of hashes says which stretch it is. That makes counting n-grams and
terms cost a fraction of what cutting the same text into words does (`tests/bench/themes.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np

from pipeline.model import APART, code_points, fold

Array = np.ndarray[Any, Any]
_BASE = 0x9E3779B97F4A7C15
"""An odd multiplier with bits all over (2^64 / golden ratio), so that products wrap without loss."""
SIEVE = 18
"""Upper bits of a hash, by which a table tells where to look for a stretch, and of nearly all that it has none."""
NOWHERE = -1
"""What a table says of upper bits that none of its hashes has."""
_SHIFT = np.uint64(64 - SIEVE)
PAIR = 2
"""Characters by which it is told beforehand whether an entry may begin with them."""
_GAP = re.compile("[^一-鿿A-Za-z]+")
_GAP_IN_ONE = re.compile(f"[^一-鿿A-Za-z{APART}]+")
"""The same where texts stand in one."""


class Found(NamedTuple):
    """Occurrences of known stretches, in no particular order.

    Args:
        place: for each its offset in the plain texts joined by line feeds.
        entry: for each the index of the stretch in the table.
        owner: for each character of the joined texts the index of its text.
    """

    place: Array
    entry: Array
    owner: Array

    @property
    def text(self) -> Array:
        """For each the index of its text."""
        result: Array = self.owner.take(self.place)
        return result

    def only(self, some: Array, entry: Array) -> Found:
        """Some of the occurrences, by their indices, with other numbers for their entries."""
        return Found(self.place.take(some), entry.take(some), self.owner)


def plain(text: str) -> str:
    """What stretches are taken from: folded text with a gap for all but Han characters and letters."""
    return _GAP.sub(" ", fold(text))


def plain_each(texts: Sequence[str]) -> list[str]:
    """`plain` of each text, of many in a fraction of the time."""
    codes = code_points(fold(APART.join(texts)))
    stays = _stays().take(codes, mode="clip")
    kept = stays.copy()
    kept[:1] = True
    kept[1:] |= stays[:-1]  # of a gap its first character
    bare = np.where(stays, codes, ord(" ")).astype("<u2").take(kept.nonzero()[0])
    parts = bare.tobytes().decode("utf-16-le").split(APART)
    return parts if len(parts) == len(texts) else [plain(text) for text in texts]


@cache
def _stays() -> Array:
    """By its code whether a character of texts that stand in one is no gap; the last code stands for all beyond."""
    every = "".join(map(chr, range(1 << 16)))
    result: Array = np.zeros(len(every), dtype=bool)
    result[code_points("".join(_GAP_IN_ONE.split(every)))] = True
    return result


def common(texts: Iterable[str], lengths: tuple[int, int], least: int) -> tuple[str, ...]:
    """The n-grams that several texts have, sorted.

    Args:
        texts: plain texts.
        lengths: of the shortest and the longest n-gram.
        least: texts that have to have one.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(grams(text, lengths)))
    return tuple(sorted(gram for gram, count in counts.items() if count >= least))


def grams(text: str, lengths: tuple[int, int]) -> Iterable[str]:
    """Every stretch of a text whose length lies in `lengths`, both ends included."""
    for length in range(lengths[0], lengths[1] + 1):
        for at in range(len(text) - length + 1):
            yield text[at : at + length]


def shingles(text: str, length: int) -> Array:
    """A 32-bit hash of each stretch of `length` characters, every one of them, in order.

    The same on every machine and in every process.

    Args:
        text: any text.
        length: of a stretch, at least 1.

    Returns:
        `len(text) - length + 1` unsigned numbers of 32 bits, none where the text is shorter than a stretch.
    """
    codes = _codes(text)
    if len(codes) < length:
        return np.zeros(0, dtype=np.uint32)
    hashes = np.zeros(len(codes) - length + 1, dtype=np.uint64)
    for at in range(length):
        hashes = hashes * np.uint64(_BASE) + codes[at : at + len(hashes)]
    return (_mixed(hashes) >> np.uint64(32)).astype(np.uint32)


class _Hashed(NamedTuple):
    """Stretches by their hashes.

    Args:
        known: their hashes, ascending.
        entry: which of the table each is.
        places: by upper bits, where in `known` the first hash with these stands, NOWHERE where none has them.
        most: how many have the same upper bits at the most.
    """

    known: Array
    entry: Array
    places: Array
    most: int

    def look_up(self, hashes: Array) -> tuple[Array, Array]:
        """Which of some hashes are known, and the entry of each of these."""
        place = self.places.take(_upper(hashes))
        left = (place != NOWHERE).nonzero()[0]
        place = place.take(left)
        found, entries = [left[:0]], [self.entry[:0]]
        for _ in range(self.most):  # the hashes that have the same upper bits stand side by side
            known = self.known.take(place) == hashes.take(left)
            hit, missed = known.nonzero()[0], (~known).nonzero()[0]
            found.append(left.take(hit))
            entries.append(self.entry.take(place.take(hit)))
            left, place = left.take(missed), np.minimum(place.take(missed) + 1, len(self.known) - 1)
        return np.concatenate(found), np.concatenate(entries)


class Table:
    """Stretches of characters that texts are searched for.

    Args:
        entries: distinct, none empty.

    Raises:
        ValueError: two entries are the same, or (never seen) have the same hash.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self.entries = tuple(entries)

    @cached_property
    def _by_length(self) -> dict[int, list[int]]:
        """The indices of the entries of each length."""
        result: dict[int, list[int]] = {}
        for number, entry in enumerate(self.entries):
            result.setdefault(len(entry), []).append(number)
        return result

    @cached_property
    def _longest(self) -> int:
        return max(self._by_length, default=0)

    @cached_property
    def _hashed(self) -> _Hashed:
        """The entries by their hashes."""
        hashes = np.zeros(len(self.entries), dtype=np.uint64)
        for length, numbers in self._by_length.items():
            hashes[numbers] = _hashes([self.entries[number] for number in numbers], length)
        order = hashes.argsort(kind="stable")
        hashes = hashes.take(order)
        if (hashes[1:] == hashes[:-1]).any():
            raise ValueError("two stretches of the table are the same")
        upper, first, sizes = np.unique(_upper(hashes), return_index=True, return_counts=True)
        places = np.full(1 << SIEVE, NOWHERE, dtype=np.int32)
        places[upper] = first
        return _Hashed(hashes, order, places, int(sizes.max(initial=0)))

    @cached_property
    def _single(self) -> Array:
        """By its code the entry that is one character, NOWHERE where none is; the last code stands for all beyond."""
        codes = [(ord(entry), number) for number, entry in enumerate(self.entries) if len(entry) == 1]
        result: Array = np.full(max(codes, default=(0, 0))[0] + 2, NOWHERE, dtype=np.int64)
        for code, number in codes:
            result[code] = number
        return result

    @cached_property
    def _reach(self) -> Array:
        """By the upper bits of the hash of two characters, the length of the longest entry that they begin."""
        result: Array = np.zeros(1 << SIEVE, dtype=np.uint32)
        for length, numbers in sorted(self._by_length.items()):
            if length >= PAIR:
                begins = sorted({self.entries[number][:PAIR] for number in numbers})
                result[_upper(_hashes(begins, PAIR))] = length
        return result

    def find(self, texts: Sequence[str]) -> Found:
        """Every occurrence of every entry.

        Args:
            texts: plain texts (`plain`).
        """
        sizes = np.array([len(text) + 1 for text in texts], dtype=int)
        codes = _codes("\n".join(texts) + "\n" * self._longest)  # at the end of the last text too, there is a stretch
        single = self._single.take(np.minimum(codes.view(np.int64), len(self._single) - 1))
        singles = (single != NOWHERE).nonzero()[0]
        hashes = codes[:-1] * np.uint64(_BASE) + codes[1:]
        reach = self._reach.take(_upper(_mixed(hashes)))
        place = np.arange(len(hashes))
        places, sought = [place[:0]], [hashes[:0]]
        for length in range(PAIR, self._longest + 1):
            some = (reach >= length).nonzero()[0]
            place, reach, hashes = place.take(some), reach.take(some), hashes.take(some)
            if length > PAIR:
                hashes = hashes * np.uint64(_BASE) + codes.take(place + (length - 1))
            places.append(place)
            sought.append(_mixed(hashes))
        known, entry = self._hashed.look_up(np.concatenate(sought))
        return Found(
            np.concatenate([singles, np.concatenate(places).take(known)]),
            np.concatenate([single.take(singles), entry]),
            np.repeat(np.arange(len(texts)), sizes),
        )


def _hashes(stretches: Sequence[str], length: int) -> Array:
    """The hash of each of some stretches of one length."""
    codes = _codes("".join(stretches)).reshape(len(stretches), length)
    hashes = np.zeros(len(stretches), dtype=np.uint64)
    for column in range(length):
        hashes = hashes * np.uint64(_BASE) + codes[:, column]
    return _mixed(hashes)


def _upper(hashes: Array) -> Array:
    """The upper bits of hashes, as what numpy looks up by."""
    return (hashes >> _SHIFT).view(np.int64)


def _mixed(hashes: Array) -> Array:
    """Rolled hashes with their last character in the upper bits too: it has moved the lower ones only."""
    return hashes * np.uint64(_BASE)


def _codes(text: str) -> Array:
    result: Array = code_points(text).astype(np.uint64)
    return result
