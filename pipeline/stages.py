"""The stage of schooling that an item is about: preschool, primary, junior, senior, vocational, special, higher.

In order of precedence:

1. The item's own words (`rules/stages.yaml`). Where they name one stage, it is the item's; where they name
   several, or a word that takes in several (中小学), it has none.
2. Where its words name none, its headings, the innermost first, in the same way: the first heading that names
   one or several decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import get_args

from pipeline.model import Stage, fold, fold_each
from pipeline.rules import Rules, patterns
from pipeline.rules.needs import quick

STAGES: tuple[Stage, ...] = get_args(Stage)


@cache
def rules() -> Rules:
    """The words of the stages, in order of precedence."""
    return patterns("stages")


@cache
def _any_rule() -> re.Pattern[str]:
    source = "|".join(f"(?P<{rule.name}>{rule.regex.pattern})" for rule in rules())
    return quick(source, re.VERBOSE)


@cache
def _stage_of_rule() -> dict[str, str]:
    return {rule.name: rule.fields["stage"] for rule in rules()}


@lru_cache(maxsize=1024)  # the headings above an item are those above its neighbours
def named(text: str) -> frozenset[str]:
    """The stages that a text names, `several` among them where a word takes in more than one.

    Args:
        text: folded or not.
    """
    return _named(fold(text))


def _named(folded: str) -> frozenset[str]:
    of_rule = _stage_of_rule()
    found = {of_rule[match.lastgroup or ""] for match in _any_rule().finditer(folded)}
    return frozenset(found - {"none"})


def stage(text: str, path: Sequence[str] = ()) -> Stage | None:
    """The stage of schooling that a text under headings is about, None where that is none or more than one.

    Args:
        text: an item's.
        path: headings above it, from the top down.
    """
    return stages([text], [path])[0]


def stages(texts: Sequence[str], paths: Sequence[Sequence[str]]) -> tuple[Stage | None, ...]:
    """The stage of each of several texts, see `stage`.

    Args:
        texts: of items.
        paths: for each the headings above it.
    """
    folded = fold_each(texts)
    called = rules().within_each(folded)
    above = {path: _of_headings(path) for path in set(map(tuple, paths))}
    return tuple(
        _only(own) if some and (own := _named(text)) else above[tuple(path)]
        for text, path, some in zip(folded, paths, called, strict=True)
    )


def _of_headings(path: Sequence[str]) -> Stage | None:
    """The stage that the innermost heading names that names any."""
    return _only(next(filter(None, map(named, reversed(path))), frozenset()))


def _only(found: frozenset[str]) -> Stage | None:
    """The one stage that is found, None where that is none or more than one."""
    return next((one for one in STAGES if one in found), None) if len(found) == 1 else None
