"""How far coders agree, and how often the machine is right by them.

Agreement between coders, by question and code: the share of rows on which they agree, Cohen's kappa (1960, mean
over pairs of coders; scikit-learn) and Krippendorff's alpha (2004; NLTK). A question with several codes a row is
compared as a whole by alpha with the distances of Jaccard and of MASI (Passonneau 2006), code by code as yes or no,
and by its main code.

The machine against each coder, and against the codes on which more than half of the coders agree: precision, recall
and F1 by code and over all codes but `none`, the share of right answers for typed ones. Rows stand for the rows of
their stratum: a row counts with the size of its stratum over its number of coded rows, so that all estimates are of
the table that the sample was drawn from.

Intervals are Wilson's (1927), 95 %, with an effective sample size (Korn and Graubard 1998): the smaller of Kish's
(Σw)² / Σw² and p(1-p) / v, where v is the linearised variance of the estimate over rows within strata, so that
weights and several codes a row widen them; without weights and with one code a row it is the number of rows.
No correction is made for small populations.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from pipeline.coding import Coding
from pipeline.errors import CodingError, MissingExtra
from pipeline.markup import table_lines
from pipeline.sample import NO, NONE, YES, Answer, Question, Sample

CONFIDENCE = 0.95
ALL = "all"
CONSENSUS = "agreed"
"""What the codes on which more than half of the coders agree are called."""
Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval.

    Args:
        value, low, high: 0 to 1.
        hits, trials: counted in the sample, without weights.
    """

    value: float
    low: float
    high: float
    hits: int
    trials: int


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far coders agree.

    Args:
        question: name of the question.
        code: what is compared as yes or no; `all` for the answers as they are, `main` for main codes.
        rows: that at least two coders answered.
        share: of pairs of answers that are the same, 0 to 1.
        kappa: Cohen's, mean over the pairs of coders; None where they leave nothing to chance.
        weighted: the same with rows weighted as the table has them.
        alpha: Krippendorff's, with nominal distance; None where all answers are the same.
        jaccard, masi: Krippendorff's with these distances between sets; None for single codes.
    """

    question: str
    code: str
    rows: int
    share: float
    kappa: float | None
    weighted: float | None
    alpha: float | None
    jaccard: float | None = None
    masi: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """How often the machine is right by someone.

    Args:
        question: name of the question.
        code: `all` for all codes but `none` together, and for typed answers.
        by: a coder, or `agreed`.
        precision: share of the machine's answers that are right; None where it gave none.
        recall: share of the right answers that the machine gave; None where there are none, or where none that it
            missed could be in the sample.
    """

    question: str
    code: str
    by: str
    precision: Share | None
    recall: Share | None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        if self.precision is None or self.recall is None:
            return None
        total = self.precision.value + self.recall.value
        return 2 * self.precision.value * self.recall.value / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """All that is known from the codings of a sample.

    Args:
        sample: what was coded.
        coders: their names.
        coded: rows that each of them answered.
        agreed: how far they agree; empty for one coder.
        judged: how often the machine is right.
        silent: strata of which some coder answered no row, so that no weight stands for them.
    """

    sample: Sample
    coders: tuple[str, ...]
    coded: tuple[int, ...]
    agreed: tuple[Agreed, ...]
    judged: tuple[Judged, ...]
    silent: tuple[str, ...] = ()


def compare(sample: Sample, codings: Sequence[Coding]) -> Agreement:
    """Compare coders with each other and the machine with them.

    Args:
        sample: that they coded.
        codings: of one or more coders.

    Raises:
        CodingError: two coders have the same name.
        MissingExtra: NLTK is not installed.
    """
    names = Counter(coding.coder for coding in codings)
    for name, count in names.items():
        if count > 1 or name == CONSENSUS:
            raise CodingError(f"{count} codings are called {name}: give each coder's file a name of its own")
    agreed = [found for question in sample.questions for found in _agreed(sample, question, codings)]
    judged = [found for question in sample.questions for found in _judged(sample, question, codings)]
    coded = tuple(sum(1 for answers in coding.answers.values() if answers) for coding in codings)
    places = {row.row: row.stratum for row in sample.rows}
    spoken = [{places[row] for row, answers in coding.answers.items() if answers} for coding in codings]
    silent = tuple(s.name for k, s in enumerate(sample.strata) if not all(k in strata for strata in spoken))
    return Agreement(sample, tuple(names), coded, tuple(agreed), tuple(judged), silent)


def _given(question: Question, coding: Coding) -> dict[str, Answer]:
    """A coder's answers to a question, by row."""
    return {row: answers[question.name] for row, answers in coding.answers.items() if question.name in answers}


def _weights(sample: Sample, coded: Container[str]) -> dict[str, float]:
    """How many rows of the table each coded row stands for: its stratum's size over the stratum's coded rows."""
    rows = [row for row in sample.rows if row.row in coded]
    counts = Counter(row.stratum for row in rows)
    return {row.row: sample.strata[row.stratum].size / counts[row.stratum] for row in rows}


# Coders among each other


def _agreed(sample: Sample, question: Question, codings: Sequence[Coding]) -> Iterator[Agreed]:
    given = [_given(question, coding) for coding in codings]
    times = Counter(row for answers in given for row in answers)
    if not any(count > 1 for count in times.values()):
        return
    whole = [{row: frozenset(answer) for row, answer in answers.items()} for answers in given]
    yield _measured(sample, question.name, ALL, whole, sets=question.kind == "several")
    if question.kind == "several":
        yield _measured(sample, question.name, "main", [{r: a[0] for r, a in answers.items()} for answers in given])
    for code in () if question.codes.keys() == {YES, NO} else question.codes:
        flags = [{row: code in answer for row, answer in answers.items()} for answers in given]
        if any(flag for answers in flags for flag in answers.values()):
            yield _measured(sample, question.name, code, flags)


def _measured(
    sample: Sample, question: str, code: str, given: Sequence[Mapping[str, Any]], *, sets: bool = False
) -> Agreed:
    pairs = []
    for one, other in combinations(given, 2):
        rows = [row.row for row in sample.rows if row.row in one and row.row in other]
        if rows:
            pairs.append((rows, one, other))
    same = sum(one[row] == other[row] for rows, one, other in pairs for row in rows)
    kappas = [_kappa([_label(one[r]) for r in rows], [_label(other[r]) for r in rows]) for rows, one, other in pairs]
    weighted = []
    for rows, one, other in pairs:
        weights = _weights(sample, set(rows))
        weighted.append(
            _kappa([_label(one[r]) for r in rows], [_label(other[r]) for r in rows], list(weights.values()))
        )
    return Agreed(
        question=question,
        code=code,
        rows=len({row for rows, _, _ in pairs for row in rows}),
        share=same / sum(len(rows) for rows, _, _ in pairs),
        kappa=None if sets else _mean(kappas),
        weighted=None if sets else _mean(weighted),
        alpha=None if sets else alpha(given),
        jaccard=alpha(given, "jaccard") if sets else None,
        masi=alpha(given, "masi") if sets else None,
    )


def _label(value: Any) -> str:
    return ";".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _kappa(one: Sequence[str], other: Sequence[str], weights: Sequence[float] | None = None) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    if len({*one, *other}) < 2:
        return None
    return float(cohen_kappa_score(one, other, sample_weight=weights))


def alpha(given: Sequence[Mapping[str, Any]], distance: str = "nominal") -> float | None:
    """Krippendorff's alpha.

    Args:
        given: the answers of each coder by row; rows that a coder left out are missing values.
        distance: `nominal`, or `jaccard` or `masi` between frozen sets.

    Returns:
        Alpha; None where all answers that can be paired are the same, so that there is nothing to agree on.

    Raises:
        MissingExtra: NLTK is not installed.
    """
    try:
        from nltk.metrics import binary_distance, jaccard_distance, masi_distance
        from nltk.metrics.agreement import AnnotationTask
    except ImportError as error:
        raise MissingExtra("agreement needs NLTK, which is not installed: pip install 'planpipe[stats]'") from error
    times = Counter(row for answers in given for row in answers)
    data = [
        (str(coder), row, value)
        for coder, answers in enumerate(given)
        for row, value in answers.items()
        if times[row] > 1
    ]
    if len({value for _, _, value in data}) < 2:
        return None
    distances = {"nominal": binary_distance, "jaccard": jaccard_distance, "masi": masi_distance}
    return float(AnnotationTask(data, distance=distances[distance]).alpha())


# The machine by the coders


def _judged(sample: Sample, question: Question, codings: Sequence[Coding]) -> Iterator[Judged]:
    given = {coding.coder: _given(question, coding) for coding in codings}
    # A question that follows another is asked of a part of the rows; the weights are those of all of them.
    root = next(one for one in sample.questions if one.name == (question.follows or question.name))
    asked = {coding.coder: _given(root, coding) for coding in codings}
    by: dict[str, tuple[dict[str, dict[str, bool]], set[str]]] = {}
    if len(codings) > 1:
        everyone = set.intersection(*(set(answers) for answers in asked.values()))
        by[CONSENSUS] = (_consensus(question, sample, list(given.values()), everyone), everyone)
    for coder, answers in given.items():
        by[coder] = (_flags(question, sample, answers), set(asked[coder]))
    machine = {row.row: set(row.answers[question.name]) for row in sample.rows}
    for name, (truth, coded) in by.items():
        weights = _weights(sample, coded)
        codes = list(question.codes) or [ALL]
        counted: dict[str, list[tuple[int, bool, bool]]] = {}
        for code in codes:
            counted[code] = [
                (index, True if code == ALL else code in machine[row.row], truth[row.row][code])
                for index, row in enumerate(sample.rows)
                if code in truth.get(row.row, ())
            ]
        if not any(counted.values()):
            continue
        if question.codes and set(codes) != {YES, NO}:
            over = [entry for code in codes if code != NONE for entry in counted[code]]
            yield _score(sample, question, ALL, name, over, weights)
        for code in codes:
            if code != NO and any(said or right for _, said, right in counted[code]):
                yield _score(sample, question, code, name, counted[code], weights)


def _flags(question: Question, sample: Sample, answers: Answers) -> dict[str, dict[str, bool]]:
    """For each row and code whether it is right; for typed answers whether the machine's is."""
    if question.kind == "text":
        return {
            row.row: {ALL: row.answers[question.name] == answers[row.row]} for row in sample.rows if row.row in answers
        }
    return {row: {code: code in answer for code in question.codes} for row, answer in answers.items()}


def _consensus(
    question: Question, sample: Sample, given: Sequence[Answers], rows: set[str]
) -> dict[str, dict[str, bool]]:
    """For each row the codes on which more than half of the coders say the same; others are left out."""
    result: dict[str, dict[str, bool]] = {}
    for row in sample.rows:
        answers = [coder[row.row] for coder in given if row.row in coder]
        if row.row not in rows or 2 * len(answers) <= len(given):
            continue
        if question.kind == "text":
            answer, count = Counter(answers).most_common(1)[0]
            if 2 * count > len(answers):
                result[row.row] = {ALL: row.answers[question.name] == answer}
            continue
        votes = Counter(code for answer in answers for code in answer)
        result[row.row] = {
            code: 2 * votes[code] > len(answers) for code in question.codes if 2 * votes[code] != len(answers)
        }
    return result


def _score(
    sample: Sample,
    question: Question,
    code: str,
    by: str,
    entries: Sequence[tuple[int, bool, bool]],
    weights: Mapping[str, float],
) -> Judged:
    said = [(index, right) for index, machine, right in entries if machine]
    wanted = [(index, machine) for index, machine, right in entries if right]
    missed = question.kind != "text" and question.name != "right"
    return Judged(
        question.name, code, by, share(sample, said, weights), share(sample, wanted, weights) if missed else None
    )


def share(sample: Sample, trials: Sequence[tuple[int, bool]], weights: Mapping[str, float]) -> Share | None:
    """The share of trials that hit, in the table that a sample was drawn from.

    Args:
        sample: the sample.
        trials: index of the row and whether it hit; several of one row count as one cluster.
        weights: of each coded row, by its name; rows without trials belong to the sample too.

    Returns:
        The share, None where there are no trials.
    """
    import numpy as np

    if not trials:
        return None
    rows = [row for row in sample.rows if row.row in weights]
    place = {row.row: at for at, row in enumerate(rows)}
    x, y = np.zeros(len(rows)), np.zeros(len(rows))
    for index, hit in trials:
        at = place[sample.rows[index].row]
        x[at] += 1
        y[at] += hit
    w = np.array([weights[row.row] for row in rows])
    total = float(w @ x)
    p = float(w @ y) / total
    effective = total**2 / float(w**2 @ x)
    z = w * (y - p * x) / total
    strata = np.array([row.stratum for row in rows])
    variance = 0.0
    for stratum in np.unique(strata):
        own = z[strata == stratum]
        n = len(own)
        variance += float(n / (n - 1) * ((own - own.mean()) ** 2).sum()) if n > 1 else float(own[0] ** 2)
    if variance > 0:
        # n - 1 for n: as many trials as rows, unweighted, give exactly the number of rows.
        effective = min(effective, p * (1 - p) / variance * len(rows) / max(len(rows) - 1, 1))
    low, high = wilson(p, effective)
    return Share(p, low, high, sum(hit for _, hit in trials), len(trials))


def wilson(p: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share.

    Args:
        p: the share, 0 to 1.
        n: trials, not necessarily whole: with weights an effective number, which `scipy.stats` does not take.
        confidence: of the interval.
    """
    from scipy.stats import norm

    z = float(norm.ppf((1 + confidence) / 2))
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


# Report


def markdown(result: Agreement) -> str:
    """The figures as tables, and a paragraph for the methods section, as Markdown."""
    sample = result.sample
    lines = ["# Agreement", "", f"Sample {sample.key}: {len(sample.rows)} of {sample.size} {sample.table}.", ""]
    lines += table_lines(
        ("coder", "rows coded"), [(n, str(c)) for n, c in zip(result.coders, result.coded, strict=True)]
    )
    for question in sample.questions:
        lines += ["", f"## {question.name}", "", question.ask]
        agreed = [found for found in result.agreed if found.question == question.name]
        if agreed:
            sets = question.kind == "several"
            head = ["code", "rows", "same", "kappa", "kappa, weighted", "alpha"]
            head += ["alpha, Jaccard", "alpha, MASI"] if sets else []
            cells = [
                [a.code, str(a.rows), *map(_two, (a.share, a.kappa, a.weighted, a.alpha))]
                + ([_two(a.jaccard), _two(a.masi)] if sets else [])
                for a in agreed
            ]
            lines += ["", "Coders among each other:", "", *table_lines(head, cells)]
        for by in (CONSENSUS, *result.coders):
            judged = [found for found in result.judged if (found.question, found.by) == (question.name, by)]
            if judged:
                whom = "the coders where they agree" if by == CONSENSUS else by
                head = ["code", "right / said", "precision", "found / there", "recall", "F1"]
                cells = [
                    [
                        j.code,
                        *(show(part) for part in (j.precision, j.recall) for show in (_count, _interval)),
                        _two(j.f1),
                    ]
                    for j in judged
                ]
                lines += ["", f"The machine against {whom}:", "", *table_lines(head, cells)]
    lines += ["", "## For the methods section", "", paragraph(result)]
    return "\n".join(lines) + "\n"


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _count(share: Share | None) -> str:
    return f"{share.hits} / {share.trials}" if share else ""


def _interval(share: Share | None) -> str:
    return f"{share.value:.2f} ({share.low:.2f}–{share.high:.2f})" if share else ""


def paragraph(result: Agreement) -> str:
    """What a methods section says of the check, with the figures: numbers, draw, intervals, version."""
    return " ".join(
        [*_drawn(result.sample), *_coded(result), *_figures(result), *_intervals(result)],
    )


def _drawn(sample: Sample) -> Iterator[str]:
    n, size = len(sample.rows), sample.size
    plans = f"{sample.plans:,} plan{'s' if sample.plans != 1 else ''}"
    kind = "stratified random" if len(sample.strata) > 1 else "simple random"
    what = f"all {size:,}" if n == size else f"a {kind} sample of {n:,} of the {size:,}"
    yield f"We checked the output of planpipe {sample.version} on {what} {sample.table} that it found in {plans}."
    if len(sample.strata) > 1 and n < size:
        least = min((s.drawn for s in sample.strata if s.drawn < s.size), default=sample.least)
        least = min(least, sample.least)
        share = f"in proportion to their sizes with at least {least} each"
        share = share if sample.allocation == "proportional" else "in equal numbers"
        strata = f"{len(sample.strata)} strata ({' and '.join(sample.by)})"
        yield f"The {strata} were given rows {share}, all of theirs where they had fewer."
    yield f"The draw is reproducible (seed {sample.seed}, sample {sample.key})."


def _coded(result: Agreement) -> Iterator[str]:
    count = len(result.coders)
    how = "without seeing the machine's answers" if result.sample.blind else "with the machine's answers in view"
    who = "One coder" if count == 1 else f"{_word(count)} coders independently"
    rows = (
        f"{min(result.coded):,}" if len(set(result.coded)) == 1 else f"{min(result.coded):,} to {max(result.coded):,}"
    )
    yield f"{who} coded {rows} rows {how}."


def _word(count: int) -> str:
    return dict(enumerate(("Two", "Three", "Four", "Five"), 2)).get(count, str(count))


def _figures(result: Agreement) -> Iterator[str]:
    for question in result.sample.questions:
        for found in result.agreed:
            if found.question == question.name and found.code in (ALL, "main"):
                yield _said(question, found)
        by = CONSENSUS if len(result.coders) > 1 else result.coders[0]
        names = (ALL, YES) if question.codes.keys() == {YES, NO} else (ALL,)
        judged = [one for one in result.judged if one.question == question.name and one.code in names]
        for one in judged:
            if one.by == by:
                yield _worth(question, one, [other for other in judged if other.by != by and other.code == one.code])


def _said(question: Question, found: Agreed) -> str:
    name = f"the main code of {question.name}" if found.code == "main" else question.name
    values = [
        ("Krippendorff's alpha {} with MASI distance", found.masi),
        ("{} with Jaccard distance", found.jaccard),
        ("Cohen's kappa {}", found.kappa),
        ("Krippendorff's alpha {}", found.alpha),
    ]
    told = [text.format(f"{value:.2f}") for text, value in values if value is not None]
    told.append(f"{found.share:.0%} of pairs of answers the same")
    return f"Agreement on {name}: {', '.join(told)} (n = {found.rows:,})."


def _worth(question: Question, judged: Judged, alone: Sequence[Judged]) -> str:
    """What the machine is worth by the coders' common answers, or the only coder's, and by each coder alone."""
    whom = (
        "the answers on which more than half of the coders agreed" if judged.by == CONSENSUS else "the coder's answers"
    )
    right = question.kind == "text" or (question.kind == "one" and judged.code == ALL and NONE not in question.codes)
    names = ("precision",) if right or question.name == "right" else ("precision", "recall")
    told = []
    for name in names:
        found: Share | None = getattr(judged, name)
        if found:
            each = [f"{share.value:.1%}" for other in alone if (share := getattr(other, name))]
            by_each = f", by each coder alone {' and '.join(each)}" if each else ""
            told.append(f"{'right in' if right else f'{name} was'} {_percent(found)}{by_each}")
    of = f"the machine's {question.name} was" if right else f"for {question.name}"
    over = " over all codes" if judged.code == ALL and not right else ""
    lost = ""
    if question.name == "right":
        lost = " What the machine missed is not in a sample of what it found; recall is not estimated."
    return f"Against {whom}, {of}{over} {'; '.join(told)}.{lost}"


def _percent(share: Share) -> str:
    return f"{share.value:.1%} (95% CI {share.low:.1%}–{share.high:.1%}; {share.hits:,} of {share.trials:,})"


def _intervals(result: Agreement) -> Iterator[str]:
    if len(result.coders) > 1:
        yield "Answers on which no majority of the coders agreed are left out of the figures against the majority."
    if result.silent:
        yield f"No figure stands for the strata of which not every coder coded a row: {', '.join(result.silent)}."
    if len(result.sample.strata) > 1:
        yield "Shares are weighted by the inverse of the sampling fractions; the counts in brackets are not."
    yield "Intervals are Wilson score intervals on effective sample sizes."


def figures(result: Agreement) -> list[dict[str, str | int | float | None]]:
    """All figures as rows for a table: question, code, against whom, measure, value, low, high, hits, n."""
    rows: list[dict[str, str | int | float | None]] = []
    head = ("question", "code", "by", "measure", "value", "low", "high", "hits", "n")
    for a in result.agreed:
        for name in ("share", "kappa", "weighted", "alpha", "jaccard", "masi"):
            value = getattr(a, name)
            if value is not None:
                measure = {"share": "same", "weighted": "kappa_weighted"}.get(name, name)
                values = (a.question, a.code, "coders", measure, value, None, None, None, a.rows)
                rows.append(dict(zip(head, values, strict=True)))
    for j in result.judged:
        for name in ("precision", "recall"):
            found: Share | None = getattr(j, name)
            if found:
                said = (found.value, found.low, found.high, found.hits, found.trials)
                rows.append(dict(zip(head, (j.question, j.code, j.by, name, *said), strict=True)))
    return rows


def disagreements(sample: Sample, codings: Sequence[Coding]) -> Iterator[list[str]]:
    """The rows on which coders differ, a question a row: row, question, sentence, each coder's answer."""
    for row in sample.rows:
        for question in sample.questions:
            answers = [coding.answers.get(row.row, {}).get(question.name) for coding in codings]
            if len({answer for answer in answers if answer is not None}) > 1:
                yield [row.row, question.name, row.sentence, *(";".join(answer or ()) for answer in answers)]


def save(result: Agreement, codings: Sequence[Coding], folder: Path) -> list[Path]:
    """Write agreement.md, figures.csv and disagreements.csv.

    Raises:
        OSError: a file cannot be written.
    """
    from pipeline.export import cell
    from pipeline.tables import BY_NAME

    text = next(column for column in BY_NAME["items"].columns if column.name == "text")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "agreement.md").write_text(markdown(result), encoding="utf-8", newline="\n")
    with (folder / "figures.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = figures(result)
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    with (folder / "disagreements.csv").open("w", encoding="utf-8-sig", newline="") as file:
        plain = csv.writer(file, lineterminator="\r\n")
        plain.writerow(["row", "question", "sentence", *result.coders])
        plain.writerows([[cell(text, value) for value in row] for row in disagreements(result.sample, codings)])
    return [folder / name for name in ("agreement.md", "figures.csv", "disagreements.csv")]
