"""Words: the lexicon of organs keeps its words whole."""

from __future__ import annotations

import jieba
import pytest

from pipeline.words import tokenizer, user_dictionary


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("教研员和班主任共同备课", "教研员"),
        ("由少工委组织主题队会", "少工委"),
        ("家委会参与食堂管理", "家委会"),
        ("请各网格员入户走访", "网格员"),
        ("教学点布局逐步优化", "教学点"),
    ],
)
def test_words_of_the_lexicon_stay_whole(text: str, word: str) -> None:
    assert word in tokenizer().lcut(text)
    assert "".join(tokenizer().lcut(text)) == text


def test_jieba_itself_stays_as_it_is() -> None:
    before = jieba.lcut("由少工委组织主题队会")
    tokenizer()
    assert jieba.lcut("由少工委组织主题队会") == before
    assert "少工委" not in before


def test_each_line_is_a_word_and_its_tag() -> None:
    lines = user_dictionary().splitlines()
    assert lines == sorted(set(lines))
    assert len(lines) > 150
    assert {line.split(" ")[1] for line in lines} == {"nt", "n"}
    assert all(len(line.split(" ")) == 2 and len(line.split(" ")[0]) > 1 for line in lines)
