"""What coders fill in: written for a sample, and read back.

    coding.xlsx        a row a sampled row, with drop-downs, and a codebook; each coder fills in a copy
    label_studio.json  the same rows as Label Studio tasks; label_studio.xml is the labelling config for them
    sample.csv         the key: stratum, sampling weight and the machine's answers, for one's own analyses
    sample.json        the key with how the sample was drawn; `planpipe agree` reads it

What coders get is blind unless asked otherwise: neither the machine's answers nor what tells of them (stratum,
weight, rule, confidence, an order by stratum) is in the first three files, on a hidden sheet or elsewhere.

Read back are the workbook, its sheet `coding` saved as CSV, and Label Studio's exports JSON and JSON-MIN.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from pipeline.errors import CodingError
from pipeline.export import cell
from pipeline.formats import excel_text, height, text_cell
from pipeline.sample import NONE, YES, Answer, Drawn, Question, Sample, Stratum
from pipeline.tables import BY_NAME
from pipeline.themes import Theme, taxonomy

KEY = "sample.json"


def save(sample: Sample, folder: Path, themes: Sequence[Theme] | None = None) -> list[Path]:
    """Write the files for coders, and the key.

    Args:
        sample: what was drawn.
        folder: made if there is none.
        themes: the taxonomy, for the codebook; None takes the one that comes with planpipe.

    Returns:
        The files.

    Raises:
        CodingError: the folder holds a sample already, and perhaps coders' work.
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / KEY).exists():
        raise CodingError(f"{folder} holds a sample already, and perhaps coders' work; choose another --out")
    writers: dict[str, Callable[[Path], None]] = {
        "coding.xlsx": lambda path: _sheet(sample, path, themes or taxonomy()),
        "label_studio.json": lambda path: _dump(tasks(sample, predictions=not sample.blind), path),
        "label_studio_predictions.json": lambda path: _dump(tasks(sample, predictions=True), path),
        "label_studio.xml": lambda path: _text(config(sample), path),
        "sample.csv": lambda path: _csv(sample, path),
        KEY: lambda path: _dump(asdict(sample), path),
    }
    for name, write in writers.items():
        write(folder / name)
    return [folder / name for name in writers]


def load(folder: Path) -> Sample:
    """A sample as `save` wrote it.

    Raises:
        CodingError: the folder holds none.
    """
    path = folder / KEY
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        rows = [
            Drawn(**row | {"answers": {name: tuple(answer) for name, answer in row["answers"].items()}})
            for row in raw["rows"]
        ]
        return Sample(
            **raw
            | {
                "by": tuple(raw["by"]),
                "questions": tuple(Question(**question) for question in raw["questions"]),
                "strata": tuple(Stratum(**stratum) for stratum in raw["strata"]),
                "rows": tuple(rows),
            }
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CodingError(
            f"{path} is not the key of a sample ({type(error).__name__}); give the folder that `planpipe sample` "
            "wrote: --sample FOLDER"
        ) from error


def _text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _dump(value: Any, path: Path) -> None:
    _text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", path)


def _csv(sample: Sample, path: Path) -> None:
    head = ["row", "id", "plan_id", "stratum", "stratum_size", "stratum_drawn", "weight", "plan", "section", "sentence"]
    names = [question.name for question in sample.questions]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([*head, *names])
        text = next(column for column in BY_NAME["items"].columns if column.name == "text")
        for row in sample.rows:
            stratum = sample.strata[row.stratum]
            said = [cell(text, value) for value in (row.plan, row.section, row.sentence)]
            machine = [cell(text, ";".join(row.answers[name])) for name in names]
            counts = [stratum.size, stratum.drawn, repr(sample.weight(row))]
            writer.writerow([row.row, row.id, row.plan_id, cell(text, stratum.name), *counts, *said, *machine])


def _sheet(sample: Sample, path: Path, themes: Sequence[Theme]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=True)
    sheet = book.create_sheet("coding")
    lists = book.create_sheet("lists")
    columns: list[tuple[str, int, str]] = [("row", 14, ""), ("plan", 26, ""), ("section", 26, ""), ("sentence", 70, "")]
    offered: list[list[str]] = []
    for question in sample.questions:
        if not sample.blind:
            columns.append((f"machine: {question.name}", 22, ""))
        choices = question.choices()
        for number, name in enumerate(question.columns):
            columns.append((name, 20, "answer"))
            if choices:
                offered.append(choices if number == 0 else choices[:-1])
                letter, last = get_column_letter(len(offered)), len(offered[-1])
                rule = DataValidation("list", formula1=f"lists!${letter}$1:${letter}${last}", allow_blank=True)
                rule.errorTitle, rule.error = "No such code", "Choose one from the list; the sheet codebook explains."
                rule.showErrorMessage = True
                at = get_column_letter(len(columns))
                rule.add(f"{at}2:{at}{len(sample.rows) + 1}")
                sheet.data_validations.append(rule)
    columns += [("note", 30, "answer"), (BY_NAME[sample.table].key, 26, ""), ("plan_id", 20, "")]
    sheet.freeze_panes = "E2"
    for number, (_, width, _) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    wrapped, open_ = Alignment(wrap_text=True, vertical="top"), PatternFill("solid", fgColor="FFF8DC")

    def styled(value: str | None, *, bold: bool = False, fill: Any = None, typed: bool = False) -> Any:
        made = text_cell(sheet, excel_text(value)[0]) if value else None
        made = WriteOnlyCell(sheet, made) if made is None or isinstance(made, str) else made
        made.alignment = wrapped
        if bold:
            made.font = Font(name="Calibri", size=11, bold=True)
        if fill:
            made.fill = fill
        if typed:
            made.number_format = "@"  # else Excel turns 3-4 into a date
        return made

    head = PatternFill("solid", fgColor="DDE6F0")
    sheet.append([styled(name, bold=True, fill=open_ if kind else head) for name, _, kind in columns])
    for number, row in enumerate(sample.rows, 2):
        sheet.row_dimensions[number].height = height((row.plan, row.section, row.sentence), (26, 26, 70))
        line = [styled(row.row), styled(row.plan), styled(row.section), styled(row.sentence)]
        for question in sample.questions:
            if not sample.blind:
                line.append(styled("; ".join(row.answers[question.name])))
            line += [styled(None, fill=open_, typed=question.kind == "text") for _ in question.columns]
        sheet.append([*line, styled(None, fill=open_), styled(row.id), styled(row.plan_id)])
    for number in range(max(map(len, offered), default=0)):
        lists.append([choices[number] if number < len(choices) else None for choices in offered])
    lists.sheet_state = "hidden"
    _codebook(book.create_sheet("codebook"), sample, themes, styled)
    book.save(path)


def _codebook(sheet: Any, sample: Sample, themes: Sequence[Theme], styled: Callable[..., Any]) -> None:
    widths = (14, 18, 60, 45, 45)
    for letter, width in zip("ABCDE", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    number = 1

    def line(*texts: str | None, bold: bool = False) -> None:
        nonlocal number
        sheet.row_dimensions[number].height = height(texts, widths)
        sheet.append([styled(text, bold=bold) for text in texts])
        number += 1

    line("question", "code", "meaning", "example", "counter-example", bold=True)
    by_code = {theme.code: theme for theme in themes}
    for question in sample.questions:
        blank = "" if question.kind == "text" else " Nothing is left empty."
        only = f" Only where {question.follows} is {YES}." if question.follows else ""
        line(question.name, None, question.ask + only + blank, bold=True)
        for code, meaning in question.codes.items():
            theme = by_code.get(code) if question.kind == "several" else None
            if theme:
                line(None, code, f"{theme.zh}：{theme.covers}", theme.example, theme.counter)
            else:
                line(None, code, meaning)


# Label Studio


def tasks(sample: Sample, *, predictions: bool) -> list[dict[str, Any]]:
    """The rows as Label Studio tasks.

    Source of the form: Label Studio, "Import pre-annotated data".

    Args:
        sample: what was drawn.
        predictions: with the machine's answers filled in.
    """
    result = []
    for row in sample.rows:
        data = {name: getattr(row, name) for name in ("row", "plan", "section", "sentence", "id", "plan_id")}
        task: dict[str, Any] = {"data": data}
        if predictions:
            said = [answer for question in sample.questions for answer in _prediction(question, row)]
            task["predictions"] = [{"model_version": f"planpipe {sample.version}", "result": said}]
        result.append(task)
    return result


def _prediction(question: Question, row: Drawn) -> list[dict[str, Any]]:
    entries = dict(zip(question.codes, question.choices(), strict=True))
    answer = row.answers[question.name]
    given = {question.name: list(answer)}
    if question.kind == "several":
        given = {f"{question.name}_1": [answer[0]], f"{question.name}_more": list(answer[1:])}
    kind = "textarea" if question.kind == "text" else "choices"
    field = "text" if question.kind == "text" else "choices"
    return [
        {
            "id": f"{row.row}-{name}",
            "from_name": name,
            "to_name": "sentence",
            "type": kind,
            "value": {field: [entries.get(code, code) for code in codes]},
        }
        for name, codes in given.items()
        if codes and (question.kind != "text" or codes != [NONE])
    ]


def config(sample: Sample) -> str:
    """The labelling config for the tasks, as XML."""
    view = ElementTree.Element("View")
    for value in ("$plan", "$section"):
        ElementTree.SubElement(view, "Header", value=value, size="5")
    ElementTree.SubElement(view, "Text", name="sentence", value="$sentence")
    for question in sample.questions:
        ElementTree.SubElement(view, "Header", value=question.ask, size="4")
        shown = {}
        if question.follows:
            yes = next(q.choices()[0] for q in sample.questions if q.name == question.follows)
            shown = {"visibleWhen": "choice-selected", "whenTagName": question.follows, "whenChoiceValue": yes}
        if question.kind == "text":
            field = {"name": question.name, "toName": "sentence", "rows": "1", "maxSubmissions": "1"}
            ElementTree.SubElement(view, "TextArea", field | shown)
        elif question.kind == "several":
            _choices(view, f"{question.name}_1", question.choices(), "single-radio", {"required": "true"})
            ElementTree.SubElement(view, "Header", value="Further ones", size="5")
            _choices(view, f"{question.name}_more", question.choices()[:-1], "multiple", {})
        else:
            _choices(view, question.name, question.choices(), "single-radio", {"required": "true"} | shown)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _choices(view: ElementTree.Element, name: str, values: Sequence[str], choice: str, more: dict[str, str]) -> None:
    options = {"name": name, "toName": "sentence", "choice": choice, "showInline": "true"}
    group = ElementTree.SubElement(view, "Choices", options | more)
    for value in values:
        ElementTree.SubElement(group, "Choice", value=value)


# Reading back


@dataclass(frozen=True, slots=True)
class Coding:
    """What one coder answered.

    Args:
        coder: the file's name, with the annotator's where a file holds several.
        file: where it was read.
        answers: by row and question; a question that was not answered is not there.
    """

    coder: str
    file: Path
    answers: dict[str, dict[str, Answer]]


class _Line(NamedTuple):
    """A row as it was handed back: where it stands, for messages, who coded it, and its cells by column."""

    where: str
    coder: str
    cells: dict[str, list[Any]]


def read(path: Path, sample: Sample, *, incomplete: bool = False) -> list[Coding]:
    """Read what coders handed back.

    Args:
        path: a filled-in coding.xlsx, its sheet `coding` as CSV, or a JSON export of Label Studio.
        sample: that it belongs to.
        incomplete: rows that are missing or not answered are left out, and are no error.

    Returns:
        A coding for each coder; a sheet has one.

    Raises:
        CodingError: the file does not fit the sample; the message names file and row and says what to do.
    """
    readers = {".xlsx": _xlsx_lines, ".csv": _csv_lines, ".json": _json_lines}
    if path.suffix.lower() not in readers:
        raise CodingError(f"{path}: no coding is read from {path.suffix or 'this'}; give .xlsx, .csv or .json")
    try:
        lines = list(readers[path.suffix.lower()](path, sample))
    except OSError as error:
        raise CodingError(f"{path} cannot be read: {error}") from error
    known = {row.row for row in sample.rows}
    found: dict[str, dict[str, dict[str, Answer]]] = {}
    seen: dict[tuple[str, str], str] = {}
    for where, coder, cells in lines:
        row = _shown(cells["row"][0]) if cells["row"] else ""
        place = f"{path}, {where}"
        if not row:
            raise CodingError(f"{place}: the column row is empty; copy it from coding.xlsx")
        if row not in known:
            other = row.rpartition("-")[0] != sample.key
            why = "of another sample; give its folder with --sample" if other else "not in the sample; remove it"
            raise CodingError(f"{place}: {row} is {why} (this sample is {sample.key})")
        if (coder, row) in seen:
            raise CodingError(f"{place}: {row} was coded before, in {seen[coder, row]}; remove one of the two")
        seen[coder, row] = where
        found.setdefault(coder, {})[row] = _answers(sample, cells, place, incomplete)
    if not found:
        raise CodingError(f"{path}: it holds no coded row; is it the right file?")
    for coder, answers in found.items():
        missing = [row.row for row in sample.rows if row.row not in answers]
        if missing and not incomplete:
            who = f" of {coder}" if len(found) > 1 else ""
            raise CodingError(
                f"{path}: {len(missing)} rows{who} are missing, the first is {missing[0]}; restore them, or leave out "
                "what is not coded: --incomplete"
            )
    names = {coder: f"{path.stem}:{coder}" if len(found) > 1 else path.stem for coder in found}
    return [Coding(names[coder], path, answers) for coder, answers in found.items()]


def _answers(sample: Sample, cells: dict[str, list[Any]], place: str, incomplete: bool) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    for question in sample.questions:
        if question.follows and answers.get(question.follows) != (YES,):
            continue
        given = [[value for value in cells.get(name, ()) if _shown(value)] for name in question.columns]
        values = [value for several in given for value in several]
        if question.kind == "text":
            answers[question.name] = (_typed(sample.table, question, values, place),)
            continue
        codes = []
        for value in values:
            code = question.code(_shown(value))
            if code is None:
                known = ", ".join(question.codes)
                raise CodingError(f"{place}: {_shown(value)!r} is no code of {question.name}; take one of {known}")
            codes.append(code)
        if not codes:
            if incomplete:
                continue
            raise CodingError(
                f"{place}: {question.columns[0]} is empty; fill it in, or leave out what is not coded: --incomplete"
            )
        if not given[0]:
            raise CodingError(
                f"{place}: {question.columns[0]} is empty, and further ones are not; give the main one there"
            )
        if len(set(codes)) < len(codes) or (NONE in codes and len(codes) > 1):
            raise CodingError(f"{place}: {'; '.join(codes)} in {question.name}: give each once, and {NONE} alone")
        answers[question.name] = tuple(codes)
    return answers


def _shown(value: Any) -> str:
    """What was typed, as text."""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "" if value is None else str(value).strip()


def _typed(table: str, question: Question, values: Sequence[Any], place: str) -> str:
    """What was typed in, in the form that the machine's answers have; `none` where nothing was."""
    if not values:
        return NONE
    text = _shown(values[0])
    column = next(column for column in BY_NAME[table].columns if column.name == question.name)
    try:
        if column.kind == "number":
            return cell(column, float(text.replace(",", "").replace("，", "")))
        if column.kind == "date":
            year, month, day = (int(part) for part in re.split("[-/.年月]", text.rstrip("日")))
            return date(year, month, day).isoformat()
    except ValueError as error:
        form = "a number, as 30000000" if column.kind == "number" else "a day, as 2031-01-31"
        raise CodingError(f"{place}: {text!r} in {question.name} is not {form}; correct it") from error
    return text


def _xlsx_lines(path: Path, sample: Sample) -> Iterator[_Line]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise CodingError(f"{path} is no Excel workbook ({error}); save it as .xlsx or .csv") from error
    sheet = book["coding"] if "coding" in book.sheetnames else book.worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    book.close()
    return _lines(path, sample, rows)


def _csv_lines(path: Path, sample: Sample) -> Iterator[_Line]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # what Excel in China saves as CSV
        except UnicodeDecodeError as error:
            raise CodingError(f"{path} is neither UTF-8 nor GB18030; save it as .xlsx") from error
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    return _lines(path, sample, csv.reader(text.splitlines(keepends=True), delimiter=mark))


def _lines(path: Path, sample: Sample, rows: Any) -> Iterator[_Line]:
    """The lines of a sheet: its head says which column is which."""
    rows = iter(rows)
    names = [str(name or "").strip() for name in next(rows, [])]
    wanted = ["row", *(name for question in sample.questions for name in question.columns)]
    missing = [name for name in wanted if name not in names]
    if "row" in missing:
        raise CodingError(f"{path}: its first row has no column row; hand back the sheet coding of coding.xlsx")
    if missing:
        raise CodingError(f"{path}: its first row has no column {', '.join(missing)}; is it the sheet of this sample?")
    for number, row in enumerate(rows, 2):
        cells = {name: [value] for name, value in zip(names, row, strict=False) if name in wanted}
        if any(_shown(value) for values in cells.values() for value in values):
            yield _Line(f"row {number}", "", cells)


def _json_lines(path: Path, sample: Sample) -> Iterator[_Line]:
    """The annotations of an export of Label Studio, JSON or JSON-MIN; those that were cancelled are passed over."""
    try:
        exported = json.loads(path.read_bytes())
    except ValueError as error:
        raise CodingError(f"{path} is not JSON ({error}); export it again from Label Studio as JSON") from error
    if not isinstance(exported, list) or not all(isinstance(task, dict) for task in exported):
        raise CodingError(f"{path} is no export of Label Studio; export the project as JSON")
    for number, task in enumerate(exported, 1):
        where = f"task {task.get('id', number)}"
        if "annotations" not in task:
            yield _Line(where, _annotator(task.get("annotator")), _minimal(task))
            continue
        data = task.get("data")
        row = data.get("row") if isinstance(data, dict) else None
        for annotation in task["annotations"]:
            if annotation.get("was_cancelled"):
                continue
            cells: dict[str, list[Any]] = {"row": [row]}
            for result in annotation.get("result", ()):
                value = result.get("value", {})
                cells.setdefault(str(result.get("from_name")), []).extend(
                    value.get("choices") or value.get("text") or ()
                )
            yield _Line(where, _annotator(annotation.get("completed_by")), _sheetlike(cells))


def _minimal(task: dict[str, Any]) -> dict[str, list[Any]]:
    cells = {}
    for name, value in task.items():
        several = value.get("choices", ()) if isinstance(value, dict) else value
        cells[name] = list(several) if isinstance(several, list | tuple) else [several]
    return _sheetlike({"row": [], **cells})


def _sheetlike(cells: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Answers of Label Studio under the columns of a sheet: further ones stand together there."""
    return {re.sub("_more$", "_2", name): values for name, values in cells.items()}


def _annotator(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("id")
    return "" if completed_by is None else str(completed_by)
