"""Which characters a text must hold for a pattern to match in it at all.

A plan is read by some five hundred patterns, and most sentences hold nothing that most of them look for. The
characters that a pattern cannot do without are read off its syntax tree: 「(?P<n>\\d+)月(?:底|末)」 needs a digit, 月,
and one of 底 and 末. A text that lacks one of these sets is not searched. Where the tree says nothing for certain
there is no such set, and the pattern is always tried.

Where it is searched, a match can begin at few places only. Python goes from one such place to the next by itself
where a pattern begins with a character or a class; where it begins with a choice, an option or a look-behind, all
of it is tried at every character. `quick` puts what the tree says of the beginning before such a pattern:
「(?=[三五])(?:三|五)」. One pattern for all labels takes a tenth of the time then.

Long lists of words stand in many patterns, as parts that are put into them. Each part is parsed once, and what it tells
is kept, so that the rules of a plan are read in a third of the time.

The tree is that of Python's own compiler (`re._parser`), which is not public: a node of a kind unknown here asks for
nothing, so that a change in it costs speed and never a match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property, partial
from re import _constants as node  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

LARGEST = 64
"""Characters. A larger set is in nearly every sentence and tells nothing."""
MOST_PAIRS = 1024
"""Pairs of characters in a set: a sentence holds few of those that there may be."""

DIGITS = frozenset("0123456789")
Need = frozenset[str]
_NAMED = re.compile(r"\{([a-z_][a-z_0-9]*)\}")
_FIRST_PART, _PART_END = 0xE000, 0xF8FF
"""Private characters, which no pattern has: the first that stand for parts, and the one that closes each of them."""
_PART = "part"
"""What a node is that stands for a part."""


class Traits(NamedTuple):
    """What the syntax tree of a pattern tells of it.

    Args:
        needs: see `needs`.
        pairs: see `pairs`.
        first: the characters that its matches begin with; none where that is not certain or Python knows it as well.
        at_beginning: whether all matches begin where the text does; False where that is not certain.
    """

    needs: tuple[Need, ...] = ()
    pairs: tuple[Need, ...] = ()
    first: frozenset[str] = frozenset()
    at_beginning: bool = False


UNKNOWN = Traits()
"""Of a pattern that is tried in every text."""


def traits(source: str, flags: int = 0, parts: Mapping[str, str] | None = None) -> Traits:
    """What the syntax tree of a pattern tells of it, from one look at the tree.

    Args:
        source: of a pattern over folded text, where digits are those of ASCII.
        flags: that it is compiled with.
        parts: stand in for `{name}` in the pattern; each is parsed once, however many patterns name it.

    Raises:
        KeyError: the pattern names a part that there is not.
        re.error: it is no pattern.

    >>> traits("^(?:一|二)是").at_beginning, traits("^一是|二是").at_beginning
    (True, False)
    """
    if (tree := _tree_with(parts, source, flags) if parts else _tree(source, flags)) is None:
        return UNKNOWN
    return Traits(
        needs=_smallest_first(_sequence(tree)),
        pairs=_smallest_first(_pairs(tree)),
        first=_unlike_python(tree),
        at_beginning=bool(tree) and tree[0] == (node.AT, node.AT_BEGINNING) and not tree.state.flags & re.MULTILINE,
    )


def fill(pattern: str, parts: Mapping[str, str]) -> str:
    """A pattern with the parts put in that it names, 「{year}年」.

    Raises:
        KeyError: it names a part that there is not.
    """
    return _NAMED.sub(lambda match: parts[match[1]], pattern)


def needs(source: str, flags: int = 0) -> tuple[Need, ...]:
    """The sets of characters of each of which a text must hold one, smallest first.

    Args:
        source: of a pattern over folded text, where digits are those of ASCII.
        flags: that it is compiled with.

    Returns:
        No set where nothing is certain, as for patterns that ignore case.

    Raises:
        re.error: it is no pattern.

    >>> [sorted(need) for need in needs("(?:上|下)半年")]
    [['半'], ['年'], ['上', '下']]
    """
    return _smallest_first(_sequence(_tree(source, flags) or ()))


def pairs(source: str, flags: int = 0) -> tuple[Need, ...]:
    """Sets of pairs of characters that stand side by side, of each of which a text must hold one.

    Many a sentence holds 确 and 保, and few hold 确保. Where a way through the pattern has no pair, its character
    stands in the set for it.

    Args:
        source: of a pattern over folded text, where digits are those of ASCII.
        flags: that it is compiled with.

    Raises:
        re.error: it is no pattern.

    >>> [sorted(need) for need in pairs("到(?:年底|明年)?|须")]
    []
    >>> [sorted(need) for need in pairs("确保|力[争求]|须")]
    [['力争', '力求', '确保', '须']]
    """
    return _smallest_first(_pairs(_tree(source, flags) or ()))


def rarity(need: Need) -> int:
    """A number that is the larger the oftener a set is met: a character is met as often as a good many pairs."""
    return sum(1 if len(stretch) > 1 else LARGEST for stretch in need)


def quick(source: str, flags: int = 0, *, known: Traits | None = None) -> re.Pattern[str]:
    """A pattern, compiled, that passes over places where none of its matches can begin.

    Args:
        source: of a pattern over folded text, where digits are those of ASCII.
        flags: to compile it with.
        known: its traits, where they are at hand.

    Returns:
        The pattern as it is where nothing certain is known of how matches begin, or Python knows it as well.

    Raises:
        re.error: it is no pattern.

    >>> quick("(?<!第)(?:三|五)年?").pattern
    '(?=[三五])(?:(?<!第)(?:三|五)年?)'
    """
    first = (known or traits(source, flags)).first
    if first:
        begins = re.escape("".join(sorted(first)))
        try:
            return re.compile(f"(?=[{begins}])(?:{source})", flags)
        except re.error:  # flags at its beginning, or a comment at its end
            pass
    return re.compile(source, flags)


def begins(source: str, flags: int = 0) -> frozenset[str] | None:
    """With which characters or pairs of characters the matches of a pattern begin, None where that is not certain.

    Args:
        source: of a pattern over folded text, where digits are those of ASCII.
        flags: that it is compiled with.

    Raises:
        re.error: it is no pattern.

    >>> sorted(begins("(?=(?:学[校院]|局).)")), sorted(begins("(?:再|也)*要"))
    (['学校', '学院', '局'], ['也也', '也再', '也要', '再也', '再再', '再要', '要'])
    """
    return _openings(_tree(source, flags) or ()) or None


def _tree(source: str, flags: int) -> Any:
    """The syntax tree of a pattern, None where it ignores case: its characters are not those of the text then."""
    tree = parser.parse(source, flags & ~re.UNICODE)
    return None if tree.state.flags & re.IGNORECASE else tree


def _tree_with(parts: Mapping[str, str], source: str, flags: int) -> Any:
    """The tree of a pattern that parts are put into; as `_tree` gives it."""
    stand_ins, known = dict(parts), {}
    for code, name in enumerate(dict.fromkeys(_NAMED.findall(source)), _FIRST_PART):
        if (part := _part(parts[name], flags)) is not None:
            stand_ins[name], known[code] = f"(?:{chr(code)}{chr(_PART_END)})", part
    tree = _tree(fill(source, stand_ins), flags)
    return tree if tree is not None and _put_in(tree, known) else _tree(fill(source, parts), flags)


class _Part:
    """The tree of a part, and what it tells, which is asked once however many patterns name the part."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    @cached_property
    def needs(self) -> Sequence[Need]:
        return _sequence(self.tree)

    @cached_property
    def pairs(self) -> Sequence[Need]:
        return _pairs(self.tree)

    @cached_property
    def first(self) -> _First:
        return _first(self.tree)


@cache
def _part(source: str, flags: int) -> _Part | None:
    """A part; None where it is empty, or could mean something else amid a pattern, as 「甲|乙」 does."""
    tree = _tree(source + chr(_PART_END), flags)
    whole = tree is not None and len(tree) > 1 and tree[-1] == (node.LITERAL, _PART_END)
    return _Part(tree[:-1]) if whole else None


def _put_in(tree: Any, parts: Mapping[int, _Part]) -> bool:
    """Put parts where their characters stand; False where one stands in a class of characters."""
    for at, (op, value) in enumerate(tree):
        if op is node.LITERAL and value in parts:
            tree[at : at + 2] = [(_PART, parts[value])]
            continue
        in_class = op is node.IN and (node.LITERAL, _PART_END) in value
        if in_class or not all(_put_in(below, parts) for below in _below(op, value)):
            return False
    return True


def _below(op: Any, value: Any) -> Sequence[Any]:
    """The trees of which a node is made up."""
    if op is node.BRANCH:
        return value[1]  # type: ignore[no-any-return]
    if op in (node.MAX_REPEAT, node.MIN_REPEAT, node.POSSESSIVE_REPEAT):
        return [value[2]]
    if op in (node.ASSERT, node.ASSERT_NOT):
        return [value[1]]
    if op is node.SUBPATTERN:
        return [value[-1]]
    if op is node.GROUPREF_EXISTS:
        return [way for way in value[1:] if way is not None]
    return [value] if op is node.ATOMIC_GROUP else []


def _smallest_first(found: Iterable[Need]) -> tuple[Need, ...]:
    return tuple(sorted(set(found), key=lambda need: (len(need), sorted(need))))


def _unlike_python(tree: Sequence[tuple[Any, Any]]) -> frozenset[str]:
    """The characters that matches begin with, where Python does not pass over other places by itself."""
    first = _first(tree)
    if not first.chars or first.empty:
        return frozenset()
    op, value = tree[0]
    while op is _PART:
        op, value = value.tree[0]
    return frozenset() if op in (node.LITERAL, node.IN) else first.chars


class _First(NamedTuple):
    """How matches of a part of a pattern begin: with one of these characters, None for any; or it may be empty."""

    chars: frozenset[str] | None
    empty: bool = False


_ANY = _First(None)


def _first(tree: Iterable[tuple[Any, Any]]) -> _First:
    chars: frozenset[str] = frozenset()
    for op, value in tree:
        part = _first_of(op, value)
        if part.chars is None:
            return _ANY
        chars |= part.chars
        if not part.empty:
            return _First(chars)
    return _First(chars, empty=True)


def _openings(tree: Sequence[tuple[Any, Any]], tail: Callable[[], _First] | None = None) -> frozenset[str] | None:
    """With what matches of a part begin, None where that is not certain; `tail` says how those of the next one do."""
    for at, (op, value) in enumerate(tree):
        if op in (node.ASSERT_NOT, node.AT) or (op is node.ASSERT and value[0] < 0):
            continue
        rest = tree[at + 1 :]

        behind = cache(partial(_first_of_both, rest, tail))
        if op is node.ASSERT:
            both = (_openings(value[1]), _openings(rest, tail))
            return min((way for way in both if way), key=rarity, default=None)  # both hold
        if op is node.SUBPATTERN and not value[1] & re.IGNORECASE:
            return _openings(value[-1], behind)
        if op is node.BRANCH:
            ways = [_openings(way, behind) for way in value[1]]
            return None if None in ways else frozenset().union(*(way for way in ways if way))
        if op in (node.MAX_REPEAT, node.MIN_REPEAT, node.POSSESSIVE_REPEAT):
            more = [(op, (0, *value[1:])), *rest] if value[1] > 1 else rest
            ways = [_openings(value[2], partial(_first_of_both, more, tail))]
            ways += [] if value[0] else [_openings(rest, tail)]
            return None if None in ways else frozenset().union(*(way for way in ways if way))
        chars = _only(op, value)
        if op not in (node.LITERAL, node.IN) or behind().chars is None or behind().empty:
            return chars or None
        return frozenset(left + right for left in chars for right in behind().chars or ()) or None
    after = tail() if tail else _ANY
    return None if after.empty else after.chars


def _first_of_both(tree: Sequence[tuple[Any, Any]], tail: Callable[[], _First] | None) -> _First:
    first = _first(tree)
    if not first.empty or tail is None or first.chars is None:
        return first
    after = tail()
    return _ANY if after.chars is None else _First(first.chars | after.chars, after.empty)


def _first_of(op: Any, value: Any) -> _First:
    if op is node.LITERAL:
        return _First(frozenset([chr(value)]))
    if op is node.IN:
        return _First(next(iter(_class(value)), None))
    if op is node.SUBPATTERN:
        return _ANY if value[1] & re.IGNORECASE else _first(value[-1])
    if op is node.ATOMIC_GROUP:
        return _first(value)
    if op in (node.MAX_REPEAT, node.MIN_REPEAT, node.POSSESSIVE_REPEAT):
        repeated = _first(value[2])
        return _First(repeated.chars, repeated.empty or not value[0])
    if op is node.ASSERT and value[0] > 0:
        ahead = _first(value[1])
        return _First(frozenset(), empty=True) if ahead.empty or ahead.chars is None else ahead
    if op in (node.ASSERT, node.ASSERT_NOT, node.AT):
        return _First(frozenset(), empty=True)
    if op is _PART:
        return value.first  # type: ignore[no-any-return]
    if op is node.BRANCH:
        ways = [_first(way) for way in value[1]]
        sets = [way.chars for way in ways if way.chars is not None]
        return _First(frozenset().union(*sets), any(way.empty for way in ways)) if len(sets) == len(ways) else _ANY
    return _ANY


def _sequence(tree: Iterable[tuple[Any, Any]]) -> list[Need]:
    return [need for op, value in tree for need in _node(op, value) if len(need) <= LARGEST]


def _node(op: Any, value: Any) -> Sequence[Need]:
    if op is node.LITERAL:
        return [frozenset(chr(value))]
    if op is node.IN:
        return _class(value)
    if op is _PART:
        return value.needs  # type: ignore[no-any-return]
    if (once := _once(op, value)) is not None:
        return _sequence(once)
    if op is node.ASSERT:
        # What stands behind or before the match stands in the text as well.
        return _sequence(value[1])
    if op is node.BRANCH:
        ways = [_sequence(way) for way in value[1]]
        return [frozenset().union(*(min(way, key=len) for way in ways))] if all(ways) else []
    return []


def _once(op: Any, value: Any) -> Any:
    """The tree of what a group or a repeat matches once at least, None for anything else."""
    if op is node.SUBPATTERN:
        return None if value[1] & re.IGNORECASE else value[-1]
    if op is node.ATOMIC_GROUP:
        return value
    return value[2] if op in (node.MAX_REPEAT, node.MIN_REPEAT, node.POSSESSIVE_REPEAT) and value[0] else None


def _pairs(tree: Sequence[tuple[Any, Any]]) -> list[Need]:
    found: list[Need] = []
    before: frozenset[str] = frozenset()  # what the last character may be; none where that is not known
    for op, value in tree:
        if op in (node.ASSERT_NOT, node.AT):
            continue
        if op is node.ASSERT:
            found += _pairs(value[1])
            continue
        first = _first_of(op, value) if before else _ANY
        behind = frozenset() if first.empty or first.chars is None else first.chars
        if 0 < len(before) * len(behind) <= MOST_PAIRS:
            found.append(frozenset(left + right for left in before for right in behind))
        found += _pairs_of(op, value)
        before = _only(op, value)
    return found


def _pairs_of(op: Any, value: Any) -> Sequence[Need]:
    if op is _PART:
        return value.pairs  # type: ignore[no-any-return]
    if (once := _once(op, value)) is not None:
        return _pairs(once)
    if op is node.BRANCH:
        ways = [_first_pair(way) or _pairs(way) or _sequence(way) for way in value[1]]
        if all(ways):
            best = frozenset().union(*(min(way, key=rarity) for way in ways))
            if any(len(stretch) > 1 for stretch in best) and len(best) <= MOST_PAIRS:
                return [best]
    return []


def _first_pair(way: Sequence[tuple[Any, Any]]) -> list[Need]:
    """The first two characters of a way, which tell enough of a word; none where it does not begin with two."""
    begins = [chr(value) for op, value in way[:2] if op is node.LITERAL]
    return [frozenset(["".join(begins)])] if len(begins) == 2 else []


def _only(op: Any, value: Any) -> frozenset[str]:
    """The characters one of which a part that takes just one, or several of a kind, ends with; else none."""
    if op is node.LITERAL:
        return frozenset(chr(value))
    if op is node.IN:
        return next(iter(_class(value)), frozenset())
    if op is _PART:
        return _only(*value.tree[-1])
    if op in (node.MAX_REPEAT, node.MIN_REPEAT, node.POSSESSIVE_REPEAT) and value[0] and len(value[2]) == 1:
        return _only(*value[2][0])
    return frozenset()


def _class(members: Iterable[tuple[Any, Any]]) -> Sequence[Need]:
    """The characters of a class, unless it is negated or holds too many."""
    found: set[str] = set()
    for op, value in members:
        if op is node.LITERAL:
            found.add(chr(value))
        elif op is node.RANGE and value[1] - value[0] < LARGEST:
            found.update(map(chr, range(value[0], value[1] + 1)))
        elif op is node.CATEGORY and value is node.CATEGORY_DIGIT:
            found |= DIGITS
        else:
            return []
    return [frozenset(found)]
