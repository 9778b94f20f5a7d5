"""Every pattern of every rule file hits its example and misses its counterexample.

Rule files are found by themselves. One whose patterns have parts in braces needs the function that
fills them in: add it to `FILLED`.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import RuleError
from pipeline.model import fold
from pipeline.rules import Rule, alternation, load, patterns

# Rule file -> module whose `rules(group)` compiles it with its parts.
FILLED = {
    "goals": "pipeline.extract.goals",
    "units": "pipeline.extract.units",
    "targets": "pipeline.extract.targets",
    "deadlines": "pipeline.extract.deadlines",
}
# Rule file and group -> what compiles it, where that is another function.
COMPILED: dict[str, Callable[[], tuple[Rule, ...]]] = {
    "labels.families": lambda: import_module("pipeline.labels").rules(),
}
# Groups that are not searched for but have to fit at the start, or from start to end.
FIT = {
    "furniture.lines": "fullmatch",
    "items.no_items": "fullmatch",
    "labels.addressees": "fullmatch",
    "items.spoken": "match",
    "labels.families": "match",
    "labels.fields": "match",
    "titles.doc_number": "match",
}


def groups() -> list[str]:
    """Every list of rules as `file` or `file.group`."""
    found = []
    for path in sorted(files("pipeline.rules").iterdir(), key=lambda path: path.name):
        name = Path(path.name)
        if name.suffix != ".yaml":
            continue
        content = load(name.stem)
        lists = content.items() if isinstance(content, dict) else [(None, content)]
        for group, rows in lists:
            if isinstance(rows, list) and any(isinstance(row, dict) and "pattern" in row for row in rows):
                found.append(f"{name.stem}.{group}" if group else name.stem)
    return found


def compiled(group: str) -> tuple[Rule, ...]:
    name, _, part = group.partition(".")
    if group in COMPILED:
        return COMPILED[group]()
    if name in FILLED:
        rules: tuple[Rule, ...] = import_module(FILLED[name]).rules(*filter(None, [part]))
        return rules
    return patterns(name, group=part or None)


def cases() -> list[Any]:
    return [pytest.param(group, rule, id=f"{group}-{rule.name}") for group in groups() for rule in compiled(group)]


def test_there_are_rules() -> None:
    assert len(groups()) > 10


@pytest.mark.parametrize("group", groups())
def test_every_rule_of_a_file_is_compiled(group: str) -> None:
    name, _, part = group.partition(".")
    rows = load(name)[part] if part else load(name)
    assert [rule.name for rule in compiled(group)] == [row["name"] for row in rows]


@pytest.mark.parametrize("group", groups())
def test_names_are_unique(group: str) -> None:
    assert [name for name, count in Counter(rule.name for rule in compiled(group)).items() if count > 1] == []


@pytest.mark.parametrize(("group", "rule"), cases())
def test_pattern_hits_its_example_and_misses_its_counter(group: str, rule: Rule) -> None:
    hit = getattr(rule.regex, FIT.get(group, "search"))
    assert hit(fold(rule.example)), f"{rule.regex.pattern} misses its example {rule.example!r}"
    if rule.counter is not None:
        assert not hit(fold(rule.counter)), f"{rule.regex.pattern} hits its counterexample {rule.counter!r}"


def test_an_unknown_file_names_the_known_ones() -> None:
    with pytest.raises(RuleError, match=r"no rule file 'nothing'; there are: .*labels"):
        load("nothing")


@pytest.mark.parametrize("row", [{"name": "x", "pattern": "a"}, {"name": "x", "pattern": "(", "example": "a"}])
def test_a_faulty_rule_is_named(row: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.rules.load", lambda name: [row])
    with pytest.raises(RuleError, match="rule 'x'"):
        patterns("faulty")


def test_an_alternation_takes_the_longest_term_and_gives_way() -> None:
    """As where the terms stand one behind the other, the longest first, in front of whatever may follow."""
    chance = random.Random(0)
    for _ in range(500):
        terms = {"".join(chance.choices("甲乙|]-^.", k=chance.randint(1, 4))) for _ in range(chance.randint(1, 8))}
        plainly = "|".join(re.escape(term) for term in sorted(terms, key=lambda term: (-len(term), term)))
        text = "".join(chance.choices("甲乙|]-^.", k=40))
        for behind in ("", "甲", "+乙", "{2}", "*?[乙.]"):
            expected = [match.span() for match in re.finditer(f"(?:{plainly}){behind}", text)]
            assert [match.span() for match in re.finditer(alternation(terms) + behind, text)] == expected
