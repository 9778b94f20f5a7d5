"""Fixtures shared by the tests: plans made by hand, and a parser that needs no rules or models."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.errors import EmptyFile
from pipeline.model import (
    Block,
    Charge,
    Deadline,
    Document,
    Goal,
    Item,
    Plan,
    PlanHead,
    Reading,
    Responsibility,
    Section,
    Tags,
    Target,
)
from pipeline.parsing import Parsed

FONT = Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")
needs_font = pytest.mark.skipif(not FONT.exists(), reason="needs a Chinese font (apt-get install fonts-wqy-zenhei)")

TEXT = """青禾县教育局2031年工作计划
全年工作围绕提高质量展开。
一、主要目标
力争建成20所新优质学校。
二、重点任务
2031年底前，教研室牵头，各学校配合，听课不少于20节。
"""


def plan_of(text: str, *, sha256: str | None = None) -> Plan:
    """A plan over TEXT (or a text with the same phrases in it), every kind of record in it."""

    def at(phrase: str) -> dict[str, int]:
        start = text.index(phrase)
        return {"start": start, "end": start + len(phrase)}

    def section(label: str | None, heading: str | None, first: str, last: str) -> Section:
        start = text.index(first)
        end = text.index(last) + len(last)
        return Section(
            start=start,
            end=end,
            level=1,
            parent=None,
            label=label,
            heading=heading,
            path=(heading,) if heading else (),
            text_start=end - len(last),
            text=last,
        )

    data = text.encode()
    body = text.rstrip("\n")
    document = Document(
        text=text,
        blocks=(Block(start=0, end=len(body)),),
        format="txt",
        sha256=sha256 or hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        encoding="utf-8",
        warnings=("first; and second",),
    )
    goal = "力争建成20所新优质学校。"
    task = "2031年底前，教研室牵头，各学校配合，听课不少于20节。"
    return Plan(
        document=document,
        head=PlanHead(
            start=0,
            end=len(body),
            reading=Reading(body, tuple(range(len(body)))),
            title=text.splitlines()[0],
            issuer="青禾县教育局",
            level="county",
            year_start=2031,
            year_end=2031,
        ),
        sections=(
            section(None, None, "全年工作", "全年工作围绕提高质量展开。"),
            section("一", "主要目标", "一、", goal),
            section("二", "重点任务", "二、", task),
        ),
        items=(Item(**at(goal), section=1, text=goal), Item(**at(task), section=2, text=task)),
        goals=(Goal(**at(goal), text=goal, rule="strive", item=0),),
        targets=(
            Target(
                **at("20所"), text="20所", rule="count", item=0, indicator="新优质学校", op="eq", value=20, unit="所"
            ),
            Target(
                **at("不少于20节"),
                text="不少于20节",
                rule="count",
                item=1,
                indicator="听课",
                op="ge",
                value=20.5,
                unit="节",
                baseline=-3,
                deadline=0,
                confidence=0.9,
            ),
        ),
        deadlines=(
            Deadline(
                **at("2031年底前"),
                text="2031年底前",
                rule="by_year",
                item=1,
                kind="date",
                until="2031-12-31",
                basis="text",
            ),
        ),
        responsibilities=(
            Responsibility(**at("教研室"), text="教研室", rule="lead", item=1, role="lead"),
            Responsibility(**at("各学校"), text="各学校", rule="support", item=1, role="support"),
        ),
        charges=(Charge((), None), Charge((0, 1), "item")),
        themes=(Tags(), Tags(codes=("curriculum", "teachers"), scores=(0.91, 0.5))),
        stages=(None, "junior"),
        strengths=("firm", "binding"),
    )


@pytest.fixture
def plan() -> Plan:
    return plan_of(TEXT)


class FakeParser:
    """Stands in for `parse_file`: a file with TEXT's phrases is a plan; others fail by their content."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, path: Path, themes: Path | None = None) -> Parsed:
        self.calls.append(path.name)
        data = path.read_bytes()
        if not data:
            raise EmptyFile("the file is empty; is it the right one?")
        plan = plan_of(data.decode())  # raises ValueError where a phrase is missing
        return Parsed(plan.document, (plan,))


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> FakeParser:
    """Runs in this process parse by this, and count what they parse."""
    fake = FakeParser()
    monkeypatch.setattr("pipeline.parsing.parse_file", fake)
    return fake
