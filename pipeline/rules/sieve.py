"""Which rules may match in which of many texts, worked out for all of them at once.

Each text has a number whose bits tell which of the sets of characters and of pairs of characters that rules need it
holds something of. numpy looks the bits up for every character and every pair of all texts together; a rule may match
where all of its sets are met. That costs a few nanoseconds a character, whatever the number of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        import numpy as np

        self.rules = len(needs)
        further = dict.fromkeys(need for rule in needs for need in rule[1:])
        bits = {need: 1 << bit for bit, need in enumerate(further, self.rules)}
        words = -(-(self.rules + len(bits)) // WORD)
        called = [(rule[0], 1 << bit) for bit, rule in enumerate(needs) if rule]
        calls: dict[int, int] = {}
        for need, bit in (*called, *bits.items()):
            for stretch in need:
                number = CODES + _pair(stretch, PAIRS) if len(stretch) > 1 else _code(stretch)
                calls[number] = calls.get(number, 0) | bit
        self._calling, self._row = np.zeros(CODES + PAIRS, dtype=bool), np.zeros(CODES + PAIRS, dtype=np.uint16)
        self._calling[list(calls)] = True
        self._row[list(calls)] = np.arange(len(calls))
        self._bits = _words([*calls.values(), 0], words)
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

        held = self._held(codes.numbers, stretches) | self._always
        called = np.unpackbits(held.view(np.uint8), axis=1, count=self.rules, bitorder="little")
        stretch, rule = np.divmod(called.view(bool).ravel().nonzero()[0], self.rules)  # quicker than of a table
        met = np.ones(len(rule), dtype=bool)
        for bits, wanted in zip(held.T, self._wanted.T, strict=True):  # a word at a time: rows as short take long
            needed = wanted.take(rule)
            met &= bits.take(stretch) & needed == needed
        some = met.nonzero()[0]
        return stretch.take(some), rule.take(some)

    def _held(self, numbers: Array, stretches: Sequence[Stretch]) -> Array:
        """The bits that each stretch of a text calls up, shape (stretches, words), given the text's `Codes.numbers`."""
        import numpy as np

        edges = 2 * np.fromiter(chain.from_iterable(stretches), np.intp, 2 * len(stretches))
        edges[1::2] -= 1  # the pair that the last character begins ends outside
        calling = self._calling.take(numbers).nonzero()[0]  # few do
        rows = self._row.take(numbers.take(calling))
        bits = self._bits.take(np.append(rows, len(self._bits) - 1), axis=0)  # an edge may be the end
        borders = calling.searchsorted(edges)
        held: Array = np.bitwise_or.reduceat(bits, borders, axis=0)[::2]
        held[borders[::2] >= borders[1::2]] = 0  # numpy gives the one at the border
        return held


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
        """Whether it may at some characters of a text; at some of them where it does, no match begins."""
        import numpy as np

        first, second = (codes.chars.take(some, mode="clip").astype(np.intp) for some in (at, at + 1))
        may: Array = self._chars.take(first) | self._pairs.take((first * _FACTOR + second) & (MORE_PAIRS - 1))
        return may


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
        self._lengths = np.array(sorted({len(word) for word in some}), dtype=np.uint16)

    def before(self, codes: Codes, places: Places) -> list[Stretch]:
        """The words in a text right behind which there is one of some places; there may be some that are none.

        Args:
            codes: of the text.
            places: where what follows a word may begin.

        Returns:
            Ascending; of words that begin at one place the shortest first.
        """
        import numpy as np

        begun = self._chars.take(codes.chars)
        begun[:-1] |= self._pairs.take(codes.pairs)
        at = begun.astype(bool).nonzero()[0]  # few do
        words = (begun.take(at)[:, np.newaxis] >> self._lengths & 1).astype(bool).ravel().nonzero()[0]
        word, length = np.divmod(words, len(self._lengths))
        start = at.take(word)
        end = start + self._lengths.take(length)
        some = (end < len(begun)).nonzero()[0]
        some = some.take(places.may(codes, end.take(some)).nonzero()[0])
        return list(zip(start.take(some).tolist(), end.take(some).tolist(), strict=True))


class Codes:
    """The characters of a text and its pairs of them as numbers that rules are looked up by.

    Args:
        text: folded.
    """

    def __init__(self, text: str) -> None:
        import numpy as np

        self.chars: Array = np.minimum(code_points(text), CODES - 1).astype(np.uint16)

    @cached_property
    def pairs(self) -> Array:
        """A number for each pair of characters side by side, as `_pair` gives it."""
        import numpy as np

        result: Array = self.chars[:-1] * np.uint16(_FACTOR) + self.chars[1:]  # of 16 bits, as `PAIRS` are
        return result

    @cached_property
    def numbers(self) -> Array:
        """Characters and pairs by turns, each character before the pair that it begins; pairs count from `CODES` on."""
        import numpy as np

        numbers = np.zeros((len(self.chars), 2), dtype=np.intp)  # what numpy looks up by
        numbers[:, 0] = self.chars
        numbers[:-1, 1] = self.pairs
        numbers[:, 1] += CODES
        return numbers.ravel()


def _code(char: str) -> int:
    return min(ord(char), CODES - 1)


def _pair(pair: str, numbers: int) -> int:
    return (_code(pair[0]) * _FACTOR + _code(pair[1])) & (numbers - 1)


def _words(numbers: Sequence[int], words: int) -> Array:
    """Numbers of any size as rows of so many words."""
    import numpy as np

    data = b"".join(number.to_bytes(words * WORD // 8, "little") for number in numbers)
    return np.frombuffer(data, dtype="<u8").reshape(len(numbers), words)
