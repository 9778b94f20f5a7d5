"""The package as others get it: cheap to import, and whole when it is installed from a wheel."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline.view import PlanView
from tests.conftest import TEXT, FakeParser

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("pipeline", "models", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
HEAVY = ("spacy", "pandas", "sklearn", "numpy", "pyarrow", "lxml", "jieba", "rich", "yaml", "click", "duckdb", "jinja2")


def python(*arguments: str, cwd: Path, path: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path:
        environment["PYTHONPATH"] = str(path)
    result = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"
    return result.stdout


# The door


def loaded_by(statement: str, cwd: Path) -> set[str]:
    found = python("-c", f"import sys; {statement}; print(' '.join(sys.modules))", cwd=cwd)
    return set(found.split()) & {*HEAVY, "pipeline.run", "pipeline.rules"}


def test_importing_loads_nothing(tmp_path: Path) -> None:
    assert loaded_by("import pipeline", tmp_path) == set()


def test_the_command_line_is_light(tmp_path: Path) -> None:
    assert loaded_by("import pipeline.cli", tmp_path) == {"click"}


def test_parse_and_run(tmp_path: Path, parser: FakeParser) -> None:
    file = tmp_path / "a.txt"
    file.write_text(TEXT, encoding="utf-8")
    [plan] = pipeline.parse(file)
    assert isinstance(plan, PlanView)
    assert pipeline.parse(str(file)) == [plan]
    report = pipeline.run([file], tmp_path / "out")
    assert report.rows["plans"] == 1
    assert len(pipeline.load(tmp_path / "out").plans) == 1


def test_run_can_be_called_before_and_after_its_module_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    code = (
        "import pipeline; first = pipeline.run; first(['in'], 'one'); pipeline.run(['in'], 'two');"
        "from pipeline import run; run(['in'], out='three', workers=1)"
    )
    python("-c", code, cwd=tmp_path)
    assert all((tmp_path / name / "sources.csv").is_file() for name in ("one", "two", "three"))


def test_version_and_unknown_names() -> None:
    from importlib.metadata import version

    assert pipeline.__version__ == version("planpipe")
    with pytest.raises(AttributeError, match="nothing"):
        _ = pipeline.nothing  # type: ignore[attr-defined]


# The wheel


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The wheel alone, installed into a folder away from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    checkout = folder / "checkout"  # a copy: building leaves files behind
    checkout.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).is_file():
            shutil.copy(ROOT / name, checkout / name)
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    python(*pip, "wheel", ".", "--no-deps", "--no-build-isolation", "-w", str(folder / "dist"), cwd=checkout)
    [wheel] = (folder / "dist").glob("planpipe-*.whl")
    python(*pip, "install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel), cwd=folder)
    shutil.rmtree(checkout)
    yield folder / "site"
    shutil.rmtree(folder)


def test_the_wheel_holds_every_file(site: Path) -> None:
    def held(folder: Path) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    expected = held(ROOT / "pipeline") | {f"models/{name}" for name in held(ROOT / "models")}
    assert held(site / "pipeline") == expected
    for name in ("py.typed", "view.html", "rules/labels.yaml", "rules/themes.yaml", "models/themes/model.json"):
        assert name in expected


def test_the_wheel_works_by_itself(site: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text(TEXT, encoding="utf-8")
    where = python("-c", "import pipeline; print(pipeline.__file__)", cwd=tmp_path, path=site)
    assert Path(where.strip()).is_relative_to(site)
    command = str(site / "bin" / "planpipe")
    python(command, "run", "plan.txt", "--out", "out", cwd=tmp_path, path=site)
    with (tmp_path / "out" / "sections.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["heading"] for row in csv.DictReader(file) if row["heading"]] == ["主要目标", "重点任务"]
    (tmp_path / "in.jsonl").write_text('{"text": "每学期开展两次消防安全演练"}\n', encoding="utf-8")
    python(command, "classify", "in.jsonl", "--out", "out.jsonl", cwd=tmp_path, path=site)
    answer = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert answer["themes"][0] == "safety"
