"""Which rules may match in which of many texts, worked out for all of them at once.

Each text has a number whose bits tell which of the sets of characters and of pairs of characters that rules need it
holds something of. numpy looks the bits up for every character and every pair of all texts together; a rule may match
where all of its sets are met. That costs a few nanoseconds a character, whatever the number of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        called = ((rule[0], 1 << bit) for bit, rule in enumerate(needs) if rule)
        self._calls = _Calls(chain(called, bits.items()), words)
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

        edges = 2 * _borders(stretches).ravel()
        edges[1::2] -= 1  # the pair that the last character begins ends outside
        calling = self._calls.calling.take(numbers).nonzero()[0]  # few do
        rows = self._calls.row.take(numbers.take(calling))
        bits = self._calls.bits.take(np.append(rows, 0), axis=0)  # an edge may be the end
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
        may: Array = self._chars.take(first) | self._pairs.take(_mixed(first, second, MORE_PAIRS))
        return may


class Beginnings:
    """Where in a text matches of each of many rules may begin.

    Args:
        begins: for each rule the characters and pairs of characters that its matches begin with.
    """

    def __init__(self, begins: Sequence[Iterable[str]]) -> None:
        self._calls = _Calls(((some, 1 << bit) for bit, some in enumerate(begins)), -(-len(begins) // WORD))

    def within(self, codes: Codes, stretches: Sequence[Stretch], stretch: Array, rule: Array) -> list[list[int]]:
        """The characters of a stretch at which a match of a rule may begin.

        Args:
            codes: of the text.
            stretches: half-open, ascending by their starts.
            stretch, rule: the index of a stretch and that of a rule for each list that is asked for.
        """
        import numpy as np

        char, pair = self._calls.row.take(codes.numbers).reshape(-1, 2).T
        place = (char | pair).astype(bool).nonzero()[0]
        bits = self._calls.bits
        begun = bits.take(char.take(place), axis=0) | bits.take(pair.take(place), axis=0)
        low, high = _borders(stretches).T
        first, last = place.searchsorted(low).take(stretch), place.searchsorted(high).take(stretch)
        count = last - first
        behind = count.cumsum()
        asked = np.arange(len(stretch)).repeat(count)  # each list with each place of its stretch
        at = np.arange(len(asked)) + (last - behind).repeat(count)
        word, bit = np.divmod(rule.astype(np.uint64), WORD)
        called = begun[at, word.take(asked)] >> bit.take(asked)
        some = (called & np.uint64(1)).nonzero()[0]
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


class _Calls:
    """Bits that characters and pairs of characters call up; few of them call up any.

    Args:
        called: characters and pairs, with the bits that each of them calls up, as one number.
        words: of 64 bits that hold all bits.
    """

    def __init__(self, called: Iterable[tuple[Iterable[str], int]], words: int) -> None:
        import numpy as np

        calls: dict[int, int] = {}
        for stretches, bits in called:
            for stretch in stretches:
                number = CODES + _pair(stretch, PAIRS) if len(stretch) > 1 else _code(stretch)
                calls[number] = calls.get(number, 0) | bits
        self.calling = np.zeros(CODES + PAIRS, dtype=bool)
        """Whether a number of `Codes.numbers` calls up any."""
        self.row = np.zeros(CODES + PAIRS, dtype=np.uint16)
        """Where in `bits` those stand that it calls up; the first row has none."""
        self.calling[list(calls)] = True
        self.row[list(calls)] = np.arange(1, len(calls) + 1)
        self.bits = _words([0, *calls.values()], words)


class Codes:
    """A text with its characters and its pairs of them as numbers that rules are looked up by.

    Args:
        text: folded.
    """

    def __init__(self, text: str) -> None:
        import numpy as np

        self.text = text
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


def _borders(stretches: Sequence[Stretch]) -> Array:
    """Stretches as rows of two numbers."""
    import numpy as np

    return np.fromiter(chain.from_iterable(stretches), np.intp, 2 * len(stretches)).reshape(-1, 2)


def _code(char: str) -> int:
    return min(ord(char), CODES - 1)


def _pair(pair: str, numbers: int) -> int:
    number: int = _mixed(_code(pair[0]), _code(pair[1]), numbers)
    return number


def _mixed(first: Any, second: Any, numbers: int) -> Any:
    """A number below `numbers` for a pair of codes, or one for each of many."""
    return (first * _FACTOR + second) & (numbers - 1)


def _words(numbers: Sequence[int], words: int) -> Array:
    """Numbers of any size as rows of so many words."""
    import numpy as np

    data = b"".join(number.to_bytes(words * WORD // 8, "little") for number in numbers)
    return np.frombuffer(data, dtype="<u8").reshape(len(numbers), words)
