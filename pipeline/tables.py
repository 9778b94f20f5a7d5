"""The tables of a run: what each column is called, holds and means.

Said once, here; the CSV and Parquet files and `datapackage.json` are made from it by
`pipeline.export`, the workbook and the files for Stata and SPSS by `pipeline.formats`, the codebook by
`pipeline.codebook`. A row is a mapping from column name to value: text, whole numbers, numbers, truth
values, lists, and dates as ISO 8601 text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Kind = Literal["string", "integer", "number", "boolean", "date", "strings", "numbers"]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        name: as in the header row.
        kind: what its cells hold; `strings` and `numbers` are lists.
        meaning: one sentence for the data package.
        unit: of a number.
        values: the only values there are, each with its meaning; empty where any may occur.
        required: no cell is null.
        ordered: the values are in order, from the first to the last.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in order, the first of which is its primary key.

    Args:
        name: of the files, without ending.
        meaning: what a row is.
        columns: in the order of the files.
        refers: foreign keys, from column to the table whose primary key it holds.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    refers: Mapping[str, str]
    blank: Row = field(init=False, repr=False)
    """A row of nulls."""
    required: tuple[str, ...] = field(init=False, repr=False)
    lists: tuple[str, ...] = field(init=False, repr=False)
    dates: tuple[str, ...] = field(init=False, repr=False)
    coded: tuple[tuple[str, Mapping[str, str]], ...] = field(init=False, repr=False)
    """The columns that take some values alone, with these."""

    def __post_init__(self) -> None:
        parts = {
            "blank": dict.fromkeys(column.name for column in self.columns),
            "required": tuple(column.name for column in self.columns if column.required),
            "lists": tuple(column.name for column in self.columns if column.kind in ("strings", "numbers")),
            "dates": tuple(column.name for column in self.columns if column.kind == "date"),
            "coded": tuple((column.name, column.values) for column in self.columns if column.values),
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    @property
    def key(self) -> str:
        """The name of the primary key."""
        return self.columns[0].name


def _id(name: str, meaning: str) -> Column:
    return Column(name, "string", meaning, required=True)


_START = Column("char_start", "integer", "First code point in text/<source_id>.txt.", "code point", required=True)
_END = Column("char_end", "integer", "One past the last code point.", "code point", required=True)
_PAGE = Column("page", "integer", "Page on which it begins, 1-based; null where the format has no pages.")
_TEXT = Column("text", "string", "The stretch of text, cleaned for reading.")
_RULE = Column("rule", "string", "Name of the rule or model that found it.", required=True)
_CONFIDENCE = Column("confidence", "number", "Share of right ones among rows like it; null where not measured.")
_TRAIL = (_RULE, _CONFIDENCE, _START, _END, _PAGE)
_PLACE = (
    Column("item_id", "string", "The item that it belongs to; null outside items."),
    Column("section_id", "string", "The section that it stands in."),
    _id("plan_id", "The plan that it stands in."),
)
_PLACES = {"item_id": "items", "section_id": "sections", "plan_id": "plans"}

_STATUS = {
    "ok": "read as a whole",
    "partial": "read in part; warnings say what is missing",
    "failed": "not read; error and message say why",
}
_LEVELS = {
    "national": "the whole country",
    "province": "province, autonomous region or municipality (省)",
    "city": "prefecture or prefecture-level city (地市)",
    "county": "county, district or county-level city (县区)",
    "town": "town, township or subdistrict (乡镇街道)",
    "school": "a school or another single institution",
}
_DOCUMENTS = {
    "plan": "plan, outline, scheme, opinions or work points (规划, 方案, 意见, 要点)",
    "notice": "notice, announcement or decision that carries no plan (通知, 公告)",
    "report": "report or summary of work done (总结, 工作报告)",
    "regulation": "rules and measures (办法, 规定, 条例)",
    "other": "a document of another kind",
}
_STAGES = {
    "preschool": "nursery and kindergarten (学前)",
    "primary": "primary school (小学)",
    "junior": "junior secondary school (初中)",
    "senior": "senior secondary school (高中)",
    "vocational": "vocational education (职业教育)",
    "special": "special education (特殊教育)",
    "higher": "higher education (高等教育)",
}
_STRENGTHS = {
    "binding": "must be done: 必须, 确保, 不得, or a figure or date",
    "firm": "is going to be done, with no word of degree",
    "soft": "is encouraged, explored or striven for: 鼓励, 探索, 力争",
}
_OPERATORS = {
    "eq": "equal to",
    "ge": "at least",
    "le": "at most",
    "gt": "more than",
    "lt": "less than",
    "range": "from value to value2",
    "inc": "rise by",
    "dec": "fall by",
    "ratio": "value to value2, a ratio",
}
_TIMES = {
    "date": "a point in time or a calendar unit",
    "period": "from one day to another",
    "duration": "a length of time, as within three years",
    "recur": "again and again, as every term",
}
_RECURRENCES = {
    "day": "every day",
    "week": "every week",
    "month": "every month",
    "term": "every school term",
    "year": "every year",
}
_BASES = {
    "text": "the time expression itself",
    "plan_year": "the year or the years that the plan is for",
    "parent": "a year or time written before it or around it",
}
_CHARGES = {
    "item": "the item itself",
    "paragraph": "the list of units behind the paragraph, or the lines, that it stands in",
    "section": "the heading of its section or of one around it, or a list that this begins with",
}
_ROLES = {
    "lead": "takes the lead (牵头, 负责)",
    "support": "takes part (配合, 协助, 参与)",
    "resp": "charged, with nothing said of its part",
}

TABLES: tuple[Table, ...] = (
    Table(
        "sources",
        "A file that was given.",
        (
            _id("source_id", "First 12 digits of the file's SHA-256; -2, -3 … for further files of the same bytes."),
            Column("path", "string", "Where the file lay, as given or as found in a given folder.", required=True),
            Column("duplicate_of", "string", "The source that this one repeats."),
            Column("format", "string", "Format, told by the content: txt, docx, pdf, html and others."),
            Column("sha256", "string", "SHA-256 of the file, 64 hexadecimal digits; null where it could not be read."),
            Column("bytes", "integer", "Size of the file.", "byte"),
            Column("pages", "integer", "Number of pages; null where the format has none.", "page"),
            Column("encoding", "string", "Encoding with which a text file was decoded."),
            Column("ocr", "number", "Mean confidence of character recognition, 0 to 1; null where none was needed."),
            Column("status", "string", "Whether it was read.", values=_STATUS, required=True),
            Column("error", "string", "Code of what went wrong with a failed file."),
            Column("message", "string", "What went wrong and what to do about it."),
            Column("warnings", "strings", "What a reader of the tables should know of this source."),
            Column("seconds", "number", "Time that it took; the only column that differs from run to run.", "s"),
        ),
        {"duplicate_of": "sources"},
    ),
    Table(
        "plans",
        "A plan found in a file.",
        (
            _id("plan_id", "Source and first code point."),
            _id("source_id", "The file that it was found in."),
            Column("cluster_id", "string", "Shared by plans that are versions of one text."),
            Column("title", "string", "Title, without a page's own marks."),
            Column("doc_number", "string", "Document number."),
            Column("issuer", "string", "The body that issued it, as written."),
            Column("region", "string", "Place that it is for."),
            Column("region_code", "string", "GB/T 2260 code of the region, six digits."),
            Column(
                "level",
                "string",
                "Level of government, or school.",
                values=_LEVELS,
                ordered=True,
            ),
            Column("kind", "string", "Kind of document.", values=_DOCUMENTS),
            Column("year_start", "integer", "First year that it is for.", "year"),
            Column("year_end", "integer", "Last year that it is for.", "year"),
            Column("issued_on", "date", "Day of issue."),
            _START,
            _END,
            Column("notice_start", "integer", "First code point of its covering notice (印发…的通知).", "code point"),
            Column("notice_end", "integer", "One past the last code point of the covering notice.", "code point"),
            Column(
                "evidence",
                "strings",
                "Where title, doc_number, issuer, region, year and issued_on were read: name and code points, as in "
                "issuer:40-45.",
            ),
        ),
        {"source_id": "sources"},
    ),
    Table(
        "sections",
        "A node of the section tree; text before a plan's first node has a row without label and heading.",
        (
            _id("section_id", "Plan, s and first code point."),
            _id("plan_id", "The plan that it is part of."),
            Column("parent_id", "string", "The enclosing section; null at the top."),
            Column("position", "integer", "Order in the plan, from 1.", required=True),
            Column("level", "integer", "Depth in the tree, 1 = top.", required=True),
            Column("label", "string", "Number as written: 一, (一), 1, 第一章; null where there is none."),
            Column("heading", "string", "Title phrase after the label; null where there is none."),
            Column("path", "string", "Headings (labels where there is none) from the top down, joined by ' / '."),
            _START,
            Column(
                "char_end", "integer", "One past its last code point, children included.", "code point", required=True
            ),
            _PAGE,
            Column("text", "string", "Its own text, children left out, cleaned for reading."),
        ),
        {"plan_id": "plans", "parent_id": "sections"},
    ),
    Table(
        "items",
        "A commitment: a sentence, a spoken list item (一是…), or a row of a task table.",
        (
            _id("item_id", "Plan, i and first code point."),
            _id("plan_id", "The plan that it stands in."),
            Column("section_id", "string", "The section that it stands in.", required=True),
            Column("position", "integer", "Order in the plan, from 1.", required=True),
            _TEXT,
            _START,
            _END,
            _PAGE,
            Column("themes", "strings", "Codes of its themes, main theme first."),
            Column("theme_scores", "numbers", "Score of each theme, 0 to 1, in the order of themes."),
            Column("main_theme", "string", "The first of its themes."),
            Column(
                "stage",
                "string",
                "Stage of schooling that it is about.",
                values=_STAGES,
            ),
            Column(
                "strength",
                "string",
                "How binding its strongest clause is (rules/strength.yaml); null where it commits to nothing.",
                values=_STRENGTHS,
                ordered=True,
            ),
            Column("is_goal", "boolean", "Whether it states an aim.", required=True),
            Column("targets", "strings", "Its numeric targets, as written."),
            Column("deadlines", "strings", "Its time expressions, as written."),
            Column("units", "strings", "Units charged with it; where it names none, those charged with all around it."),
            Column("lead_units", "strings", "Those of its units that take the lead."),
            Column("due", "date", "Latest end date of its deadlines."),
            Column("units_basis", "string", "What names its units.", values=_CHARGES),
        ),
        {"plan_id": "plans", "section_id": "sections"},
    ),
    Table(
        "goals",
        "An aim.",
        (_id("goal_id", "Plan, g and first code point."), *_PLACE, _TEXT, *_TRAIL),
        _PLACES,
    ),
    Table(
        "targets",
        "A numeric target.",
        (
            _id("target_id", "Plan, t and first code point."),
            *_PLACE,
            _TEXT,
            Column("indicator", "string", "Phrase that names what is measured."),
            Column(
                "op",
                "string",
                "How the figure is to be reached.",
                values=_OPERATORS,
                required=True,
            ),
            Column(
                "value", "number", "The figure, multiplier applied (3000万元 is 30000000).", "see unit", required=True
            ),
            Column("value2", "number", "Upper end of a range, or second term of a ratio.", "see unit"),
            Column("unit", "string", "Unit as written, without multiplier; null for a ratio."),
            Column("per", "string", "Recurrence that it is per: 学期, 年 and others."),
            Column("baseline", "number", "Figure that it starts from.", "see unit"),
            Column("deadline_id", "string", "The deadline that governs it."),
            *_TRAIL,
            Column("scope", "string", "Whom it covers, where its sentence says so before it (全县, 城区公办园)."),
        ),
        {**_PLACES, "deadline_id": "deadlines"},
    ),
    Table(
        "deadlines",
        "A time expression that says when an action is due, happens or recurs.",
        (
            _id("deadline_id", "Plan, d and first code point."),
            *_PLACE,
            _TEXT,
            Column("kind", "string", "Kind of time.", values=_TIMES, required=True),
            Column("start", "date", "First day; null where the text does not settle it."),
            Column("end", "date", "Last day, inclusive; null where the text does not settle it."),
            Column("every", "string", "Recurrence.", values=_RECURRENCES, ordered=True),
            Column("times", "integer", "How often in each recurrence."),
            Column("basis", "string", "What settled the dates.", values=_BASES),
            *_TRAIL,
        ),
        _PLACES,
    ),
    Table(
        "responsibilities",
        "A unit charged with an item.",
        (
            _id("responsibility_id", "Plan, u and first code point."),
            *_PLACE,
            _TEXT,
            Column("role", "string", "Part of the unit.", values=_ROLES, required=True),
            *_TRAIL,
            Column("full_name", "string", "What it stands for in the plan (以下简称); null for a name written out."),
        ),
        _PLACES,
    ),
)  # fmt: skip


def _side(side: str, plan: str, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Columns that there are once for each of two plans."""
    return tuple(
        Column(f"{c.name}_{side}", c.kind, f"{c.meaning} ({plan} plan).", c.unit, c.values, c.required) for c in columns
    )


_CHANGES = {
    "kept": "the same number",
    "raised": "a higher number (of a range, one end or both)",
    "lowered": "a lower number (of a range, one end or both)",
    "altered": "a range wider or narrower",
    "new": "only in the later plan",
    "dropped": "only in the earlier plan, its date still to come when the later begins",
    "due": "only in the earlier plan, its date past when the later begins",
    "met": "a later plan of the place tells that it was reached by its date",
    "missed": "a later plan of the place tells that it was not reached, by what op says",
    "above": "a later plan of the place tells more, and op does not say which way is better",
    "below": "a later plan of the place tells less, and op does not say which way is better",
}
_ORDERS = {
    "day": "their days of issue",
    "year": "the years that they are for",
    "unknown": "nothing; the order is that of the ids",
}
_FIGURE = (
    Column("indicator", "string", "Phrase that names what is measured"),
    Column("op", "string", "How the figure is to be reached", values=_OPERATORS),
    Column("value", "number", "The figure", "see unit"),
    Column("value2", "number", "Upper end of a range, or second term of a ratio", "see unit"),
    Column("unit", "string", "Unit as written, without multiplier"),
    Column("per", "string", "Recurrence that it is per"),
    Column("due", "date", "Last day of its deadline; where it has none, of the plan's last year"),
    Column("text", "string", "Item that it stands in"),
    Column("char_start", "integer", "First code point of the figure", "code point"),
    Column("char_end", "integer", "One past its last code point", "code point"),
    Column("page", "integer", "Page on which it stands, 1-based"),
)
_SENTENCE = (
    _id("plan", "Its id"),
    _id("item", "Item that the sentence is part of"),
    Column("date", "string", "Day of issue of the plan; where it is unknown, the year that it is for; else null"),
    Column("text", "string", "The sentence", required=True),
    Column("char_start", "integer", "First code point of what the two have in common", "code point", required=True),
    Column("char_end", "integer", "One past the last code point of it", "code point", required=True),
    Column("page", "integer", "Page on which the item begins, 1-based"),
)

COMPARISONS: tuple[Table, ...] = (
    Table(
        "changes",
        "What became of a numeric target from one plan to the next of a series; in a further row whether it was met.",
        (
            _id("change_id", "Both targets, or the plan where there is none, joined by > (by = for met to below)."),
            Column(
                "change",
                "string",
                "What became of the figure, of its number alone: whether a higher number is more ambitious is for the "
                "reader (a raised ceiling, op le, allows more).",
                values=_CHANGES,
                required=True,
            ),
            Column("score", "number", "How like the two are, 0 to 1 (pipeline.matching); null for a single one."),
            Column("place", "string", "Place of the series, or its body where it has none.", required=True),
            Column("issuer", "string", "Issuer of the later plan, of the earlier where that names none."),
            Column("year_before", "integer", "First year that the earlier plan is for.", "year", required=True),
            Column("year_after", "integer", "First year that the later plan is for.", "year", required=True),
            _id("plan_before", "The earlier plan."),
            _id("plan_after", "The later plan."),
            Column("near_duplicates", "boolean", "The plans are near-duplicates: one, re-dated?", required=True),
            Column("main_theme", "string", "Main theme of the later target's item, of the earlier where it has none."),
            Column("target_before", "string", "The target in the earlier plan; null for a new one."),
            Column("target_after", "string", "The target in the later plan; null where it has none."),
            Column("difference", "number", "value_after less value_before.", "see unit"),
            *_side("before", "earlier", _FIGURE),
            *_side("after", "later", _FIGURE),
        ),
        {"plan_before": "plans", "plan_after": "plans", "target_before": "targets", "target_after": "targets"},
    ),
    Table(
        "reuse",
        "A sentence that stands in two plans, the same or nearly so; the earlier plan first.",
        (
            _id("reuse_id", "Items and first code points of both, joined by >."),
            Column("score", "number", "Share of both's characters that they have in common, in order.", required=True),
            Column("characters", "integer", "How many that are in the later sentence.", "character", required=True),
            Column(
                "order_by",
                "string",
                "What says which is earlier.",
                values=_ORDERS,
                required=True,
            ),
            Column("plans", "integer", "Number of plans that have a sentence like it.", "plan", required=True),
            Column("same_place", "boolean", "Both plans are of one place or body.", required=True),
            Column("same_figures", "boolean", "All figures in the two are the same.", required=True),
            *_side("from", "earlier", _SENTENCE),
            *_side("to", "later", _SENTENCE),
        ),
        {"plan_from": "plans", "plan_to": "plans", "item_from": "items", "item_to": "items"},
    ),
)  # fmt: skip
"""Tables that `planpipe compare` adds to a run's."""

BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}


def conform(table: Table, row: Mapping[str, Any]) -> Row:
    """A row with every column of its table, in order; the empty text is null, a list never is.

    Args:
        table: the row's table.
        row: values by column name; a missing column is null.

    Raises:
        KeyError: the table has no such column.
        ValueError: a date is none, a required value is missing, or a value is not one of the column's.
    """
    result = table.blank.copy()
    result.update(row)
    if len(result) > len(table.blank):
        unknown = sorted(row.keys() - table.blank.keys())
        raise KeyError(f"table {table.name} has no column {', '.join(unknown)}")
    if "" in result.values():
        result.update((name, None) for name, value in row.items() if value == "")
    for name in table.lists:
        if not isinstance(result[name], list):
            result[name] = list(result[name] or ())
    for name in table.required:
        if result[name] is None:
            raise ValueError(f"{table.name}.{name} is null")
    for name, values in table.coded:
        if (value := result[name]) is not None and value not in values:
            raise ValueError(f"{table.name}.{name} is {value!r}, not one of {', '.join(values)}")
    for name in table.dates:
        if result[name] is not None:
            result[name] = date.fromisoformat(result[name]).isoformat()
    return result
