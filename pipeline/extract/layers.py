"""How a plan becomes a spaCy `Doc`, and how results are kept on it.

A plan is one `Doc` over its readable text (`Reading.text`), each character a token: any stretch of characters
aligns with tokens, but for a space at its end, which belongs to the character before it. What structure found goes in
as span groups, what an extractor finds comes out as span groups:

    doc.spans["sections"]          one span a node; `_.path`, `_.label`, `_.heading`
    doc.spans["items"]             one span a commitment; `_.section` (index), `_.path`, `_.cells`, `_.heads`
    doc.spans["sentences"]         one span a sentence inside items
    doc.spans["goals"], doc.spans["targets"], doc.spans["deadlines"], doc.spans["responsibilities"]
                                   label = the rule's name, `_.record` = the fields as a plain dict

Offsets of records on a `Doc` are characters of `doc.text`. `doc._.folded` is the text to match on: as long as
`doc.text`, width and punctuation folded (`pipeline.model.fold`).

Each extractor is a component here: it reads what is on the `Doc` as `Notes`, and leaves its layers as span groups.
A run makes no `Doc`, since extractors work on `Notes` alone as well (`pipeline.extract.extract`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as DocSpan
from spacy.util import DummyTokenizer
from spacy.vocab import Vocab

from pipeline.extract import EXTRACTORS, Extractor
from pipeline.extract.notes import LAYERS, Notes, Passage, make
from pipeline.model import Document, Found, Item, PlanHead, Section, Span, fold

for _name in ("folded", "years", "issuer"):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=None)
for _name in ("path", "label", "heading", "section", "cells", "heads", "record"):
    if not DocSpan.has_extension(_name):
        DocSpan.set_extension(_name, default=None)


_NOTES: WeakKeyDictionary[Doc, Notes] = WeakKeyDictionary()
"""Beside the `Doc`, which can be written to the disk."""

WRITES = {
    "planpipe_deadlines": ("deadlines",),
    "planpipe_targets": ("targets",),
    "planpipe_indicators": ("targets", "deadlines"),
    "planpipe_responsibilities": ("responsibilities",),
    "planpipe_goals": ("goals",),
    "planpipe_link": tuple(LAYERS),
}
"""The layers of each extractor: span groups behind it, empty ones too."""


class Characters(DummyTokenizer):
    """A tokenizer that makes the tokens of spaCy's character segmenter for `zh`, each character one.

    spaCy's own looks for each token in a fresh copy of what is left of the text, so that its time grows with
    the square of the length: 17 µs a character at 650,000 characters, where it begins with 1 µs.

    Args:
        vocab: of the pipeline.
    """

    GAP = re.compile(r"(\S*)(\s*)")

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """A text as a `Doc` without annotations."""
        words: list[str] = []
        spaces: list[bool] = []
        for run, gap in self.GAP.findall(text):
            words += run
            spaces += [False] * len(run)
            if run and gap.startswith(" "):  # a space behind a character is told by its token
                spaces[-1], gap = True, gap[1:]
            if gap:
                words.append(gap)
                spaces.append(False)
        return Doc(self.vocab, words=words, spaces=spaces)


def annotate(
    nlp: Language,
    document: Document,
    head: PlanHead,
    sections: tuple[Section, ...],
    items: tuple[Item, ...],
    sentences: tuple[Span, ...],
) -> Doc:
    """Make the `Doc` of a plan with its structure, and run the extractors of `nlp` over it.

    Args:
        nlp: a pipeline of extractors, see `pipeline.extract.pipeline`.
        document: what was read.
        head: the plan in it.
        sections: its section tree.
        items: its commitments.
        sentences: the sentences inside the items.

    Returns:
        The `Doc`, with all span groups.
    """
    notes = make(head, sections, items, sentences)
    doc = nlp.make_doc(notes.text)
    doc._.folded, doc._.years, doc._.issuer = notes.folded, notes.years, head.issuer
    groups: dict[str, list[DocSpan]] = {"sections": [], "items": [], "sentences": []}
    for section in sections:
        span = place(doc, *head.reading.to_reading(section.start, section.end), "section")
        span._.path, span._.label, span._.heading = section.path, section.label, section.heading
        groups["sections"].append(span)
    for item in notes.items:
        span = place(doc, item.start, item.end, "item")
        span._.section, span._.path = item.section, item.path
        span._.cells, span._.heads = list(item.cells), list(item.heads)
        groups["items"].append(span)
    for stretch in notes.sentences:
        groups["sentences"].append(place(doc, *stretch, "sentence"))
    for name, spans in groups.items():
        doc.spans[name] = spans
    for _, component in nlp.pipeline:
        doc = component(doc)
    return doc


def read_doc(doc: Doc) -> Notes:
    """What is on a `Doc` as notes; what was worked out for them before stays as long as items, years and text do."""
    items = [
        Passage(
            item.start_char,
            item.end_char,
            item._.section,
            tuple(item._.path or ()),
            tuple(map(tuple, item._.cells or ())),
            tuple(item._.heads or ()),
        )
        for item in doc.spans.get("items", ())
    ]
    folded = fold(doc.text) if doc._.folded is None else doc._.folded
    notes = _NOTES.get(doc)
    if notes is None or (notes.items, notes.years, notes.folded) != (items, doc._.years, folded):
        notes = _NOTES[doc] = Notes(doc.text, folded, doc._.years, items=items)
    notes.sentences = [(sentence.start_char, sentence.end_char) for sentence in doc.spans.get("sentences", ())]
    notes.found = {layer: tuple(records(doc, layer)) for layer in LAYERS}
    return notes


def place(doc: Doc, start: int, end: int, label: str) -> DocSpan:
    """The span of the characters `[start, end)` of a `Doc`, less a space at its end.

    Raises:
        ValueError: there is nothing but a space.
    """
    span = doc.char_span(start, end, label=label, alignment_mode="contract")
    if span is None or not len(span):
        raise ValueError(f"nothing at [{start}, {end}) of the text")
    return span


def store(doc: Doc, layer: str, found: Iterable[Found]) -> Doc:
    """Keep what an extractor found on the `Doc`, as the span group `layer`.

    Args:
        doc: the plan.
        layer: a key of `LAYERS`.
        found: records with offsets in characters of `doc.text`, in reading order.

    Returns:
        The same `Doc`.
    """
    spans = []
    for record in found:
        span = place(doc, record.start, record.end, record.rule)
        values = {name: getattr(record, name) for name in _names(layer)}
        span._.record = {**(span._.record or {}), layer: values}
        spans.append(span)
    doc.spans[layer] = spans
    return doc


@cache
def _names(layer: str) -> tuple[str, ...]:
    """The fields of a layer's records."""
    return tuple(field.name for field in fields(LAYERS[layer]))


def records(doc: Doc, layer: str) -> Iterator[Any]:
    """The records of a layer, in the order of the span group, offsets in characters of `doc.text`."""
    kind = LAYERS[layer]
    for span in doc.spans.get(layer, ()):
        yield kind(**span._.record[layer])


def _register(name: str, extractor: Extractor) -> None:
    """Make an extractor a component, which leaves its layers as span groups."""

    def component(doc: Doc) -> Doc:
        notes = read_doc(doc)
        extractor(notes)
        for layer in WRITES[name]:
            store(doc, layer, notes.found[layer])
        return doc

    Language.component(name, func=component)


for _name, _extractor in EXTRACTORS.items():
    _register(_name, _extractor)
