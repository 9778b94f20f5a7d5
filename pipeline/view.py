"""A plan as a notebook wants it: a section tree that opens and closes, and data frames.

What a plan's stages hand to each other is `pipeline.model.Plan`; this is a view of it for people. Its HTML has no
script, loads nothing and escapes all that comes from the document (`view.html`, a Jinja template with autoescaping).
A mark tells what was found there when the mouse rests on it, and when it is reached by keyboard or touch.
"""

from __future__ import annotations

from functools import cache, cached_property
from importlib.resources import files
from io import StringIO
from shutil import get_terminal_size
from typing import TYPE_CHECKING, NamedTuple

from pipeline import show
from pipeline.export import arrow_table
from pipeline.frames import frame
from pipeline.marks import Lines, Mark, Nodes
from pipeline.model import Document, Plan, PlanHead
from pipeline.parsing import Parsed
from pipeline.rows import SOURCE_DIGITS, plan_ids, rows_of
from pipeline.tables import BY_NAME, Row

if TYPE_CHECKING:
    from jinja2 import Template
    from pandas import DataFrame
    from spacy.language import Language
    from spacy.tokens import Doc

KINDS = {"goals": "goal", "targets": "target", "deadlines": "deadline", "responsibilities": "unit"}
"""What is marked; of two that cover the same characters the one that comes first lies outside."""
SIGNS = {"eq": "", "ge": "≥ ", "le": "≤ ", "gt": "> ", "lt": "< ", "inc": "+ ", "dec": "− "}
SHORT = 2000
"""Characters of a plan up to which all its sections are open at first; of a longer one only the first is."""


class PlanView:
    """A plan with its tables as data frames; in a notebook it shows itself.

    Args:
        plan: what was parsed.
        plan_id: its id; ids in the tables are those that a run gives to the first file with these bytes.

    The data frames have the columns of the tables that `planpipe run` writes, and its rows.
    """

    def __init__(self, plan: Plan, plan_id: str) -> None:
        self.plan = plan
        self.plan_id = plan_id

    @property
    def head(self) -> PlanHead:
        """What the title lines say of the plan."""
        return self.plan.head

    @property
    def document(self) -> Document:
        """The file that it stands in; `char_start` and `char_end` of all tables point into `document.text`."""
        return self.plan.document

    def doc(self, nlp: Language | None = None) -> Doc:
        """The plan as a spaCy `Doc`, for displaCy, a `DocBin` or extractors of one's own.

        Args:
            nlp: extractors to run over it; None runs planpipe's own.

        Returns:
            The `Doc` of the plan's readable text; `pipeline.extract.layers` tells what its span groups hold.
        """
        from pipeline.extract import pipeline
        from pipeline.extract.layers import annotate
        from pipeline.items import cut

        plan = self.plan
        commitments, sentences = cut(plan.document, plan.head, plan.sections)
        return annotate(nlp or pipeline(), plan.document, plan.head, plan.sections, commitments, sentences)

    @cached_property
    def sections(self) -> DataFrame:
        """The nodes of the section tree."""
        return self._frame("sections")

    @cached_property
    def items(self) -> DataFrame:
        """The commitments: sentences, spoken list items, rows of task tables."""
        return self._frame("items")

    @cached_property
    def goals(self) -> DataFrame:
        """The aims."""
        return self._frame("goals")

    @cached_property
    def targets(self) -> DataFrame:
        """The numeric targets."""
        return self._frame("targets")

    @cached_property
    def deadlines(self) -> DataFrame:
        """The time expressions."""
        return self._frame("deadlines")

    @cached_property
    def responsibilities(self) -> DataFrame:
        """The units charged with items."""
        return self._frame("responsibilities")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlanView) and (self.plan, self.plan_id) == (other.plan, other.plan_id)

    def __hash__(self) -> int:
        return hash(self.plan_id)

    def __str__(self) -> str:
        from rich.console import Console

        console = Console(
            file=StringIO(), width=get_terminal_size().columns, color_system=None, force_jupyter=False, emoji=False
        )
        with console.capture() as capture:
            console.print(show.overview(self.plan))
        return "\n".join(line.rstrip() for line in capture.get().splitlines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = Lines(self.head.reading.text, self._marks())
        return _template().render(
            title=self.head.title or "(no title)",
            facts=[fact for fact in show.facts(self.plan).items() if fact[0] != "title"],
            warnings=show.warnings(self.plan),
            legend=[(kind, len(self._rows[name])) for name, kind in KINDS.items()],
            nodes=_tree(self.plan, lines),
        )

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        return rows_of(self.plan, self.plan_id, self.document.sha256[:SOURCE_DIGITS])

    def _frame(self, name: str) -> DataFrame:
        return frame(arrow_table(BY_NAME[name], self._rows[name]))

    def _marks(self) -> list[Mark]:
        due = {row["deadline_id"]: row["end"] for row in self._rows["deadlines"]}
        to_reading = self.head.reading.to_reading
        return [
            Mark(*to_reading(row["char_start"], row["char_end"]), kind, _note(name, row, due))
            for name, kind in KINDS.items()
            for row in self._rows[name]
        ]


def views(parsed: Parsed) -> list[PlanView]:
    """The plans of a file, each with the id that a run gives it.

    Args:
        parsed: a file.
    """
    ids = plan_ids(parsed.plans, parsed.document.sha256[:SOURCE_DIGITS])
    return [PlanView(plan, plan_id) for plan, plan_id in zip(parsed.plans, ids, strict=True)]


class _Node(NamedTuple):
    """A section of the page.

    Args:
        head: label and heading.
        told: how much was found in it and below.
        body: its own text: paragraphs, and tables as runs of lines with several cells.
        children: the sections below.
        open: whether it is open at first.
    """

    head: Nodes
    told: str
    body: list[list[tuple[Nodes, ...]]]
    children: list[_Node]
    open: bool


def _tree(plan: Plan, lines: Lines) -> list[_Node]:
    reading = plan.head.reading
    told = show.counts(plan)
    top: list[_Node] = []
    nodes: list[_Node] = []
    ends = [section.end for section in plan.sections]
    for section in reversed(plan.sections):  # so that the first child's start stays
        if section.parent is not None:
            ends[section.parent] = section.start
    first = next((at for at, found in enumerate(told) if any(found)), 0)
    for at, section in enumerate(plan.sections):
        start, text_start = reading.to_reading(section.start, section.text_start)
        stop = reading.to_reading(ends[at], ends[at])[0]
        text_start = min(max(text_start, start), stop)
        leaf = ends[at] == section.end
        heads = [] if leaf and section.heading is None else lines.of(start, text_start)
        body = lines.of(text_start if heads else start, stop)
        if not heads and not leaf:
            heads, body = body[:1], body[1:]  # a number alone, or text: its first line stands for it
        above = section.parent
        short = len(reading.text) <= SHORT
        node = _Node(
            head=tuple(run for cells in heads for cell in cells for run in cell),
            told=str(told[at]),
            body=_blocks(body),
            children=[],
            open=short or at == first or (above is not None and nodes[above].open and first in (at, above)),
        )
        nodes.append(node)
        (top if above is None else nodes[above].children).append(node)
    return top


def _blocks(lines: list[tuple[Nodes, ...]]) -> list[list[tuple[Nodes, ...]]]:
    """Lines, those of a table together."""
    blocks: list[list[tuple[Nodes, ...]]] = []
    for line in lines:
        if len(line) > 1 and blocks and len(blocks[-1][-1]) > 1:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _note(name: str, row: Row, due: dict[str, str | None]) -> str:
    """What is told of a record: its value, its rule, how sure that is, its page and its id."""
    kind = KINDS[name]
    told = [f"{kind}: {value}" if (value := _value(kind, row)) else kind]
    if kind == "target" and (end := due.get(row["deadline_id"] or "")):
        told.append(f"due {end}")
    rule = f"rule {row['rule']}"
    if row["confidence"] is not None:
        rule += f", confidence {row['confidence']:.2f}"
    if row["page"] is not None:
        rule += f", page {row['page']}"
    return "\n".join([*told, rule, row[BY_NAME[name].key]])


def _value(kind: str, row: Row) -> str:
    match kind:
        case "target":
            return _figure(row)
        case "deadline":
            every = row["every"] and f"every {row['every']}" + (f", {row['times']} times" if row["times"] else "")
            return ", ".join(part for part in (row["kind"], _days(row["start"], row["end"]), every) if part)
        case "unit":
            return f"{row['text']}, {row['role']}"
        case _:
            return ""


def _days(start: str | None, end: str | None) -> str:
    if start == end:
        return start or ""
    if start and end:
        return f"{start} – {end}"
    return f"by {end}" if end else f"from {start}"


def _figure(row: Row) -> str:
    value, value2 = (number is not None and f"{number:,.12g}" for number in (row["value"], row["value2"]))
    match row["op"]:
        case "range":
            figure = f"{value}–{value2}"
        case "ratio":
            figure = f"{value} : {value2}"
        case op:
            figure = f"{SIGNS[op]}{value}"
    parts = [row["indicator"], figure, row["unit"], row["per"] and f"per {row['per']}"]
    return " ".join(part for part in parts if part)


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((files("pipeline") / "view.html").read_text(encoding="utf-8"))
