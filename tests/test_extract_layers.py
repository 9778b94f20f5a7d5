"""How a plan's text becomes a `Doc`."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from pipeline.extract import EXTRACTORS, extract, pipeline
from pipeline.extract.layers import WRITES, Characters, annotate, place, records, store
from pipeline.extract.notes import LAYERS
from pipeline.items import cut
from pipeline.model import Target
from pipeline.plans import split
from pipeline.read import read
from pipeline.sections import tree

SAMPLE = sorted((Path(__file__).parents[1] / "corpora" / "sample").glob("0*"))


@given(st.text(alphabet="区教育 局\n\t\u3000a1。", max_size=40))
def test_tokens_are_those_of_spacys_character_segmenter(text):
    own = spacy.blank("zh")
    ours = Characters(own.vocab)(text)
    theirs = own.make_doc(text)
    assert [(token.text, token.whitespace_) for token in ours] == [(t.text, t.whitespace_) for t in theirs]
    assert ours.text == text


def test_the_pipeline_takes_characters_for_tokens():
    assert [token.text for token in pipeline().make_doc("到 2031年")] == ["到", "2", "0", "3", "1", "年"]


def test_a_span_leaves_out_a_space_at_its_end():
    doc = pipeline().make_doc(" 区教育局 \n")
    assert place(doc, 1, 6, "unit").text == "区教育局"
    with pytest.raises(ValueError, match="nothing at"):
        place(doc, 5, 6, "unit")


def test_component_stores_records():
    nlp = spacy.blank("zh")
    nlp.add_pipe("planpipe_responsibilities")
    doc = nlp("（责任单位：县水务局）")
    (span,) = doc.spans["responsibilities"]
    assert (span.text, span.label_) == ("县水务局", "label_resp")
    assert span._.record["responsibilities"]["role"] == "resp"
    (found,) = records(doc, "responsibilities")
    assert (found.text, found.start, found.item) == ("县水务局", 6, None)


def test_a_goal_is_stored_under_its_rule():
    doc = made("争创省级文明校园。")
    doc.spans["sentences"] = doc.spans["items"]
    (span,) = pipeline().get_pipe("planpipe_goals")(doc).spans["goals"]
    assert (span.text, span.label_) == ("争创省级文明校园。", "opens_with_aim")


def made(text):
    """A text of one item as a `Doc`."""
    doc = spacy.blank("zh").make_doc(text)
    doc.spans["items"] = [place(doc, 0, len(text), "item")]
    return doc


def test_what_changes_between_two_components_is_seen():
    doc = made("年底前新建学校3所。")
    find_times, find_targets = (pipeline().get_pipe(f"planpipe_{name}") for name in ("deadlines", "targets"))
    assert [time.until for time in records(find_times(doc), "deadlines")] == [None]
    doc._.years = (2026, 2026)
    assert [time.until for time in records(find_times(doc), "deadlines")] == ["2026-12-31"]
    assert [span.text for span in find_targets(doc).spans["targets"]] == ["3所"]
    doc.spans["items"] = []
    assert not find_targets(doc).spans["targets"]


def test_a_component_reads_what_others_left():
    doc = made("年底前新建学校3所。")
    store(doc, "targets", [Target(start=5, end=8, text="学校3", rule="by_hand", indicator=None, op="eq", value=3)])
    (target,) = records(pipeline().get_pipe("planpipe_link")(doc), "targets")
    assert (target.rule, target.item) == ("by_hand", 0)


def test_a_layer_without_records_is_a_group_all_the_same():
    nlp = pipeline()
    doc = made("加强学习。")
    for _, component in nlp.pipeline:
        doc = component(doc)
    assert {name: len(doc.spans[name]) for name in LAYERS} == dict.fromkeys(LAYERS, 0)
    assert set(WRITES) == set(EXTRACTORS)


def test_a_doc_can_be_written_and_read():
    doc = pipeline()("县水务局负责修渠。")
    again = Doc(doc.vocab).from_bytes(doc.to_bytes())
    assert list(again.spans) == list(doc.spans)


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem)
def test_a_doc_and_notes_alone_give_the_same(path):
    document = read(path)
    for head in split(document):
        sections = tree(document, head)
        plan = (document, head, sections, *cut(document, head, sections))
        assert extract(*plan) == extract(*plan, nlp=pipeline())
        doc = annotate(pipeline(), *plan)
        assert set(doc.spans) == {"sections", "items", "sentences", *LAYERS}


def test_what_is_left_out_of_the_pipeline_is_not_found():
    text = "新建学校3所。"
    nlp = spacy.blank("zh")
    for name in [name for name in EXTRACTORS if name != "planpipe_targets"]:
        nlp.add_pipe(name)
    doc = nlp.make_doc(text)
    doc.spans["items"] = [place(doc, 0, len(text), "item")]
    for _, component in nlp.pipeline:
        doc = component(doc)
    assert not list(records(doc, "targets"))
