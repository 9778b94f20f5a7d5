"""Word lists and patterns as data: YAML files in this folder, read once when first asked for.

A file of patterns is a list of rules, each with a `name`, a `pattern` (verbose regular expression
over folded text, see `pipeline.model.fold`), an `example` that it hits, and, where it helps, a
`counter` that it must not hit. A test asserts both for every rule.

    - name: by_year
      pattern: (?P<by>到) (?P<year>{year}) (?:年底?)
      example: 到2028年
      counter: 到2028所

A file of words is a mapping from a group's name to its words. `{name}` in a pattern stands for the
words or the pattern of that name given to `patterns`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import accumulate, chain, pairwise
from typing import Any

import yaml

from pipeline.errors import RuleError
from pipeline.model import Stretch
from pipeline.rules.needs import UNKNOWN, Traits, begins, fill, quick, rarity, traits
from pipeline.rules.sieve import Beginnings, Codes, Sieve

MOST_NEEDS = 4
"""Sets of a rule, the rarest, that are looked for in many texts at once."""


@dataclass(frozen=True)
class Rule:
    """One pattern of a rule file.

    Args:
        name: what rows in the tables give as the rule that found them.
        source: its regular expression, for `re.VERBOSE`.
        example: a text in which the pattern is found.
        counter: a text in which it must not be found, or None.
        fields: whatever else the rule file says of it.
        traits: what its pattern tells of its matches.
    """

    name: str
    source: str
    example: str
    counter: str | None
    fields: Mapping[str, Any]
    traits: Traits = UNKNOWN

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled when it is first asked for: a few plans ask for a few of them."""
        return quick(self.source, re.VERBOSE, known=self.traits)

    @cached_property
    def fits(self) -> Callable[[str, int, int], re.Match[str] | None]:
        """Its match at a place of a text, before an end, for rules that are tried where they may begin."""
        return re.compile(self.source, re.VERBOSE).match

    @cached_property
    def look(self) -> Callable[[str], re.Match[str] | None]:
        """Its search for a match in a text; a pattern that is one for the beginning of a text is tried there alone."""
        return self.regex.match if self.traits.at_beginning else self.regex.search


class Rules(tuple[Rule, ...]):
    """Rules in the order in which they are tried, and which of them a text can match.

    A rule is looked up by the first of its needs: one search finds the characters of these, a number tells by its bits
    which rules each of them calls up, and the other needs are searched for those alone.
    """

    @cached_property
    def _always(self) -> int:
        return sum(1 << bit for bit, rule in enumerate(self) if not rule.traits.needs)

    @cached_property
    def _bits(self) -> dict[str, int]:
        result: dict[str, int] = {}
        for bit, rule in enumerate(self):
            for char in rule.traits.needs[0] if rule.traits.needs else ():
                result[char] = result.get(char, 0) | 1 << bit
        return result

    @cached_property
    def _called(self) -> Callable[[str], list[str]]:
        return _any_of(frozenset(self._bits)).findall

    @cached_property
    def _rest(self) -> tuple[tuple[Callable[[str], object], ...], ...]:
        return tuple(tuple(_any_of(need).search for need in rule.traits.needs[1:]) for rule in self)

    def within(self, text: str) -> list[Rule]:
        """The rules that may match in a text, in order; no other one does.

        Args:
            text: folded, whole: what a look-behind sees belongs to it.
        """
        met = self._always
        for char in self._called(text):
            met |= self._bits[char]
        found = []
        while met:
            lowest = met & -met
            met ^= lowest
            at = lowest.bit_length() - 1
            for search in self._rest[at]:
                if not search(text):
                    break
            else:
                found.append(self[at])
        return found

    def within_each(self, texts: Sequence[str]) -> list[Sequence[Rule]]:
        """The rules that may match in each of many texts, in order, in less time than `within` takes for each.

        Args:
            texts: folded, each whole.

        Returns:
            For each text every rule that matches in it, and some more: only the rarest of its needs are looked for.
        """
        return self._alone.by_turns(*_joined(texts))

    def within_stretches(self, codes: Codes, stretches: Sequence[Stretch]) -> list[Sequence[Rule]]:
        """The same for stretches of one text, see `Groups.within_stretches`."""
        return self._alone.by_turns(codes, stretches)

    def beginnings(self, codes: Codes, stretches: Sequence[Stretch]) -> Iterator[tuple[Stretch, Rule, Sequence[int]]]:
        """Where in stretches of a text matches may begin, each of one character at least.

        Args:
            codes: of the text, folded.
            stretches: half-open, ascending, none overlapping another.

        Yields:
            A stretch, a rule that may match in it, and the characters at which its matches may begin there, ascending;
            stretches and the rules of each in order.
        """
        if not stretches:
            return
        stretch, rule = self._alone.sieve.sift(codes, [(max(0, low - 1), high) for low, high in stretches])
        places = self._beginnings.within(codes, stretches, stretch, rule)
        for index, number, some in zip(stretch.tolist(), rule.tolist(), places, strict=True):
            yield stretches[index], self[number], range(*stretches[index]) if self._begins[number] is None else some

    @cached_property
    def _begins(self) -> list[frozenset[str] | None]:
        return [begins(rule.source, re.VERBOSE) for rule in self]

    @cached_property
    def _beginnings(self) -> Beginnings:
        return Beginnings([some or () for some in self._begins])

    @cached_property
    def _alone(self) -> Groups:
        return Groups(self)


class Groups:
    """Groups of rules that the same texts are searched for.

    Args:
        groups: each in the order in which its rules are tried.
    """

    def __init__(self, *groups: Rules) -> None:
        import numpy as np

        self._groups = len(groups)
        self._rules = np.array([*chain.from_iterable(groups)], dtype=object)
        self._group = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        told = [rule.traits for rule in self._rules]
        self.sieve = Sieve([sorted((*some.pairs, *some.needs), key=rarity)[:MOST_NEEDS] for some in told])

    def within_each(self, texts: Sequence[str]) -> list[tuple[Sequence[Rule], ...]]:
        """The rules of each group that may match in each text, in order; see `Rules.within_each`.

        Args:
            texts: folded, each whole.
        """
        return self.within_stretches(*_joined(texts))

    def within_stretches(self, codes: Codes, stretches: Sequence[Stretch]) -> list[tuple[Sequence[Rule], ...]]:
        """The same for stretches of one text, whose characters several groups of rules are looked up by.

        Args:
            codes: of the text, folded.
            stretches: half-open, ascending by their starts; what a look-behind sees belongs to them.
        """
        return list(zip(*[iter(self.by_turns(codes, stretches))] * self._groups, strict=True))

    def by_turns(self, codes: Codes, stretches: Sequence[Stretch]) -> list[Sequence[Rule]]:
        """The same in one list: for each stretch the rules of each group."""
        if not stretches:
            return []
        stretch, rule = self.sieve.sift(codes, stretches)
        part = stretch * self._groups + self._group.take(rule)
        rules = self._rules.take(rule).tolist()
        parts: list[Sequence[Rule]] = [()] * (self._groups * len(stretches))
        if rules:
            borders = [0, *((part[1:] != part[:-1]).nonzero()[0] + 1).tolist(), len(rules)]
            for at, (low, high) in zip(part.take(borders[:-1]).tolist(), pairwise(borders), strict=True):
                parts[at] = rules[low:high]
        return parts


def _joined(texts: Sequence[str]) -> tuple[Codes, list[Stretch]]:
    """Texts as stretches of one."""
    borders = accumulate((len(text) + 1 for text in texts), initial=0)
    return Codes("\0".join(texts)), [(low, high - 1) for low, high in pairwise(borders)]


@cache
def _any_of(chars: frozenset[str]) -> re.Pattern[str]:
    """A pattern that finds any of some characters."""
    return re.compile(f"[{re.escape(''.join(sorted(chars)))}]" if chars else "(?!)")


@cache
def load(name: str) -> Any:
    """The content of `<name>.yaml` as plain lists, mappings and strings.

    Args:
        name: file name without ending.

    Raises:
        RuleError: there is no such file; the message lists those that there are.
    """
    path = files(__name__) / f"{name}.yaml"
    if not path.is_file():
        known = sorted(p.name[:-5] for p in files(__name__).iterdir() if p.name.endswith(".yaml"))
        raise RuleError(f"no rule file {name!r}; there are: {', '.join(known)}")
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def words(name: str, group: str) -> tuple[str, ...]:
    """The words of one group of a word file, longest first, so that an alternation takes the longest."""
    return tuple(sorted(load(name)[group], key=lambda word: (-len(word), word)))


def alternation(terms: Iterable[str]) -> str:
    """A regular expression that matches any of the terms, the longest first.

    The character that several terms begin with stands in it once: Python tries the ways of an alternation one after
    the other.

    Raises:
        ValueError: a term is empty.

    >>> alternation(["学校", "学院", "学", "局", "处"])
    '(?:学(?:校|院|)|[处局])'
    """
    rests: dict[str, list[str]] = {}
    if "" in (terms := set(terms)):
        raise ValueError("a term is empty")
    for term in sorted(terms, key=lambda term: (-len(term), term)):
        rests.setdefault(term[:1], []).append(re.escape(term[1:]))
    single = sorted(first for first, behind in rests.items() if behind == [""])
    ways = [
        re.escape(first) + (behind[0] if len(behind) == 1 else f"(?:{'|'.join(behind)})")
        for first, behind in rests.items()
        if behind != [""]
    ]
    if single:
        ways.append(f"[{re.escape(''.join(single))}]")
    return f"(?:{'|'.join(ways)})"


def patterns(name: str, parts: Mapping[str, str] | None = None, *, group: str | None = None) -> Rules:
    """The rules of a file, compiled, in the file's order (earlier rules win).

    Args:
        name: file name without ending.
        parts: regular expressions that stand in for `{name}` in the patterns.
        group: key of the list in the file; None where the file is one list.

    Raises:
        RuleError: a rule lacks its name, pattern or example, or its pattern is none.
    """
    return _compiled(name, group) if not parts else _compile(name, parts, group)


@cache
def _compiled(name: str, group: str | None) -> Rules:
    return _compile(name, {}, group)


def _compile(name: str, parts: Mapping[str, str], group: str | None) -> Rules:
    rows = load(name) if group is None else load(name)[group]
    result = []
    for row in rows:
        try:
            source = fill(row["pattern"], parts)
            told = traits(row["pattern"], re.VERBOSE, parts)
            rest = {k: v for k, v in row.items() if k not in ("name", "pattern", "example", "counter")}
            result.append(Rule(row["name"], source, row["example"], row.get("counter"), rest, told))
        except (KeyError, re.error) as error:
            raise RuleError(f"rules/{name}.yaml, rule {row.get('name', row)!r}: {error!r}") from error
    return Rules(result)
