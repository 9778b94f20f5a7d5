"""Samples for checking by hand: which rows are drawn, and what is asked of them.

Drawing is stratified, without replacement. In each stratum the rows with the smallest hashes of seed and id are
taken (permanent random numbers, Ohlsson 1995): the same on any machine, and a larger sample holds the smaller one
of the same seed as far as the strata's shares allow. Rows of files that repeat another file are left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import CodingError, NoTables
from pipeline.export import cell
from pipeline.stored import stored
from pipeline.tables import BY_NAME
from pipeline.themes import MOST, Theme, taxonomy

Allocation = Literal["proportional", "equal"]
Answer = tuple[str, ...]

NONE = "none"
YES, NO = "yes", "no"
BANDS = (0.5, 0.8, 0.9, 0.95)
"""Lower ends of the strata of `confidence`."""
TABLES = ("items", "goals", "targets", "deadlines", "responsibilities")
BY = ("theme", "level", "year", "region", "kind", "rule", "confidence")
MARKS = "⟦⟧"
"""Stand around what was found, in its sentence."""
_YES_NO = {YES: "是", NO: "否"}


@dataclass(frozen=True, slots=True)
class Question:
    """What coders answer of each row.

    Args:
        name: of the column of answers, or of the first of several.
        ask: the question in words.
        kind: `one` code, `several` codes with the main one first, or `text` typed in.
        codes: the codes with their meanings, empty for `text`.
        follows: a question that has to be answered with yes for this one to be asked.
    """

    name: str
    ask: str
    kind: Literal["one", "several", "text"]
    codes: Mapping[str, str]
    follows: str | None = None

    @property
    def columns(self) -> list[str]:
        """The columns that its answers fill in a sheet."""
        return [f"{self.name}_{n}" for n in range(1, MOST + 1)] if self.kind == "several" else [self.name]

    def choices(self) -> list[str]:
        """What a drop-down offers: codes, each with its meaning."""
        return [f"{code} {meaning}".strip() for code, meaning in self.codes.items()]

    def code(self, choice: str) -> str | None:
        """The code that a choice stands for, given as the drop-down has it or alone; None where it stands for none."""
        text = choice.strip()
        if text in self.codes:
            return text
        return next((code for code, offered in zip(self.codes, self.choices(), strict=True) if offered == text), None)


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the rows, of which some were drawn.

    Args:
        name: what its rows have in common.
        size: rows that it has.
        drawn: rows that were drawn.
    """

    name: str
    size: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row of a sample.

    Args:
        row: its name in the sample, as coders see it: the sample's key and a number.
        id: primary key of its table.
        plan_id: its plan.
        stratum: index of its stratum.
        plan: the plan's title.
        section: the headings above it.
        sentence: what is coded; what was found in it stands between `MARKS`.
        answers: the machine's, by question.
    """

    row: str
    id: str
    plan_id: str
    stratum: int
    plan: str
    section: str
    sentence: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample and how it was drawn.

    Args:
        key: eight digits that stand for all of it.
        version: of planpipe.
        table: whose rows were drawn.
        by: what the strata differ in, see `BY`; empty for a simple random sample.
        allocation: how its rows were shared out among the strata.
        least: rows a stratum got at the least, where it has as many.
        seed: of the draw.
        plans: number of plans that the rows could come from.
        blind: coders do not see the machine's answers.
        questions: in their order.
        strata: sorted by name.
        rows: in the order in which coders see them.
    """

    key: str
    version: str
    table: str
    by: tuple[str, ...]
    allocation: Allocation
    least: int
    seed: int
    plans: int
    blind: bool
    questions: tuple[Question, ...]
    strata: tuple[Stratum, ...]
    rows: tuple[Drawn, ...]

    @property
    def size(self) -> int:
        """Number of rows that it was drawn from."""
        return sum(stratum.size for stratum in self.strata)

    def weight(self, row: Drawn) -> float:
        """How many rows of the table a row stands for."""
        stratum = self.strata[row.stratum]
        return stratum.size / stratum.drawn


def questions(table: str, themes: Sequence[Theme] | None = None) -> tuple[Question, ...]:
    """What can be asked of the rows of a table.

    Args:
        table: one of `TABLES`.
        themes: the taxonomy; None takes the one that comes with planpipe.
    """
    columns = {column.name: column for column in BY_NAME[table].columns}

    def fixed(name: str, ask: str, *, none: str = "", follows: str | None = None) -> Question:
        codes = dict(columns[name].values) | ({NONE: none} if none else {})
        return Question(name, ask, "one", codes, follows)

    def yes_no(name: str, ask: str) -> Question:
        return Question(name, ask, "one", _YES_NO)

    if table == "items":
        names = {theme.code: theme.zh for theme in themes or taxonomy()}
        return (
            Question(
                "themes",
                f"Which themes does it act on? Main theme first, at most {MOST}.",
                "several",
                names | {NONE: "无"},
            ),
            yes_no("is_goal", "Does it state an aim, not a measure?"),
            fixed("stage", "Which stage of schooling is it about?", none="none, or several"),
            fixed("strength", "How binding is it?", none="cannot be told"),
            yes_no("targets", "Does it set a numeric target?"),
            yes_no("deadlines", "Does it say when something is due, happens or recurs?"),
            yes_no("units", "Does it charge a unit or a person with something?"),
        )
    asked = {
        "goals": "a goal: a sentence whose main point is a state to be reached",
        "targets": "a numeric target: a quantity that the plan commits to reach, keep or carry out",
        "deadlines": "a time at which something planned is due, happens or recurs",
        "responsibilities": "a unit or post that the plan charges with an action",
    }
    right = yes_no("right", f"Is what stands in {MARKS} {asked[table]}?")
    typed: dict[str, tuple[tuple[str, str], ...]] = {
        "targets": (
            ("value", "The figure, multiplied out: 3000万元 is 30000000, 80% is 80. Of a range the lower end."),
            ("unit", "Its unit as written, without 万 and 亿; empty where it has none."),
        ),
        "deadlines": (
            ("start", "The first day, as 2031-01-31; empty where the text does not settle it."),
            ("end", "The last day, as 2031-01-31; empty where the text does not settle it."),
        ),
    }
    coded = {"targets": "op", "deadlines": "kind", "responsibilities": "role"}
    follow = [fixed(coded[table], columns[coded[table]].meaning, follows="right")] if table in coded else []
    follow += [Question(name, ask, "text", {}, "right") for name, ask in typed.get(table, ())]
    return (right, *follow)


def draw(
    out: Path,
    n: int,
    *,
    table: str = "items",
    by: Sequence[str] = (),
    ask: Sequence[str] = (),
    allocation: Allocation = "proportional",
    least: int = 5,
    seed: int = 1,
    blind: bool = True,
    themes: Sequence[Theme] | None = None,
) -> Sample:
    """Draw a sample of a table's rows.

    Args:
        out: folder of the run.
        n: rows to draw; all of them where there are no more.
        table: one of `TABLES`.
        by: what the strata differ in, of `BY`; with several, each combination is a stratum.
        ask: names of questions; none asks for the themes of items, for all there is of others.
        allocation: `proportional` to the strata's sizes, with `least` rows a stratum, or `equal`.
        least: rows a stratum gets at the least; fewer where `n` is too small for it.
        seed: of the draw.
        blind: coders do not see the machine's answers.
        themes: the taxonomy of the run's theme model; None takes the one that comes with planpipe.

    Raises:
        CodingError: the table has no rows, no such stratum or question, or `n` does not reach for the strata.
        NoTables: `out` holds no tables of a run.
    """
    from pipeline import __version__

    asked = _asked(table, ask, themes)
    frame = _Frame(out, table)
    if not frame.rows:
        raise CodingError(f"{out} has no rows of {table} to draw from")
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in frame.rows:
        groups.setdefault(" × ".join(frame.stratum(row, name) for name in by) or "all", []).append(row)
    names = sorted(groups)
    shares = allocate([len(groups[name]) for name in names], n, allocation, least)
    strata = tuple(Stratum(name, len(groups[name]), share) for name, share in zip(names, shares, strict=True))
    chosen = [
        (index, row)
        for index, stratum in enumerate(strata)
        for row in sorted(groups[stratum.name], key=lambda row: _hash(seed, row[frame.key]))[: stratum.drawn]
    ]
    chosen.sort(key=lambda entry: _hash(f"order {seed}", entry[1][frame.key]))
    whole = frame.whole([row for _, row in chosen])
    drawn = [(index, row) for (index, _), row in zip(chosen, whole, strict=True)]
    answers = [{question.name: frame.answer(row, question) for question in asked} for _, row in drawn]
    for question in asked:
        if question.kind == "one" and not question.follows and frame.empty(question.name):
            raise CodingError(f"{table}.{question.name} is empty in this run; ask for something else with --ask")
    sentences = [frame.sentence(row) for _, row in drawn]
    said = [table, by, allocation, least, seed, [asdict(question) for question in asked], answers, sentences]
    identity = [*said, [(row[frame.key], index) for index, row in drawn], [asdict(stratum) for stratum in strata]]
    key = hashlib.sha256(json.dumps(identity, ensure_ascii=False).encode()).hexdigest()[:8]
    digits = max(3, len(str(len(drawn))))
    rows = tuple(
        Drawn(
            row=f"{key}-{number:0{digits}}",
            id=row[frame.key],
            plan_id=row["plan_id"],
            stratum=index,
            plan=frame.plans[row["plan_id"]]["title"] or "",
            section=frame.path(row),
            sentence=sentence,
            answers=answer,
        )
        for number, ((index, row), sentence, answer) in enumerate(zip(drawn, sentences, answers, strict=True), 1)
    )
    return Sample(
        key=key,
        version=__version__,
        table=table,
        by=tuple(by),
        allocation=allocation,
        least=least,
        seed=seed,
        plans=len(frame.plans),
        blind=blind,
        questions=asked,
        strata=strata,
        rows=rows,
    )


def _hash(seed: object, id: str) -> str:
    return hashlib.sha256(f"{seed}\0{id}".encode()).hexdigest()


def _asked(table: str, ask: Sequence[str], themes: Sequence[Theme] | None) -> tuple[Question, ...]:
    every = questions(table, themes)
    known = [question.name for question in every]
    unknown = sorted(set(ask) - set(known))
    if unknown:
        raise CodingError(f"nothing of {table} is called {', '.join(unknown)}; ask for any of {', '.join(known)}")
    wanted = set(ask) or ({"themes"} if table == "items" else set(known))
    wanted |= {question.follows for question in every if question.name in wanted and question.follows}
    return tuple(question for question in every if question.name in wanted)


def allocate(sizes: Sequence[int], n: int, allocation: Allocation, least: int) -> list[int]:
    """How many rows to draw from each stratum.

    Args:
        sizes: rows that each stratum has, 1 or more.
        n: rows to draw altogether.
        allocation: `proportional`, rounded by largest remainders, or `equal`.
        least: rows a stratum gets at the least, where it has as many; lowered until all strata can have it.

    Raises:
        CodingError: there are more strata than rows to draw.
    """
    n = min(n, sum(sizes))
    if n < len(sizes):
        raise CodingError(f"{n} rows do not reach for {len(sizes)} strata; raise --n or take a coarser --by")
    while sum(min(size, least) for size in sizes) > n:
        least -= 1
    weights = list(sizes) if allocation == "proportional" else [1] * len(sizes)
    low = [min(size, max(least, 1)) for size in sizes]
    shares: dict[int, float] = {}
    free = set(range(len(sizes)))
    while free:
        rest = n - sum(shares.values())
        total = sum(weights[k] for k in free)
        want = {k: rest * weights[k] / total for k in free}
        over = {k: sizes[k] for k in free if want[k] > sizes[k]}
        under = {k: low[k] for k in free if want[k] < low[k]}
        fixed = over or under or want  # over occurs with equal shares alone, and leaves enough for the others' least
        shares.update(fixed)
        free -= set(fixed)
    whole = [int(shares[k] + 1e-9) for k in range(len(sizes))]
    order = sorted(range(len(sizes)), key=lambda k: (whole[k] - shares[k], k))
    for k in order[: n - sum(whole)]:
        whole[k] += 1
    return whole


class _Frame:
    """The rows that a sample is drawn from, with what their plans, sections and items say of them."""

    LIGHT = ("plan_id", "item_id", "main_theme", "kind", "rule", "confidence")
    """What is read of all rows; the rest is read of those that are drawn."""

    def __init__(self, out: Path, table: str) -> None:
        self.out, self.table = out, table
        self.key = BY_NAME[table].key
        repeated = {id for id, first in _columns(out, "sources", "source_id", "duplicate_of") if first}
        self.plans = {
            row["plan_id"]: row for row in stored(out, "plans").to_pylist() if row["source_id"] not in repeated
        }
        self.sections = dict(_columns(out, "sections", "section_id", "path"))
        places = _columns(out, "items", "item_id", "main_theme", "char_start", "char_end")
        self.items = {id: (theme, start, end) for id, theme, start, end in places}
        known = {column.name for column in BY_NAME[table].columns}
        names = list(dict.fromkeys([self.key, *(name for name in self.LIGHT if name in known)]))
        every = stored(out, table, names).to_pylist()
        self.rows = [row | {"at": at} for at, row in enumerate(every) if row["plan_id"] in self.plans]
        self.texts: dict[str, str] = {}

    def whole(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """These rows with all their columns."""
        found: list[dict[str, Any]] = stored(self.out, self.table).take([row["at"] for row in rows]).to_pylist()
        return found

    def empty(self, name: str) -> bool:
        """Whether a column has no value in any row; what is no column has."""
        if name not in {column.name for column in BY_NAME[self.table].columns}:
            return False
        cells = stored(self.out, self.table, [name])[name]
        return bool(cells.null_count == len(cells))

    def stratum(self, row: dict[str, Any], by: str) -> str:
        """What a row's stratum is called; `none` where there is nothing to go by."""
        plan = self.plans[row["plan_id"]]
        value: Any
        match by:
            case "theme":
                value = self.items[row["item_id"]][0] if row["item_id"] else None
            case "year":
                value = plan["year_start"]
            case "kind" if self.table != "deadlines":
                value = plan["kind"]
            case "level" | "region":
                value = plan[by]
            case "confidence" if row.get("confidence") is not None:
                value = band(row["confidence"])
            case _ if by not in row:
                able = [name for name in BY if name in row or name not in ("rule", "confidence")]
                raise CodingError(f"{self.table} has no {by}; take --by {', '.join(able)}")
            case _:
                value = row[by]
        return str(value) if value is not None else NONE

    def path(self, row: dict[str, Any]) -> str:
        return self.sections.get(row["section_id"]) or ""

    def sentence(self, row: dict[str, Any]) -> str:
        """An item's text; for what was found, the text around it, and marks where it stands."""
        if self.table == "items":
            return str(row["text"] or "")
        text = self.text(row)
        start, end = row["char_start"], row["char_end"]
        if row["item_id"]:
            _, first, last = self.items[row["item_id"]]
            first, last = min(first, start), max(last, end)
        else:
            first = max(text.rfind(mark, 0, start) for mark in "。；！\n") + 1
            last = min((at + 1 for mark in "。；！\n" if (at := text.find(mark, end)) >= 0), default=len(text))
        found = f"{text[first:start]}{MARKS[0]}{text[start:end]}{MARKS[1]}{text[end:last]}"
        return re.sub(r"\s*\n\s*", "", found.replace("\t", " | ")).strip()

    def text(self, row: dict[str, Any]) -> str:
        source = self.plans[row["plan_id"]]["source_id"]
        if source not in self.texts:
            path = self.out / "text" / f"{source}.txt"
            try:
                self.texts[source] = path.read_bytes().decode("utf-8")
            except OSError as error:
                raise NoTables(f"{path} cannot be read ({error}); run again with the same --out") from error
        return self.texts[source]

    def answer(self, row: dict[str, Any], question: Question) -> Answer:
        """What the machine says to a question."""
        if question.name == "right":
            return (YES,)
        column = next(column for column in BY_NAME[self.table].columns if column.name == question.name)
        value = row[question.name]
        if question.name == "units" and row["units_basis"] not in (None, "item"):
            value = ()  # coders see the item alone
        if question.kind == "several":
            codes = tuple(value or ())
            for code in codes:
                if code not in question.codes:
                    raise CodingError(
                        f"the theme {code!r} of {row[self.key]} is not in the taxonomy; give that of the run's theme "
                        "model: --taxonomy MY.yaml"
                    )
            return codes or (NONE,)
        if question.codes is _YES_NO:
            return (YES if value else NO,)
        if isinstance(value, str):
            return (value,)
        return (NONE,) if value is None else (cell(column, value if column.kind != "date" else value.isoformat()),)


def _columns(out: Path, table: str, *names: str) -> Iterable[tuple[Any, ...]]:
    data = stored(out, table, names)
    return zip(*(data[name].to_pylist() for name in names), strict=True)


def band(confidence: float) -> str:
    """The stratum of a confidence, as `0.80-0.90`: the lower end belongs to it."""
    ends = (0.0, *BANDS, 1.0)
    low = max(end for end in ends[:-1] if end <= max(confidence, 0.0))
    return f"{low:.2f}-{ends[ends.index(low) + 1]:.2f}"
