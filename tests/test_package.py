"""The package as others get it: cheap to import, and whole when it is installed from a wheel."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import pipeline
from pipeline.view import PlanView
from tests.conftest import TEXT, FakeParser

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("pipeline", "models", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
MAKERS = ("bench", "dev")
GPL = re.compile(r"(?<![a-zA-Z])A?GPL|(?<!Lesser )General Public License")
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


# What it may import


def declared() -> list[Requirement]:
    """What the package requires, extras for users included, those for its makers left out."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    extras = settings["options.extras_require"]
    lists = [settings["options"]["install_requires"], *(extras[name] for name in extras if name not in MAKERS)]
    return [Requirement(line) for part in lists for line in part.strip().splitlines()]


def closure(requirements: list[Requirement]) -> dict[str, Distribution]:
    """The installed distributions that requirements pull in, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(requirement, "") for requirement in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": extra})):
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue
        for line in found[name].requires or ():
            waiting += [(Requirement(line), extra) for extra in requirement.extras or ("",)]
    return found


def test_modules_import_what_the_package_requires() -> None:
    allowed = {canonicalize_name(requirement.name) for requirement in declared()} | set(closure(declared()))
    sources = packages_distributions()
    strange = {}
    for path in (ROOT / "pipeline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                modules = [node.module]
            else:
                continue
            for top in {module.partition(".")[0] for module in modules} - {*sys.stdlib_module_names, "pipeline"}:
                # A module that is not installed goes by its distribution's name.
                if not {canonicalize_name(name) for name in sources.get(top, [top])} & allowed:
                    strange[top] = path.name
    assert strange == {}


def test_nothing_under_the_gpl_comes_with_it() -> None:
    found = closure(declared())
    assert {"numpy", "spacy", "rapidocr"} <= set(found)
    assert "jiojio" not in found
    under = {name: GPL.findall(licence(one)) for name, one in found.items()}
    assert {name: words for name, words in under.items() if words} == {}


def licence(one: Distribution) -> str:
    """What a distribution's metadata say of its licence, a text of several lines left out."""
    fields = [one.metadata.get("License-Expression"), one.metadata.get("License")]
    classifiers = [line for line in one.metadata.get_all("Classifier") or () if line.startswith("License")]
    return "; ".join([*(line for line in fields if line and "\n" not in line), *classifiers])


@pytest.mark.parametrize(
    ("text", "under"),
    [
        ("GPL-3.0-only", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("GNU Affero General Public License v3", True),
        ("AGPL-3.0", True),
        ("LGPL-2.1", False),
        ("GNU Lesser General Public License v2", False),
        ("MIT", False),
    ],
)
def test_the_gpl_is_known_by_its_names(text: str, under: bool) -> None:
    assert bool(GPL.search(text)) is under


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
