"""Which rules may match in which of many texts, worked out for all of them at once.

Each text has a number whose bits tell which of the sets of characters and of pairs of characters that rules need it
holds something of. numpy looks the bits up for every character and every pair of all texts together; a rule may match
where all of its sets are met. That costs a few nanoseconds a character, whatever the number of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

from pipeline.model import Stretch, code_points

if TYPE_CHECKING:
    import numpy as np

    from pipeline.rules.needs import Need

    Array = np.ndarray[Any, Any]


WORD = 64
"""Bits of a number."""
CODES = 1 << 16
"""Characters that are told apart; those beyond count as one."""
PAIRS, MORE_PAIRS = 1 << 16, 1 << 20
"""Numbers, powers of two, by which some hundreds and some thousands of pairs are told apart. Two pairs that share one
call up rules in vain, and lose none."""
_FACTOR = 40503  # 2^16 / golden ratio


class Sieve:
    """What rules need.

    Bit n tells of the rarest set of rule n; the bits behind are for the further sets, which rules share.

    Args:
        needs: sets of characters and pairs of each rule, the rarest first, see `pipeline.rules.needs`.
    """

    def __init__(self, needs: Sequence[Sequence[Need]]) -> None:
        self.rules = len(needs)
        further = dict.fromkeys(need for rule in needs for need in rule[1:])
        bits = {need: 1 << bit for bit, need in enumerate(further, self.rules)}
        words = -(-(self.rules + len(bits)) // WORD)
        called = [(rule[0], 1 << bit) for bit, rule in enumerate(needs) if rule]
        chars: dict[int, int] = {}
        pairs: dict[int, int] = {}
        for need, bit in (*called, *bits.items()):
            for stretch in need:
                calls, number = (pairs, _pair(stretch, PAIRS)) if len(stretch) > 1 else (chars, _code(stretch))
                calls[number] = calls.get(number, 0) | bit
        self._chars, self._pairs = _Bits(CODES, chars, words), _Bits(PAIRS, pairs, words)
        self._always = _words([sum(1 << bit for bit, rule in enumerate(needs) if not rule)], words)
        self._wanted = _words([sum({bits[need] for need in rule[1:]}) for rule in needs], words)

    def sift(self, codes: Codes, stretches: Sequence[Stretch]) -> tuple[Array, Array]:
        """Which rules may match in which of some stretches of a text.

        Args:
            codes: of the text.
            stretches: half-open, ascending by their starts.

        Returns:
            The index of a stretch and that of a rule for each that may match there, both ascending.
        """
        import numpy as np

        low, high = np.fromiter(chain.from_iterable(stretches), np.intp, 2 * len(stretches)).reshape(-1, 2).T
        held = self._chars.met(codes.chars, low, high) | self._always
        held |= self._pairs.met(codes.pairs, low, high - 1)
        called = np.unpackbits(held.view(np.uint8), axis=1, count=self.rules, bitorder="little")
        stretch, rule = called.nonzero()
        met = np.ones(len(rule), dtype=bool)
        for bits, wanted in zip(held.T, self._wanted.T, strict=True):  # a word at a time: rows as short take long
            needed = wanted.take(rule)
            met &= bits.take(stretch) & needed == needed
        some = met.nonzero()[0]
        return stretch.take(some), rule.take(some)


class Places:
    """Where in a text a match may begin.

    Args:
        stretches: the characters and pairs of characters that it may begin with.
    """

    def __init__(self, stretches: Iterable[str]) -> None:
        import numpy as np

        self._chars, self._pairs = np.zeros(CODES, dtype=bool), np.zeros(MORE_PAIRS, dtype=bool)
        some = list(stretches)
        self._chars[[_code(stretch) for stretch in some if len(stretch) == 1]] = True
        self._pairs[[_pair(stretch, MORE_PAIRS) for stretch in some if len(stretch) > 1]] = True

    def may(self, codes: Codes) -> Array:
        """Whether it may at each character of a text; at some of them where it does, no match begins."""
        may: Array = self._chars.take(codes.chars)
        may[:-1] |= self._pairs.take(codes.more_pairs)
        return may


class Beginnings:
    """Where in a text matches of each of many rules may begin.

    Args:
        begins: for each rule the characters and pairs of characters that its matches begin with.
    """

    def __init__(self, begins: Sequence[Iterable[str]]) -> None:
        words = -(-len(begins) // WORD)
        chars: dict[int, int] = {}
        pairs: dict[int, int] = {}
        for bit, some in enumerate(begins):
            for stretch in some:
                calls, number = (pairs, _pair(stretch, PAIRS)) if len(stretch) > 1 else (chars, _code(stretch))
                calls[number] = calls.get(number, 0) | 1 << bit
        self._chars, self._pairs = _Bits(CODES, chars, words), _Bits(PAIRS, pairs, words)

    def within(self, codes: Codes, stretches: Sequence[Stretch], stretch: Array, rule: Array) -> list[list[int]]:
        """The characters of a stretch at which a match of a rule may begin.

        Args:
            codes: of the text.
            stretches: half-open, ascending by their starts.
            stretch, rule: the index of a stretch and that of a rule for each list that is asked for.
        """
        import numpy as np

        chars, pairs = self._chars.rows.take(codes.chars), np.append(self._pairs.rows.take(codes.pairs), 0)
        place = (chars | pairs).astype(bool).nonzero()[0]
        begun = self._chars.table.take(chars.take(place), axis=0) | self._pairs.table.take(pairs.take(place), axis=0)
        low, high = np.array(stretches, dtype=np.intp).T
        first, last = place.searchsorted(low).take(stretch), place.searchsorted(high).take(stretch)
        count = last - first
        behind = count.cumsum()
        asked = np.arange(len(stretch)).repeat(count)  # each list with each place of its stretch
        at = np.arange(len(asked)) + (last - behind).repeat(count)
        word, bit = np.divmod(rule.astype(np.uint64), WORD)
        bits = begun[at, word.take(asked)] >> bit.take(asked)
        some = (bits & np.uint64(1)).nonzero()[0]
        places = place.take(at.take(some)).tolist()
        borders = asked.take(some).searchsorted(np.arange(len(stretch) + 1)).tolist()
        return [places[a:b] for a, b in pairwise(borders)]


class Words:
    """Words behind which something may begin.

    Args:
        words: the words, each shorter than 16 characters.
    """

    def __init__(self, words: Iterable[str]) -> None:
        import numpy as np

        self._chars, self._pairs = np.zeros(CODES, dtype=np.uint16), np.zeros(PAIRS, dtype=np.uint16)
        some = list(words)
        for word in some:  # bit n: a word of n characters begins so
            held, at = (self._chars, _code(word)) if len(word) == 1 else (self._pairs, _pair(word, PAIRS))
            held[at] |= 1 << len(word)
        self._lengths = sorted({len(word) for word in some})

    def before(self, codes: Codes, places: Places) -> list[Stretch]:
        """The words in a text right behind which there is one of some places; there may be some that are none.

        Args:
            codes: of the text.
            places: where what follows a word may begin.

        Returns:
            Ascending; of words that begin at one place the shortest first.
        """
        import numpy as np

        begun, behind = self._chars.take(codes.chars), places.may(codes)
        begun[:-1] |= self._pairs.take(codes.pairs)
        found = []
        for length in self._lengths:
            start = (((begun[:-length] >> length) & 1).astype(bool) & behind[length:]).nonzero()[0]
            found.append(np.stack([start, start + length], axis=1))
        stretches = np.concatenate(found)
        ordered = stretches.take(stretches[:, 0].argsort(kind="stable"), axis=0)
        return list(map(tuple, ordered.tolist()))


class _Bits:
    """Bits that numbers below `size` call up; few of these numbers call up any.

    Args:
        size: of the numbers.
        calls: the bits that a number calls up, as one number.
        words: of 64 bits that hold all bits.
    """

    def __init__(self, size: int, calls: Mapping[int, int], words: int) -> None:
        import numpy as np

        self.rows = np.zeros(size, dtype=np.uint16)
        self.rows[list(calls)] = np.arange(1, len(calls) + 1)
        self.table = _words([0, *calls.values()], words)

    def met(self, numbers: Array, low: Array, high: Array) -> Array:
        """The bits that the numbers of each stretch call up, shape (stretches, words).

        Args:
            numbers: of a text.
            low, high: where each stretch begins among them and ends.
        """
        import numpy as np

        rows = self.rows.take(numbers)
        some = rows.astype(bool).nonzero()[0]  # twice as quick as of numbers
        first, last = some.searchsorted(low), some.searchsorted(high)
        held = (last > first).nonzero()[0]
        result: Array = np.zeros((len(low), self.table.shape[1]), dtype=np.uint64)
        if len(held):
            borders = np.empty(2 * len(held), dtype=np.intp)
            borders[::2], borders[1::2] = first.take(held), last.take(held)
            bits = self.table.take(np.append(rows.take(some), 0), axis=0)  # a border may be the end
            result[held] = np.bitwise_or.reduceat(bits, borders, axis=0)[::2]
        return result


class Codes:
    """The characters of a text and its pairs of them as numbers that rules are looked up by.

    Args:
        text: folded.
    """

    def __init__(self, text: str) -> None:
        import numpy as np

        self.chars: Array = np.minimum(code_points(text), CODES - 1).astype(np.intp)  # what numpy looks up by

    @cached_property
    def pairs(self) -> Array:
        """A number for each pair of characters side by side, as `_pair` gives it."""
        return _pairs(self.chars)

    @cached_property
    def more_pairs(self) -> Array:
        """The same, told apart better."""
        return _pairs(self.chars, MORE_PAIRS)


def _code(char: str) -> int:
    return min(ord(char), CODES - 1)


def _pairs(codes: Array, numbers: int = PAIRS) -> Array:
    """A number below `numbers` for each pair of characters side by side, as `_pair` gives it."""
    result: Array = (codes[:-1] * _FACTOR + codes[1:]) & (numbers - 1)
    return result


def _pair(pair: str, numbers: int) -> int:
    return (_code(pair[0]) * _FACTOR + _code(pair[1])) & (numbers - 1)


def _words(numbers: Sequence[int], words: int) -> Array:
    """Numbers of any size as rows of so many words."""
    import numpy as np

    data = b"".join(number.to_bytes(words * WORD // 8, "little") for number in numbers)
    return np.frombuffer(data, dtype="<u8").reshape(len(numbers), words)
