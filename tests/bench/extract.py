"""Times and quantities of the gold plans, by planpipe and by libraries that read Chinese times and numbers.

    python -m tests.bench.extract [--small]

All read the bodies of the plans of `tests/gold`. JioNLP and ms-recognizers-text are given each line by itself and
the plan's year as the time of speaking (planpipe finds the year); a library that is not installed is named and left
out. JioNLP needs jiojio, which is under the GPL: it is a peer here and nothing that planpipe may import. Measures:

- times: precision, recall and F1 of places, as `tests/evaluate.py` pairs them; and of all gold times the share whose
  value is right: the last day and, where the gold has one, the first; of recurrences the unit in which they recur;
  of durations and of what the gold leaves undated, that it was found.
- quantities: of the gold's targets, how many were found, with the right value, with value and unit (recall), how many
  of those found have both (precision at the gold's places), and how many further quantities are reported that are no
  targets: a library of numbers does not tell them from past figures, names and labels. Comparators, which no library
  gives, are left out. Where a library has several readings of a place, it is right if one of them is.
- FORMS: eleven ways in which plans date, each a line of a plan for 2022, and what is read.
- characters a second of the processor's time, from prepared lines, or for planpipe from the section tree.

Bounds: right times 0.95 where the better library stays under 0.8, and faster than both. planpipe's rules were mended
with these plans in view; its scores at first contact with each are in README.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from rich.cells import set_cell_size

import pipeline
from pipeline.extract import Extractor, deadlines, extract, indicators, targets
from pipeline.extract.notes import make
from pipeline.items import cut
from pipeline.plans import split
from pipeline.read import read
from pipeline.sections import tree
from tests import evaluate

GOLD = Path(__file__).parents[1] / "gold"
ROUNDS = 3
WIDTHS = (34, 18, 26, 26, 14, 14)
Days = tuple[str | None, str | None]
EVERY = {"D": "day", "W": "week", "M": "month", "Y": "year"}
OF_TIMES: tuple[Extractor, ...] = (deadlines.annotate,)
OF_QUANTITIES = (*OF_TIMES, targets.annotate, indicators.annotate)


class Line(NamedTuple):
    """A line of a plan's body: its text, where it begins, the plan's first year."""

    text: str
    start: int
    year: int


@dataclass
class Gold:
    """An annotated plan file: its lines, and the gold rows that `evaluate` gives."""

    source: Path
    text: str
    lines: list[Line]
    times: list[evaluate.Row]
    targets: list[evaluate.Row]


@dataclass
class Finds:
    """What was found in one file, by place: `days` or `every` of times, `values` and `unit` of quantities."""

    times: list[evaluate.Row] = field(default_factory=list)
    quantities: list[evaluate.Row] = field(default_factory=list)


class Form(NamedTuple):
    """A way to write a time, and what it says: first and last day, or how it recurs."""

    text: str
    days: Days = (None, None)
    every: str | None = None


FORM_YEAR = 2022
FORMS = (
    Form("2022—2023学年建成智慧课堂。", ("2022-09-01", "2023-07-31")),
    Form("2022学年新开选修课。", ("2022-09-01", "2023-07-31")),
    Form("2022学年第一学期完成轮训。", ("2022-09-01", None)),
    Form("2022学年第二学期组织展评。", (None, "2023-07-31")),
    Form("秋季开学前配齐教师。", (None, "2022-08-31")),
    Form("每学期开展家访。", every="term"),
    Form("国庆节前完成验收。", (None, "2022-09-30")),
    Form("六一前建成少年宫。", (None, "2022-05-31")),
    Form("“十四五”末新建园全部投用。", (None, "2025-12-31")),
    Form("“十四五”期间改造校舍。", ("2021-01-01", "2025-12-31")),
    Form("“十五五”期间新建学校。", ("2026-01-01", "2030-12-31")),
)


def gold(folder: Path = GOLD, only: int | None = None) -> list[Gold]:
    """The gold files of a folder.

    Args:
        folder: as `evaluate` takes it.
        only: how many, from the first; None takes all.
    """
    paths = evaluate.gold_files(folder)[:only]
    result = []
    for path in paths:
        content = json.loads(path.read_text(encoding="utf-8"))
        source = evaluate.source_of(path)
        text = read(source).text
        rows = evaluate.gold_rows(content, text)
        years = [row["year"] for row in rows["plans"] if row["year"]]
        lines = [
            Line(line[0], row["from"] + line.start(), row["year"] or years[0])
            for row in rows["plans"]
            for line in re.finditer(r"[^\n]+", text[row["from"] : row["to"]])
        ]
        result.append(Gold(source, text, lines, rows["times"], rows["targets"]))
    return result


# Peers


def with_planpipe(golds: Sequence[Gold]) -> list[Finds]:
    """What a run's tables hold, as the libraries' finds are written."""
    with tempfile.TemporaryDirectory() as out:
        pipeline.run([one.source for one in golds], out)
        found = evaluate.found_rows(Path(out))
    result = []
    for one in golds:
        layers = found[one.source.stem][1]
        finds = Finds()
        for row in layers["times"]:
            days = (row["start"] or None, row["end"] or None)
            finds.times.append({**row, "days": [days], "every": row["every"] or None})
        for row in layers["targets"]:
            values = {float(row[name]) for name in ("value", "value2") if row[name]}
            finds.quantities.append({**row, "values": values})
        result.append(finds)
    return result


@cache
def _jionlp() -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        import jionlp
    return jionlp


def jionlp_times(line: Line) -> Iterator[evaluate.Row]:
    """Times of a line by JioNLP, 1 January of the plan's year as the time of speaking."""
    base = {"year": line.year, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
    for found in _jionlp().ner.extract_time(line.text, time_base=base, with_parsing=True):
        start, end = found["offset"]
        detail = found["detail"]
        row = {"from": line.start + start, "to": line.start + end, "days": [], "every": None}
        if detail["type"] in ("time_point", "time_span"):
            since, until = (moment[:10] for moment in detail["time"])
            row["days"] = [(since, until)]
        elif detail["type"] == "time_period":
            ((unit, count),) = detail["time"]["delta"].items()
            row["every"] = "week" if (unit, count) == ("day", 7) else unit
        yield row


@cache
def _recognizers() -> tuple[Any, tuple[Any, ...]]:
    """The models of ms-recognizers-text for Chinese: of times, and of numbers with and without units."""
    from recognizers_date_time import Culture, DateTimeRecognizer
    from recognizers_number import NumberRecognizer
    from recognizers_number_with_unit import NumberWithUnitRecognizer

    numbers, units = NumberRecognizer(Culture.Chinese), NumberWithUnitRecognizer(Culture.Chinese)
    return DateTimeRecognizer(Culture.Chinese).get_datetime_model(), (
        numbers.get_number_model(),
        numbers.get_percentage_model(),
        units.get_currency_model(),
        units.get_dimension_model(),
        units.get_age_model(),
        units.get_temperature_model(),
    )


def recognizers_times(line: Line) -> Iterator[evaluate.Row]:
    """Times of a line by ms-recognizers-text; its ends of ranges are the day after."""
    for found in _recognizers()[0].parse(line.text, datetime(line.year, 1, 1)):
        row = {"from": line.start + found.start, "to": line.start + found.end + 1, "days": [], "every": None}
        for reading in (found.resolution or {}).get("values", ()):
            if reading["type"] == "set":
                row["every"] = EVERY.get(re.sub(r"[^DWMY]", "", reading["timex"])[-1:])
            elif reading["type"] == "daterange" and "end" in reading:
                with contextlib.suppress(OverflowError):  # of a figure that is no year it makes 0001-01-01
                    last = date.fromisoformat(reading["end"]) - timedelta(days=1)
                    row["days"].append((reading.get("start"), last.isoformat()))
            elif reading["type"] == "date" and "value" in reading:
                row["days"].append((reading["value"], reading["value"]))
        yield row


def recognizers_quantities(line: Line) -> Iterator[evaluate.Row]:
    """Numbers, percentages, sums, measures, ages and temperatures of a line, those at one place as one find."""
    places: list[evaluate.Row] = []
    found = (one for model in _recognizers()[1] for one in model.parse(line.text))
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        value = (one.resolution or {}).get("value")
        if value is None:
            continue
        if not places or one.start >= places[-1]["to"]:
            places.append({"from": one.start, "to": one.end + 1, "values": set(), "unit": ""})
        place = places[-1]
        with contextlib.suppress(ValueError):
            place["values"].add(float(value.removesuffix("%")))
        if one.type_name != "number" and not place["unit"]:
            place["unit"] = line.text[one.start : one.end + 1] if one.type_name != "percentage" else "%"
            if "百分点" in one.text:
                place["unit"] = "个百分点"
    for place in places:
        yield {**place, "from": line.start + place["from"], "to": line.start + place["to"]}


class Peer(NamedTuple):
    """A library: its module, what to install, and what it finds in a line, None where it has no such thing."""

    name: str
    module: str
    package: str
    times: Callable[[Line], Iterable[evaluate.Row]] | None
    quantities: Callable[[Line], Iterable[evaluate.Row]] | None


PEERS = (
    Peer("JioNLP", "jionlp", "jionlp", jionlp_times, None),
    Peer(
        "ms-recognizers-text",
        "recognizers_date_time",
        "recognizers-text-suite",
        recognizers_times,
        recognizers_quantities,
    ),
)


def with_peer(peer: Peer, golds: Sequence[Gold]) -> list[Finds]:
    """What a library finds in the lines of each file."""
    return [
        Finds(
            [row for line in one.lines for row in peer.times(line)] if peer.times else [],
            [row for line in one.lines for row in peer.quantities(line)] if peer.quantities else [],
        )
        for one in golds
    ]


# Scores


def right_time(found: evaluate.Row, wanted: evaluate.Row) -> bool:
    """Whether a find says of a gold time what the gold does; see the module's head."""
    if wanted["kind"] == "recur":
        return bool(found["every"] == wanted["every"])
    if not wanted["start"] and not wanted["end"]:
        return True
    return any(
        (not wanted["end"] or until == wanted["end"]) and (not wanted["start"] or since == wanted["start"])
        for since, until in found["days"]
    )


@dataclass
class Times:
    """Places of times as `evaluate` counts them, and how many values are right."""

    places: evaluate.Tally = field(default_factory=evaluate.Tally)
    right: int = 0


@dataclass
class Quantities:
    """Counts of the gold's targets: all, found, with the right value, with value and unit; and of further finds."""

    wanted: int = 0
    found: int = 0
    values: int = 0
    records: int = 0
    others: int = 0


def score_times(golds: Sequence[Gold], finds: Sequence[Finds]) -> Times:
    """Score times; optional ones of the gold are neither wanted nor wrong."""
    result = Times()
    for one, found in zip(golds, finds, strict=True):
        matched = list(evaluate.pairs("times", found.times, one.times))
        hits = [(a, b) for a, b in matched if not b.get("optional")]
        result.places.hits += len(hits)
        result.places.found += len(found.times) - (len(matched) - len(hits))
        result.places.wanted += sum(not row.get("optional") for row in one.times)
        result.right += sum(right_time(a, b) for a, b in hits)
    return result


def score_quantities(golds: Sequence[Gold], finds: Sequence[Finds]) -> Quantities:
    """Score quantities at the places of the gold's targets: of a range's two ends, both must be there."""
    result = Quantities()
    for one, found in zip(golds, finds, strict=True):
        used = set()
        for row in one.targets:
            there = [n for n, a in enumerate(found.quantities) if a["from"] < row["to"] and row["from"] < a["to"]]
            used.update(there)
            if row.get("optional"):
                continue
            result.wanted += 1
            result.found += bool(there)
            rows = [found.quantities[n] for n in there]
            values = set().union(*(a["values"] for a in rows))
            wanted = {float(row[name]) for name in ("value", "value2") if row.get(name) is not None}
            unit = row.get("unit") or ""
            if all(any(abs(value - want) <= 1e-6 * abs(want) for value in values) for want in wanted):
                result.values += 1
                result.records += not unit or any((a["unit"] or "").endswith(unit) for a in rows)
        result.others += len(found.quantities) - len(used)
    return result


# Forms


def form_plans(folder: Path) -> list[Path]:
    """A plan for 2022 of each form."""
    paths = []
    for number, form in enumerate(FORMS):
        paths.append(folder / f"{number:02}.txt")
        text = f"青禾县教育局{FORM_YEAR}年工作计划\n一、主要任务\n（一）{form.text}\n"
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def read_forms(peer: Peer | None) -> list[str]:
    """What a library reads of each of `FORMS`, planpipe where None is given: `right`, its readings, or nothing."""
    found: list[list[evaluate.Row]]
    with tempfile.TemporaryDirectory() as folder:
        if peer is None:
            plans = [view.plan for path in form_plans(Path(folder)) for view in pipeline.parse(path)]
            found = [[{"days": [(d.since, d.until)], "every": d.every} for d in plan.deadlines] for plan in plans]
        else:
            assert peer.times
            found = [list(peer.times(Line(form.text, 0, FORM_YEAR))) for form in FORMS]
    return [_verdict(form, rows) for form, rows in zip(FORMS, found, strict=True)]


def _verdict(form: Form, rows: Sequence[evaluate.Row]) -> str:
    wanted = {
        "kind": "recur" if form.every else "date",
        "every": form.every,
        "start": form.days[0],
        "end": form.days[1],
    }
    if any(right_time(row, wanted) for row in rows):
        return "right"
    readings = [f"{since or ''}/{until or ''}" for row in rows for since, until in row["days"]]
    return " ".join(readings) or ("place alone" if rows else "nothing")


# Speed


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Processor time of a piece of work, the median of some rounds."""
    costs = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        costs.append(time.process_time() - started)
    return median(costs)


def planpipe_work(golds: Sequence[Gold], extractors: Sequence[Extractor]) -> Callable[[], object]:
    """The plans of the files run through some extractors, from the section tree on."""
    plans = []
    for one in golds:
        document = read(one.source)
        for head in split(document):
            sections = tree(document, head)
            plans.append((head, sections, *cut(document, head, sections)))

    def work() -> None:
        for plan in plans:
            notes = make(*plan)
            for extractor in extractors:
                extractor(notes)

    return work


def planpipe_whole(golds: Sequence[Gold]) -> Callable[[], object]:
    """All of planpipe but the reading of files and themes: plans, section tree, items, every extractor."""
    documents = [read(one.source) for one in golds]

    def work() -> None:
        for document in documents:
            for head in split(document):
                sections = tree(document, head)
                extract(document, head, sections, *cut(document, head, sections))

    return work


def peer_work(golds: Sequence[Gold], find: Callable[[Line], Iterable[evaluate.Row]]) -> Callable[[], object]:
    """All lines of the files read by a library."""
    return lambda: [row for one in golds for line in one.lines for row in find(line)]


# The table


def rows_of(golds: Sequence[Gold], peers: Sequence[Peer] = PEERS, *, rounds: int = ROUNDS) -> Iterator[tuple[str, ...]]:
    """The lines that `main` prints, as cells."""
    there = [peer for peer in peers if find_spec(peer.module)]
    for peer in peers:
        if peer not in there:
            yield (f"{peer.name}: not installed, skipped;", f"pip install {peer.package}")
    finds = {"planpipe": with_planpipe(golds)} | {peer.name: with_peer(peer, golds) for peer in there}
    yield ("times", "precision", "recall", "F1", "right values")
    for name, found in finds.items():
        times = score_times(golds, found)
        tally = times.places
        numbers = (tally.precision, tally.recall, tally.f1, times.right / tally.wanted)
        yield (name, *(f"{number:.3f}" for number in numbers))
    yield ("quantities", "found", "right value", "and unit", "precision", "not targets")
    for name in ("planpipe", *(peer.name for peer in there if peer.quantities)):
        done = score_quantities(golds, finds[name])
        shares = [count / done.wanted for count in (done.found, done.values, done.records)]
        shares.append(done.records / done.found if done.found else 0.0)
        yield (name, *(f"{share:.3f}" for share in shares), str(done.others))
    yield (f"forms, plan for {FORM_YEAR}", "planpipe", *(peer.name for peer in there))
    answers = [read_forms(peer) for peer in (None, *there)]
    for number, form in enumerate(FORMS):
        yield (form.text, *(answer[number] for answer in answers))
    yield ("characters a second", "times", "ours / theirs", "quantities", "ours / theirs")
    size = sum(len(line.text) for one in golds for line in one.lines)
    ours = [size / seconds(planpipe_work(golds, parts), rounds) for parts in (OF_TIMES, OF_QUANTITIES)]
    yield ("planpipe", f"{ours[0]:,.0f}", "", f"{ours[1]:,.0f}", "")
    yield ("planpipe, tree, items, all", f"{size / seconds(planpipe_whole(golds), rounds):,.0f}", "", "", "")
    for peer in there:
        cells = []
        for find, own in zip((peer.times, peer.quantities), ours, strict=True):
            speed = find and size / seconds(peer_work(golds, find), 1)
            cells += [f"{speed:,.0f}", f"{own / speed:.1f}"] if speed else ["-", "-"]
        yield (peer.name, *cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="five files, one round")
    small = parser.parse_args().small
    logging.disable(logging.CRITICAL)  # JioNLP logs a traceback for each time that it cannot read
    for cells in rows_of(gold(only=5 if small else None), rounds=1 if small else ROUNDS):
        print("".join(set_cell_size(cell, width) for cell, width in zip(cells, WIDTHS, strict=False)).rstrip())


if __name__ == "__main__":
    main()
