"""The tables of a run in the formats that researchers' programs open: Excel, Stata, SPSS.

    xlsx  one workbook: a sheet a table and the codebook; no cell is run as a formula
    dta   Stata, version 118 (Stata 14 on), a file a table; long texts as strL
    sav   SPSS, a file a table

Names, labels and allowed values are those of `pipeline.tables`. Columns with fixed values are numbered
from 1 in Stata and SPSS, each number labelled with value and meaning (`ge: at least`); truth values are 0
and 1. Null is an empty cell in Excel, the missing value in Stata and SPSS, the empty text in their columns
of text, which know no other. Lists are joined by `;`, as in the CSV files. In Stata the column `end` is
called `end_`.

Where a format cannot hold what a table holds, the value is cut or left out and a note says so.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import codebook
from pipeline.errors import MissingExtra
from pipeline.export import FORMULA_STARTS, cell
from pipeline.stored import present, stored
from pipeline.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

INSTALL = "pip install 'planpipe[stats]'"

EXCEL_ROWS = 1_048_576
EXCEL_CHARACTERS = 32_767
EXCEL_FIRST_DAY = date(1900, 3, 1)
"""Excel counts a 29th of February 1900; days before it come out wrong."""
WIDTHS = {"integer": 11, "number": 13, "boolean": 9, "date": 12}
WIDE = {"text": 70, "path": 45, "heading": 35, "title": 45, "message": 45, "meaning": 80, "values": 60}

STATA_NAMES = {"end": "end_"}
"""Names that pandas takes for reserved words and would change to others."""
STATA_LABEL = 80
STATA_LARGEST = 8.9884656743e307
"""Larger numbers are codes for missing values (Stata, "help data types")."""
SPSS_BYTES = 32_767
SPSS_LABEL = 255
SPSS_VALUE_LABEL = 120
SPSS_FILE_LABEL = 64

_CODED = re.compile("(?=_x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Args:
        files: in the order in which they were written.
        notes: a sentence for each thing that a format cannot hold.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...]


class _Notes(Counter[tuple[str, str, str, str]]):
    """Counts what a format cannot hold, by format, table, column and what became of it."""

    def sentences(self) -> Iterator[str]:
        for (format, table, column, what), count in self.items():
            yield f"{format}: {count} cells of {table}.{column} {what}; {table}.parquet has them whole"


def write(out: Path, formats: Sequence[str], to: Path | None = None) -> Written:
    """Write the tables of a run in other formats.

    Args:
        out: folder of the run.
        formats: names of `FORMATS`.
        to: folder for the files, made if there is none; None takes `out`.

    Raises:
        NoTables: `out` holds no tables of a run.
        MissingExtra: what a format needs is not installed.
        OSError: the files cannot be written.
    """
    folder = to or out
    tables = present(out)
    folder.mkdir(parents=True, exist_ok=True)
    notes = _Notes()
    files = [path for name in dict.fromkeys(formats) for path in FORMATS[name](out, tables, folder, notes)]
    return Written(tuple(files), tuple(notes.sentences()))


def _whole(path: Path, save: Callable[[Path], None]) -> Path:
    """Write a file so that nobody ever sees half of it."""
    temporary = path.with_name(f"{path.name}.new")
    try:
        save(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _joined(column: Column, value: Any) -> str:
    """A list as the CSV file has it, but for the guard against formulas."""
    if column.kind == "numbers":
        return cell(column, value)
    return ";".join(text.replace(";", "；") for text in value)


# Excel


def _xlsx(out: Path, tables: Sequence[Table], folder: Path, notes: _Notes) -> list[Path]:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    book = Workbook(write_only=True)
    for table in tables:
        sheet: Any = None
        for number, row in enumerate(_records(stored(out, table.name))):
            if number % (EXCEL_ROWS - 1) == 0:
                sheet = _sheet(book, table, number // (EXCEL_ROWS - 1), stored(out, table.name).num_rows)
            cells = zip(table.columns, row, strict=True)
            sheet.append([_excel(sheet, table, column, value, notes) for column, value in cells])
        if sheet is None:
            _sheet(book, table, 0, 0)
    sheet = book.create_sheet("codebook")
    widths = [WIDE.get(name, 18) for name in codebook.HEAD]
    rows = list(codebook.entries(tables, codebook.filled(out)))
    rows += [
        ["items", "themes", "code", "", f"{code} = {zh}", covers, "", ""] for code, zh, covers in codebook.themes()
    ]
    _head(sheet, codebook.HEAD, widths, len(rows))
    for number, entry in enumerate(rows, 2):
        sheet.row_dimensions[number].height = height(entry, widths)
        line = [WriteOnlyCell(sheet, text or None) for text in entry]
        for wrapped in line:
            wrapped.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(line)
    return [_whole(folder / "planpipe.xlsx", book.save)]


def _records(data: pa.Table) -> Iterator[list[Any]]:
    for batch in data.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _sheet(book: Any, table: Table, number: int, rows: int) -> Any:
    """A sheet with its header row; further sheets of a table too long for one are called `<name>_2` and so on."""
    sheet = book.create_sheet(table.name if number == 0 else f"{table.name}_{number + 1}")
    names = [column.name for column in table.columns]
    widths = [WIDTHS.get(column.kind) or WIDE.get(column.name, 20) for column in table.columns]
    _head(sheet, names, widths, min(rows - number * (EXCEL_ROWS - 1), EXCEL_ROWS - 1))
    return sheet


def _head(sheet: Any, names: Sequence[str], widths: Sequence[int], rows: int) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{rows + 1}"
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    cells = [WriteOnlyCell(sheet, name) for name in names]
    for head in cells:
        head.font = Font(name="Calibri", size=11, bold=True)
        head.fill = PatternFill("solid", fgColor="DDE6F0")
    sheet.append(cells)


def height(texts: Sequence[str | None], widths: Sequence[int]) -> int:
    """Points that a row of wrapped texts needs in columns of these widths; LibreOffice would show one line.

    Chinese characters are two wide.
    """
    sizes = [sum(2 if character > "⺀" else 1 for character in text or "") for text in texts]
    lines = max(-(-size // (width - 2)) for size, width in zip(sizes, widths, strict=False))
    return min(16 * max(lines, 1), 400)


def _excel(sheet: Any, table: Table, column: Column, value: Any, notes: _Notes) -> Any:
    """What goes into a cell of a sheet: text stays text, whatever it begins with."""
    if value is None or value == []:
        return None
    if isinstance(value, list):
        value = _joined(column, value)
    if isinstance(value, date) and value < EXCEL_FIRST_DAY:
        notes["xlsx", table.name, column.name, "lie before March 1900, where Excel's dates begin, and are text"] += 1
        return value.isoformat()
    if isinstance(value, float):
        return _number(sheet, value)
    if not isinstance(value, str):
        return value
    text, cut, odd = excel_text(value)
    if cut:
        notes["xlsx", table.name, column.name, f"are longer than an Excel cell ({EXCEL_CHARACTERS:,}) and cut"] += 1
    if odd:
        notes["xlsx", table.name, column.name, "have control characters, which Excel refuses, shown as �"] += 1
    return text_cell(sheet, text)


def _number(sheet: Any, value: float) -> Any:
    """A cell with a number to its last digit: openpyxl writes sixteen, and a few numbers need seventeen."""
    from openpyxl.cell import WriteOnlyCell

    if float(f"{value:.16g}") == value:
        return value
    result = WriteOnlyCell(sheet, repr(value))
    result.data_type = "n"
    return result


def excel_text(value: str) -> tuple[str, bool, bool]:
    """A text as an Excel cell can hold it, whether it was cut, and whether it had characters that are not allowed.

    Source of the limits: Microsoft, "Excel specifications and limits"; Excel counts UTF-16 units, and
    reads `_x0041_` as the character of that number (ECMA-376, 22.9.2.19).
    """
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    text = ILLEGAL_CHARACTERS_RE.sub("�", value).replace("\ufffe", "�").replace("\uffff", "�")
    odd = text != value
    text = _CODED.sub("_x005F", text)
    units = text.encode("utf-16-le")
    cut = len(units) > 2 * EXCEL_CHARACTERS
    if cut:
        text = units[: 2 * EXCEL_CHARACTERS].decode("utf-16-le", errors="ignore")
    return text, cut, odd


def text_cell(sheet: Any, text: str) -> Any:
    """A cell of a sheet that is written row by row, which holds text even where it looks like a formula or an error."""
    from openpyxl.cell import WriteOnlyCell

    if not text.startswith((*FORMULA_STARTS, "#")):
        return text
    result = WriteOnlyCell(sheet, text)
    result.data_type = "s"
    result.quotePrefix = True  # it stays text when a reader opens the cell and presses Enter
    return result


# Stata and SPSS


def _frame(table: Table, data: pa.Table) -> pd.DataFrame:
    """A table as columns that Stata and SPSS know: texts without null, numbered values, numbers, dates."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for column in table.columns:
        cells = data[column.name].to_pylist()
        if column.kind in ("strings", "numbers"):
            columns[column.name] = [_joined(column, value or ()) for value in cells]
        elif column.values:
            numbers = {value: number for number, value in enumerate(column.values, 1)}
            columns[column.name] = pd.array([value and numbers[value] for value in cells], dtype="Int8")
        elif column.kind == "boolean":
            columns[column.name] = pd.array([None if value is None else int(value) for value in cells], dtype="Int8")
        elif column.kind == "integer":
            columns[column.name] = pd.array(cells, dtype="Int64")
        elif column.kind == "number":
            columns[column.name] = pd.array(cells, dtype="float64")
        elif column.kind == "date":
            columns[column.name] = pd.Series(cells, dtype="object")
        else:
            columns[column.name] = [value or "" for value in cells]
    return pd.DataFrame(columns)


def value_labels(column: Column) -> dict[int, str]:
    """What the numbers of a column with fixed values stand for; empty where any value may occur."""
    if column.kind == "boolean":
        return {0: "no", 1: "yes"}
    return {number: f"{value}: {meaning}" for number, (value, meaning) in enumerate(column.values.items(), 1)}


def _labels(table: Table) -> dict[str, Any]:
    return {column.name: labels for column in table.columns if (labels := value_labels(column))}


def _dta(out: Path, tables: Sequence[Table], folder: Path, notes: _Notes) -> list[Path]:
    return [_whole(folder / f"{table.name}.dta", _stata(table, stored(out, table.name), notes)) for table in tables]


def _stata(table: Table, data: pa.Table, notes: _Notes) -> Callable[[Path], None]:
    frame = _frame(table, data)
    dates = [column.name for column in table.columns if column.kind == "date"]
    for name in dates:
        frame[name] = frame[name].astype("datetime64[s]")
    for column in table.columns:
        if column.kind == "number":
            large = frame[column.name].abs() > STATA_LARGEST
            if large.any():
                notes["dta", table.name, column.name, "are larger than Stata's largest number, and missing"] += (
                    large.sum()
                )
                frame.loc[large, column.name] = float("nan")
    names = {column.name: STATA_NAMES.get(column.name, column.name) for column in table.columns}
    labels: Any = {names[name]: values for name, values in _labels(table).items()}
    return lambda path: frame.rename(columns=names).to_stata(
        path,
        version=118,
        write_index=False,
        convert_dates={names[name]: "td" for name in dates},
        data_label=_cut(table.meaning, STATA_LABEL),
        variable_labels={names[column.name]: _cut(column.meaning, STATA_LABEL) for column in table.columns},
        value_labels=labels,
    )


def _sav(out: Path, tables: Sequence[Table], folder: Path, notes: _Notes) -> list[Path]:
    try:
        import pyreadstat  # noqa: F401
    except ImportError as error:
        raise MissingExtra(f"SPSS files need pyreadstat, which is not installed: {INSTALL}") from error
    return [_whole(folder / f"{table.name}.sav", _spss(table, stored(out, table.name), notes)) for table in tables]


def _spss(table: Table, data: pa.Table, notes: _Notes) -> Callable[[Path], None]:
    import pyreadstat

    frame = _frame(table, data)
    for column in table.columns:
        if column.kind in ("string", "strings", "numbers") and not column.values:
            cells = [_bytes(text, SPSS_BYTES) for text in frame[column.name]]
            cut = sum(short != text for short, text in zip(cells, frame[column.name], strict=True))
            if cut:
                notes["sav", table.name, column.name, f"are longer than {SPSS_BYTES:,} bytes and cut"] += cut
            frame[column.name] = cells
    # Dates alone tell pyreadstat that a column is one of dates; where there are none, its format does.
    empty = [column.name for column in table.columns if column.kind == "date" and frame[column.name].isna().all()]
    frame[empty] = frame[empty].astype("float64")
    labels = {
        name: {number: _bytes(label, SPSS_VALUE_LABEL) for number, label in values.items()}
        for name, values in _labels(table).items()
    }
    return lambda path: pyreadstat.write_sav(
        frame,
        path,
        file_label=_bytes(table.meaning, SPSS_FILE_LABEL),
        column_labels=[_bytes(column.meaning, SPSS_LABEL) for column in table.columns],
        variable_value_labels=labels,
        variable_format=dict.fromkeys(empty, "DATE11"),
        variable_measure={column.name: _measure(column) for column in table.columns},
        row_compress=True,
    )


def _measure(column: Column) -> str:
    if column.ordered:
        return "ordinal"
    return "scale" if column.kind in ("integer", "number", "date") else "nominal"


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def _bytes(text: str, most: int) -> str:
    """As much of a text as fits into so many bytes of UTF-8."""
    data = text.encode()
    return text if len(data) <= most else data[:most].decode(errors="ignore")


FORMATS: dict[str, Callable[[Path, Sequence[Table], Path, _Notes], list[Path]]] = {
    "xlsx": _xlsx,
    "dta": _dta,
    "sav": _sav,
}
