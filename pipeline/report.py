"""A run as one page: plots, a table of plans, each plan's section tree with every figure marked in its sentence.

The page (`pipeline/page`) holds all that it shows and asks the network for nothing. Its data are

    index     a row a plan and a row a source; for each bar of a plot, how many rows it counts in each plan
    blocks    `BLOCK` plans each: the text, its sections, items and what was found, by offsets into the text

each as JSON, compressed, in base64. The script decodes the index at once and a block when one of its plans
is asked for. No word of a document is ever HTML: base64 has no `<`, and the script makes text nodes. A policy
in the head forbids any script but the page's own, and Trusted Types any text that would be parsed as HTML.

The same tables give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.errors import NoTables
from pipeline.model import fold
from pipeline.tables import BY_NAME, Row
from pipeline.themes import taxonomy

BLOCK = 8
"""Plans that are compressed together: more make a smaller page, fewer a plan that opens faster."""
SCRIPT = ("data", "overview", "plots", "plan", "route")
"""The parts of the page's script, in order."""
COLUMNS: Mapping[str, str] = {
    "sources": "source_id path format pages ocr status error message warnings",
    "plans": "plan_id source_id cluster_id title doc_number issuer region level kind year_start year_end issued_on "
    "char_start char_end notice_start notice_end",
    "sections": "section_id plan_id parent_id label heading path char_start char_end page",
    "items": "item_id plan_id section_id text char_start char_end page themes strength",
    "goals": "goal_id item_id plan_id text rule confidence char_start char_end page",
    "targets": "target_id item_id plan_id text indicator op value value2 unit per baseline deadline_id rule confidence "
    "char_start char_end page",
    "deadlines": "deadline_id item_id plan_id text kind start end every times rule confidence char_start char_end page",
    "responsibilities": "responsibility_id item_id plan_id text role rule confidence char_start char_end page",
}
"""What is read of each table."""
TRAIL = "。.、:)]"
"""What may close a label or a heading, folded."""


def page(out: Path) -> str:
    """The page of a run.

    Args:
        out: the folder of a run: its Parquet tables and its texts.

    Returns:
        HTML, complete in itself.

    Raises:
        NoTables: the folder is none of a run, lacks a table, a column or a text, one cannot be read, or they do
            not belong together.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    tables = {name: read(out, name) for name in COLUMNS}
    known = {source["source_id"] for source in tables["sources"]}
    if strange := [plan["plan_id"] for plan in tables["plans"] if plan["source_id"] not in known]:
        raise _mixed(out, f"sources.parquet does not know the file of {strange[0]}")
    style = _asset("page.css")
    script = "'use strict';\n(async () => {\n" + "\n".join(_asset(f"{part}.js") for part in SCRIPT) + "})();\n"
    of_plan = {name: _grouped(rows) for name, rows in tables.items() if name not in ("sources", "plans")}
    environment = Environment(
        loader=PackageLoader("pipeline", "page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html").render(
        name=out.resolve().name,
        plans=len(tables["plans"]),
        style=style,
        script=script,
        style_hash=_digest(style),
        script_hash=_digest(script),
        index=packed(_index(out, tables, of_plan)),
        blocks=map(packed, _blocks(out, tables["plans"], of_plan)),
    )


def read(out: Path, name: str) -> list[Row]:
    """The rows of one table of a run, with the columns that the page needs.

    Args:
        out: the folder of a run.
        name: of the table.

    Raises:
        NoTables: there is no such table, it cannot be read, or it lacks a column.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = out / f"{name}.parquet"
    columns = COLUMNS[name].split()
    if not path.is_file():
        raise NoTables(f"{out} holds no {path.name}, so no run ended there; type: planpipe run INPUT... --out {out}")
    try:
        with parquet.ParquetFile(path) as file:
            lacking = [column for column in columns if column not in file.schema_arrow.names]
            rows = [] if lacking else file.read(columns).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise NoTables(
            f"{path} cannot be read ({str(error).splitlines()[0]}); make it again: planpipe run INPUT... --out {out}"
        ) from error
    if lacking:
        raise NoTables(
            f"{path} has no column {', '.join(lacking)}: another version of planpipe wrote it; "
            f"type: planpipe run INPUT... --out {out}"
        )
    return rows


def packed(value: object) -> str:
    """JSON, compressed, as base64: what the script of the page unpacks."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()
    return b64encode(gzip.compress(data, compresslevel=6, mtime=0)).decode()


def _asset(name: str) -> str:
    return (resources.files("pipeline") / "page" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _grouped(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    """The rows of each plan."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["plan_id"]].append(row)
    return groups


def _columns(rows: Sequence[Row], names: str) -> dict[str, list[Any]]:
    """Rows column by column, which compresses to less than row by row."""
    return {name: [row[name] for row in rows] for name in names.split()}


# The index


class _Numbers(dict[str, int]):
    """Numbers values as they come, from 0."""

    def __missing__(self, value: str) -> int:
        self[value] = len(self)
        return self[value]


def _index(out: Path, tables: Mapping[str, list[Row]], of_plan: Mapping[str, Mapping[str, list[Row]]]) -> Row:
    plans, sources = tables["plans"], tables["sources"]
    number = {source["source_id"]: position for position, source in enumerate(sources)}
    themes, indicators, units, roles = _Numbers(), _Numbers(), _Numbers(), _Numbers()
    cells: dict[str, list[list[int]]] = {"themes": [], "targets": [], "deadlines": [], "units": []}
    for plan in plans:
        items, targets, deadlines, charges = (
            of_plan[name].get(plan["plan_id"], []) for name in ("items", "targets", "deadlines", "responsibilities")
        )
        cells["themes"].append(_counted((themes[code],) for item in items for code in dict.fromkeys(item["themes"])))
        cells["targets"].append(_counted((indicators[target["indicator"] or ""],) for target in targets))
        cells["deadlines"].append(_counted((_month(deadline["end"]),) for deadline in deadlines))
        cells["units"].append(_counted((units[row["text"]], roles[row["role"]]) for row in _tasks(charges)))
    names = {theme.code: theme.zh for theme in taxonomy()}
    return {
        "name": out.resolve().name,
        "version": _version(out),
        "block": BLOCK,
        "plans": _columns(
            plans, "plan_id cluster_id title doc_number issuer region level kind year_start year_end issued_on"
        )
        | {"source": [number[plan["source_id"]] for plan in plans]}
        | {name: [len(rows.get(plan["plan_id"], ())) for plan in plans] for name, rows in of_plan.items()},
        "sources": _columns(sources, "path format pages ocr status error message warnings"),
        "themes": [{"code": code, "zh": names.get(code)} for code in themes],
        "indicators": list(indicators),
        "units": list(units),
        "roles": list(roles),
        "cells": cells,
    }


def _counted(keys: Iterable[tuple[int, ...]]) -> list[int]:
    """How often each key comes: the key's numbers, then the count, one key after the other."""
    return [number for key, count in Counter(keys).items() for number in (*key, count)]


def _month(day: date | None) -> int:
    """A month as a number, 202503 for March 2025; 0 for a deadline whose day is not settled."""
    return 100 * day.year + day.month if day else 0


def _tasks(charges: Iterable[Row]) -> list[Row]:
    """Of a plan's responsibilities the first for each item, unit and role: a unit named twice has one task."""
    first: dict[tuple[str, ...], Row] = {}
    for row in charges:
        first.setdefault((row["item_id"] or row["responsibility_id"], row["text"], row["role"]), row)
    return list(first.values())


def _version(out: Path) -> str:
    """The version of planpipe that wrote the tables, "" where the run does not tell."""
    try:
        package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
        return str(package.get("planpipe", ""))
    except (OSError, ValueError, AttributeError):
        return ""


# The plans


def _blocks(
    out: Path, plans: Sequence[Row], of_plan: Mapping[str, Mapping[str, list[Row]]]
) -> Iterator[list[dict[str, Any]]]:
    text, source = "", None
    for start in range(0, len(plans), BLOCK):
        block = []
        for plan in plans[start : start + BLOCK]:
            if plan["source_id"] != source:
                source = plan["source_id"]
                text = _text(out, source)
            rows = {name: groups.get(plan["plan_id"], []) for name, groups in of_plan.items()}
            if plan["char_end"] > len(text) or any(row["char_end"] > len(text) for row in chain(*rows.values())):
                raise _mixed(out, f"{plan['plan_id']} goes on behind the end of text/{source}.txt")
            block.append(_plan(plan, text, rows))
        yield block


def _text(out: Path, source: str) -> str:
    path = out / "text" / f"{source}.txt"
    try:
        with path.open(encoding="utf-8", newline="") as file:  # offsets count a lone CR as it stands
            return file.read()
    except (OSError, ValueError) as error:
        raise NoTables(f"{path} cannot be read ({error}); make it again: planpipe run INPUT... --out {out}") from error


def _mixed(out: Path, what: str) -> NoTables:
    return NoTables(f"{out} holds files of different runs ({what}); make them again: planpipe run INPUT... --out {out}")


def _plan(plan: Row, text: str, rows: Mapping[str, list[Row]]) -> dict[str, Any]:
    """What the page shows of a plan; rows name one another by their position in their table."""
    spans = [(row["char_start"], row["char_end"]) for row in chain(*rows.values())]
    spans += [(plan["char_start"], plan["char_end"]), (plan["notice_start"], plan["notice_end"])]
    start = min(span[0] for span in spans if span[0] is not None)
    end = max(span[1] for span in spans if span[1] is not None)
    prefix = f"{plan['plan_id']}."
    position = {row[BY_NAME[name].key]: number for name, table in rows.items() for number, row in enumerate(table)}
    shown: dict[str, Any] = {"text": text[start:end], "start": start}
    for name, table in rows.items():
        key, *names = (column for column in COLUMNS[name].split() if column != "plan_id")
        columns = _columns(table, " ".join(names))
        for column in BY_NAME[name].refers.keys() & set(names):
            columns[column.removesuffix("_id")] = [position.get(reference) for reference in columns.pop(column)]
        if "text" in columns:
            columns["text"] = [_other_than(row["text"], text[row["char_start"] : row["char_end"]]) for row in table]
        columns["id"] = [row[key].removeprefix(prefix) for row in table]
        shown[name] = columns
    shown["sections"]["body"] = [_body(section, text) for section in rows["sections"]]
    return shown


def _other_than(clean: str | None, raw: str) -> str | None:
    """A cleaned text where it is not what stands in the source, white space aside; None where it is."""
    return None if clean is None or "".join(clean.split()) == "".join(raw.split()) else clean


def _body(section: Row, text: str) -> int:
    """Where the text of a section begins, behind its label and heading as they stand in the source."""
    at: int = section["char_start"]
    for part in (section["label"], section["heading"]):
        if part:
            at = _behind(part, text, at, section["char_end"])
    return at


def _behind(part: str, text: str, at: int, end: int) -> int:
    """One past a label or heading, and past the marks that close it; `at` where it does not stand there.

    Labels are given folded, and headings without line breaks, so that characters are compared folded and white
    space is passed over.
    """
    start = at
    for wanted in fold(part):
        if wanted.isspace():
            continue
        while at < end and fold(text[at]) != wanted and (text[at].isspace() or fold(text[at]) in TRAIL):
            at += 1
        if at == end or fold(text[at]) != wanted:
            return start
        at += 1
    while at < end and text[at] != "\n" and (text[at].isspace() or fold(text[at]) in TRAIL):
        at += 1
    return at
