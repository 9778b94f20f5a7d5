"""What of a page is not the plan: navigation, counters, notices, teasers, page marks.

The rules are `rules/furniture.yaml`. Blocks that a format has already told apart (a PDF's running
heads, a page's `nav`) never come here; this is for text that was copied off a page.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from pipeline.model import Block, Document, fold
from pipeline.rules import Rule, patterns


class Line(NamedTuple):
    """A block of a document, judged.

    Args:
        block: the block.
        text: its text, folded and stripped of the page mark behind it.
        end: offset in the document where the text ends, before such a mark.
        rule: the furniture rule that it falls under, None for a line of content.
    """

    block: Block
    text: str
    end: int
    rule: Rule | None


@cache
def rules() -> tuple[Rule, ...]:
    """The rules for whole lines."""
    return patterns("furniture", group="lines")


@cache
def trailing() -> tuple[Rule, ...]:
    """The rules for page marks behind the text of a line."""
    return patterns("furniture", group="trailing")


@cache
def teasers() -> tuple[Rule, ...]:
    """The rules for texts that break off."""
    return patterns("furniture", group="teaser")


LONGEST = 320
"""Furniture lines are short; longer lines are not looked at, which keeps the rules' cost linear."""


def judge(document: Document) -> tuple[Line, ...]:
    """The blocks of a document, each with the furniture rule that it falls under, if any.

    Args:
        document: what was read.

    Returns:
        One line a paragraph or table row, notes left out, in order.
    """
    lines = []
    for block in document.blocks:
        if block.kind == "note":
            continue
        text = fold(document.text[block.start : block.end])
        end = block.end
        rule = None
        if block.kind == "paragraph":
            tail = text[-12:]
            for mark in trailing():
                if (match := mark.regex.search(tail)) and match.start():
                    end -= len(tail) - match.start()
                    text = text[: end - block.start]
                    break
            if len(text) <= LONGEST:
                rule = next((r for r in rules() if r.regex.fullmatch(text)), None)
        lines.append(Line(block, text, end, rule))
    return tuple(lines)


def breaks_off(text: str) -> bool:
    """Whether a text ends in the dots of a teaser."""
    return any(rule.regex.search(text[-6:]) for rule in teasers())
