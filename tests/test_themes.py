"""The tagger: what it says, what it stays silent on, how it is kept, and what wrong input gets."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pipeline import card, themes, training
from pipeline.errors import ThemeError
from pipeline.themes import PATH, Theme, ThemeModel
from pipeline.training import Example

CORPUS = Path(__file__).parents[1] / "corpora" / "themes"
THEMES = themes.taxonomy()
CODES = [theme.code for theme in THEMES]
SMALL = [Theme("safety", terms=("消防", "隐患")), Theme("party", terms=("党员",))]


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
def trained() -> training.Trained:
    return training.fit(small_corpus(), SMALL)


@pytest.fixture(scope="module")
def small(trained: training.Trained) -> ThemeModel:
    return trained.model


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


def test_scores_reach_the_thresholds_and_fall_behind_the_main_theme():
    model = themes.default()
    for tags in model.tag([e.text for e in training.read_examples(CORPUS / "heldout.csv", CODES)]):
        assert list(tags.scores[1:]) == sorted(tags.scores[1:], reverse=True)
        assert len(tags.codes) <= themes.MOST
        for code, score in zip(tags.codes, tags.scores, strict=True):
            assert score >= model.thresholds[model.codes.index(code)] - 1e-4


@pytest.fixture(scope="module")
def held_out() -> training.Scores:
    return training.evaluate(themes.default(), training.read_examples(CORPUS / "heldout.csv", CODES))


def test_held_out_sentences_keep_their_quality(held_out):
    assert held_out.macro >= 0.85
    assert held_out.main >= 0.80
    assert held_out.silent >= 0.95


def test_probabilities_are_calibrated(held_out):
    assert held_out.error <= 0.05
    assert held_out.error_likely <= 0.05


def corpus() -> list[Example]:
    return [e for name in ("sentences", "none") for e in training.read_examples(CORPUS / f"{name}.csv", CODES)]


def test_no_held_out_sentence_was_trained_on_or_nearly_so():
    texts = [e.text for e in training.read_examples(CORPUS / "heldout.csv", CODES)]
    kin = training.families([*texts, *(e.text for e in corpus())])
    assert set(kin[: len(texts)]) & set(kin[len(texts) :]) == set()


def test_the_corpus_is_as_large_and_mixed_as_the_card_says():
    themed = [e for e in corpus() if e.themes]
    assert len({e.text for e in themed}) >= 3300
    assert sum(len(e.themes) > 1 for e in themed) >= 0.3 * len(themed)
    assert len(corpus()) - len(themed) >= 500


@pytest.mark.parametrize("theme", THEMES, ids=CODES)
def test_a_theme_gets_its_example_and_not_its_counterexample(theme):
    example, counter = themes.default().tag([theme.example, theme.counter])
    assert theme.code in example.codes
    assert theme.code not in counter.codes


def test_the_shipped_model_was_made_from_the_corpus():
    model = themes.default()
    assert training.digest(corpus()) == model.made["sha256"], "run `make train`"
    assert model.themes == tuple(Theme(t.code, t.zh, t.covers, t.terms, t.example, t.counter) for t in THEMES)


def test_the_same_sentences_give_the_same_bytes(tmp_path, small):
    small.save(tmp_path / "a")
    training.fit(small_corpus()[::-1], SMALL).model.save(tmp_path / "b")
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
        training.fit(small_corpus(), [*SMALL, Theme("exchange")])


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
        training.read_examples(path, CODES)


def test_the_card_names_data_command_and_scores(trained):
    scores = training.evaluate(trained.model, small_corpus())
    text = card.card(trained, scores, "planpipe train x.csv --out y", "## Notes")
    assert trained.model.made["sha256"] in text
    assert "planpipe train x.csv --out y" in text
    assert f"| held out | {scores.micro:.3f} | {scores.macro:.3f} |" in text
    for heading in ("Scores", "Reliability", "Learning curve", "Words that decide", "Sentences most in doubt", "Notes"):
        assert f"## {heading}\n" in text


def test_words_that_pull_a_text_to_a_theme_are_named(small):
    reasons = small.why("每月检查消防隐患")["safety"]
    assert {"消防", "隐患"} <= {reason.word for reason in reasons}
    assert [reason.weight for reason in reasons] == sorted((r.weight for r in reasons), reverse=True)
    assert small.why("修建公路") == {}


def test_what_words_add_makes_up_the_log_odds(small):
    text = "每月检查消防隐患"
    ((odds, *_),) = small.values([text])[0]
    base = small.slopes[0] * small.intercepts[0] + small.shifts[0]
    assert base + sum(small.pulls(text, "safety").values()) == pytest.approx(odds, abs=1e-6)


def test_a_heading_counts_for_what_stands_under_it():
    model = themes.default()
    text = "每月检查一次，做好记录。"
    alone, under, beside = model.probabilities([text] * 3, [None, f"主要措施{PATH}校园安全", "主要措施"])
    safety = model.codes.index("safety")
    assert under[safety] > 0.5 > alone[safety]
    assert beside[safety] < 0.5


def test_a_path_without_words_is_no_heading(small):
    texts = ["加强党支部建设"]
    np.testing.assert_array_equal(small.probabilities(texts, [" "]), small.probabilities(texts))


def test_near_repeats_are_of_one_family():
    kin = training.families(["每月开展消防安全演练", "每月开展一次消防安全演练", "新建教学楼", "新建教学楼"])
    assert kin[0] == kin[1] != kin[2] == kin[3]


def test_a_taxonomy_without_untagged_sentences_can_be_trained():
    examples = [example for example in small_corpus() if example.themes]
    model = training.fit(examples, SMALL).model
    assert model.tag(["开展消防演练"])[0].codes[0] == "safety"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- {code: a}\n- {code: a}\n", "code of its own.*'a'"),
        ("- {code: 'a;b'}\n", "code of its own"),
        ("- {zh: 命令}\n", "YAML list of themes"),
        ("code: a\n", "YAML list of themes"),
        ("- {code: a, colour: red}\n", "YAML list of themes"),
        ("[\n", "YAML list of themes"),
        ("[]\n", "code of its own"),
    ],
)
def test_a_faulty_taxonomy_is_refused(tmp_path, content, message):
    path = tmp_path / "my.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ThemeError, match=message):
        training.read_taxonomy(path)


def test_the_example_of_own_categories_can_be_trained(tmp_path):
    folder = CORPUS.parent / "instruments"
    own = training.read_taxonomy(folder / "taxonomy.yaml")
    codes = [theme.code for theme in own]
    trained = training.fit(training.read_examples(folder / "labels.csv", codes), own)
    trained.model.save(tmp_path)
    model = ThemeModel.load(tmp_path)
    assert model.themes == own
    assert [tags.codes[0] for tags in model.tag(["严禁违规收费。", "对优秀教师给予奖励。"])] == [
        "mandate",
        "inducement",
    ]
