"""The tables as files: names, bytes, types, keys."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from pipeline.export import Writer, arrow_table, cell, datapackage
from pipeline.run import run
from pipeline.tables import BY_NAME, TABLES, Column, Table, conform
from tests.conftest import TEXT, FakeParser

# Columns that the contract does not name; they stand behind its own.
ADDED = {
    "plans": "notice_start notice_end evidence",
    "items": "units_basis",
    "targets": "scope",
    "responsibilities": "full_name",
}
# Copied from the data contract by hand: a change to the tables must show up here.
CONTRACT = {
    "sources": "source_id path duplicate_of format sha256 bytes pages encoding ocr status error message warnings "
    "seconds",
    "plans": "plan_id source_id cluster_id title doc_number issuer region region_code level kind year_start year_end "
    "issued_on char_start char_end",
    "sections": "section_id plan_id parent_id position level label heading path char_start char_end page text",
    "items": "item_id plan_id section_id position text char_start char_end page themes theme_scores main_theme stage "
    "strength is_goal targets deadlines units lead_units due",
    "goals": "goal_id item_id section_id plan_id text rule confidence char_start char_end page",
    "targets": "target_id item_id section_id plan_id text indicator op value value2 unit per baseline deadline_id rule "
    "confidence char_start char_end page",
    "deadlines": "deadline_id item_id section_id plan_id text kind start end every times basis rule confidence "
    "char_start char_end page",
    "responsibilities": "responsibility_id item_id section_id plan_id text role rule confidence char_start "
    "char_end page",
}
SMALL = Table(
    "small",
    "A table for tests.",
    (
        Column("id", "string", "Key.", required=True),
        Column("word", "string", "Text."),
        Column("count", "integer", "Whole number."),
        Column("share", "number", "Number."),
        Column("sure", "boolean", "Truth value."),
        Column("day", "date", "Date."),
        Column("names", "strings", "List of texts."),
        Column("scores", "numbers", "List of numbers."),
    ),
    {},
)


@pytest.fixture
def out(tmp_path: Path, parser: FakeParser) -> Path:
    """The tables of a run over two plans, one file given twice, one that fails and one with odd text."""
    files = tmp_path / "in"
    files.mkdir()
    (files / "a.txt").write_text(TEXT, encoding="utf-8")
    (files / "b.txt").write_text(TEXT, encoding="utf-8")
    (files / "c.txt").write_text(f'=1+1, "甲"；乙\r\n{TEXT}', encoding="utf-8", newline="")
    (files / "d.txt").write_bytes(b"")
    run([files], tmp_path / "out", workers=0)
    return tmp_path / "out"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_columns_are_those_of_the_contract() -> None:
    assert {table.name: [column.name for column in table.columns] for table in TABLES} == {
        name: columns.split() + ADDED.get(name, "").split() for name, columns in CONTRACT.items()
    }


def test_every_column_says_what_it_means() -> None:
    for table in TABLES:
        assert table.meaning.endswith(".")
        for column in table.columns:
            assert column.meaning.endswith("."), f"{table.name}.{column.name}"
            assert not (column.unit and column.kind not in ("integer", "number")), f"{table.name}.{column.name}"


def test_csv_bytes(tmp_path: Path) -> None:
    full = {"id": "x1", "word": '甲,"乙"\n丙', "count": 3, "share": 2.5, "sure": True, "day": "2031-12-31"}
    with Writer(SMALL, tmp_path) as writer:
        writer.write([conform(SMALL, {**full, "names": ["甲;乙", "丙"], "scores": [0.5, 1.0]})])
        writer.write([conform(SMALL, {"id": "x2", "word": ""})])
    assert (tmp_path / "small.csv").read_bytes() == (
        "\ufeffid,word,count,share,sure,day,names,scores\r\n"
        'x1,"甲,""乙""\n丙",3,2.5,true,2031-12-31,甲；乙;丙,0.5;1\r\n'
        "x2,,,,,,,\r\n"
    ).encode()
    assert writer.rows == 2


def test_parquet_is_typed(tmp_path: Path) -> None:
    with Writer(SMALL, tmp_path) as writer:
        writer.write([conform(SMALL, {"id": "x1", "day": "2031-12-31", "names": ["甲;乙"], "word": ""})])
    table = parquet.read_table(tmp_path / "small.parquet")
    assert [str(field.type) for field in table.schema] == [
        "string",
        "string",
        "int64",
        "double",
        "bool",
        "date32[day]",
        "list<element: string>",
        "list<element: double>",
    ]
    row = table.to_pylist()[0]
    assert (row["day"], row["names"], row["scores"], row["word"]) == (date(2031, 12, 31), ["甲;乙"], [], None)
    assert table.schema.field("day").metadata[b"description"] == b"Date."


def test_same_rows_give_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.export.ROW_GROUP", 3)
    rows = [conform(SMALL, {"id": f"x{n}"}) for n in range(10)]
    for name, step in (("one", 1), ("all", 10)):
        (tmp_path / name).mkdir()
        with Writer(SMALL, tmp_path / name) as writer:
            for start in range(0, 10, step):
                writer.write(rows[start : start + step])
    for file in ("small.csv", "small.parquet"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "all" / file).read_bytes()
    assert parquet.ParquetFile(tmp_path / "one" / "small.parquet").metadata.num_row_groups == 4


def test_empty_table_has_header_and_schema(tmp_path: Path) -> None:
    with Writer(SMALL, tmp_path):
        pass
    assert (tmp_path / "small.csv").read_bytes().count(b"\r\n") == 1
    assert parquet.read_table(tmp_path / "small.parquet").num_rows == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_guarded(start: str) -> None:
    text = Column("word", "string", "Text.")
    names = Column("names", "strings", "List.")
    assert cell(text, f"{start}SUM(A1)") == f"'{start}SUM(A1)"
    assert cell(names, [f"{start}甲", "乙"]) == f"'{start}甲;乙"
    assert cell(names, ["乙", f"{start}甲"]) == f"乙;{start}甲"
    assert cell(text, f"甲{start}") == f"甲{start}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-3, "-3"), (-0.5, "-0.5"), (20.0, "20"), (30_000_000.0, "30000000"), (1e21, "1e+21"), (0.1, "0.1"), (None, "")],
)
def test_numbers_stay_numbers(value: float | None, expected: str) -> None:
    assert cell(Column("share", "number", "Number."), value) == expected


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"id": "x", "day": "2031-02-30"}, ValueError),
        ({"id": "x", "day": "2031"}, ValueError),
        ({"word": "no key"}, ValueError),
        ({"id": "x", "unknown": 1}, KeyError),
    ],
)
def test_rows_that_do_not_fit_are_refused(row: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        conform(SMALL, row)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="holds a number that is none"):
        arrow_table(SMALL, [conform(SMALL, {"id": "x", "share": value})])


def test_values_outside_the_list_are_refused() -> None:
    row = dict.fromkeys(("source_id", "path"), "x")
    with pytest.raises(ValueError, match="ok, partial, failed"):
        conform(BY_NAME["sources"], {**row, "status": "fine"})


def test_csv_and_parquet_say_the_same(out: Path) -> None:
    for table in TABLES:
        typed = parquet.read_table(out / f"{table.name}.parquet")
        assert typed.column_names == [column.name for column in table.columns]
        rows = [
            {column.name: cell(column, plain(row[column.name])) for column in table.columns}
            for row in typed.to_pylist()
        ]
        assert rows == read_csv(out / f"{table.name}.csv"), table.name
        assert rows, f"{table.name} is empty, so that this shows nothing"


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def test_files_are_utf8_with_bom_and_crlf(out: Path) -> None:
    for table in TABLES:
        data = (out / f"{table.name}.csv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.endswith(b"\r\n")
    titles = [row["title"] for row in read_csv(out / "plans.csv")]
    assert titles[-1] == '\'=1+1, "甲"；乙'


def validate(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.stdout, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_frictionless_finds_nothing_wrong(out: Path) -> None:
    report = validate(out)
    assert report["valid"], json.dumps(report, ensure_ascii=False)[:2000]
    assert [task["name"] for task in report["tasks"]] == [table.name for table in TABLES]


@pytest.mark.parametrize(
    ("table", "edit", "error"),
    [
        ("goals", lambda row: row.replace(".i", ".x", 1), "foreign-key"),
        ("goals", lambda row: row + row, "primary-key"),
        ("targets", lambda row: row.replace(",eq,", ",equal,"), "constraint-error"),
        ("deadlines", lambda row: row.replace("2031-12-31", "someday"), "type-error"),
    ],
)
def test_frictionless_would_find_what_is_wrong(
    out: Path, tmp_path: Path, table: str, edit: Callable[[str], str], error: str
) -> None:
    shutil.copytree(out, tmp_path / "broken")
    path = tmp_path / "broken" / f"{table}.csv"
    header, first, rest = path.read_bytes().decode().split("\r\n", 2)
    path.write_bytes(f"{header}\r\n{edit(first + chr(13) + chr(10))}{rest}".encode())
    report = validate(tmp_path / "broken")
    assert error in {found["type"] for task in report["tasks"] for found in task["errors"]}


def test_datapackage_describes_every_column(out: Path) -> None:
    text = (out / "datapackage.json").read_text(encoding="utf-8")
    package = json.loads(text)
    assert package["profile"] == "tabular-data-package"
    for resource, table in zip(package["resources"], TABLES, strict=True):
        assert (out / resource["path"]).is_file()
        assert (out / resource["parquet"]).is_file()
        assert resource["schema"]["primaryKey"] == [table.key]
        for field, column in zip(resource["schema"]["fields"], table.columns, strict=True):
            assert field["name"] == column.name
            assert field["description"] == column.meaning
            assert field["title"]
            said = {entry["value"]: entry["label"] for entry in field.get("categories", ())}
            assert said == column.values
    assert text == datapackage(package["planpipe"])


def test_keys_hold(out: Path) -> None:
    keys = {table.name: [row[table.key] for row in read_csv(out / f"{table.name}.csv")] for table in TABLES}
    for table in TABLES:
        assert len(keys[table.name]) == len(set(keys[table.name])), f"{table.name}: a key occurs twice"
        for row in read_csv(out / f"{table.name}.csv"):
            for column, target in table.refers.items():
                assert row[column] == "" or row[column] in keys[target], f"{table.name}.{column}: {row[column]}"


def test_offsets_lead_to_the_text(out: Path) -> None:
    sources = {row["plan_id"]: row["source_id"] for row in read_csv(out / "plans.csv")}
    for name in ("items", "goals", "targets", "deadlines", "responsibilities"):
        for row in read_csv(out / f"{name}.csv"):
            text = (out / "text" / f"{sources[row['plan_id']]}.txt").read_bytes().decode()
            assert text[int(row["char_start"]) : int(row["char_end"])] == row["text"]


def test_text_files_are_exact(out: Path) -> None:
    texts = {row["source_id"]: Path(row["path"]) for row in read_csv(out / "sources.csv") if row["status"] == "ok"}
    assert {path.stem for path in (out / "text").iterdir()} == set(texts)
    for source_id, path in texts.items():
        assert (out / "text" / f"{source_id}.txt").read_bytes() == path.read_bytes()
