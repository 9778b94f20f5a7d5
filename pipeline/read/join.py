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


SHORT = 3
"""Characters; a line of a cell with fewer may be part of a word."""


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


def stack(lines: Iterable[str]) -> str:
    """One line of the lines that a writer put below each other in a cell of a table.

    A space parts them, since names in a list may have nothing but the break between them
    (「教研室⏎督导室」); but not where one is of one or two characters, as in columns so narrow that words
    are broken in them (「校舍⏎建设」).
    """
    whole, last = "", ""
    for line in filter(None, lines):
        short = min(len(last), len(line)) < SHORT
        whole += (glue(whole[-1], line[0]) if short else " ") + line if whole else line
        last = line
    return whole
