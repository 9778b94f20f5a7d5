"""What is found in a plan, by components of a spaCy pipeline, each in a module of its own.

    planpipe_deadlines          deadlines.py   when something is due, happens or recurs
    planpipe_targets            targets.py     numeric targets
    planpipe_indicators         indicators.py  values and years of indicator tables
    planpipe_responsibilities   units.py       units charged with an item
    planpipe_goals              goals.py       sentences that state an aim
    planpipe_link               link.py        records to their items, targets to their deadlines

They run in this order, and each leaves its span group on the `Doc` (see `layers.py`). To do without
one or put another in its place, change what `pipeline()` gives: `nlp.remove_pipe("planpipe_goals")`.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from spacy.language import Language

    from pipeline.model import Deadline, Document, Goal, Item, PlanHead, Responsibility, Section, Span, Strength, Target

COMPONENTS = (
    "planpipe_deadlines",
    "planpipe_targets",
    "planpipe_indicators",
    "planpipe_responsibilities",
    "planpipe_goals",
    "planpipe_link",
)


class Extracted(NamedTuple):
    """What was found in a plan, each kind in the order of the text; `strengths` has one entry an item."""

    goals: tuple[Goal, ...]
    targets: tuple[Target, ...]
    deadlines: tuple[Deadline, ...]
    responsibilities: tuple[Responsibility, ...]
    strengths: tuple[Strength | None, ...]


@cache
def pipeline() -> Language:
    """The extractors as a spaCy pipeline; made once and shared by all callers of this process.

    Returns:
        A blank Chinese pipeline that takes each character for a token, with `COMPONENTS` in order.
    """
    import spacy

    from pipeline.extract import deadlines, goals, indicators, link, targets, units  # noqa: F401  importing registers them
    from pipeline.extract.layers import Characters

    nlp = spacy.blank("zh")
    nlp.tokenizer = Characters(nlp.vocab)
    nlp.max_length = sys.maxsize  # spaCy's limit is for parsers, and there is none here
    for name in COMPONENTS:
        nlp.add_pipe(name)
    return nlp


def extract(
    document: Document,
    head: PlanHead,
    sections: tuple[Section, ...],
    items: tuple[Item, ...],
    sentences: tuple[Span, ...],
    *,
    nlp: Language | None = None,
) -> Extracted:
    """Find goals, targets, deadlines and responsible units in a plan.

    Args:
        document: what was read.
        head: the plan in it.
        sections: its section tree.
        items: its commitments.
        sentences: the sentences inside the items.
        nlp: extractors to use in place of those of `pipeline()`.

    Returns:
        The records, with offsets in the document's text, and how binding each item is.
    """
    from pipeline.extract.layers import LAYERS, annotate, collect
    from pipeline.strength import strengths

    doc = annotate(nlp or pipeline(), document, head, sections, items, sentences)
    found = {name: collect(doc, name, document, head.reading) for name in LAYERS}
    return Extracted(**found, strengths=strengths(doc))
