"""Values check themselves when they are made; folding keeps lengths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.grams import plain, plain_each
from pipeline.model import Block, Document, Reading, Span, fold, fold_each


def made_of(text: str, *blocks: Block) -> Document:
    return Document(text=text, blocks=blocks, format="txt", sha256="0" * 64, bytes=len(text.encode()))


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, 0)])
def test_a_span_is_neither_empty_nor_reversed_nor_before_the_text(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(start=start, end=end)


def test_covers() -> None:
    outer = Span(start=2, end=9)
    assert outer.covers(outer)
    assert outer.covers(Span(start=3, end=9))
    assert not outer.covers(Span(start=1, end=4))
    assert not outer.covers(Span(start=8, end=10))


def test_blocks_lie_in_the_text_in_order() -> None:
    made_of("甲乙丙丁", Block(start=0, end=2), Block(start=2, end=4))
    for blocks in (
        (Block(start=0, end=3), Block(start=2, end=4)),
        (Block(start=2, end=4), Block(start=0, end=2)),
        (Block(start=0, end=5),),
    ):
        with pytest.raises(ValueError, match="overlaps or lies outside"):
            made_of("甲乙丙丁", *blocks)


def test_page_at() -> None:
    document = made_of("甲乙丙丁戊", Block(start=1, end=2, page=1), Block(start=3, end=5, page=2))
    assert [document.page_at(i) for i in range(5)] == [None, 1, 1, 2, 2]


def test_a_reading_has_one_increasing_offset_a_character() -> None:
    with pytest.raises(ValueError, match="2 characters with 1 offsets"):
        Reading("甲乙", (0,))
    with pytest.raises(ValueError, match="do not increase"):
        Reading("甲乙", (4, 4))


def test_a_reading_leads_to_the_source_and_back() -> None:
    source = "加强学校后-3-\n勤管理"
    reading = Reading("加强学校后勤管理", (*range(5), *range(9, 12)))
    start = reading.text.index("后勤")
    assert reading.to_source(start, start + 2) == (4, 10)
    assert source[4:10] == "后-3-\n勤"
    assert reading.to_reading(4, 10) == (start, start + 2)
    assert reading.slice(4, 10) == "后勤"


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_long_texts_are_folded_as_their_characters_are() -> None:
    text = "".join(map(chr, range(0x10000))) + "𠀀\0"
    assert fold(text) == "".join(map(fold, text))


def test_folding_twice_is_folding_once() -> None:
    once = [fold(chr(code)) for code in range(0x10000)]
    assert [fold(char) for char in once] == once


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("（一）", "(一)"),
        ("１．５％", "1.5%"),
        ("〔2031〕", "[2031]"),
        ("2031—2033", "2031-2033"),
        ("「甲」『乙』", "“甲”“乙”"),
        ("８∶1", "8:1"),
        ("甲，乙、丙。", "甲,乙、丙。"),
        ("①⑴", "①⑴"),
        ("甲\u3000乙", "甲 乙"),
        ("㈠", "㈠"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_folding_keeps_line_feeds() -> None:
    assert fold("甲\n乙\r丙") == "甲\n乙 丙"


def test_folding_keeps_roman_numerals() -> None:
    assert fold("ⅠⅡⅤⅩ") == "ⅠⅡⅤⅩ"


def test_traditional_characters_fold_to_simplified_ones() -> None:
    assert fold("第一節 總體要求") == "第一节 总体要求"
    assert fold("显著，乾隆，著作") == "显著,乾隆,著作"


def test_many_texts_are_folded_as_one_by_one() -> None:
    many = ["", "２０３１年，“学校”～", "\x1e甲\x1e", "教育" * 150, "\ud800ＡＢ"]
    for texts in (many, many[:2], many[3:], []):
        assert fold_each(texts) == [fold(text) for text in texts]
        assert plain_each(texts) == [plain(text) for text in texts]
