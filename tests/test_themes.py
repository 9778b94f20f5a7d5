"""The tagger: what it says, what it stays silent on, how it is kept, and what wrong input gets."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pipeline import themes
from pipeline.errors import ThemeError
from pipeline.themes import Example, ThemeModel

CORPUS = Path(__file__).parents[1] / "corpora" / "themes"
CODES = [theme.code for theme in themes.taxonomy()]


def small_corpus() -> list[Example]:
    """Two themes and silence, six sentences each."""
    safety = [
        "开展消防演练",
        "排查校园隐患",
        "加强食堂安全检查",
        "落实安全责任制",
        "组织防溺水安全教育",
        "校车安全检查",
    ]
    party = ["加强党支部建设", "开展党员学习", "落实党风廉政责任", "党员教师示范岗", "党组织书记述职", "党课每季一次"]
    other = ["铺设供水管道", "扩大水稻面积", "引进物流企业", "整治河道", "修建公路", "推广农机"]
    return [
        *(Example(t, ("safety",)) for t in safety),
        *(Example(t, ("party",)) for t in party),
        *(Example(t, ()) for t in other),
    ]


@pytest.fixture(scope="module")
def small() -> ThemeModel:
    return themes.fit(small_corpus(), ["safety", "party"])


def test_the_shipped_model_has_the_taxonomys_codes():
    assert list(themes.default().codes) == CODES
    assert "other" not in CODES
    assert len(CODES) == 17


@pytest.mark.parametrize(
    ("text", "main"),
    [
        ("每学期组织两次消防和防震演练，排查校园安全隐患。", "safety"),
        ("全面落实随班就读和送教上门，做好残疾儿童入学安置。", "special"),
        ("新建改扩建公办幼儿园六所，提高普惠性学前教育覆盖率。", "preschool"),
        ("规范学籍管理，严格执行划片招生，化解大班额。", "enrolment"),
        ("加强党支部建设，落实党风廉政责任制。", "party"),
    ],
)
def test_plain_sentences_get_their_theme(text, main):
    (tags,) = themes.default().tag([text])
    assert tags.codes[0] == main


@pytest.mark.parametrize("text", ["推广水稻机插秧面积五万亩。", "请各单位认真贯彻执行。", "2023", "！", ""])
def test_it_stays_silent_where_there_is_no_theme(text):
    assert themes.default().tag([text])[0].codes == ()


def test_scores_fall_and_reach_the_thresholds():
    model = themes.default()
    for tags in model.tag([e.text for e in themes.read_examples(CORPUS / "heldout.csv", CODES)]):
        assert list(tags.scores) == sorted(tags.scores, reverse=True)
        assert len(tags.codes) <= themes.MOST
        for code, score in zip(tags.codes, tags.scores, strict=True):
            assert score >= model.thresholds[model.codes.index(code)] - 1e-4


def test_held_out_sentences_keep_their_quality():
    scores = themes.evaluate(themes.default(), themes.read_examples(CORPUS / "heldout.csv", CODES))
    assert scores.macro >= 0.85
    assert scores.silent >= 0.95


def test_no_held_out_sentence_was_trained_on():
    trained = {e.text for name in ("sentences", "none") for e in themes.read_examples(CORPUS / f"{name}.csv", CODES)}
    assert not trained & {e.text for e in themes.read_examples(CORPUS / "heldout.csv", CODES)}


def test_the_shipped_model_was_made_from_the_corpus():
    examples = [e for name in ("sentences", "none") for e in themes.read_examples(CORPUS / f"{name}.csv", CODES)]
    assert themes.digest(examples) == themes.default().made["sha256"], "run `make train`"


def test_the_same_sentences_give_the_same_bytes(tmp_path, small):
    small.save(tmp_path / "a")
    themes.fit(small_corpus()[::-1], ["safety", "party"]).save(tmp_path / "b")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["idf.npy", "model.json", "ngrams.txt", "weights.npy"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_model_is_the_same_after_saving_and_loading(tmp_path, small):
    small.save(tmp_path)
    texts = ["消防演练", "党员学习", "水稻"]
    np.testing.assert_allclose(ThemeModel.load(tmp_path).probabilities(texts), small.probabilities(texts), atol=1e-5)


def test_no_texts_no_tags(small):
    assert small.tag([]) == ()


def test_a_missing_model_says_how_to_make_one(tmp_path):
    with pytest.raises(ThemeError, match="planpipe train"):
        ThemeModel.load(tmp_path / "nothing")


def test_parts_that_do_not_fit_are_refused(tmp_path, small):
    small.save(tmp_path)
    np.save(tmp_path / "idf.npy", np.zeros(3))
    with pytest.raises(ThemeError, match="do not fit together"):
        ThemeModel.load(tmp_path)


def test_a_theme_with_too_few_examples_is_named():
    with pytest.raises(ThemeError, match="theme exchange has 0 examples"):
        themes.fit(small_corpus(), ["safety", "party", "exchange"])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["text", "themes"], ["句子", "nonsense"]], "line 2: no theme nonsense"),
        ([["text", "themes"], ["好", "party"], [" ", "party"]], "line 3: the text is empty"),
        ([["sentence", "label"], ["好", "party"]], "columns `text` and `themes`"),
    ],
)
def test_bad_labels_are_refused_by_line(tmp_path, rows, message):
    path = tmp_path / "labels.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(ThemeError, match=message):
        themes.read_examples(path, CODES)


def test_the_card_names_data_command_and_scores(small):
    scores = themes.evaluate(small, small_corpus())
    text = themes.card(small, scores, "planpipe train x.csv --out y")
    assert small.made["sha256"] in text
    assert "planpipe train x.csv --out y" in text
    assert f"macro-F1 {scores.macro:.3f}" in text
