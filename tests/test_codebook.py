"""The codebook: everything that the tables say, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.codebook import markdown
from pipeline.rules import load
from pipeline.run import run
from pipeline.tables import TABLES
from tests.conftest import TEXT, FakeParser


@pytest.fixture
def out(tmp_path: Path, parser: FakeParser) -> Path:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    run([tmp_path / "a.txt"], tmp_path / "out", workers=0)
    return tmp_path / "out"


def parts(text: str) -> dict[str, list[list[str]]]:
    """The rows of the table below each heading."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("#"):
            rows = found.setdefault(line.lstrip("# "), [])
        elif line.startswith("| ") and not line.startswith("| ---"):
            assert "<" not in line  # Markdown would take it for a tag
            rows.append(line.replace("&lt;", "<")[2:-2].split(" | "))
    return found


def test_every_column_and_every_value_is_there() -> None:
    found = parts(markdown())
    for table in TABLES:
        head, *rows = found[table.name]
        assert head == ["column", "type", "unit", "meaning", "key"]
        assert [(row[0], row[3]) for row in rows] == [(column.name, column.meaning) for column in table.columns]
        assert rows[0][4] == "primary key"
        for column in table.columns:
            if column.values:
                assert found[f"{table.name}.{column.name}"][1:] == [list(pair) for pair in column.values.items()]
    assert ["deadline_id", "string", "", "The deadline that governs it.", "→ deadlines"] in found["targets"]
    assert ["themes", "list of strings", "", "Codes of its themes, main theme first.", ""] in found["items"]


def test_the_taxonomy_is_there() -> None:
    rows = parts(markdown())["Themes"][1:]
    assert [row[:2] for row in rows] == [[row["code"], row["zh"]] for row in load("themes") if row["code"] != "other"]


def test_with_a_run_it_counts_filled_cells(out: Path) -> None:
    rows = {row[0]: row for row in parts(markdown(out))["items"]}
    assert rows["column"][5] == "filled"
    assert (rows["item_id"][5], rows["themes"][5], rows["stage"][5]) == ("2 of 2", "1 of 2", "1 of 2")
    targets = {row[0]: row[5] for row in parts(markdown(out))["targets"]}
    assert (targets["baseline"], targets["value2"]) == ("1 of 2", "0 of 2")


def test_the_command_prints_or_writes(out: Path, tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["codebook"])
    assert (printed.exit_code, printed.stdout) == (0, markdown())
    written = CliRunner().invoke(main, ["codebook", str(out), "--out", str(tmp_path / "codebook.md")])
    assert (written.exit_code, written.output) == (0, "")
    assert (tmp_path / "codebook.md").read_text(encoding="utf-8") == markdown(out)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["codebook", str(tmp_path)])
    assert result.exit_code == 1
    assert "holds no tables of a run; make them: planpipe run FILES" in result.stderr
