"""What became of numeric targets from one plan to the next of its issuer, and whether they were met by their dates.

    series      which plans are editions of one plan (`pipeline.series`)
    changes     the targets of each edition against those of the next (`pipeline.matching`)
    outcomes    targets whose date is past against the figures that later plans of the place tell of as reached

A later plan tells what was reached in two ways: as the starting point of a target of its own (由85%提高到88%, a
column for the present year), and in sentences about the past (2024年，毛入园率达到91%), which the run found to be no
targets. A figure is as of the year that its item names before it, else of the year before the plan's. It is set
against targets that were due in that year: what the next year added is not what was reached by the date.

Everything here is worked out place by place; what is held in memory is the tables of the run.
"""

from __future__ import annotations

import os
import re
import tempfile
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pipeline import export
from pipeline.duplicates import clusters, signature
from pipeline.errors import NothingToCompare
from pipeline.matching import Measure, pairs
from pipeline.model import fold
from pipeline.numbers import quantities
from pipeline.reuse import COMMON, Reuse, reuse
from pipeline.saved import Saved, places_in
from pipeline.series import Series, series
from pipeline.tables import COMPARISONS, TABLES, Row, conform

CHANGES = next(table for table in COMPARISONS if table.name == "changes")
KINDS = next(column.values for column in CHANGES.columns if column.name == "change")
Moved = Literal["kept", "raised", "lowered", "altered"]
Outcome = Literal["met", "missed", "above", "below"]
CLAUSE = 80
"""Characters before and behind a figure that are looked at as its clause."""
CLAUSE_END = re.compile(r"[,。;:!?\t]")
FIGURE_BEFORE = re.compile(r".*\d[^、]*、")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年)")


class Comparison(NamedTuple):
    """The rows of `changes`, and what was compared.

    Args:
        rows: complete, by place, plan and the order of the text.
        pairs: how many times a plan was compared with the next of its series.
        others: plans of periods for which another plan of the series stands.
        alone: plans that have no year, no place and body, or no other edition.
    """

    rows: list[Row]
    pairs: int
    others: int
    alone: int


def compare(saved: Saved, same: Mapping[str, str]) -> Comparison:
    """Set the targets of a run's plans against each other.

    Args:
        saved: the run.
        same: the cluster of near-duplicates of each plan.

    Raises:
        NoTables: tables or texts of the run are missing.
    """
    found = series(saved.plans)
    by_place: dict[str, list[Series]] = defaultdict(list)
    for one in found:
        by_place[one.place].append(one)
    rows: list[Row] = []
    steps = 0
    for place in sorted(by_place):
        figures = _Figures(saved)
        for one in by_place[place]:
            for before, after in _steps(one):
                steps += 1
                rows += _changes(figures, place, before, after, same)
        rows += _outcomes(figures, place, by_place[place], same)
    compared = {plan["plan_id"] for one in found for step in _steps(one) for plan in step}
    others = sum(len(one.others) for one in found)
    return Comparison(rows, steps, others, len(saved.plans) - others - len(compared))


def _steps(one: Series) -> Iterator[tuple[Row, Row]]:
    """Each edition and the next, unless more than one edition is missing between them."""
    for before, after in pairwise(one.editions):
        last = before["year_end"] or before["year_start"]
        years = max(1, last - before["year_start"] + 1)
        if after["year_start"] - last <= 1 + years:
            yield before, after


def cluster_of(saved: Saved) -> dict[str, str]:
    """The cluster of near-duplicates of each plan: as the run found it, or else found now.

    Args:
        saved: a run.
    """
    if any(plan["cluster_id"] for plan in saved.plans):
        return {plan["plan_id"]: plan["cluster_id"] or plan["plan_id"] for plan in saved.plans}
    texts = ((plan["plan_id"], saved.text(plan)[plan["char_start"] : plan["char_end"]]) for plan in saved.plans)
    return clusters((plan_id, signature(text)) for plan_id, text in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A target, or a figure that a plan tells of as reached, with what its row shows.

    Args:
        measure: what it measures.
        row: values of the columns of one side, by name without the side.
        target: id of the target that it is or, as its starting point, belongs to.
        theme: main theme of its item.
        as_of: of a figure that was reached: the year; None of a target.
    """

    measure: Measure
    row: Mapping[str, Any]
    target: str | None
    theme: str | None
    as_of: int | None = None

    @property
    def value(self) -> float:
        """The figure; the quotient of a ratio."""
        return float(self.row["value"])

    @property
    def ends(self) -> tuple[float, float]:
        """Lower and upper end, the same for a single figure; the quotient of a ratio."""
        value, other = self.value, self.row["value2"]
        if other is None:
            return value, value
        if self.measure.op == "ratio":
            return (value / other, value / other) if other else (value, value)
        return value, float(other)


class _Figures:
    """The figures of the plans of one place, each plan's read once."""

    def __init__(self, saved: Saved) -> None:
        self.saved = saved
        self._targets: dict[str, list[Figure]] = {}
        self._reached: dict[str, dict[int, list[Figure]]] = {}

    def targets(self, plan: Row) -> list[Figure]:
        """The targets of a plan, in the order of the text."""
        if plan["plan_id"] not in self._targets:
            self._targets[plan["plan_id"]] = list(_Reader(self.saved, plan).targets())
        return self._targets[plan["plan_id"]]

    def reached(self, plan: Row) -> dict[int, list[Figure]]:
        """The figures that a plan tells of as reached, by the year that they are of, in the order of the text."""
        if plan["plan_id"] not in self._reached:
            by_year: dict[int, list[Figure]] = defaultdict(list)
            for figure in _Reader(self.saved, plan).reached():
                by_year[figure.as_of or 0].append(figure)
            self._reached[plan["plan_id"]] = by_year
        return self._reached[plan["plan_id"]]


class _Reader:
    """Reads the figures of one plan out of the tables and the text."""

    def __init__(self, saved: Saved, plan: Row) -> None:
        self.plan = plan
        self.text = saved.text(plan)
        self.rows = {name: saved.rows(name, plan["plan_id"]) for name in ("targets", "items", "sections", "deadlines")}
        self.items = {row["item_id"]: row for row in self.rows["items"]}
        self.paths = {row["section_id"]: row["path"] or "" for row in self.rows["sections"]}
        self.ends = {row["deadline_id"]: row["end"] for row in self.rows["deadlines"]}
        self.last_day = f"{plan['year_end'] or plan['year_start']}-12-31"

    def targets(self) -> Iterator[Figure]:
        for row in self.rows["targets"]:
            end = self.ends.get(row["deadline_id"])
            due = end.isoformat() if end else self.last_day
            yield self._figure(row, row["char_start"], row["char_end"], target=row["target_id"], due=due)

    def reached(self) -> Iterator[Figure]:
        found = [*self._starting_points(), *self._told()]
        yield from sorted(found, key=lambda figure: int(figure.row["char_start"]))

    def _starting_points(self) -> Iterator[Figure]:
        """The figures that targets start from; where one is not found before its target, its place is the target's."""
        for row in self.rows["targets"]:
            if row["baseline"] is None or row["op"] in ("inc", "dec", "ratio"):
                continue  # what a change starts from is no change, and of a ratio it is half
            item = self.items.get(row["item_id"])
            low = item["char_start"] if item else self.plan["char_start"]
            low = max(low, row["char_start"] - CLAUSE)
            source = self.text[low : row["char_start"]]
            places = [at for at, char in enumerate(source) if char != "\n"]
            before = fold(source.replace("\n", ""))
            start, end = row["char_start"], row["char_end"]
            for found in quantities(before):
                if found.value == row["baseline"]:
                    start, end = low + places[found.start], low + places[found.end - 1] + 1
            stated = {**row, "value": row["baseline"], "value2": None, "op": "eq"}
            yield self._figure(stated, start, end, target=row["target_id"], as_of=self._as_of(before, len(before)))

    def _told(self) -> Iterator[Figure]:
        """The figures in items that tell of the past or the present state."""
        from pipeline.extract.notes import Notes, Passage
        from pipeline.extract.past import inside, past
        from pipeline.extract.targets import targets

        items = [item for item in self.rows["items"] if item["text"]]
        texts = [" ".join(item["text"].split("\n")) for item in items]
        if not texts:
            return
        starts = [0, *accumulate(len(text) + 1 for text in texts[:-1])]
        passages = []
        for item, text, at in zip(items, texts, starts, strict=True):
            path = self.paths.get(item["section_id"], "")
            headings = tuple(path.split(" / ")) if path else ()
            passages.append(Passage(at, at + len(text), item["section_id"], headings))
        text = "\n".join(texts)
        folded = fold(text)
        years = (self.plan["year_start"], self.plan["year_end"] or self.plan["year_start"])
        notes = Notes(text, folded, years, items=passages)
        bygone = past(notes)
        ends = [end for _, end in bygone]
        notes.items = [
            one for one in passages if (at := bisect_right(ends, one.start)) < len(bygone) and bygone[at][0] < one.end
        ]
        if not notes.items:
            return
        known = {(row["item_id"], row["value"]) for row in self.rows["targets"]}
        number = 0
        for told in targets(notes, keep_past=True):
            while number + 1 < len(starts) and starts[number + 1] <= told.start:
                number += 1
            item = items[number]
            if not inside(bygone, told.start) or (item["item_id"], told.value) in known:
                continue
            places = places_in(self.text[item["char_start"] : item["char_end"]], texts[number])
            low, high = places[told.start - starts[number]], places[told.end - 1 - starts[number]] + 1
            row = {
                "item_id": item["item_id"],
                "section_id": item["section_id"],
                "page": item["page"],
                **{name: getattr(told, name) for name in ("indicator", "op", "value", "value2", "unit", "per")},
            }
            year = self._as_of(folded[starts[number] : told.start], told.start - starts[number])
            yield self._figure(row, item["char_start"] + low, item["char_start"] + high, target=None, as_of=year)

    def _as_of(self, before: str, end: int) -> int:
        """The year that the text before a figure names last, if it is past, else the one before the plan's."""
        first = int(self.plan["year_start"])
        named = [int(year) for year in YEAR.findall(before[:end]) if int(year) < first]
        return named[-1] if named else first - 1

    def _figure(
        self,
        row: Mapping[str, Any],
        start: int,
        end: int,
        *,
        target: str | None,
        due: str | None = None,
        as_of: int | None = None,
    ) -> Figure:
        item = self.items.get(row["item_id"])
        low, high = (item["char_start"], item["char_end"]) if item else (self.plan["char_start"], self.plan["char_end"])
        left = fold(self.text[max(low, start - CLAUSE) : start].replace("\n", ""))
        right = fold(self.text[start : min(high, start + CLAUSE)].replace("\n", ""))
        return Figure(
            measure=Measure(
                indicator=row["indicator"],
                op=row["op"],
                unit=row["unit"],
                per=row["per"],
                before=FIGURE_BEFORE.sub("", CLAUSE_END.split(left)[-1]),
                behind=CLAUSE_END.split(right)[0],
                section=self.paths.get(row["section_id"], ""),
                theme=item["main_theme"] if item else None,
            ),
            row={
                **{name: row[name] for name in ("indicator", "op", "value", "value2", "unit", "per", "page")},
                "due": due,
                "text": item["text"] if item else self.text[start:end],
                "char_start": start,
                "char_end": end,
            },
            target=target,
            theme=item["main_theme"] if item else None,
            as_of=as_of,
        )


def _changes(figures: _Figures, place: str, before: Row, after: Row, same: Mapping[str, str]) -> Iterator[Row]:
    """What became of the targets of one plan in the next: first what the earlier has, then what is new."""
    old, new = figures.targets(before), figures.targets(after)
    found = pairs([figure.measure for figure in old], [figure.measure for figure in new])
    partner = {first: (second, score) for first, second, score in found}
    taken = {second for second, _ in partner.values()}
    frame = _frame(place, before, after, same)
    for at, figure in enumerate(old):
        if at in partner:
            second, score = partner[at]
            yield _row(frame, moved(figure, new[second]), figure, new[second], score)
        else:
            first_day = f"{after['year_start']}-01-01"
            yield _row(frame, "due" if figure.row["due"] < first_day else "dropped", figure, None, None)
    for at, figure in enumerate(new):
        if at not in taken:
            yield _row(frame, "new", None, figure, None)


def moved(before: Figure, after: Figure) -> Moved:
    """Which way a figure went, as a number.

    Args:
        before, after: figures of like units and ways.
    """
    (low, high), (new_low, new_high) = before.ends, after.ends
    if (low, high) == (new_low, new_high):
        return "kept"
    if new_low >= low and new_high >= high:
        return "raised"
    return "lowered" if new_low <= low and new_high <= high else "altered"


def outcome(target: Figure, reached: Figure) -> Outcome:
    """Whether a figure that was reached fulfils a target.

    Args:
        target: what was to be reached.
        reached: what was.

    Returns:
        met or missed where the target's op says which way, or the figures are equal; else above or below.
    """
    low, high = target.ends
    value = sum(reached.ends) / 2
    match target.measure.op:
        case "ge" | "inc" | "dec":
            return "met" if value >= low else "missed"
        case "gt":
            return "met" if value > low else "missed"
        case "le":
            return "met" if value <= high else "missed"
        case "lt":
            return "met" if value < high else "missed"
        case _ if low <= value <= high:
            return "met"
        case _:
            return "above" if value > high else "below"


def _outcomes(figures: _Figures, place: str, found: Sequence[Series], same: Mapping[str, str]) -> Iterator[Row]:
    """For each target of a place the first later plan that tells what was reached by its date."""
    plans = sorted(
        (plan for one in found for plan in one.editions), key=lambda plan: (plan["year_start"], plan["plan_id"])
    )
    for before in plans:
        open_targets = {figure.target: figure for figure in figures.targets(before)}
        for after in plans:
            if after["year_start"] <= before["year_start"] or not open_targets:
                continue
            by_year = figures.reached(after)
            for year in sorted(by_year.keys() & {int(figure.row["due"][:4]) for figure in open_targets.values()}):
                due = [figure for figure in open_targets.values() if int(figure.row["due"][:4]) == year]
                matched = pairs([figure.measure for figure in due], [told.measure for told in by_year[year]])
                frame = _frame(place, before, after, same)
                for first, second, score in matched:
                    figure, told = due[first], by_year[year][second]
                    yield _row(frame, outcome(figure, told), figure, told, score)
                    del open_targets[figure.target]


def _frame(place: str, before: Row, after: Row, same: Mapping[str, str]) -> dict[str, Any]:
    return {
        "place": place,
        "issuer": after["issuer"] or before["issuer"],
        "year_before": before["year_start"],
        "year_after": after["year_start"],
        "plan_before": before["plan_id"],
        "plan_after": after["plan_id"],
        "near_duplicates": same[before["plan_id"]] == same[after["plan_id"]],
    }


def _row(
    frame: Mapping[str, Any], change: str, before: Figure | None, after: Figure | None, score: float | None
) -> Row:
    told = after is not None and after.as_of is not None
    left = before.target if before else frame["plan_before"]
    right = f"{frame['plan_after']}@{after.row['char_start']}" if after and told else after and after.target
    apart = before and after and before.measure.op != "ratio"
    row: dict[str, Any] = {
        **frame,
        "change_id": f"{left}{'=' if told else '>'}{right or frame['plan_after']}",
        "change": change,
        "score": None if score is None else round(score, 3),
        "main_theme": (after and after.theme) or (before and before.theme),
        "target_before": before and before.target,
        "target_after": after and after.target,
        "difference": round(after.value - before.value, 6) if before and after and apart else None,
    }
    for side, figure in (("before", before), ("after", after)):
        if figure:
            row |= {f"{name}_{side}": value for name, value in figure.row.items()}
    return conform(CHANGES, row)


class Compared(NamedTuple):
    """What `write` did.

    Args:
        changes: targets from plan to plan.
        reuse: sentences from plan to plan.
        plans: title and year by plan id.
    """

    changes: Comparison
    reuse: Reuse
    plans: dict[str, str]


def write(out: str | Path, *, common: int = COMMON) -> Compared:
    """Compare the plans of a run, and add the tables `changes` and `reuse` to it and to its data package.

    Args:
        out: the run's folder.
        common: plans from which on a sentence is boilerplate.

    Raises:
        NoTables: the folder holds no run, or not all of it.
        NothingToCompare: the run has fewer than two plans.
        OSError: the tables cannot be written.
    """
    saved = Saved(out)
    if len(saved.plans) < 2:
        raise NothingToCompare(f"{out} holds {len(saved.plans)} plan; comparing takes two or more in one run")
    same = cluster_of(saved)
    changes = compare(saved, same)
    travelled = reuse(saved, same, common=common)
    with tempfile.TemporaryDirectory(dir=saved.out, prefix=".compare-") as name:
        folder = Path(name)
        for table, rows in zip(COMPARISONS, (changes.rows, travelled.rows), strict=True):
            with export.Writer(table, folder) as writer:
                writer.write(rows)
        package = export.datapackage(version("planpipe"), (*TABLES, *COMPARISONS))
        (folder / "datapackage.json").write_text(package, encoding="utf-8", newline="\n")
        for file in sorted(folder.iterdir()):
            os.replace(file, saved.out / file.name)
    titles = {plan["plan_id"]: _title(plan) for plan in saved.plans}
    return Compared(changes, travelled, titles)


def _title(plan: Row) -> str:
    """A plan's title, with its year where it does not say it."""
    title, year = plan["title"] or plan["plan_id"], str(plan["year_start"] or "")
    return f"{title} ({year})" if year and year not in fold(title) else str(title)


def summary(rows: Sequence[Row], by: Literal["issuer", "region", "year"]) -> dict[str, Counter[str]]:
    """How often each change is found, by issuer, by place, or by the years of the two plans.

    Args:
        rows: of `changes`.
        by: what to group by.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        keys = {"issuer": row["issuer"] or row["place"], "region": row["place"]}
        key = f"{row['year_before']} > {row['year_after']}" if by == "year" else keys[by]
        counts[key][row["change"]] += 1
    return dict(sorted(counts.items()))
