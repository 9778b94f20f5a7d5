"""What was tried for the theme model: features of a text, and how a regression's value becomes a probability.

    python -m tests.bench.features [--small]

Prints the two tables of `corpora/themes/NOTES.md`, with the regressions, groups and thresholds of
`pipeline.training`, headings left out. Features: micro-F1 and macro-F1 of sentences left out, micro-F1 of
`heldout.csv`. Calibration, for the features that were taken: the map from values to probabilities and the
thresholds are fitted on four fifths of the values left out and scored on the fifth part, each part once; expected
calibration error in tenths, over all pairs of a sentence and a theme and over those of 0.1 or more, Brier score,
micro-F1.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jieba
import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedGroupKFold

from pipeline import themes, training
from pipeline.grams import common, plain

CORPUS = Path(__file__).parents[2] / "corpora" / "themes"
Array = np.ndarray[Any, Any]


class Variant(NamedTuple):
    """Features to try.

    Args:
        name: what the table calls them.
        ngrams: lengths of n-grams of characters, None for none.
        words: whether jieba's words are counted.
        terms: scale of the counts of the taxonomy's terms, 0 for none.
        cost: of the regressions (C).
    """

    name: str
    ngrams: tuple[int, int] | None
    words: bool
    terms: float
    cost: float


VARIANTS = (
    Variant("n-grams of 1–3 characters", (1, 3), False, 0, 10),
    Variant("words (jieba)", None, True, 0, 10),
    Variant("n-grams and words", (1, 3), True, 0, 10),
    Variant("terms and words", None, True, 0.15, 10),
    Variant("n-grams, terms, words", (1, 3), True, 0.15, 10),
    Variant("n-grams of 2–4, terms", (2, 4), False, 0.15, 30),
    Variant("n-grams of 1–3, terms at 0.3", (1, 3), False, 0.3, 30),
    Variant("n-grams of 1–3, terms at 0.15: **taken**", (1, 3), False, 0.15, 30),
    Variant("… n-grams of 1–2", (1, 2), False, 0.15, 30),
    Variant("… n-grams of 1–4", (1, 4), False, 0.15, 30),
)
TAKEN = next(variant for variant in VARIANTS if "taken" in variant.name)


class Fitted:
    """The features of a variant as some sentences have them, and the regressions fitted on these sentences."""

    def __init__(self, variant: Variant, texts: Sequence[str], wanted: Array, taxonomy: Sequence[themes.Theme]) -> None:
        self.variant = variant
        bare = [plain(text) for text in texts]
        ngrams = common(bare, variant.ngrams, training.LEAST_DOCUMENTS) if variant.ngrams else ()
        terms = [theme.terms for theme in taxonomy]
        self.features = themes.Features(ngrams, np.ones(len(ngrams)), terms)
        found, _ = self.features.find(bare)
        having = np.unique(found.text * np.int64(len(ngrams) + 1) + found.entry) % (len(ngrams) + 1)
        frequency = np.bincount(having, minlength=len(ngrams))[: len(ngrams)]
        self.features.idf = np.log((1 + len(texts)) / (1 + frequency)) + 1
        self.words = TfidfVectorizer(analyzer=jieba.lcut, min_df=training.LEAST_DOCUMENTS, sublinear_tf=True)
        if variant.words:
            self.words.fit(texts)
        matrix = self.matrix(texts)
        regressions = [
            LogisticRegression(C=variant.cost, solver="liblinear", random_state=0).fit(matrix, column)
            for column in wanted.T
        ]
        self.weights = np.array([one.coef_[0] for one in regressions]).T
        self.intercepts = np.array([one.intercept_[0] for one in regressions])

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        both = self.features.matrix([plain(text) for text in texts])
        width = self.features.ngrams
        parts = [both[:, :width], both[:, width:] * (self.variant.terms / themes.TERM_WEIGHT)]
        if self.variant.words:
            parts.append(self.words.transform(texts))
        return hstack(parts).tocsr()

    def values(self, texts: Sequence[str]) -> Array:
        result: Array = self.matrix(texts) @ self.weights + self.intercepts
        return result


class Data(NamedTuple):
    """Sentences, and which of the themes and whether any they have, shape (sentences, themes + 1)."""

    texts: list[str]
    wanted: Array


@cache
def data(name: str, small: bool) -> Data:
    """The sentences of a part of the corpus: `train` or `heldout`; every sixth of them where small is wanted."""
    codes = [theme.code for theme in themes.taxonomy()]
    files = ("sentences.csv", "none.csv") if name == "train" else ("heldout.csv",)
    examples = sorted({one for file in files for one in training.read_examples(CORPUS / file, codes)})
    examples = examples[:: 6 if small else 1]
    labels = np.array([[code in one.themes for code in codes] for one in examples])
    return Data([one.text for one in examples], np.column_stack([labels, labels.any(axis=1)]))


def left_out(variant: Variant, small: bool) -> Array:
    """The values of each sentence by regressions that were fitted on others, shape (sentences, themes + 1)."""
    texts, wanted = data("train", small)
    values = np.zeros(wanted.shape)
    first = [int(row[:-1].argmax()) if row[-1] else -1 for row in wanted]
    folds = StratifiedGroupKFold(training.FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(texts, first, training.families(texts)):
        part = Fitted(variant, [texts[i] for i in train], wanted[train], themes.taxonomy())
        values[test] = part.values([texts[i] for i in test])
    return values


# Calibration


Map = Callable[[Array], Array]


def by_platt(values: Array, wanted: Array) -> Map:
    """A logistic curve (Platt 1999)."""
    slope, shift = training._platt(values, wanted)
    return lambda new: themes.logistic(slope * new + shift)


def by_isotonic(values: Array, wanted: Array) -> Map:
    """A rising staircase (Zadrozny and Elkan 2002)."""
    steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(values, wanted)
    return lambda new: steps.predict(new)


def as_fitted(values: Array, wanted: Array) -> Map:
    """The regression's own probability."""
    return themes.logistic


CALIBRATIONS: dict[str, Callable[[Array, Array], Map]] = {
    "none": as_fitted,
    "Platt: **taken**": by_platt,
    "isotonic": by_isotonic,
}


def maps(calibrate: Callable[[Array, Array], Map], values: Array, wanted: Array) -> Map:
    """The map of every column: of each theme and of the gate."""
    columns = [calibrate(values[:, k], wanted[:, k]) for k in range(wanted.shape[1])]
    return lambda new: np.column_stack([column(new[:, k]) for k, column in enumerate(columns)])


def tagged(probabilities: Array, thresholds: Array) -> Array:
    """Which themes a sentence is tagged with: none where the gate is shut."""
    result: Array = (probabilities[:, :-1] >= thresholds[:-1]) & (probabilities[:, -1:] >= thresholds[-1])
    return result


class Worth(NamedTuple):
    """What a calibration is worth on values that it was not fitted on."""

    error: float
    error_likely: float
    brier: float
    micro: float


def worth(calibrate: Callable[[Array, Array], Map], values: Array, wanted: Array) -> Worth:
    """Score a calibration, each fifth of the values by maps and thresholds of the others."""
    said = np.zeros(wanted.shape)
    tags = np.zeros((len(wanted), wanted.shape[1] - 1), dtype=bool)
    for train, test in KFold(training.FOLDS, shuffle=True, random_state=0).split(values):
        mapped = maps(calibrate, values[train], wanted[train])
        thresholds = training._thresholds(mapped(values[train]), wanted[train][:, :-1])
        said[test] = mapped(values[test])
        tags[test] = tagged(said[test], thresholds)
    labels = wanted[:, :-1]
    pairs, right = said[:, :-1].ravel(), labels.ravel()
    tenth = np.minimum((pairs * training.BINS).astype(int), training.BINS - 1)
    bins = [
        training.Bin(float(pairs[tenth == k].mean()), float(right[tenth == k].mean()), int((tenth == k).sum()))
        for k in range(training.BINS)
        if (tenth == k).any()
    ]
    return Worth(
        training._calibration_error(bins),
        training._calibration_error([one for one in bins if one.said >= 1 / training.BINS]),
        float(((pairs - right) ** 2).mean()),
        training._agreement(tags, labels),
    )


# Tables


def feature_row(variant: Variant, values: Array, small: bool) -> tuple[str, ...]:
    """A variant's line of the table of features."""
    texts, wanted = data("train", small)
    labels = wanted[:, :-1]
    mapped = maps(by_platt, values, wanted)
    thresholds = training._thresholds(mapped(values), labels)
    tags = tagged(mapped(values), thresholds)
    macro = np.mean([training._agreement(tags[:, k], labels[:, k]) for k in range(labels.shape[1])])
    apart, there = data("heldout", small)
    found = tagged(mapped(Fitted(variant, texts, wanted, themes.taxonomy()).values(apart)), thresholds)
    scores = (training._agreement(tags, labels), macro, training._agreement(found, there[:, :-1]))
    return (variant.name, *(f"{score:.3f}" for score in scores))


def lines(variants: Sequence[Variant], *, small: bool = False) -> Iterator[tuple[str, ...]]:
    """The lines of both tables, as cells, the second one if the taken variant is among the first's."""
    yield ("features", "cross-validated micro-F1", "macro-F1", "held-out micro-F1")
    taken = None
    for variant in variants:
        values = left_out(variant, small)
        if variant is TAKEN:
            taken = values
        yield feature_row(variant, values, small)
    if taken is not None:
        yield ("calibration", "error over all pairs", "over those of 0.1 or more", "Brier score", "micro-F1")
        for name, calibrate in CALIBRATIONS.items():
            one = worth(calibrate, taken, data("train", small).wanted)
            yield (name, f"{one.error:.4f}", f"{one.error_likely:.3f}", f"{one.brier:.4f}", f"{one.micro:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="every sixth sentence, the features that were taken")
    small = parser.parse_args().small
    jieba.setLogLevel("WARNING")
    for cells in lines((TAKEN,) if small else VARIANTS, small=small):
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
