"""One plan in five formats gives one result: sections, items, targets, deadlines, units, goals."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest

import pipeline
from pipeline.model import Plan
from tests.bench import written

FORMATS = ("txt", "docx", "pdf", "html", "doc")
OFFICE = shutil.which("soffice")


@pytest.fixture(scope="module")
def truth() -> written.Truth:
    return written.make()


@pytest.fixture(scope="module")
def plans(truth: written.Truth, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    """The plan that each format gives; without LibreOffice there is none of .doc."""
    folder = tmp_path_factory.mktemp("plans")
    (folder / "plan.txt").write_bytes(written.as_text(truth))
    (folder / "plan.docx").write_bytes(written.as_docx(truth, "styles"))
    (folder / "plan.pdf").write_bytes(written.as_pdf(truth))
    (folder / "plan.html").write_bytes(written.as_html(truth))
    if OFFICE:
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        source = folder / "office" / "plan.docx"
        source.parent.mkdir()
        source.write_bytes(written.as_docx(written.for_office(truth), "styles"))
        command = [OFFICE, profile, "--headless", "--convert-to", "doc:MS Word 97", "--outdir", str(folder)]
        subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=180)
    found = {}
    for path in sorted(folder.glob("plan.*")):
        (view,) = pipeline.parse(path)
        found[path.suffix[1:]] = view.plan
    return found


def plain(text: str | None) -> str | None:
    """Without white space: what parts cells and labels differs between formats."""
    return None if text is None else re.sub(r"\s", "", text)


def shape(plan: Plan) -> dict[str, list[tuple[Any, ...]]]:
    """What was found, without places; links are places in the other lists."""
    return {
        "sections": [(s.level, s.parent, s.label, plain(s.heading), plain(s.text)) for s in plan.sections],
        "items": [(i.section, plain(i.text), tuple(name for name, _ in i.cells)) for i in plan.items],
        "goals": [(g.item, plain(g.text)) for g in plan.goals],
        "targets": [
            (t.item, plain(t.text), plain(t.indicator), t.op, t.value, t.value2, t.unit, t.per, t.baseline, t.deadline)
            for t in plan.targets
        ],
        "deadlines": [
            (d.item, plain(d.text), d.kind, d.since, d.until, d.every, d.times, d.basis) for d in plan.deadlines
        ],
        "responsibilities": [(r.item, plain(r.text), r.role) for r in plan.responsibilities],
    }


def test_the_text_gives_what_was_written(truth: written.Truth, plans: dict[str, Plan]) -> None:
    plan = plans["txt"]
    labelled = [(s.label, s.level) for s in plan.sections if s.label]
    assert labelled == [
        (p.label.strip(" 、.").replace("（", "(").replace("）", ")"), p.level) for p in truth.pieces if p.level
    ]
    rows = [item for item in plan.items if item.cells]
    assert len(rows) == truth.rows - 3  # less the head of two rows and the title of the rows below it
    assert len(plan.targets) > 100
    assert len(plan.deadlines) > 50
    assert len(plan.responsibilities) > 50


def test_the_plan_has_ten_pages(truth: written.Truth, plans: dict[str, Plan]) -> None:
    assert plans["pdf"].document.pages == truth.pages >= 10


@pytest.mark.parametrize("format", FORMATS[1:])
@pytest.mark.parametrize("layer", ["sections", "items", "goals", "targets", "deadlines", "responsibilities"])
def test_every_format_gives_the_same(format: str, layer: str, plans: dict[str, Plan]) -> None:
    if format not in plans:
        pytest.skip("LibreOffice is not installed")
    assert shape(plans[format])[layer] == shape(plans["txt"])[layer]
