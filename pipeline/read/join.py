"""Lines that a page breaks, put together again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

WIDE = (
    ("\u2014", "\u2026"),  # dashes, quotation marks, ellipsis
    ("\u2e80", "\u9fff"),  # radicals, ideographic punctuation, kana, Han
    ("\uf900", "\ufaff"),  # compatibility ideographs
    ("\ufe30", "\ufe4f"),  # vertical forms
    ("\uff00", "\uff65"),  # full-width forms
    ("\U00020000", "\U0003ffff"),  # Han of the supplementary planes
)
"""Ranges of characters that Chinese text writes without spaces between them."""


@cache
def is_wide(char: str) -> bool:
    """Whether a character is Han or of Chinese punctuation."""
    return any(first <= char <= last for first, last in WIDE)


def glue(left: str, right: str) -> str:
    """What stands between two characters where a line was broken: nothing in Chinese, else a space."""
    return "" if is_wide(left) or is_wide(right) else " "


def join(lines: Iterable[str]) -> str:
    """One line of several: between Chinese characters nothing is put, between other words a space."""
    whole = ""
    for line in lines:
        if line:
            whole += (glue(whole[-1], line[0]) if whole else "") + line
    return whole
