"""How a plan becomes a spaCy `Doc`, and how results are kept on it.

A plan is one `Doc` over its readable text (`Reading.text`), each character a token: any stretch of characters
aligns with tokens, but for a space at its end, which belongs to the character before it. What structure found goes in
as span groups, what an extractor finds comes out as span groups:

    doc.spans["sections"]          one span a node; `_.path`, `_.label`, `_.heading`
    doc.spans["items"]             one span a commitment; `_.section` (index), `_.cells`, `_.heads`
    doc.spans["sentences"]         one span a sentence inside items
    doc.spans["goals"], doc.spans["targets"], doc.spans["deadlines"], doc.spans["responsibilities"]
                                   label = the rule's name, `_.record` = the fields as a plain dict

Offsets of records on a `Doc` are characters of `doc.text`; `collect` turns them into offsets in the
source document. `doc._.folded` is the text to match on: as long as `doc.text`, width and punctuation
folded (`pipeline.model.fold`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as DocSpan
from spacy.util import DummyTokenizer
from spacy.vocab import Vocab

from pipeline.extract.confidence import confidence
from pipeline.model import (
    Deadline,
    Document,
    Found,
    Goal,
    Item,
    PlanHead,
    Reading,
    Responsibility,
    Section,
    Span,
    Target,
)

LAYERS: dict[str, type[Found]] = {
    "goals": Goal,
    "targets": Target,
    "deadlines": Deadline,
    "responsibilities": Responsibility,
}

for _name in ("folded", "years", "issuer"):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=None)
for _name in ("path", "label", "heading", "section", "cells", "heads", "record"):
    if not DocSpan.has_extension(_name):
        DocSpan.set_extension(_name, default=None)


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
    reading = head.reading
    doc = nlp.make_doc(reading.text)
    doc.user_data["planpipe_text"] = reading.text
    doc._.folded = reading.folded
    doc._.years = None if head.year_start is None else (head.year_start, head.year_end or head.year_start)
    doc._.issuer = head.issuer
    groups: dict[str, list[DocSpan]] = {"sections": [], "items": [], "sentences": []}
    for section in sections:
        span = place(doc, *reading.to_reading(section.start, section.end), "section")
        span._.path, span._.label, span._.heading = section.path, section.label, section.heading
        groups["sections"].append(span)
    for item in items:
        span = place(doc, *reading.to_reading(item.start, item.end), "item")
        span._.section = item.section
        span._.path = sections[item.section].path
        span._.cells = [(column, *reading.to_reading(cell.start, cell.end)) for column, cell in item.cells]
        span._.heads = [head and reading.to_reading(head.start, head.end) for head in item.heads]
        groups["items"].append(span)
    for sentence in sentences:
        groups["sentences"].append(place(doc, *reading.to_reading(sentence.start, sentence.end), "sentence"))
    for name, spans in groups.items():
        doc.spans[name] = spans
    for _, component in nlp.pipeline:
        doc = component(doc)
    return doc


def text_of(doc: Doc) -> str:
    """`doc.text`, joined from its tokens once and not at every access."""
    text = doc.user_data.get("planpipe_text")
    if text is None:
        text = doc.user_data["planpipe_text"] = doc.text
    return str(text)


def table_rows(doc: Doc) -> dict[int, DocSpan]:
    """The items of a plan that are rows of a task table, by their index; looked up once."""
    rows: dict[int, DocSpan] | None = doc.user_data.get("planpipe_rows")
    if rows is None:
        rows = {index: item for index, item in enumerate(doc.spans.get("items", ())) if item._.cells}
        doc.user_data["planpipe_rows"] = rows
    return rows


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


def collect(doc: Doc, layer: str, document: Document, reading: Reading) -> tuple[Any, ...]:
    """The records of a layer with offsets in the source document and the page on which they stand."""
    result = []
    for record in records(doc, layer):
        start, end = reading.to_source(record.start, record.end)
        sure = confidence(layer, record.rule) if record.confidence is None else record.confidence
        result.append(replace(record, start=start, end=end, page=document.page_at(start), confidence=sure))
    return tuple(result)
