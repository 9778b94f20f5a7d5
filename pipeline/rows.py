"""From a plan's values to rows of the tables: ids, links and what an item sums up of its records.

An id is its plan's id, a letter and the offset at which the thing begins, so that it can be read,
leads back into the text and depends on nothing else. Where two of a kind begin at one place, the
second gets a `b`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from pipeline.model import Document, Found, Plan, Responsibility, Section, Span
from pipeline.sections import gaps, innermost
from pipeline.tables import BY_NAME, Row, conform

SOURCE_DIGITS = 12
"""Digits of a file's hash that its id begins with."""

LETTERS = {
    "sections": "s",
    "items": "i",
    "goals": "g",
    "targets": "t",
    "deadlines": "d",
    "responsibilities": "u",
}


def ids(prefix: str, spans: Iterable[Span]) -> list[str]:
    """An id for each span: the prefix, the offset, and a letter from `b` on for the next at one offset.

    Args:
        prefix: of all of them, up to and with the letter.
        spans: in any order; among those at one offset their order counts.
    """
    seen: dict[int, int] = {}
    result = []
    for span in spans:
        start = span.start
        count = seen[start] = seen.get(start, 0) + 1
        result.append(f"{prefix}{start}" if count == 1 else f"{prefix}{start}{_letters(count)}")
    return result


def _letters(count: int) -> str:
    """a, b, c, … z, aa, ab, … as a spreadsheet letters its columns."""
    letters = ""
    while count:
        count, rest = divmod(count - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def source_row(document: Document, plans: Sequence[Plan], source_id: str, path: str, seconds: float) -> Row:
    """The row of `sources` for a file that was read.

    Args:
        document: what was read.
        plans: what was found in it.
        source_id: its id.
        path: where it lay.
        seconds: how long reading and parsing took.
    """
    of_plans = (warning for plan in plans for warning in (*plan.head.warnings, *gaps(plan.sections)))
    warnings = [*document.warnings, *of_plans]
    if not plans:
        warnings.append("no plan was found in this file")
    row = {
        "source_id": source_id,
        "path": path,
        "format": document.format,
        "sha256": document.sha256,
        "bytes": document.bytes,
        "pages": document.pages,
        "encoding": document.encoding,
        "ocr": document.ocr,
        "status": "partial" if document.partial else "ok",
        "warnings": list(dict.fromkeys(warnings)),
        "seconds": seconds,
    }
    return conform(BY_NAME["sources"], row)


def plan_rows(plans: Sequence[Plan], source_id: str) -> dict[str, list[Row]]:
    """The rows of all tables but `sources` for the plans of one file.

    Args:
        plans: of one document.
        source_id: the document's id.

    Returns:
        Rows by table, complete and in the order of the text.

    Raises:
        ValueError: a stage gave a value that its column does not allow.
    """
    rows: dict[str, list[Row]] = {name: [] for name in BY_NAME if name != "sources"}
    for plan, plan_id in zip(plans, plan_ids(plans, source_id), strict=True):
        for name, found in rows_of(plan, plan_id, source_id).items():
            rows[name] += found
    return rows


def plan_ids(plans: Sequence[Plan], source_id: str) -> list[str]:
    """The ids of the plans of one file.

    Args:
        plans: all plans of one document.
        source_id: the document's id.
    """
    return ids(f"{source_id}.p", (plan.head for plan in plans))


def rows_of(plan: Plan, plan_id: str, source_id: str) -> dict[str, list[Row]]:
    """The rows of all tables but `sources` for one plan; see `plan_rows`.

    Args:
        plan: a parsed plan.
        plan_id: its id.
        source_id: the id of its document.
    """
    return {
        name: [conform(BY_NAME[name], row) for row in found]
        for name, found in _Maker(plan, plan_id, source_id).tables().items()
    }


def section_of(plan: Plan, found: Found) -> int | None:
    """Index of the section that a record stands in: its item's, or the innermost around it.

    Args:
        plan: the record's plan.
        found: a record.
    """
    if found.item is not None:
        return plan.items[found.item].section
    return innermost(plan.sections, found)


def _texts(records: Sequence[Found]) -> dict[int | None, list[str]]:
    """What the records of each item say, in order."""
    texts: dict[int | None, list[str]] = {}
    for found in records:
        texts.setdefault(found.item, []).append(found.text)
    return texts


def _due(plan: Plan) -> dict[int | None, str]:
    """The latest end of each item's deadlines."""
    latest: dict[int | None, str] = {}
    own = ((deadline.item, deadline) for deadline in plan.deadlines)
    # The year that heads a column of a table stands outside of the items that it governs.
    governing = (
        (target.item, plan.deadlines[target.deadline]) for target in plan.targets if target.deadline is not None
    )
    for item, deadline in chain(own, governing):
        if deadline.until:
            latest[item] = max(deadline.until, latest.get(item, ""))
    return latest


def _names(units: Sequence[Responsibility]) -> list[str]:
    """The name of each of some units once."""
    return list(dict.fromkeys([unit.text for unit in units]))


class _Maker:
    """Makes the rows of one plan."""

    def __init__(self, plan: Plan, plan_id: str, source_id: str) -> None:
        self.plan, self.plan_id, self.source_id = plan, plan_id, source_id
        self.ids = {name: ids(f"{plan_id}.{letter}", getattr(plan, name)) for name, letter in LETTERS.items()}
        self.aims = {goal.item for goal in plan.goals}
        self.targets, self.deadlines = _texts(plan.targets), _texts(plan.deadlines)
        self.due = _due(plan)

    def tables(self) -> dict[str, list[Row]]:
        return {
            "plans": [self.head()],
            "sections": [self.section(n, section) for n, section in enumerate(self.plan.sections)],
            "items": [self.item(n) for n in range(len(self.plan.items))],
            "goals": [self.found("goals", n, goal) for n, goal in enumerate(self.plan.goals)],
            "targets": [
                self.found("targets", n, target)
                | {
                    "indicator": target.indicator,
                    "op": target.op,
                    "value": target.value,
                    "value2": target.value2,
                    "unit": target.unit,
                    "per": target.per,
                    "baseline": target.baseline,
                    "deadline_id": self.id_of("deadlines", target.deadline),
                    "scope": target.scope,
                }
                for n, target in enumerate(self.plan.targets)
            ],
            "deadlines": [
                self.found("deadlines", n, deadline)
                | {
                    "kind": deadline.kind,
                    "start": deadline.since,
                    "end": deadline.until,
                    "every": deadline.every,
                    "times": deadline.times,
                    "basis": deadline.basis,
                }
                for n, deadline in enumerate(self.plan.deadlines)
            ],
            "responsibilities": [
                self.found("responsibilities", n, unit) | {"role": unit.role, "full_name": unit.full_name}
                for n, unit in enumerate(self.plan.responsibilities)
            ],
        }

    def id_of(self, table: str, index: int | None) -> str | None:
        return None if index is None else self.ids[table][index]

    def head(self) -> Row:
        head = self.plan.head
        return {
            "plan_id": self.plan_id,
            "source_id": self.source_id,
            "title": head.title,
            "doc_number": head.doc_number,
            "issuer": head.issuer,
            "region": head.region,
            "region_code": head.region_code,
            "level": head.level,
            "kind": head.kind,
            "year_start": head.year_start,
            "year_end": head.year_end,
            "issued_on": head.issued_on,
            "char_start": head.start,
            "char_end": head.end,
            "notice_start": head.notice and head.notice.start,
            "notice_end": head.notice and head.notice.end,
            "evidence": [f"{name}:{span.start}-{span.end}" for name, span in head.evidence],
        }

    def section(self, index: int, section: Section) -> Row:
        return {
            "section_id": self.ids["sections"][index],
            "plan_id": self.plan_id,
            "parent_id": self.id_of("sections", section.parent),
            "position": index + 1,
            "level": section.level,
            "label": section.label,
            "heading": section.heading,
            "path": " / ".join(section.path),
            "char_start": section.start,
            "char_end": section.end,
            "page": section.page,
            "text": section.text,
        }

    def item(self, index: int) -> Row:
        plan = self.plan
        item, tags, charge = plan.items[index], plan.themes[index], plan.charges[index]
        units = [plan.responsibilities[number] for number in charge.units]
        return {
            "item_id": self.ids["items"][index],
            "plan_id": self.plan_id,
            "section_id": self.ids["sections"][item.section],
            "position": index + 1,
            "text": item.text,
            "char_start": item.start,
            "char_end": item.end,
            "page": item.page,
            "themes": tags.codes,
            "theme_scores": tags.scores,
            "main_theme": tags.codes[0] if tags.codes else None,
            "stage": plan.stages[index],
            "strength": plan.strengths[index],
            "is_goal": index in self.aims,
            "targets": self.targets.get(index),
            "deadlines": self.deadlines.get(index),
            "units": _names(units) if units else None,
            "lead_units": _names([unit for unit in units if unit.role == "lead"]) if units else None,
            "units_basis": charge.basis,
            "due": self.due.get(index),
        }

    def found(self, table: str, index: int, found: Found) -> Row:
        section = section_of(self.plan, found)
        return {
            BY_NAME[table].key: self.ids[table][index],
            "item_id": self.id_of("items", found.item),
            "section_id": self.id_of("sections", section),
            "plan_id": self.plan_id,
            "text": found.text,
            "rule": found.rule,
            "confidence": found.confidence,
            "char_start": found.start,
            "char_end": found.end,
            "page": found.page,
        }
