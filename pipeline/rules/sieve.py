"""Which rules may match in which of many texts, worked out for all of them at once.

Each text has a number whose bits tell which of the sets of characters and of pairs of characters that rules need it
holds something of. numpy looks the bits up for every character and every pair of all texts together; a rule may match
where all of its sets are met. That costs a few nanoseconds a character, whatever the number of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
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

        low, high = _borders(stretches).T
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

    def may(self, codes: Codes, at: Array) -> Array:
        """Whether it may at some characters of a text; at some of them where it does, no match begins.

        Args:
            codes: of the text.
            at: the characters, by their places in the text.
        """
        left, right = codes.chars.take(at), codes.chars.take(at + 1, mode="clip")
        may: Array = self._chars.take(left) | self._pairs.take(_pairs(left, right, MORE_PAIRS))
        return may


class Words:
    """Words behind which something may begin.

    Args:
        words: the words, each shorter than 16 characters.
    """

    def __init__(self, words: Iterable[str]) -> None:
        import numpy as np

        self._chars, self._pairs = np.zeros(CODES, dtype=np.uint16), np.zeros(PAIRS, dtype=np.uint16)
        self._words = frozenset(words)
        for word in self._words:  # bit n: a word of n characters begins so
            held, at = (self._chars, _code(word)) if len(word) == 1 else (self._pairs, _pair(word, PAIRS))
            held[at] |= 1 << len(word)
        self._lengths = sorted({len(word) for word in self._words}, reverse=True)

    def within_stretches(
        self, codes: Codes, stretches: Sequence[Stretch], *before: Places
    ) -> list[tuple[Sequence[Stretch], ...]]:
        """The words in each of some stretches of a text right behind which there is one of some places.

        Args:
            codes: of the text.
            stretches: half-open; of a word only the beginning may stand in one.
            before: where what follows a word may begin, in several ways.

        Returns:
            For each stretch and each way the words, ascending, of those that begin at one place the longest first.
        """
        import numpy as np

        begun = self._chars.take(codes.chars)
        begun[:-1] |= self._pairs.take(codes.pairs)
        some = begun.astype(bool).nonzero()[0]
        lengths = begun.take(some)
        starts = [some[(lengths & 1 << length).astype(bool)] for length in self._lengths]
        words = np.stack([np.concatenate(starts), np.repeat(self._lengths, [len(start) for start in starts])])
        words = words.take(words[0].argsort(kind="stable"), axis=1)
        words[1] += words[0]
        words = words.compress(words[1] < len(begun), axis=1)
        borders = _borders(stretches).T
        found = []
        for places in before:
            may = words.compress(places.may(codes, words[1]), axis=1)
            whole = [(low, high) for low, high in may.T.tolist() if codes.text[low:high] in self._words]
            start = np.array([low for low, _ in whole], dtype=np.intp)
            first, last = start.searchsorted(borders)
            parts: list[Sequence[Stretch]] = [()] * len(stretches)
            some = (last > first).nonzero()[0]
            for at, low, high in zip(some.tolist(), first.take(some).tolist(), last.take(some).tolist(), strict=True):
                parts[at] = whole[low:high]
            found.append(parts)
        return list(zip(*found, strict=True))


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
    """A text with its characters and its pairs of them as numbers that rules are looked up by.

    Args:
        text: folded.
    """

    def __init__(self, text: str) -> None:
        import numpy as np

        self.text = text
        self.chars: Array = np.minimum(code_points(text), CODES - 1).astype(np.intp)  # what numpy looks up by

    @cached_property
    def pairs(self) -> Array:
        """A number for each pair of characters side by side, as `_pair` gives it."""
        return _pairs(self.chars[:-1], self.chars[1:], PAIRS)


def _borders(stretches: Sequence[Stretch]) -> Array:
    """Stretches as rows of two numbers."""
    import numpy as np

    return np.fromiter(chain.from_iterable(stretches), np.intp, 2 * len(stretches)).reshape(-1, 2)


def _code(char: str) -> int:
    return min(ord(char), CODES - 1)


def _pairs(left: Array, right: Array, numbers: int) -> Array:
    """A number below `numbers` for each of some pairs of characters, as `_pair` gives it."""
    result: Array = (left * _FACTOR + right) & (numbers - 1)
    return result


def _pair(pair: str, numbers: int) -> int:
    return (_code(pair[0]) * _FACTOR + _code(pair[1])) & (numbers - 1)


def _words(numbers: Sequence[int], words: int) -> Array:
    """Numbers of any size as rows of so many words."""
    import numpy as np

    data = b"".join(number.to_bytes(words * WORD // 8, "little") for number in numbers)
    return np.frombuffer(data, dtype="<u8").reshape(len(numbers), words)
