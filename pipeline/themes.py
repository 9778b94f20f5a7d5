"""Which themes of a taxonomy a passage acts on: a linear model over character n-grams.

One logistic regression a theme over tf-idf weighted n-grams of one to three characters; its decision
value is turned into a probability by Platt's logistic calibration on cross-validated values (Platt
1999), and each theme has a threshold of its own. One more regression, the gate, tells whether a passage
acts on any theme at all: where it says no, nothing is tagged, since matters outside education use the
same words. A passage carries at most `MOST` themes (guideline, "themes"), the most probable one first.

A model is a folder without pickles: `model.json` (codes, thresholds, calibration, how it was made),
`ngrams.txt` (one n-gram a line), `idf.npy` and `weights.npy` (n-grams × themes and gate, float32). The same
sentences give the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import ThemeError
from pipeline.model import Tags, fold
from pipeline.rules import load

if TYPE_CHECKING:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

MOST = 4
"""Themes a passage may carry (guideline, "themes")."""
NGRAMS = (1, 3)
LEAST_DOCUMENTS = 2
"""An n-gram that only one sentence has tells nothing about others."""
COST = 10.0
FOLDS = 5
FEWEST_EXAMPLES = 5
"""Examples without which a theme cannot be cross-validated in `FOLDS` parts."""


class Example(NamedTuple):
    """A labelled sentence: its text and the codes of its themes, main theme first."""

    text: str
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of a taxonomy."""

    code: str
    zh: str
    covers: str


class Scores(NamedTuple):
    """How well tags agree with labels.

    Args:
        micro: F1 over all tags.
        macro: mean F1 over themes.
        main: share of labelled passages whose main theme comes first.
        silent: share of passages without a theme that are left untagged.
        by_theme: F1 and number of labels a theme.
    """

    micro: float
    macro: float
    main: float
    silent: float
    by_theme: dict[str, tuple[float, int]]


def taxonomy() -> tuple[Theme, ...]:
    """The default taxonomy (`rules/themes.yaml`), less `other`, which no passage is tagged with."""
    return tuple(Theme(**row) for row in load("themes") if row["code"] != "other")


def read_examples(path: Path, codes: Iterable[str]) -> list[Example]:
    """Labelled sentences from a CSV file with the columns `text` and `themes` (codes joined by `;`).

    Args:
        path: UTF-8, with or without BOM.
        codes: the taxonomy's codes.

    Raises:
        ThemeError: a column is missing, a text is empty or a code is unknown; the message names the line.
    """
    known = set(codes)
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"text", "themes"} <= set(reader.fieldnames or ()):
            raise ThemeError(f"{path.name}: the columns `text` and `themes` are needed; there are {reader.fieldnames}.")
        examples = []
        for row in reader:
            themes = tuple(code for code in row["themes"].split(";") if code)
            if not row["text"].strip():
                raise ThemeError(
                    f"{path.name}, line {reader.line_num}: the text is empty; delete the line or fill it in."
                )
            if unknown := set(themes) - known:
                raise ThemeError(
                    f"{path.name}, line {reader.line_num}: no theme {', '.join(sorted(unknown))} in the taxonomy; "
                    f"its codes are {', '.join(sorted(known))}."
                )
            examples.append(Example(row["text"].strip(), themes))
    return examples


def _plain(text: str) -> str:
    """What the n-grams are taken from: folded text with all but Han characters and letters as gaps."""
    return re.sub("[^一-鿿A-Za-z]+", " ", fold(text))


def _vectorizer(vocabulary: Sequence[str] | None = None) -> TfidfVectorizer:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char",
        ngram_range=NGRAMS,
        min_df=LEAST_DOCUMENTS if vocabulary is None else 1,
        sublinear_tf=True,
        preprocessor=_plain,
        vocabulary=vocabulary,
    )


@dataclass(frozen=True)
class ThemeModel:
    """A trained tagger.

    Args:
        codes: of its themes.
        ngrams: its features, in the order of the rows of `weights`.
        idf: inverse document frequencies, shape (n-grams,).
        weights: shape (n-grams, themes + 1), float32; the last column is the gate's.
        intercepts: shape (themes + 1,).
        slopes, shifts: Platt's calibration, each of shape (themes + 1,).
        thresholds: probabilities from which a theme is tagged, and from which any is, shape (themes + 1,).
        made: how it was made: data hash, counts, parameters.
    """

    codes: tuple[str, ...]
    ngrams: tuple[str, ...]
    idf: np.ndarray[Any, Any]
    weights: np.ndarray[Any, Any]
    intercepts: np.ndarray[Any, Any]
    slopes: np.ndarray[Any, Any]
    shifts: np.ndarray[Any, Any]
    thresholds: np.ndarray[Any, Any]
    made: dict[str, Any]

    @cached_property
    def _features(self) -> TfidfVectorizer:
        vectorizer = _vectorizer(self.ngrams)
        vectorizer.idf_ = self.idf
        return vectorizer

    def probabilities(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        """Calibrated probability of each theme, and last of any theme, for each text, shape (texts, themes + 1)."""
        import numpy as np

        if not texts:
            return np.zeros((0, len(self.codes) + 1))
        values = self._features.transform(texts) @ self.weights + self.intercepts
        result: np.ndarray[Any, Any] = 1.0 / (1.0 + np.exp(-(self.slopes * values + self.shifts)))
        return result

    def tag(self, texts: Sequence[str]) -> tuple[Tags, ...]:
        """The themes of each text, the most probable first, with their probabilities.

        Args:
            texts: passages.

        Returns:
            One entry a text; no themes where none reaches its threshold.
        """
        return tuple(self._tags(row) for row in self.probabilities(texts))

    def _tags(self, row: np.ndarray[Any, Any]) -> Tags:
        over = _over(row, self.thresholds)
        return Tags(codes=tuple(self.codes[k] for k in over), scores=tuple(round(float(row[k]), 4) for k in over))

    def save(self, folder: Path) -> None:
        """Write the model into a folder, which is made where it is missing."""
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True)
        head = {
            "codes": self.codes,
            "intercepts": _numbers(self.intercepts),
            "slopes": _numbers(self.slopes),
            "shifts": _numbers(self.shifts),
            "thresholds": _numbers(self.thresholds),
            "made": self.made,
        }
        (folder / "model.json").write_text(json.dumps(head, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        (folder / "ngrams.txt").write_text("\n".join(self.ngrams) + "\n", encoding="utf-8", newline="\n")
        np.save(folder / "idf.npy", self.idf.astype("<f4"), allow_pickle=False)
        np.save(folder / "weights.npy", self.weights.astype("<f4"), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path | Traversable) -> ThemeModel:
        """Read a model that `save` wrote.

        Raises:
            ThemeError: the folder lacks a part of a model, or the parts do not fit together.
        """
        import numpy as np

        try:
            head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            ngrams = tuple((folder / "ngrams.txt").read_text(encoding="utf-8").rstrip("\n").split("\n"))
            idf, weights = (
                np.load(BytesIO((folder / name).read_bytes()), allow_pickle=False)
                for name in ("idf.npy", "weights.npy")
            )
            numbers = {name: np.array(head[name]) for name in ("intercepts", "slopes", "shifts", "thresholds")}
            model = cls(tuple(head["codes"]), ngrams, idf.astype("f8"), weights, made=head["made"], **numbers)
        except (OSError, ValueError, KeyError) as error:
            raise ThemeError(f"{folder} holds no theme model ({error}); make one with `planpipe train`.") from error
        if weights.shape != (len(ngrams), len(model.codes) + 1) or idf.shape != (len(ngrams),):
            raise ThemeError(f"{folder}: the parts of the model do not fit together; train it anew.")
        return model


def _over(row: np.ndarray[Any, Any], thresholds: np.ndarray[Any, Any]) -> list[int]:
    """Indices of the themes of a passage, the most probable first; none where the gate is shut."""
    if row[-1] < thresholds[-1]:
        return []
    return [int(k) for k in (-row[:-1]).argsort(kind="stable") if row[k] >= thresholds[k]][:MOST]


def _numbers(array: np.ndarray[Any, Any]) -> list[float]:
    return [round(float(x), 6) for x in array]


@cache
def default() -> ThemeModel:
    """The shipped model of the default taxonomy."""
    return ThemeModel.load(files("pipeline.models") / "themes")


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 of labelled sentences, whatever their order; a model keeps that of the ones it was trained on."""
    lines = sorted({f"{example.text}\t{';'.join(example.themes)}" for example in examples})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def fit(examples: Sequence[Example], codes: Sequence[str]) -> ThemeModel:
    """Train a model.

    Args:
        examples: labelled sentences, those without a theme among them.
        codes: of the taxonomy, in its order.

    Raises:
        ThemeError: a theme has fewer than `FEWEST_EXAMPLES` examples; the message names it.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    examples = sorted(set(examples))
    labels = np.array([[code in example.themes for code in codes] for example in examples])
    for code, count in zip(codes, labels.sum(axis=0), strict=True):
        if count < FEWEST_EXAMPLES:
            raise ThemeError(f"theme {code} has {count} examples; it needs {FEWEST_EXAMPLES} at least.")
    vectorizer = _vectorizer()
    matrix = vectorizer.fit_transform([example.text for example in examples])
    columns, intercepts, slopes, shifts, held_out = [], [], [], [], []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for wanted in (*labels.T, labels.any(axis=1)):
        regression = LogisticRegression(C=COST, class_weight="balanced", solver="liblinear", random_state=0)
        values = cross_val_predict(regression, matrix, wanted, cv=folds, method="decision_function")
        platt = LogisticRegression(C=1e3).fit(values[:, None], wanted)
        regression.fit(matrix, wanted)
        columns.append(regression.coef_[0])
        intercepts.append(regression.intercept_[0])
        slopes.append(platt.coef_[0, 0])
        shifts.append(platt.intercept_[0])
        held_out.append(platt.predict_proba(values[:, None])[:, 1])
    probabilities = np.array(held_out).T
    return ThemeModel(
        codes=tuple(codes),
        ngrams=tuple(str(g) for g in vectorizer.get_feature_names_out()),
        idf=vectorizer.idf_,
        weights=np.array(columns).T.astype("f4"),
        intercepts=np.array(intercepts),
        slopes=np.array(slopes),
        shifts=np.array(shifts),
        thresholds=_thresholds(probabilities, labels),
        made={
            "examples": len(examples),
            "without_theme": sum(not e.themes for e in examples),
            "sha256": digest(examples),
            "ngrams": list(NGRAMS),
            "cost": COST,
        },
    )


def _thresholds(probabilities: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Each theme's threshold, then the gate's: those that give the best F1 on held-out probabilities."""
    import numpy as np

    count = labels.shape[1]
    result = np.zeros(count + 1)
    for k in range(count):
        scores = {step / 100: _agreement(probabilities[:, k] >= step / 100, labels[:, k]) for step in range(40, 71)}
        result[k] = max(scores, key=lambda least: scores[least])

    def with_gate(least: float) -> float:
        tagged = (probabilities[:, :-1] >= result[:-1]) & (probabilities[:, -1:] >= least)
        return _agreement(tagged, labels)

    result[-1] = max((step / 100 for step in range(5, 51)), key=with_gate)
    return result


def _agreement(tagged: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> float:
    return _f1(int((tagged & wanted).sum()), int(tagged.sum()), int(wanted.sum()))


def _f1(hits: int, tagged: int, wanted: int) -> float:
    return 2 * hits / (tagged + wanted) if tagged + wanted else 0.0


def evaluate(model: ThemeModel, examples: Sequence[Example]) -> Scores:
    """How well a model tags labelled sentences.

    Args:
        model: the tagger.
        examples: sentences that it was not trained on.
    """
    tags = [tag.codes for tag in model.tag([example.text for example in examples])]
    pairs = [(set(got), set(example.themes)) for got, example in zip(tags, examples, strict=True)]
    by_theme = {}
    for code in model.codes:
        hits = sum(code in got and code in wanted for got, wanted in pairs)
        labelled = sum(code in wanted for _, wanted in pairs)
        by_theme[code] = (_f1(hits, sum(code in got for got, _ in pairs), labelled), labelled)
    themed = [(got, example.themes) for got, example in zip(tags, examples, strict=True) if example.themes]
    plain = [got for got, example in zip(tags, examples, strict=True) if not example.themes]
    return Scores(
        micro=_f1(sum(len(g & w) for g, w in pairs), sum(len(g) for g, _ in pairs), sum(len(w) for _, w in pairs)),
        macro=sum(score for score, _ in by_theme.values()) / len(by_theme),
        main=sum(bool(got) and got[0] == wanted[0] for got, wanted in themed) / max(len(themed), 1),
        silent=sum(not got for got in plain) / max(len(plain), 1),
        by_theme=by_theme,
    )


def card(model: ThemeModel, held_out: Scores | None, command: str) -> str:
    """The model card as Markdown.

    Args:
        model: the tagger.
        held_out: its scores on sentences that it was not trained on.
        command: what made it.
    """
    made = model.made
    lines = [
        "# Theme model",
        "",
        f"Tags passages of Chinese education plans with {len(model.codes)} themes, several a passage, main theme",
        "first; leaves matters outside education and boilerplate untagged.",
        "",
        "| | |",
        "| --- | --- |",
        f"| made by | `{command}` |",
        f"| trained on | {made['examples']} sentences, {made['without_theme']} of them without a theme |",
        f"| SHA-256 of the sentences | `{made['sha256']}` |",
        f"| features | {len(model.ngrams)} character n-grams of {made['ngrams'][0]} to {made['ngrams'][1]}, tf-idf |",
        f"| classifier | one logistic regression a theme (C = {made['cost']:g}, balanced), Platt's calibration |",
        f"| gate | tags only what acts on any theme with a probability of {model.thresholds[-1]:.2f} or more |",
        "",
        "The sentences stand in `corpora/themes`; all were written for this project, one by one, none is taken from",
        "a real plan. They are in Simplified Chinese and speak of schools of the People's Republic of China; on other",
        "text the model is untested. Scores are probabilities calibrated on cross-validated values.",
        "",
    ]
    if held_out:
        lines += [
            "Scores on sentences written apart and never trained on (`corpora/themes/heldout.csv`):",
            "",
            f"micro-F1 {held_out.micro:.3f}, macro-F1 {held_out.macro:.3f}, main theme right {held_out.main:.3f},",
            f"left untagged where there is no theme {held_out.silent:.3f}.",
            "",
            "| theme | F1 | labels | threshold |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| {code} | {held_out.by_theme[code][0]:.3f} | {held_out.by_theme[code][1]} | {threshold:.2f} |"
            for code, threshold in zip(model.codes, model.thresholds, strict=False)
        ]
        lines.append("")
    return "\n".join(lines)
