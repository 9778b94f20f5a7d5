"""The tables for Excel, Stata and SPSS: opened again and compared with the CSV files, cell by cell."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from click.testing import CliRunner

from pipeline import formats
from pipeline.cli import main
from pipeline.errors import MissingExtra, NoTables
from pipeline.export import FORMULA_STARTS, Writer, cell
from pipeline.formats import excel_text, value_labels, write
from pipeline.run import run
from pipeline.tables import BY_NAME, TABLES, Column, conform
from tests.conftest import TEXT, FakeParser

LONG = "云岭市各县要把校舍安全摆在首位。" * 4000  # 64,000 characters, 192,000 bytes
ODD = [
    {"value": 1.2345678901234567e18, "value2": 0.1 + 0.2, "baseline": -3.5, "op": "ge", "unit": "=SUM(A1)"},
    {"value": 3e-7, "value2": None, "baseline": None, "op": "ratio", "unit": "#N/A"},
    {"value": 123456789012345680.0, "op": "range", "unit": "+86", "indicator": "_x0041_甲\n乙;丙", "per": "学期"},
    {"value": 0.0, "op": "eq", "unit": "'甲", "indicator": "\ufffe甲\x0b", "confidence": 0.25, "page": 3},
    {"value": 1e308, "op": "lt", "unit": "𠀀所", "text": LONG},
]
DATES = ["2031-12-31", "1900-03-01", "1898-07-03", "2999-01-01", "0001-01-01", None]


@pytest.fixture
def out(tmp_path: Path, parser: FakeParser) -> Path:
    """A run whose targets and deadlines are odd ones, of which no format likes all."""
    files = tmp_path / "in"
    files.mkdir()
    (files / "a.txt").write_text(TEXT, encoding="utf-8")
    (files / "b.txt").write_text(f'=1+1, "甲"；乙\n{TEXT}', encoding="utf-8")
    (files / "c.txt").write_bytes(b"")
    folder = tmp_path / "out"
    run([files], folder, workers=0)
    place = {"plan_id": "p", "rule": "made", "char_start": 0, "char_end": 1}
    rows = {
        "targets": [place | {"target_id": f"t{n}"} | row for n, row in enumerate(ODD)],
        "deadlines": [
            place | {"deadline_id": f"d{n}", "kind": "date", "start": day, "end": day} for n, day in enumerate(DATES)
        ],
    }
    for name, made in rows.items():
        with Writer(BY_NAME[name], folder) as writer:
            writer.write(conform(BY_NAME[name], row) for row in made)
    return folder


def read_csv(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def shown(column: Column, value: Any) -> str:
    """What a value that was read back would be in the CSV file, but for the guard against formulas."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT:
        return ""
    if column.kind == "date":
        return value if isinstance(value, str) else date(value.year, value.month, value.day).isoformat()
    if column.kind == "integer":
        return str(int(value))
    if column.kind == "number":
        return cell(column, float(value))
    if column.kind == "boolean":
        return "true" if value else "false"
    if column.values and not isinstance(value, str):
        return value_labels(column)[int(value)].split(":")[0]
    assert isinstance(value, str), (column.name, value)
    return value


def unguarded(column: Column, text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def workbook(folder: Path) -> Callable[[str], list[dict[str, Any]]]:
    book = openpyxl.load_workbook(folder / "planpipe.xlsx")

    def rows(name: str) -> list[dict[str, Any]]:
        head, *cells = book[name].iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in cells]

    return rows


def stata(folder: Path) -> Callable[[str], list[dict[str, Any]]]:
    def rows(name: str) -> list[dict[str, Any]]:
        frame = pd.read_stata(folder / f"{name}.dta", convert_categoricals=False)
        return frame.rename(columns={"end_": "end"}).to_dict("records")  # type: ignore[return-value]

    return rows


def spss(folder: Path) -> Callable[[str], list[dict[str, Any]]]:
    def rows(name: str) -> list[dict[str, Any]]:
        return pyreadstat.read_sav(folder / f"{name}.sav")[0].to_dict("records")

    return rows


# What a format cannot hold: by table, row and column, what stands there instead. The tables' other cells are as in
# the CSV files.
EXCEPT: dict[str, dict[tuple[str, int, str], str]] = {
    "xlsx": {
        ("targets", 2, "indicator"): "_x005F_x0041_甲\n乙;丙",  # Excel reads _x005F_ as _
        ("targets", 3, "indicator"): "�甲�",
        ("targets", 4, "text"): LONG[:32767],
    },
    "dta": {("targets", 4, "value"): ""},
    "sav": {("targets", 4, "text"): LONG.encode()[:32767].decode(errors="ignore")},
}
READERS = {"xlsx": workbook, "dta": stata, "sav": spss}


@pytest.mark.parametrize("format", READERS)
def test_every_cell_is_as_in_the_csv(out: Path, tmp_path: Path, format: str) -> None:
    written = write(out, [format], tmp_path / "to")
    assert all(path.parent == tmp_path / "to" and path.is_file() for path in written.files)
    rows = READERS[format](tmp_path / "to")
    for table in TABLES:
        expected = read_csv(out, table.name)
        found = rows(table.name)
        assert expected
        assert len(found) == len(expected), table.name
        for number, (row, wanted) in enumerate(zip(found, expected, strict=True)):
            assert list(row) == [column.name for column in table.columns]
            for column in table.columns:
                key = (table.name, number, column.name)
                text = EXCEPT[format].get(key, unguarded(column, wanted[column.name]))
                assert shown(column, row[column.name]) == text, key


@pytest.mark.parametrize(
    ("format", "notes"),
    [
        (
            "xlsx",
            [
                "1 cells of targets.indicator have control characters, which Excel refuses, shown as �",
                "1 cells of targets.text are longer than an Excel cell (32,767) and cut",
                "2 cells of deadlines.start lie before March 1900, where Excel's dates begin, and are text",
                "2 cells of deadlines.end lie before March 1900, where Excel's dates begin, and are text",
            ],
        ),
        ("dta", ["1 cells of targets.value are larger than Stata's largest number, and missing"]),
        ("sav", ["1 cells of targets.text are longer than 32,767 bytes and cut"]),
    ],
)
def test_what_does_not_fit_is_said(out: Path, tmp_path: Path, format: str, notes: list[str]) -> None:
    found = write(out, [format], tmp_path / "to").notes
    assert sorted(note.split("; ")[0] for note in found) == sorted(f"{format}: {note}" for note in notes)
    assert all(note.endswith(".parquet has them whole") for note in found)


# Excel


def test_no_cell_is_a_formula_or_an_error(out: Path) -> None:
    write(out, ["xlsx"])
    book = openpyxl.load_workbook(out / "planpipe.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds == {"s", "n", "d", "b"}
    unit = book["targets"]["J2"]
    assert (unit.value, unit.data_type, unit.quotePrefix) == ("=SUM(A1)", "s", True)


def test_dates_are_dates_and_heads_stay(out: Path) -> None:
    write(out, ["xlsx"])
    book = openpyxl.load_workbook(out / "planpipe.xlsx")
    assert book.sheetnames == [*(table.name for table in TABLES), "codebook"]
    start = book["deadlines"]["G2"]
    assert (start.value, start.is_date, start.number_format) == (datetime(2031, 12, 31), True, "yyyy-mm-dd")
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet["A1"].font.bold
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        assert all(dimension.width > 8 for dimension in sheet.column_dimensions.values())


def test_the_codebook_sheet_has_every_column(out: Path) -> None:
    write(out, ["xlsx"])
    _, *rows = openpyxl.load_workbook(out / "planpipe.xlsx")["codebook"].iter_rows(values_only=True)
    found = {(row[0], row[1]): row for row in rows}
    assert [*found][: sum(len(table.columns) for table in TABLES)] == [
        (table.name, column.name) for table in TABLES for column in table.columns
    ]
    assert found["targets", "op"][4].startswith("eq = equal to; ge = at least; ")
    assert found["targets", "deadline_id"][6] == "→ deadlines"
    assert found["targets", "value2"][7] == "1 of 5"
    assert ("items", "themes", "code", None, "equity = 教育公平与均衡") in {row[:5] for row in rows}


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "EXCEL_ROWS", 3)
    write(out, ["xlsx"])
    book = openpyxl.load_workbook(out / "planpipe.xlsx")
    sheets = [name for name in book.sheetnames if name.startswith("targets")]
    assert sheets == ["targets", "targets_2", "targets_3"]
    assert [book[name].max_row for name in sheets] == [3, 3, 2]
    assert [row[0].value for name in sheets for row in book[name].iter_rows(min_row=2)] == [
        "t0",
        "t1",
        "t2",
        "t3",
        "t4",
    ]
    assert [book[name].auto_filter.ref[-2:] for name in sheets] == ["S3", "S3", "S2"]


def test_a_cell_is_cut_by_utf16_units_and_never_in_a_character() -> None:
    assert excel_text("𠀀" * 20_000)[0] == "𠀀" * 16_383
    assert excel_text("甲" * 32_767) == ("甲" * 32_767, False, False)
    assert excel_text("甲" * 32_768)[1]


# Stata and SPSS


def test_stata_has_labels_types_and_version(out: Path) -> None:
    write(out, ["dta"])
    assert (out / "targets.dta").read_bytes().startswith(b"<stata_dta><header><release>118</release>")
    _, meta = pyreadstat.read_dta(out / "targets.dta")
    assert meta.column_names_to_labels["op"] == "How the figure is to be reached."
    assert meta.variable_value_labels["op"] == value_labels(
        next(c for c in BY_NAME["targets"].columns if c.name == "op")
    )
    assert meta.variable_value_labels["op"][2] == "ge: at least"
    assert meta.file_label == "A numeric target."
    _, meta = pyreadstat.read_dta(out / "deadlines.dta")
    assert {meta.original_variable_types[name] for name in ("start", "end_")} == {"%td"}
    assert len(meta.column_names) == len(BY_NAME["deadlines"].columns)


def test_spss_has_labels_and_measures(out: Path) -> None:
    write(out, ["sav"])
    _, meta = pyreadstat.read_sav(out / "targets.sav")
    assert meta.column_names_to_labels["indicator"] == "Phrase that names what is measured."
    assert meta.variable_value_labels["op"][9.0] == "ratio: value to value2, a ratio"
    assert (meta.variable_measure["op"], meta.variable_measure["value"]) == ("nominal", "scale")
    _, plans = pyreadstat.read_sav(out / "plans.sav")
    assert plans.variable_measure["level"] == "ordinal"
    assert plans.original_variable_types["issued_on"].startswith("DATE")


def test_labels_fit_into_the_formats() -> None:
    for table in TABLES:
        assert len(table.meaning.encode()) <= 255
        for column in table.columns:
            assert len(column.name) <= 32
            assert len(column.meaning.encode()) <= formats.SPSS_LABEL, f"{table.name}.{column.name}"
            for label in value_labels(column).values():
                assert len(label.encode()) <= formats.SPSS_VALUE_LABEL, label
            for meaning in column.values.values():
                assert meaning
                assert not meaning.endswith("."), meaning


# The command


def test_export_names_files_and_notes(out: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["export", str(out), "--as", "xlsx", "--as", "dta", "--to", str(tmp_path / "to")])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[:2] == [str(tmp_path / "to" / name) for name in ("planpipe.xlsx", "sources.dta")]
    assert "32,767" in result.stderr
    assert sorted(path.suffix for path in (tmp_path / "to").iterdir()) == [*[".dta"] * len(TABLES), ".xlsx"]


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["export", str(tmp_path), "--as", "xlsx"])
    assert result.exit_code == 1
    assert (
        result.stderr == f"Error: {tmp_path} holds no tables of a run; make them: planpipe run FILES --out {tmp_path}\n"
    )


def test_tables_of_another_version_are_refused(out: Path) -> None:
    data = pd.read_parquet(out / "goals.parquet").drop(columns=["page"])
    data.to_parquet(out / "goals.parquet")
    with pytest.raises(NoTables, match=r"goals\.parquet lacks page: another version .* run again"):
        write(out, ["dta"])


def test_spss_without_pyreadstat_says_what_to_install(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(MissingExtra, match=r"pip install 'planpipe\[stats\]'"):
        write(out, ["sav"])
