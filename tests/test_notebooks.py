"""The notebooks run from a clean kernel, say nothing on stderr, and are committed without outputs."""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib.font_manager  # noqa: F401  Makes matplotlib's list of fonts, which it tells on stderr where it is slow.
import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

import pipeline

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PLOTS = {"01_one_plan": 1, "02_an_archive": 4, "03_own_categories": 1, "04_how_good": 1}
SHOWN = {
    "01_one_plan": ("<details", "义务教育学校标准化建设任务", "县教育局", "生机比达到12∶1"),
    "02_an_archive": ("东屏市教育局2026年工作要点", "preschool"),
    "03_own_categories": ("macro-F1", "能力建设", "宣传"),
    "04_how_good": ("kappa", "0 of 80 coded sentences", "of 54"),
}
"""What must be seen in each."""


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_all_notebooks_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == list(PLOTS) == list(SHOWN)


def test_a_notebook_runs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    # Labels without a glyph, deprecations and the like are told on stderr.
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == PLOTS[path.stem]
    texts = "\n".join(
        output.get("text", "") + "\n".join(map(str, output.get("data", {}).values())) for output in outputs
    )
    for shown in SHOWN[path.stem]:
        assert shown in texts


def test_a_notebook_is_kept_valid_and_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code(notebook))


def test_the_coded_sentences_are_items_of_the_sample() -> None:
    with (ROOT / "corpora" / "coded" / "sentences.csv").open(encoding="utf-8", newline="") as file:
        coded = list(csv.DictReader(file))
    assert len({(row["file"], row["text"]) for row in coded}) == len(coded) == 80
    for name in {row["file"] for row in coded}:
        (plan,) = pipeline.parse(ROOT / "corpora" / "sample" / name)
        assert {row["text"] for row in coded if row["file"] == name} <= set(plan.items.text)
    codes = [f"{question}{coder}" for question in ("goal", "target", "deadline") for coder in ("_a", "_b", "")]
    assert {row[code] for row in coded for code in codes} == {"0", "1"}
