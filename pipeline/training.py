"""A theme model from labelled sentences: reading them, fitting, thresholds, what it is worth.

All figures that a model is tuned by come from values of sentences that were left out: the sentences are
parted `FOLDS` times, sentences that nearly repeat each other (their pairs of characters overlap by half)
always on one side. Calibration, the weights of headings and the thresholds are fitted on these values.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from pipeline.errors import ThemeError
from pipeline.grams import common, grams, plain
from pipeline.themes import (
    NGRAMS,
    TERM_WEIGHT,
    Evidence,
    Features,
    Theme,
    ThemeModel,
    logistic,
    main_first,
    opening,
    split_path,
    spoken_for,
    tagged,
    with_headings,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from pipeline.grams import Array

LEAST_DOCUMENTS = 2
"""An n-gram that only one sentence has tells nothing about others."""
COST = 30.0
FOLDS = 5
FEWEST_EXAMPLES = 5
"""Examples without which a theme cannot be cross-validated in `FOLDS` parts."""
ALIKE = 0.5
"""Share of common pairs of characters (Jaccard) from which two sentences count as one."""
CERTAIN = 4.0
"""Log-odds of what every training sentence is, or none."""
SHARES = (0.25, 0.5, 0.75, 1.0)
BINS = 10


class Example(NamedTuple):
    """A labelled sentence: its text, the codes of its themes, main theme first, and its section path or ""."""

    text: str
    themes: tuple[str, ...]
    section: str = ""


class Score(NamedTuple):
    """How well a theme's tags agree with the labels."""

    precision: float
    recall: float
    f1: float
    labels: int


class Bin(NamedTuple):
    """Tags whose probability lies in one tenth: mean probability, share that is right, how many."""

    said: float
    right: float
    pairs: int


class Scores(NamedTuple):
    """How well tags agree with labels.

    Args:
        micro: F1 over all tags.
        macro: mean F1 over themes.
        main: share of labelled passages whose main theme comes first.
        silent: share of passages without a theme that are left untagged.
        by_theme: precision, recall, F1 and number of labels a theme.
        bins: reliability of the probabilities, in tenths; pairs of a passage and a theme.
        error: expected calibration error over `bins`.
        error_likely: the same over the pairs with a probability of a tenth or more.
    """

    micro: float
    macro: float
    main: float
    silent: float
    by_theme: dict[str, Score]
    bins: tuple[Bin, ...]
    error: float
    error_likely: float


@dataclass(frozen=True)
class Trained:
    """A model with what cross-validation says of it.

    Args:
        model: fitted on all sentences.
        examples: in the order that was used.
        scores: of sentences left out.
        probabilities: of sentences left out, shape (examples, themes + 1).
        groups: number of groups of sentences that nearly repeat each other.
    """

    model: ThemeModel
    examples: tuple[Example, ...]
    scores: Scores
    probabilities: Array
    groups: int


def read_taxonomy(path: Path) -> tuple[Theme, ...]:
    """The themes of a taxonomy file: a YAML list of `code`, and if wanted `zh`, `covers`, `terms`.

    Raises:
        ThemeError: the file is no such list, or a code is missing, given twice or holds a semicolon.
    """
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        themes = tuple(Theme(**row | {"terms": tuple(row.get("terms") or ())}) for row in rows)
        codes = [theme.code for theme in themes]
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ThemeError(
            f"{path}: a taxonomy is a YAML list of themes, each with `code` and if wanted `zh`, `covers`, `terms` "
            f"({' '.join(str(error).split())})."
        ) from error
    wrong = sorted({str(code) for code in codes if not code or ";" in str(code) or codes.count(code) > 1})
    if wrong or not codes:
        raise ThemeError(
            f"{path}: every theme needs a code of its own without semicolon; look at {wrong or 'the list'}."
        )
    return themes


def read_examples(path: Path, codes: Iterable[str]) -> list[Example]:
    """Labelled sentences from a CSV file with the columns `text`, `themes` (codes joined by `;`) and maybe `section`.

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
            themes = tuple(code.strip() for code in (row["themes"] or "").split(";") if code.strip())
            if not (row["text"] or "").strip():
                raise ThemeError(
                    f"{path.name}, line {reader.line_num}: the text is empty; delete the line or fill it in."
                )
            if unknown := set(themes) - known:
                raise ThemeError(
                    f"{path.name}, line {reader.line_num}: no theme {', '.join(sorted(unknown))} in the taxonomy; "
                    f"its codes are {', '.join(sorted(known))}."
                )
            examples.append(Example(row["text"].strip(), themes, (row.get("section") or "").strip()))
    return examples


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 of labelled sentences, whatever their order; a model keeps that of the ones it was trained on."""
    lines = sorted({f"{example.text}\t{';'.join(example.themes)}\t{example.section}" for example in examples})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def families(texts: Sequence[str]) -> Array:
    """A number for each text; texts that nearly repeat each other, straight or by way of a third, have the same.

    Args:
        texts: plain or not.
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    sets = [sorted(set(grams(plain(text).strip() or text, (2, 2))) or {text}) for text in texts]
    names = {gram: k for k, gram in enumerate(sorted({gram for row in sets for gram in row}))}
    ends = np.cumsum([0, *map(len, sets)])
    indices = np.array([names[gram] for row in sets for gram in row], dtype=int)
    pairs = csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(sets), len(names)))
    sizes = np.diff(ends)
    near = []
    for start in range(0, len(sets), 1000):
        both = (pairs[start : start + 1000] @ pairs.T).tocoo()
        alike = both.data / (sizes[both.row + start] + sizes[both.col] - both.data) >= ALIKE
        near.append(np.stack([both.row[alike] + start, both.col[alike]]))
    edges = np.concatenate(near, axis=1)
    graph = csr_matrix((np.ones(edges.shape[1]), (edges[0], edges[1])), shape=(len(sets), len(sets)))
    result: Array = connected_components(graph, directed=False)[1]
    return result


class _Regressions(NamedTuple):
    """The regressions fitted on some of the sentences."""

    features: Features
    ngrams: tuple[str, ...]
    weights: Array
    intercepts: Array

    def values(self, texts: Sequence[str]) -> Array:
        result: Array = self.features.matrix([plain(text) for text in texts]) @ self.weights + self.intercepts
        return result


def _regressions(texts: Sequence[str], wanted: Array, themes: Sequence[Theme]) -> _Regressions:
    """Fit a regression a column of `wanted` on n-grams and terms of `texts`."""
    import numpy as np

    bare = [plain(text) for text in texts]
    ngrams = common(bare, NGRAMS, LEAST_DOCUMENTS)
    features = Features(ngrams, np.ones(len(ngrams)), [theme.terms for theme in themes])
    found, _ = features.find(bare)
    having = np.unique(found.text * np.int64(len(ngrams) + 1) + found.entry) % (len(ngrams) + 1)
    frequency = np.bincount(having, minlength=len(ngrams))
    features.idf = np.log((1 + len(texts)) / (1 + frequency)) + 1
    matrix = features.matrix(bare)
    fitted = [_regression(matrix, column) for column in wanted.T]
    weights = np.array([weight for weight, _ in fitted]).T
    return _Regressions(features, ngrams, weights, np.array([intercept for _, intercept in fitted]))


def _regression(matrix: csr_matrix, wanted: Array) -> tuple[Array, float]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    if wanted.all() or not wanted.any():
        return np.zeros(matrix.shape[1]), CERTAIN if wanted.all() else -CERTAIN
    fitted = LogisticRegression(C=COST, solver="liblinear", random_state=0).fit(matrix, wanted)
    return fitted.coef_[0], float(fitted.intercept_[0])


def _platt(values: Array, wanted: Array) -> tuple[float, float]:
    """Slope and shift that turn values of sentences left out into log-odds (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    if wanted.all() or not wanted.any():
        return 1.0, 0.0
    fitted = LogisticRegression(C=1e3).fit(values[:, None], wanted)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _evidence(odds: Array, headings: Array, wanted: Array) -> Evidence:
    """Weights of headings, from odds of sentences left out under headings, all themes together."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    under = ~np.isnan(headings)
    if under.sum() < FEWEST_EXAMPLES or wanted[under].all() or not wanted[under].any():
        return Evidence()
    columns = np.stack([odds[under], spoken_for(headings[under])], axis=1)
    fitted = LogisticRegression(C=1e3).fit(columns, wanted[under])
    text, heading = map(float, fitted.coef_[0])
    return Evidence(text, heading, float(fitted.intercept_[0]))


def fit(examples: Sequence[Example], themes: Sequence[Theme]) -> Trained:
    """Train a model.

    Args:
        examples: labelled sentences, those without a theme among them.
        themes: of the taxonomy, in its order.

    Raises:
        ThemeError: a theme has fewer than `FEWEST_EXAMPLES` examples; the message names it.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    examples = sorted(set(examples))
    codes = [theme.code for theme in themes]
    labels = np.array([[code in example.themes for code in codes] for example in examples]).reshape(-1, len(codes))
    for code, count in zip(codes, labels.sum(axis=0), strict=True):
        if count < FEWEST_EXAMPLES:
            raise ThemeError(f"theme {code} has {count} examples; it needs {FEWEST_EXAMPLES} at least.")
    mains = np.array([[example.themes[:1] == (code,) for code in codes] for example in examples])
    texts = [example.text for example in examples]
    gated = np.column_stack([labels, labels.any(axis=1)])
    wanted = np.column_stack([gated, mains])
    kin = families(texts)
    first = [codes.index(example.themes[0]) if example.themes else -1 for example in examples]
    parts = [split_path(example.section) for example in examples]
    values = np.zeros(wanted.shape)
    openings = np.zeros(labels.shape)
    headings = np.full(gated.shape, np.nan)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(texts, first, kin):
        part = _regressions([texts[i] for i in train], wanted[train], themes)
        values[test] = part.values([texts[i] for i in test])
        openings[test] = part.values([opening(texts[i]) for i in test])[:, : len(codes)]
        for i in test:
            if parts[i]:
                headings[i] = part.values(parts[i])[:, : gated.shape[1]].max(axis=0)
    slopes, shifts = (
        np.array(x) for x in zip(*(_platt(values[:, k], gated[:, k]) for k in range(gated.shape[1])), strict=True)
    )
    odds, headings = (slopes * x + shifts for x in (values[:, : gated.shape[1]], headings))
    themed, gate = slice(None, -1), slice(-1, None)
    evidence = tuple(_evidence(*(x[:, part] for x in (odds, headings, gated))) for part in (themed, gate))
    probabilities = logistic(with_headings(odds, headings, evidence))
    thresholds = _thresholds(probabilities, labels)
    whole = _regressions(texts, wanted, themes)
    model = ThemeModel(
        themes=tuple(themes),
        ngrams=whole.ngrams,
        idf=whole.features.idf,
        weights=whole.weights.astype("f4"),
        intercepts=whole.intercepts,
        slopes=slopes,
        shifts=shifts,
        thresholds=thresholds,
        evidence=(evidence[0], evidence[1]),
        made={
            "examples": len(examples),
            "without_theme": sum(not e.themes for e in examples),
            "several_themes": sum(len(e.themes) > 1 for e in examples),
            "with_section": sum(bool(e.section) for e in examples),
            "groups": int(kin.max()) + 1,
            "sha256": digest(examples),
            "ngrams": list(NGRAMS),
            "term_weight": TERM_WEIGHT,
            "cost": COST,
        },
    )
    mains_left = values[:, : len(codes)] + values[:, len(codes) + 1 :] + openings
    left = [main_first(row, main) for row, main in zip(tagged(probabilities, thresholds), mains_left, strict=True)]
    tags = [tuple(codes[k] for k in row) for row in left]
    return Trained(
        model, tuple(examples), _scores(tags, probabilities, examples, codes), probabilities, int(kin.max()) + 1
    )


def _thresholds(probabilities: Array, labels: Array) -> Array:
    """Each theme's threshold, then the gate's: those that give the best F1 on sentences left out."""
    import numpy as np

    count = labels.shape[1]
    result = np.zeros(count + 1)
    for k in range(count):
        scores = {step / 100: _agreement(probabilities[:, k] >= step / 100, labels[:, k]) for step in range(20, 71)}
        result[k] = max(scores, key=lambda least: scores[least])

    def with_gate(least: float) -> float:
        tagged = (probabilities[:, :-1] >= result[:-1]) & (probabilities[:, -1:] >= least)
        return _agreement(tagged, labels)

    result[-1] = max((step / 100 for step in range(5, 61)), key=with_gate)
    return result


def _agreement(tagged: Array, wanted: Array) -> float:
    return _f1(int((tagged & wanted).sum()), int(tagged.sum()), int(wanted.sum()))


def _f1(hits: int, tagged: int, wanted: int) -> float:
    return 2 * hits / (tagged + wanted) if tagged + wanted else 0.0


def evaluate(model: ThemeModel, examples: Sequence[Example]) -> Scores:
    """How well a model tags labelled sentences.

    Args:
        model: the tagger.
        examples: sentences that it was not trained on.
    """
    texts, sections = [e.text for e in examples], [e.section or None for e in examples]
    tags = [tag.codes for tag in model.tag(texts, sections)]
    return _scores(tags, model.probabilities(texts, sections), examples, model.codes)


def _scores(
    tags: Sequence[tuple[str, ...]], probabilities: Array, examples: Sequence[Example], codes: Sequence[str]
) -> Scores:
    import numpy as np

    pairs = [(set(got), set(example.themes)) for got, example in zip(tags, examples, strict=True)]
    by_theme = {}
    for code in codes:
        hits = sum(code in got and code in wanted for got, wanted in pairs)
        tagged, labelled = sum(code in got for got, _ in pairs), sum(code in wanted for _, wanted in pairs)
        by_theme[code] = Score(
            hits / tagged if tagged else 0.0,
            hits / labelled if labelled else 0.0,
            _f1(hits, tagged, labelled),
            labelled,
        )
    themed = [(got, example.themes) for got, example in zip(tags, examples, strict=True) if example.themes]
    bare = [got for got, example in zip(tags, examples, strict=True) if not example.themes]
    said = probabilities[:, :-1].ravel()
    right = np.array([[code in example.themes for code in codes] for example in examples]).ravel()
    tenth = np.minimum((said * BINS).astype(int), BINS - 1)
    bins = tuple(
        Bin(float(said[tenth == k].mean()), float(right[tenth == k].mean()), int((tenth == k).sum()))
        if (tenth == k).any()
        else Bin(0.0, 0.0, 0)
        for k in range(BINS)
    )
    return Scores(
        micro=_f1(sum(len(g & w) for g, w in pairs), sum(len(g) for g, _ in pairs), sum(len(w) for _, w in pairs)),
        macro=sum(score.f1 for score in by_theme.values()) / len(by_theme),
        main=sum(bool(got) and got[0] == wanted[0] for got, wanted in themed) / max(len(themed), 1),
        silent=sum(not got for got in bare) / max(len(bare), 1),
        by_theme=by_theme,
        bins=bins,
        error=_calibration_error(bins),
        error_likely=_calibration_error(bins[1:]),
    )


def _calibration_error(bins: Sequence[Bin]) -> float:
    total = sum(b.pairs for b in bins)
    return sum(b.pairs * abs(b.said - b.right) for b in bins) / total if total else 0.0


def learning_curve(trained: Trained) -> list[tuple[int, float, float]]:
    """Sentences, micro-F1 and macro-F1 for each of `SHARES` of the sentences, on one fifth that is left out.

    Tags are those of themes whose value is above nought, since too few sentences are left to fit thresholds on.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    examples, themes = trained.examples, trained.model.themes
    codes = trained.model.codes
    labels = np.array([[code in example.themes for code in codes] for example in examples])
    texts = [example.text for example in examples]
    first = [codes.index(example.themes[0]) if example.themes else -1 for example in examples]
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(texts, first, families(texts))
    train, test = next(iter(folds))
    train = np.random.default_rng(0).permutation(train)
    result = []
    for share in SHARES:
        some = sorted(train[: round(share * len(train))])
        part = _regressions([texts[i] for i in some], labels[some], themes)
        tagged = part.values([texts[i] for i in test]) > 0
        macro = float(np.mean([_agreement(tagged[:, k], labels[test][:, k]) for k in range(len(codes))]))
        result.append((len(some), _agreement(tagged, labels[test]), macro))
    return result
