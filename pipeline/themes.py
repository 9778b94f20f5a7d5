"""Which themes of a taxonomy a passage acts on: linear models over characters, terms and headings.

Evidence of the text are n-grams of one to three characters, tf-idf weighted, and how many of each theme's
terms it has (`rules/themes.yaml`). One logistic regression a theme weighs them; Platt's logistic calibration
on values of sentences left out (Platt 1999) turns its value into a probability, and each theme has a threshold
of its own. One more regression, the gate, tells whether a passage acts on any theme at all: where it says no,
nothing is tagged, since matters outside education use the same words. A passage carries at most `MOST` themes
(guideline, "themes"). Which of them is the main one a third set of regressions tells, trained on main themes.

Where the passage stands under headings, the same regressions read the headings, and what they say is added to
the evidence of the text with weights that were learned from sentences with their section paths.

A model is a folder without pickles: `model.json` (taxonomy, thresholds, calibration, how it was made),
`ngrams.txt` (one n-gram a line), `idf.npy` and `weights.npy` (features × regressions, float32). `training.py`
makes one; the same sentences give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import ThemeError
from pipeline.model import Tags
from pipeline.rules import load

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from pipeline.grams import Array, Found

MOST = 4
"""Themes a passage may carry (guideline, "themes")."""
NGRAMS = (1, 3)
TERM_WEIGHT = 0.15
"""Scale of the counts of terms beside tf-idf values, chosen by experiment (CARD.md)."""
SURE = 6.0
"""Log-odds beyond which a heading tells no more."""
OPENING = re.compile(r".{5,}?[,，;；。:：]", re.DOTALL)
"""A clause of six characters or more; what is shorter (「一是」, 「9月，」) leads in."""
NO_TERM = -1
NO_TAGS = Tags()
HEADINGS_KEPT = 10_000
"""Headings whose log-odds a model remembers."""
NO_HEADING = ""
PATH = " / "
"""What parts the headings of a section path, as in the column `path` of sections.csv."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of a taxonomy.

    Args:
        code: what it is tagged with.
        zh: its Chinese name.
        covers: what it takes in.
        terms: words that speak for it.
        example: a passage that is tagged with it, "" where none is given.
        counter: a passage with words like it that is not, "" where none is given.
    """

    code: str
    zh: str = ""
    covers: str = ""
    terms: tuple[str, ...] = ()
    example: str = ""
    counter: str = ""


class Reason(NamedTuple):
    """A word that pulled a passage to a theme.

    Args:
        word: as `pipeline.words` cuts the passage.
        weight: what its characters add to the theme's log-odds.
    """

    word: str
    weight: float


class Evidence(NamedTuple):
    """What a theme's log-odds are made of: intercept + text * odds of the text + heading * what headings say.

    Args:
        text: weight of the text's log-odds.
        heading: weight of what its headings say (`spoken_for`).
        intercept: added where there is a heading at all.
    """

    text: float = 1.0
    heading: float = 0.0
    intercept: float = 0.0


def taxonomy() -> tuple[Theme, ...]:
    """The default taxonomy (`rules/themes.yaml`), less `other`, which no passage is tagged with."""
    return tuple(Theme(**row | {"terms": tuple(row["terms"])}) for row in load("themes") if row["code"] != "other")


class Features:
    """What the regressions read of a text.

    Args:
        ngrams: n-grams that count, sorted.
        idf: their inverse document frequencies.
        terms: the terms of each theme.
    """

    def __init__(self, ngrams: Sequence[str], idf: Array, terms: Sequence[Sequence[str]]) -> None:
        import numpy as np

        from pipeline.grams import Table, plain

        self.idf = idf
        groups: dict[str, list[int]] = {}
        for theme, words in enumerate(terms):
            for word in {plain(word).strip() for word in words} - {""}:
                groups.setdefault(word, []).append(theme)
        self.ngrams, self.terms = len(ngrams), sorted(groups)
        self.table = Table(tuple(dict.fromkeys((*ngrams, *self.terms))))
        number = {entry: at for at, entry in enumerate(self.table.entries)}
        self._term_of = np.full(len(number), NO_TERM)
        self._term_of[[number[term] for term in self.terms]] = np.arange(len(self.terms))
        self.themes = len(terms)
        self.owners = np.zeros((len(groups), len(terms)))
        for row, word in enumerate(self.terms):
            self.owners[row, groups[word]] = 1

    @property
    def width(self) -> int:
        """Number of features: one an n-gram, two a theme (whether and how much it has of its terms)."""
        return self.ngrams + 2 * self.themes

    def find(self, texts: Sequence[str]) -> tuple[Found, Found]:
        """Every occurrence of the n-grams and of the terms in plain texts, by their index in `ngrams` and `terms`."""
        found = self.table.find(texts)
        term = self._term_of.take(found.entry)
        grams, terms = (found.entry < self.ngrams).nonzero()[0], (term != NO_TERM).nonzero()[0]
        return found.only(grams, found.entry), found.only(terms, term)

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """The features of plain texts, shape (texts, `width`).

        It is put together by hand: for the few sentences of a plan scipy's own steps from matrix to matrix would take
        most of the time.
        """
        import numpy as np
        from scipy.sparse import csr_matrix

        every = np.arange(len(texts) + 1)
        text, entry, times = _counted(self.table.find(texts), len(texts), len(self.table.entries))
        hits = self._hits(text, entry, len(texts))
        grams = (entry < self.ngrams).nonzero()[0]
        text, entry = text.take(grams), entry.take(grams)
        value = (1 + np.log(times.take(grams))) * self.idf.take(entry)
        ends = text.searchsorted(every)
        some = (ends[1:] > ends[:-1]).nonzero()[0]
        if len(some):
            norms = np.sqrt(np.add.reduceat(value * value, ends.take(some)))
            value /= np.repeat(norms, ends.take(some + 1) - ends.take(some))
        more = TERM_WEIGHT * np.concatenate([hits > 0, np.log1p(hits)], axis=1)
        row, column = more.nonzero()
        order = np.concatenate([text, row]).argsort(kind="stable")  # behind the n-grams of the same text
        values = np.concatenate([value, more[row, column]]).take(order)
        columns = np.concatenate([entry, self.ngrams + column]).take(order)
        return csr_matrix((values, columns, ends + row.searchsorted(every)), shape=(len(texts), self.width))

    def _hits(self, text: Array, entry: Array, texts: int) -> Array:
        """How many different terms of each theme stand in so many texts, shape (texts, themes).

        Args:
            text, entry: what stands where, ascending.
        """
        import numpy as np

        term = self._term_of.take(entry)
        some = (term != NO_TERM).nonzero()[0]
        ends = text.take(some).searchsorted(np.arange(texts + 1))
        having = (ends[1:] > ends[:-1]).nonzero()[0]
        result: Array = np.zeros((texts, self.themes))
        if len(having):
            owners = self.owners.take(term.take(some), axis=0)
            result[having] = np.add.reduceat(owners, ends.take(having))
        return result


def _counted(found: Found, texts: int, entries: int) -> tuple[Array, Array, Array]:
    """In which texts which entries were found, both ascending, and how often."""
    import numpy as np

    cells = (found.text * entries + found.entry).astype(np.min_scalar_type((texts + 1) * entries))  # to sort fast
    cells.sort()
    new = np.ones(len(cells) + 1, dtype=bool)
    new[1:-1] = cells[1:] != cells[:-1]
    borders = new.nonzero()[0]
    text, entry = np.divmod(cells.take(borders[:-1]), entries)
    return text, entry, borders[1:] - borders[:-1]


@dataclass(frozen=True)
class ThemeModel:
    """A trained tagger.

    Args:
        themes: of the taxonomy, in its order.
        ngrams: that it reads, sorted.
        idf: inverse document frequencies, shape (n-grams,).
        weights: shape (features, 2 * themes + 1), float32: a column a theme, the gate's, and a column a theme
            for whether it is the main one.
        intercepts: shape (2 * themes + 1,).
        slopes, shifts: Platt's calibration of themes and gate, each of shape (themes + 1,).
        thresholds: probabilities from which a theme is tagged, and from which any is, shape (themes + 1,).
        evidence: how the headings above a passage count, for themes and for the gate.
        made: how it was made: data hash, counts, parameters.
    """

    themes: tuple[Theme, ...]
    ngrams: tuple[str, ...]
    idf: Array
    weights: Array
    intercepts: Array
    slopes: Array
    shifts: Array
    thresholds: Array
    evidence: tuple[Evidence, Evidence]
    made: dict[str, Any]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of the themes, in the taxonomy's order."""
        return tuple(theme.code for theme in self.themes)

    @cached_property
    def features(self) -> Features:
        """What the regressions read."""
        return Features(self.ngrams, self.idf, [theme.terms for theme in self.themes])

    @cached_property
    def _factors(self) -> Array:
        """The weights as a product takes them: it would else copy all of them anew for every few texts."""
        import numpy as np

        return np.ascontiguousarray(self.weights, dtype="f8")

    def values(self, texts: Sequence[str], sections: Sequence[str | None] | None = None) -> tuple[Array, Array]:
        """Log-odds of each theme and of any theme, shape (texts, themes + 1), and values for the main one.

        The latter, shape (texts, themes), sum up the regressions on themes and on main themes.
        """
        import numpy as np

        count = len(self.themes)
        if not texts:
            return np.zeros((0, count + 1)), np.zeros((0, count))
        raw = self._raw(texts)
        odds = self.slopes * raw[:, : count + 1] + self.shifts
        if sections and any(sections):
            odds = with_headings(odds, self.headings(sections), self.evidence)
        return odds, raw[:, :count] + raw[:, count + 1 :]

    def _raw(self, texts: Sequence[str]) -> Array:
        """What the regressions give, shape (texts, 2 * themes + 1): of themes, of any theme, of main themes."""
        from pipeline.grams import plain_each

        result: Array = self.features.matrix(plain_each(texts)) @ self._factors + self.intercepts
        return result

    def headings(self, sections: Sequence[str | None]) -> Array:
        """Log-odds of the headings, those of the one that says most, shape (sections, themes + 1); NaN without any."""
        import numpy as np

        parts = {section: split_path(section) or [NO_HEADING] for section in dict.fromkeys(sections)}
        if len(self._rows_of_headings) > HEADINGS_KEPT:
            del self.__dict__["_rows_of_headings"]
        rows = self._rows_of_headings
        new = sorted({heading for part in parts.values() for heading in part if heading not in rows})
        rows.update(zip(new, self.values(new)[0], strict=True))
        *firsts, _ = accumulate(map(len, parts.values()), initial=0)
        told = np.maximum.reduceat([rows[heading] for part in parts.values() for heading in part], firsts, axis=0)
        number = {section: at for at, section in enumerate(parts)}
        result: Array = told.take([number[section] for section in sections], axis=0)
        return result

    @cached_property
    def _rows_of_headings(self) -> dict[str, Array]:
        """Log-odds of headings seen before: plans use the same ones (指导思想, 保障措施)."""
        import numpy as np

        return {NO_HEADING: np.full(len(self.themes) + 1, np.nan)}

    def probabilities(self, texts: Sequence[str], sections: Sequence[str | None] | None = None) -> Array:
        """Calibrated probability of each theme, and last of any theme, for each text, shape (texts, themes + 1)."""
        return logistic(self.values(texts, sections)[0])

    def tag(self, texts: Sequence[str], sections: Sequence[str | None] | None = None) -> tuple[Tags, ...]:
        """The themes of each text, the main one first, the others by falling probability.

        Args:
            texts: passages.
            sections: for each its section path, headings from the top down parted by `PATH`, None for none.

        Returns:
            One entry a text; no themes where none reaches its threshold.
        """
        odds, mains = self.values(texts, sections)
        rows = logistic(odds)
        found = tagged(rows, self.thresholds)
        several = [n for n, themes in enumerate(found) if len(themes) > 1]
        if several:
            mains[several] += self._raw([opening(texts[n]) for n in several])[:, : len(self.themes)]
            for n in several:
                found[n] = main_first(found[n], mains[n])
        return tuple(self._tags(row, order) if order else NO_TAGS for row, order in zip(rows, found, strict=True))

    def _tags(self, row: Array, order: Sequence[int]) -> Tags:
        # The last digits of a score depend on the processor; four are more than they mean.
        return Tags(codes=tuple(self.codes[k] for k in order), scores=tuple(round(float(row[k]), 4) for k in order))

    def why(self, text: str, most: int = 5) -> dict[str, tuple[Reason, ...]]:
        """The words that pulled a text to each of its themes, the strongest first.

        Args:
            text: a passage.
            most: words a theme.

        Returns:
            By code, for each theme that the text is tagged with.
        """
        (tags,) = self.tag([text])
        result = {}
        for code in tags.codes:
            pulls = self.pulls(text, code)
            strong = sorted((word for word in pulls if pulls[word] > 0), key=lambda word: (-pulls[word], word))
            result[code] = tuple(Reason(word, round(pulls[word], 3)) for word in strong[:most])
        return result

    def pulls(self, text: str, code: str) -> dict[str, float]:
        """What each word of a text adds to a theme's log-odds, below nought where it speaks against it.

        What an n-gram or a term adds is shared evenly among its characters; a word, as `pipeline.words` cuts the text,
        has what its characters have.

        Args:
            text: a passage.
            code: of the theme.
        """
        from pipeline.grams import plain
        from pipeline.words import tokenizer

        k = self.codes.index(code)
        bare = plain(text)
        parts = self.features.matrix([bare]).toarray()[0] * self.weights[:, k]
        pull = self.slopes[k] * self._pull(bare, parts)
        sums: dict[str, float] = {}
        for word, start, end in tokenizer().tokenize(bare):
            if word.strip():
                sums[word] = sums.get(word, 0.0) + float(pull[start:end].sum())
        return sums

    def _pull(self, bare: str, parts: Array) -> Array:
        """What each character adds, given what each feature adds."""
        import numpy as np

        pull = np.zeros(len(bare))
        count = len(self.themes)
        grams, terms = self.features.find([bare])
        shares = parts[grams.entry] / np.bincount(grams.entry, minlength=len(self.ngrams) + 1)[grams.entry]
        owners = self.features.owners
        by_theme = parts[len(self.ngrams) :].reshape(2, count).sum(axis=0)
        has = np.zeros(count)
        for entry in set(terms.entry.tolist()):
            has += owners[entry]
        each = owners @ (by_theme / np.maximum(has, 1))
        each_share = each[terms.entry] / np.bincount(terms.entry, minlength=len(owners) + 1)[terms.entry]
        for found, values, table in (
            (grams, shares, self.ngrams),
            (terms, each_share, self.features.terms),
        ):
            for at, entry, value in zip(found.place.tolist(), found.entry.tolist(), values, strict=True):
                length = len(table[entry])
                pull[at : at + length] += value / length
        return pull

    def save(self, folder: Path) -> None:
        """Write the model into a folder, which is made where it is missing."""
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True)
        head = {
            "themes": [{name: value for name, value in asdict(theme).items() if value} for theme in self.themes],
            "intercepts": _numbers(self.intercepts),
            "slopes": _numbers(self.slopes),
            "shifts": _numbers(self.shifts),
            "thresholds": _numbers(self.thresholds),
            "evidence": [[round(float(x), 6) for x in evidence] for evidence in self.evidence],
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
            themes = tuple(Theme(**row | {"terms": tuple(row.get("terms", ()))}) for row in head["themes"])
            first, second = (Evidence(*row) for row in head["evidence"])
            model = cls(
                themes, ngrams, idf.astype("f8"), weights, evidence=(first, second), made=head["made"], **numbers
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ThemeError(f"{folder} holds no theme model ({error}); make one with `planpipe train`.") from error
        width, regressions = len(ngrams) + 2 * len(themes), 2 * len(themes) + 1
        if weights.shape != (width, regressions) or idf.shape != (len(ngrams),):
            raise ThemeError(f"{folder}: the parts of the model do not fit together; train it anew.")
        return model


def split_path(section: str | None) -> list[str]:
    """The headings of a section path."""
    return [heading for heading in (section or "").split(PATH) if heading.strip()]


def with_headings(odds: Array, headings: Array, evidence: Sequence[Evidence]) -> Array:
    """Log-odds of passages with what their headings tell.

    Args:
        odds: of the texts, shape (texts, themes + 1), the gate last.
        headings: of the headings, of the same shape, NaN where there are none.
        evidence: its weights, for themes and for the gate.
    """
    import numpy as np

    themes, gate = evidence
    text, heading, intercept = np.array([*[themes] * (odds.shape[1] - 1), gate]).T
    result: Array = np.where(np.isnan(headings), odds, text * odds + heading * spoken_for(headings) + intercept)
    return result


def spoken_for(odds: Array) -> Array:
    """How much headings speak for a theme: log(1 + odds), at most `SURE`; nought where there is none.

    A heading that does not speak for a theme says little against it, since sections hold more than their
    headings name.
    """
    import numpy as np

    result: Array = np.log1p(np.exp(np.minimum(np.nan_to_num(odds, nan=-np.inf), SURE)))
    return result


def logistic(odds: Array) -> Array:
    """Probabilities of log-odds."""
    import numpy as np

    result: Array = 1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30)))
    return result


def tagged(rows: Array, thresholds: Array) -> list[list[int]]:
    """Indices of the themes of each passage by falling probability; none where the gate is shut.

    Args:
        rows: probabilities of themes and gate, shape (passages, themes + 1).
        thresholds: of themes and gate.
    """
    above = rows >= thresholds
    found: list[list[int]] = [[] for _ in rows]
    for at, k in zip(*(part.tolist() for part in (above[:, :-1] & above[:, -1:]).nonzero()), strict=True):
        found[at].append(k)
    for row, themes in zip(rows, found, strict=True):
        if len(themes) > 1:
            themes.sort(key=row.__getitem__, reverse=True)
            del themes[MOST:]
    return found


def main_first(found: Sequence[int], main: Array) -> list[int]:
    """The themes of a passage, the main one put first.

    Args:
        found: their indices, see `tagged`.
        main: values for being the main theme: of the regression on main themes and the theme's own for the whole
            passage, and of its own for the opening, added.
    """
    first = max(found, key=lambda k: main[k], default=None)
    return sorted(found, key=lambda k: k != first)


def opening(text: str) -> str:
    """The first clause of a passage, its mark included: what a passage is about is said first as a rule."""
    found = OPENING.match(text)
    return found[0] if found else text


def _numbers(array: Array) -> list[float]:
    return [round(float(x), 6) for x in array]


@cache
def default() -> ThemeModel:
    """The shipped model of the default taxonomy."""
    return ThemeModel.load(files("pipeline.models") / "themes")


@cache
def loaded(folder: Path) -> ThemeModel:
    """The model in a folder, read once."""
    return ThemeModel.load(folder)
