"""What is found in a plan, by extractors that run in this order:

    planpipe_deadlines          deadlines.py   when something is due, happens or recurs
    planpipe_targets            targets.py     numeric targets
    planpipe_indicators         indicators.py  values and years of indicator tables
    planpipe_responsibilities   units.py       units charged with an item
    planpipe_goals              goals.py       sentences that state an aim
    planpipe_link               link.py        records to their items, targets to their deadlines

Each is a function over the `Notes` of a plan (`notes.py`) and puts its records there; a run calls `EXTRACTORS`. By the
names above they are components of a spaCy pipeline as well, over a `Doc` (`layers.py`, which registers them). To do
without one there or put another in its place, change a pipeline, `nlp.remove_pipe("planpipe_goals")`, and give it to
`extract` or `PlanView.doc`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from pipeline.extract import deadlines, goals, indicators, link, targets, units
from pipeline.extract.notes import LAYERS, Notes, collect, make

if TYPE_CHECKING:
    from spacy.language import Language

    from pipeline.model import Deadline, Document, Goal, Item, PlanHead, Responsibility, Section, Span, Strength, Target

Extractor = Callable[[Notes], None]

EXTRACTORS: dict[str, Extractor] = {
    "planpipe_deadlines": deadlines.annotate,
    "planpipe_targets": targets.annotate,
    "planpipe_indicators": indicators.annotate,
    "planpipe_responsibilities": units.annotate,
    "planpipe_goals": goals.annotate,
    "planpipe_link": link.annotate,
}
FINDERS = tuple(extractor for extractor in EXTRACTORS.values() if extractor is not link.annotate)
"""All but the last: a run sets the links as it collects the records."""


class Extracted(NamedTuple):
    """What was found in a plan, each kind in the order of the text; `strengths` has one entry an item."""

    goals: tuple[Goal, ...]
    targets: tuple[Target, ...]
    deadlines: tuple[Deadline, ...]
    responsibilities: tuple[Responsibility, ...]
    strengths: tuple[Strength | None, ...]


def pipeline() -> Language:
    """The extractors as a spaCy pipeline, a new one for each caller.

    Returns:
        A blank Chinese pipeline that takes each character for a token, with `EXTRACTORS` in order.
    """
    import spacy

    from pipeline.extract.layers import Characters  # registers the components

    nlp = spacy.blank("zh")
    nlp.tokenizer = Characters(nlp.vocab)
    nlp.max_length = sys.maxsize  # spaCy's limit is for parsers, and there is none here
    for name in EXTRACTORS:
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
        nlp: components to use in place of `EXTRACTORS`, see `pipeline`.

    Returns:
        The records, with offsets in the document's text, and how binding each item is.
    """
    from pipeline.strength import strengths

    if nlp is None:
        notes = make(head, sections, items, sentences)
        for extractor in FINDERS:
            extractor(notes)
        linked = link.links(notes)  # set in the records when they are collected: copied once, not twice
        found = {layer: collect(notes, layer, document, head.reading, linked[layer]) for layer in LAYERS}
    else:
        from pipeline.extract.layers import annotate, read_doc

        notes = read_doc(annotate(nlp, document, head, sections, items, sentences))
        found = {layer: collect(notes, layer, document, head.reading) for layer in LAYERS}
    return Extracted(**found, strengths=strengths(notes))
