"""How a plan's text becomes a `Doc`."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract import pipeline
from pipeline.extract.layers import Characters, place


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
