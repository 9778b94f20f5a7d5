"""No pattern of a rule file backtracks superlinearly on text made to trap it.

Each rule's example is pumped: a piece of it is repeated many times, and the text ends in a character that no rule
wants, so that a search has to try everything. The time of a search through a text of `SHORT` characters and of one
`GROWTH` times as long is compared, in one process, fastest of several tries. A linear pattern takes `GROWTH` times as
long, a quadratic one its square; the bound lies between the two, well away from both. Tries too short to be measured
pass: a pattern that needs less than `UNMEASURED` seconds for the long text is fast whatever its growth.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from pipeline.model import fold
from pipeline.rules import Rule
from tests.test_rules import compiled, groups

SHORT = 1000
GROWTH = 16
BOUND = 128.0
"""Times; a linear search takes 16 times as long, a quadratic one 256."""
UNMEASURED = 0.01
FILLERS = "一0 工,、.(十9的年…-"


def pumped(rule: Rule, length: int) -> Iterator[str]:
    """Texts that make a backtracking pattern try much: pieces of the rule's example, repeated."""
    # ⟦ and ⟧ stand around one quantity of a clause, never twice in what a rule is given.
    example = re.sub("[⟦⟧]", "", fold(rule.example))
    pieces = {example, example[: len(example) // 2], example[-2:], *example, *FILLERS[:8]}
    for piece in sorted(pieces - {""}):
        yield piece * (length // len(piece)) + "\x01"
    middle = len(example) // 2
    for filler in FILLERS[:8]:
        yield example[:middle] + filler * length + "\x01"


def seconds(pattern: re.Pattern[str], text: str, tries: int) -> float:
    """The least processor time that a search through all of a text takes; other processes do not count in it."""
    best = float("inf")
    for _ in range(tries):
        start = time.process_time()
        for _match in pattern.finditer(text):
            pass
        best = min(best, time.process_time() - start)
    return best


def superlinear(pattern: re.Pattern[str], rule: Rule) -> list[str]:
    """The pumped texts on which a pattern takes more than its share."""
    found = []
    for short, long in zip(pumped(rule, SHORT), pumped(rule, SHORT * GROWTH), strict=True):
        least = seconds(pattern, long, 1)
        if least < UNMEASURED:
            continue
        ratio = seconds(pattern, long, 2) / seconds(pattern, short, 5)
        if ratio > BOUND:  # measured once more: the machine may have been busy
            ratio = min(ratio, seconds(pattern, long, 5) / seconds(pattern, short, 20))
        if ratio > BOUND:
            found.append(f"{ratio:.0f} times as long for {GROWTH} times the text: {short[:40]!r}")
    return found


BOUNDED = ("furniture.", "titles.")
"""Groups whose rules are given short lines alone (`pipeline.furniture.LONGEST`, `pipeline.plans.LONGEST_TITLE`)."""


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, id=f"{group}-{rule.name}")
        for group in groups()
        if not group.startswith(BOUNDED)
        for rule in compiled(group)
    ],
)
def test_a_rule_takes_time_with_the_length_of_the_text(rule: Rule) -> None:
    assert superlinear(rule.regex, rule) == []


def test_a_pattern_that_backtracks_is_seen() -> None:
    rule = Rule("trap", "(?:工作)*的$", "工作工作的", None, {})
    assert superlinear(re.compile("工[工作]*的"), rule) != []
