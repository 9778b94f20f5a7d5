"""Which rules may match in which of many texts, worked out for all of them at once.

Each text has a number whose bits tell which of the sets of characters and of pairs of characters that rules need it
holds something of. numpy looks the bits up for every character and every pair of all texts together; a rule may match
where all of its sets are met. That costs a few nanoseconds a character, whatever the number of rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from pipeline.rules.needs import begins

if TYPE_CHECKING:
    import numpy as np

    from pipeline.rules.needs import Need

    Array = np.ndarray[Any, Any]

WORD = 64
"""Bits of a number."""
CODES = 1 << 16
"""Characters that are told apart; those beyond count as one."""
PAIRS, MORE_PAIRS = 1 << 16, 1 << 20
"""Numbers by which some hundreds and some thousands of pairs are told apart. Two pairs that share one call up rules in
vain, and lose none."""
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
        bits = {need: bit for bit, need in enumerate(further, self.rules)}
        words = -(-(self.rules + len(bits)) // WORD)
        self._chars, self._pairs = _Bits(CODES, words), _Bits(PAIRS, words)
        self._always = np.zeros(words, dtype=np.uint64)
        self._wanted = np.zeros((self.rules, words), dtype=np.uint64)
        for rule, sets in enumerate(needs):
            if not sets:
                _set(self._always, rule)
            for need in sets[:1]:
                self._call(need, rule)
            for need in sets[1:]:
                _set(self._wanted[rule], bits[need])
        for need, bit in bits.items():
            self._call(need, bit)

    def _call(self, need: Need, bit: int) -> None:
        for stretch in need:
            codes = _codes(stretch)
            if len(codes) == 1:
                self._chars.set(int(codes[0]), bit)
            else:
                self._pairs.set(int(_pairs(codes)[0]), bit)

    def sift(self, texts: Sequence[str]) -> list[list[int]]:
        """The indices of the rules that may match in each text, ascending."""
        import numpy as np

        if not texts:
            return []
        codes = _codes("\0".join(texts))
        begins = np.fromiter(accumulate((len(text) + 1 for text in texts[:-1]), initial=0), np.intp, len(texts))
        held = self._chars.met(codes, begins) | self._always
        held |= self._pairs.met(_pairs(codes), begins)
        called = np.unpackbits(held.view(np.uint8), axis=1, count=self.rules, bitorder="little")
        text, rule = called.nonzero()
        wanted = self._wanted[rule]
        met = ((held[text] & wanted) == wanted).all(axis=1)
        found: list[list[int]] = [[] for _ in texts]
        for at, number in zip(text[met].tolist(), rule[met].tolist(), strict=True):
            found[at].append(number)
        return found


class Places:
    """Where in a text a match may begin.

    Args:
        begins: with these characters and pairs of characters.
    """

    def __init__(self, begins: Iterable[str]) -> None:
        import numpy as np

        self._chars, self._pairs = np.zeros(CODES, dtype=bool), np.zeros(MORE_PAIRS, dtype=bool)
        for stretch in begins:
            codes = _codes(stretch)
            if len(codes) == 1:
                self._chars[codes] = True
            else:
                self._pairs[_pairs(codes, MORE_PAIRS)] = True

    @classmethod
    def of_matches(cls, patterns: Iterable[re.Pattern[str]]) -> Places:
        """Where matches of some patterns may begin.

        Raises:
            ValueError: of one that is not certain, and all places would have to be tried.
        """
        found: set[str] = set()
        for pattern in patterns:
            some = begins(pattern.pattern, pattern.flags)
            if some is None:
                raise ValueError(f"how matches of {pattern.pattern!r} begin is not certain")
            found |= some
        return cls(found)

    def of(self, text: str) -> list[int]:
        """The places in a text, ascending; there may be some among them where nothing that is looked for stands."""
        codes = _codes(text)
        may = self._chars[codes]
        may[:-1] |= self._pairs[_pairs(codes, MORE_PAIRS)]
        found: list[int] = may.nonzero()[0].tolist()
        return found


class _Bits:
    """Bits that numbers below `size` call up; few of these numbers call up any."""

    def __init__(self, size: int, words: int) -> None:
        import numpy as np

        self.rows = np.zeros(size, dtype=np.uint16)
        self.table = np.zeros((1, words), dtype=np.uint64)

    def set(self, number: int, bit: int) -> None:
        """Have a number call up a bit."""
        import numpy as np

        if not self.rows[number]:
            self.rows[number] = len(self.table)
            self.table = np.vstack([self.table, np.zeros_like(self.table[:1])])
        _set(self.table[self.rows[number]], bit)

    def met(self, numbers: Array, begins: Array) -> Array:
        """The bits that the numbers of each text call up, shape (texts, words).

        Args:
            numbers: of all texts, one text behind the other.
            begins: where each text begins among them.
        """
        import numpy as np

        rows = self.rows[numbers]
        some = rows.nonzero()[0]
        result: Array = np.zeros((len(begins), self.table.shape[1]), dtype=np.uint64)
        if len(some):
            first = some.searchsorted(begins)
            held = np.diff(first, append=len(some)) > 0
            result[held] = np.bitwise_or.reduceat(self.table[rows[some]], first[held], axis=0)
        return result


def _codes(text: str) -> Array:
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    result: Array = np.minimum(codes, CODES - 1)
    return result


def _pairs(codes: Array, numbers: int = PAIRS) -> Array:
    """A number for each pair of characters side by side."""
    result: Array = (codes[:-1] * _FACTOR + codes[1:]) % numbers
    return result


def _set(words: Array, bit: int) -> None:
    import numpy as np

    words[bit // WORD] |= np.uint64(1 << bit % WORD)
