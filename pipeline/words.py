"""Texts cut into words: jieba, with a user dictionary made from the lexicon of organs and posts.

jieba's own dictionary cuts 「教研员」 or 「少工委」 in two. A word of the lexicon (`pipeline/rules/organs.yaml`) stays
whole, and bears the tag `nt` (organ) or `n` (post), so that word counts of plans tell of those whom they name.
"""

from __future__ import annotations

import logging
from functools import cache
from io import StringIO
from typing import Any

from pipeline.rules import words as listed

TAGS = {"organ_endings": "nt", "post_endings": "n", "whole": "nt"}


def user_dictionary() -> str:
    """The lexicon as jieba's `load_userdict` reads it, a word and its tag a line, sorted.

    Brackets and quotes cannot be part of a word there; endings that hold any, and those of one character, which
    would cut nothing, are left out.
    """
    tagged = {word: tag for group, tag in TAGS.items() for word in listed("organs", group)}
    return "".join(f"{word} {tag}\n" for word, tag in sorted(tagged.items()) if len(word) > 1 and word.isalpha())


@cache
def tokenizer() -> Any:
    """A `jieba.Tokenizer` of its own with the user dictionary; jieba's global one stays as it is."""
    import jieba

    jieba.setLogLevel(logging.WARNING)  # it reports on stderr that it loads its dictionary
    made = jieba.Tokenizer()
    made.load_userdict(StringIO(user_dictionary()))
    return made
