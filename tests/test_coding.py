"""What coders fill in: blind, complete, and read back from every form with its mistakes named."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from pipeline.coding import _typed, load, read, save
from pipeline.errors import CodingError
from pipeline.sample import Question, Sample, draw, questions
from tests.test_sample import archive

Table = list[list[Any]]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("archive") / "out")


@pytest.fixture(scope="module")
def drawn(out: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Sample, Path]]:
    folder = tmp_path_factory.mktemp("samples")
    samples = {
        "items": draw(out, 12, by=["theme"], ask=["themes", "is_goal"]),
        "targets": draw(out, 8, table="targets", by=["confidence"]),
    }
    for name, one in samples.items():
        save(one, folder / name)
    return {name: (one, folder / name) for name, one in samples.items()}


@pytest.fixture
def sample(drawn: dict[str, tuple[Sample, Path]], tmp_path: Path) -> Sample:
    """A blind sample of items in tmp_path/check."""
    shutil.copytree(drawn["items"][1], tmp_path / "check")
    return drawn["items"][0]


@pytest.fixture
def targets(drawn: dict[str, tuple[Sample, Path]], tmp_path: Path) -> Sample:
    """A blind sample of targets in tmp_path/check."""
    shutil.copytree(drawn["targets"][1], tmp_path / "check")
    return drawn["targets"][0]


def sheet(folder: Path) -> Table:
    """The sheet to fill in, with its head."""
    rows = openpyxl.load_workbook(folder / "coding.xlsx")["coding"].iter_rows(values_only=True)
    return [list(row) for row in rows]


def fill(table: Table, sample: Sample) -> Table:
    """A sheet filled in as the machine would."""
    head, *rows = table
    for row in rows:
        drawn = next(drawn for drawn in sample.rows if drawn.row == row[0])
        for question in sample.questions:
            for name, code in zip(question.columns, drawn.answers[question.name], strict=False):
                row[head.index(name)] = next((c for c in question.choices() if c.split()[0] == code), code)
    return table


def to_xlsx(table: Table, path: Path) -> Path:
    book = openpyxl.Workbook()
    assert book.active
    book.active.title = "coding"
    for row in table:
        book.active.append(row)
    book.save(path)
    return path


def to_csv(table: Table, path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(table)
    return path


def annotated(folder: Path, sample: Sample, path: Path, *, by: Any = 1, minimal: bool = False) -> Path:
    """An export of Label Studio in which an annotator gave the machine's answers."""
    config = ElementTree.parse(folder / "label_studio.xml").getroot()
    controls = {element.get("name"): element for element in config if element.get("toName")}
    exported = []
    for number, task in enumerate(json.loads((folder / "label_studio.json").read_text(encoding="utf-8")), 1):
        drawn = next(drawn for drawn in sample.rows if drawn.row == task["data"]["row"])
        answers: dict[str, list[str]] = {}
        for question in sample.questions:
            given = list(drawn.answers[question.name])
            answers |= (
                {f"{question.name}_1": given[:1], f"{question.name}_more": given[1:]}
                if question.kind == "several"
                else {question.name: given}
            )
        results = []
        for name, codes in answers.items():
            values = [choice.get("value") or "" for choice in controls[name]]
            chosen = [next((value for value in values if value.split()[0] == code), code) for code in codes]
            kind = "choices" if controls[name].tag == "Choices" else "textarea"
            field = "choices" if kind == "choices" else "text"
            if chosen:
                results.append({"from_name": name, "to_name": "sentence", "type": kind, "value": {field: chosen}})
        if minimal:
            fields = {r["from_name"]: r["value"].get("choices") or r["value"]["text"] for r in results}
            plain = {name: value[0] if len(value) == 1 else {"choices": value} for name, value in fields.items()}
            exported.append({"id": number, "annotator": by, **task["data"], **plain})
        else:
            given_up = {"id": 9, "completed_by": by, "was_cancelled": True, "result": []}
            exported.append({"id": number, **task, "annotations": [{"completed_by": by, "result": results}, given_up]})
    path.write_text(json.dumps(exported, ensure_ascii=False), encoding="utf-8")
    return path


def machine(sample: Sample) -> dict[str, dict[str, tuple[str, ...]]]:
    return {row.row: dict(row.answers) for row in sample.rows}


# Writing


def test_the_key_reads_back_as_it_was(sample: Sample, tmp_path: Path) -> None:
    assert load(tmp_path / "check") == sample


def test_a_blind_sheet_tells_nothing_of_the_machine(sample: Sample, tmp_path: Path) -> None:
    folder = tmp_path / "check"
    book = openpyxl.load_workbook(folder / "coding.xlsx")
    assert [(s.title, s.sheet_state) for s in book] == [
        ("coding", "visible"),
        ("lists", "hidden"),
        ("codebook", "visible"),
    ]
    head, *rows = sheet(folder)
    assert head == [
        "row",
        "plan",
        "section",
        "sentence",
        *(f"themes_{n}" for n in range(1, 5)),
        "is_goal",
        "note",
        "item_id",
        "plan_id",
    ]
    assert all(row[4:10] == [None] * 6 for row in rows)
    for name in ("label_studio.json", "label_studio.xml"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not any(word in text for word in ("stratum", "weight", "prediction", "confidence"))
    assert list(json.loads((folder / "label_studio.json").read_text(encoding="utf-8"))[0]) == ["data"]


def test_what_coders_get_does_not_depend_on_the_answers(sample: Sample, tmp_path: Path) -> None:
    rows = tuple(replace(row, answers={"themes": ("party",), "is_goal": ("no",)}, stratum=0) for row in sample.rows)
    save(replace(sample, rows=rows), tmp_path / "other")
    for name in ("label_studio.json", "label_studio.xml"):
        assert (tmp_path / "other" / name).read_bytes() == (tmp_path / "check" / name).read_bytes()
    parts = []
    for folder in ("check", "other"):
        with zipfile.ZipFile(tmp_path / folder / "coding.xlsx") as book:
            parts.append({n: book.read(n) for n in book.namelist() if n != "docProps/core.xml"})
    assert parts[0] == parts[1]


def test_cells_of_answers_have_drop_downs(sample: Sample, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(tmp_path / "check" / "coding.xlsx")
    rules = {str(rule.sqref): rule for rule in book["coding"].data_validations.dataValidation}
    assert set(rules) == {f"{letter}2:{letter}13" for letter in "EFGHI"}
    assert all(rule.type == "list" and rule.showErrorMessage and not rule.hide_drop_down for rule in rules.values())
    offered = [cell.value for row in book["lists"]["A1:A18"] for cell in row]
    assert rules["E2:E13"].formula1 == "lists!$A$1:$A$18"
    assert (offered[0], offered[-1]) == ("equity 教育公平与均衡", "none 无")
    assert rules["F2:F13"].formula1 == "lists!$B$1:$B$17"  # none stands alone
    assert [cell.value for row in book["lists"]["E1:E2"] for cell in row] == ["yes 是", "no 否"]


def test_the_codebook_explains_every_code(sample: Sample, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(tmp_path / "check" / "coding.xlsx")["codebook"]
    rows = {row[1]: row for row in book.iter_rows(values_only=True)}
    assert {code for question in sample.questions for code in question.codes} <= set(rows)
    assert rows["equity"][2].startswith("教育公平与均衡：")
    assert rows["equity"][3]
    assert rows["equity"][4]


def test_titles_that_look_like_formulas_are_text(sample: Sample, tmp_path: Path) -> None:
    rows = openpyxl.load_workbook(tmp_path / "check" / "coding.xlsx")["coding"].iter_rows(min_row=2)
    assert {(row[1].data_type, row[1].quotePrefix) for row in rows} == {("s", True)}
    with (tmp_path / "check" / "sample.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["plan"][:2] for row in csv.DictReader(file)} == {"'="}


def test_shown_samples_have_answers_and_predictions(out: Path, tmp_path: Path) -> None:
    drawn = draw(out, 8, table="targets", blind=False)
    save(drawn, tmp_path / "check")
    head, *rows = sheet(tmp_path / "check")
    assert [row[head.index("machine: op")] for row in rows] == ["eq"] * 8
    task = json.loads((tmp_path / "check" / "label_studio.json").read_text(encoding="utf-8"))[0]
    (prediction,) = task["predictions"]
    assert prediction["model_version"].startswith("planpipe ")
    assert [(result["from_name"], *result["value"].values()) for result in prediction["result"]] == [
        ("right", ["yes 是"]),
        ("op", ["eq equal to"]),
        ("value", ["2"]),
        ("unit", ["次"]),
    ]


@pytest.mark.parametrize("blind", [True, False])
def test_predictions_fit_the_labelling_config(out: Path, tmp_path: Path, *, blind: bool) -> None:
    drawn = draw(out, 30, ask=["themes", "is_goal", "units"], blind=blind)
    save(drawn, tmp_path / "check")
    config = ElementTree.parse(tmp_path / "check" / "label_studio.xml").getroot()
    names = [element.get("name") for element in config if element.get("name")]
    assert len(names) == len(set(names))
    choices = {e.get("name"): {choice.get("value") for choice in e} for e in config if e.tag == "Choices"}
    tasks = json.loads((tmp_path / "check" / "label_studio_predictions.json").read_text(encoding="utf-8"))
    coded = json.loads((tmp_path / "check" / "label_studio.json").read_text(encoding="utf-8"))
    assert coded == ([{"data": task["data"]} for task in tasks] if blind else tasks)
    assert {f"${name}" for name in tasks[0]["data"]} >= {
        e.get("value") for e in config if (e.get("value") or "").startswith("$")
    }
    results = [result for task in tasks for result in task["predictions"][0]["result"]]
    assert any(result["from_name"] == "themes_more" for result in results)
    for result in results:
        assert result["to_name"] == "sentence"
        assert set(result["value"]["choices"]) <= choices[result["from_name"]]


def test_a_folder_with_a_sample_is_left_alone(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(CodingError, match="holds a sample already, and perhaps coders' work; choose another --out"):
        save(sample, tmp_path / "check")


# Reading back


def forms(folder: Path, sample: Sample) -> dict[str, Path]:
    table = fill(sheet(folder), sample)
    turned = [table[0], *reversed(table[1:])]
    return {
        "xlsx": to_xlsx(table, folder / "anna.xlsx"),
        "sorted": to_xlsx(turned, folder / "sorted.xlsx"),
        "csv": to_csv(table, folder / "anna.csv"),
        "semicolons": to_csv(table, folder / "semicolons.csv", delimiter=";"),
        "gb18030": to_csv(table, folder / "gb.csv", encoding="gb18030"),
        "label studio": annotated(folder, sample, folder / "ls.json"),
        "json-min": annotated(folder, sample, folder / "min.json", minimal=True),
    }


FORMS = ["xlsx", "sorted", "csv", "semicolons", "gb18030", "label studio", "json-min"]


@pytest.mark.parametrize("form", FORMS)
def test_items_read_back_as_coded(sample: Sample, tmp_path: Path, form: str) -> None:
    (coding,) = read(forms(tmp_path / "check", sample)[form], sample)
    assert coding.answers == machine(sample)
    assert any(len(answers["themes"]) == 2 for answers in coding.answers.values())


@pytest.mark.parametrize("form", FORMS)
def test_targets_read_back_as_coded(targets: Sample, tmp_path: Path, form: str) -> None:
    (coding,) = read(forms(tmp_path / "check", targets)[form], targets)
    assert coding.answers == machine(targets)


def test_codes_may_be_typed_without_their_names(sample: Sample, tmp_path: Path) -> None:
    table = sheet(tmp_path / "check")
    for row in table[1:]:
        row[4], row[8] = " safety ", "no"
    (coding,) = read(to_csv(table, tmp_path / "bare.csv"), sample)
    assert {tuple(answers.items()) for answers in coding.answers.values()} == {
        (("themes", ("safety",)), ("is_goal", ("no",)))
    }


def test_what_follows_a_no_is_not_asked(targets: Sample, tmp_path: Path) -> None:
    table = fill(sheet(tmp_path / "check"), targets)
    at = table[0].index("right")
    table[1][at : at + 4] = ["no 否", None, None, None]
    (coding,) = read(to_xlsx(table, tmp_path / "a.xlsx"), targets)
    assert coding.answers[table[1][0]] == {"right": ("no",)}


@pytest.mark.parametrize(
    ("kind", "typed", "read_as"),
    [
        ("value", "3,000", "3000"),
        ("value", 80, "80"),
        ("value", 0.5, "0.5"),
        ("value", None, "none"),
        ("value", "八十", "is not a number, as 30000000; correct it"),
        ("unit", " 所 ", "所"),
    ],
)
def test_what_is_typed_takes_the_form_of_the_tables(
    targets: Sample, tmp_path: Path, kind: str, typed: Any, read_as: str
) -> None:
    table = fill(sheet(tmp_path / "check"), targets)
    table[1][table[0].index(kind)] = typed
    path = to_xlsx(table, tmp_path / "a.xlsx")
    if len(read_as) > 10:
        with pytest.raises(CodingError, match=read_as):
            read(path, targets)
    else:
        assert read(path, targets)[0].answers[table[1][0]][kind] == (read_as,)


def test_days_are_read_however_a_sheet_gives_them() -> None:
    question = next(question for question in questions("deadlines") if question.name == "end")

    for typed in (
        "2031-12-31",
        "2031/12/31",
        "2031年12月31日",
        "2031.12.31",
        datetime(2031, 12, 31),
        date(2031, 12, 31),
    ):
        assert _typed("deadlines", question, [typed], "x") == "2031-12-31"
    with pytest.raises(CodingError, match=r"x: '2031-02-30' in end is not a day, as 2031-01-31; correct it"):
        _typed("deadlines", question, ["2031-02-30"], "x")


def test_an_export_may_hold_several_coders(sample: Sample, tmp_path: Path) -> None:
    first = json.loads(annotated(tmp_path / "check", sample, tmp_path / "a.json", by=1).read_text(encoding="utf-8"))
    second = json.loads(
        annotated(tmp_path / "check", sample, tmp_path / "b.json", by={"email": "bo@x"}).read_text(encoding="utf-8")
    )
    for one, other in zip(first, second, strict=True):
        one["annotations"] += other["annotations"]
    (tmp_path / "both.json").write_text(json.dumps(first), encoding="utf-8")
    codings = read(tmp_path / "both.json", sample)
    assert [coding.coder for coding in codings] == ["both:1", "both:bo@x"]
    assert codings[0].answers == codings[1].answers == machine(sample)


# Mistakes


def put(row: int, column: str, value: Any) -> Callable[[Table], Table]:
    def edit(table: Table) -> Table:
        table[row][table[0].index(column)] = value
        return table

    return edit


def drop_row(table: Table) -> Table:
    return table[:3] + table[4:]


def repeat_row(table: Table) -> Table:
    return [*table, table[2]]


def drop_column(table: Table) -> Table:
    return [row[:8] + row[9:] for row in table]


def both(table: Table) -> Table:
    return put(2, "themes_2", "equity")(put(2, "themes_1", "none 无")(table))


def gap(table: Table) -> Table:
    return put(2, "themes_2", "equity")(put(2, "themes_1", None)(table))


def twice(table: Table) -> Table:
    return put(2, "themes_2", "equity")(put(2, "themes_1", "equity")(table))


MISTAKES = [
    (put(4, "themes_1", "saftey"), r"a\.xlsx, row 5: 'saftey' is no code of themes; take one of equity, .*"),
    (put(4, "is_goal", "maybe"), r"a\.xlsx, row 5: 'maybe' is no code of is_goal; take one of yes, no"),
    (put(4, "themes_1", None), r"a\.xlsx, row 5: themes_1 is empty; fill it in, or leave out .*: --incomplete"),
    (put(4, "row", "00000000-004"), r"a\.xlsx, row 5: 0{8}-004 is of another sample; give its folder with --sample"),
    (put(4, "row", "KEY-999"), r"a\.xlsx, row 5: \w{8}-999 is not in the sample; remove it .*"),
    (put(4, "row", None), r"a\.xlsx, row 5: the column row is empty; copy it from coding\.xlsx"),
    (drop_row, r"a\.xlsx: 1 rows are missing, the first is \w{8}-003; restore them, or leave out .*: --incomplete"),
    (repeat_row, r"a\.xlsx, row 14: \w{8}-002 was coded before, in row 3; remove one of the two"),
    (drop_column, r"a\.xlsx: its first row has no column is_goal; is it the sheet of this sample\?"),
    (both, r"a\.xlsx, row 3: none; equity in themes: give each once, and none alone"),
    (twice, r"a\.xlsx, row 3: equity; equity in themes: give each once, and none alone"),
    (gap, r"a\.xlsx, row 3: themes_1 is empty, and further ones are not; give the main one there"),
    (lambda table: table[:1], r"a\.xlsx: it holds no coded row; is it the right file\?"),
    (lambda table: [["x"], *table[1:]], r"a\.xlsx: its first row has no column row; hand back the sheet coding .*"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "message"), MISTAKES)
def test_mistakes_are_named(sample: Sample, tmp_path: Path, edit: Callable[[Table], Table], message: str) -> None:
    table = edit(fill(sheet(tmp_path / "check"), sample))
    for row in table:
        row[0] = str(row[0]).replace("KEY", sample.key) if row[0] else row[0]
    path = to_xlsx(table, tmp_path / "a.xlsx")
    with pytest.raises(CodingError, match=message) as caught:
        read(path, sample)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"PK no zip", r"a\.xlsx is no Excel workbook .*; save it as \.xlsx or \.csv"),
        ("a.json", b"{", r"a\.json is not JSON .*; export it again from Label Studio as JSON"),
        ("a.json", b'{"row": 1}', r"a\.json is no export of Label Studio; export the project as JSON"),
        ("a.json", b"[]", r"a\.json: it holds no coded row"),
        ("a.csv", b"\xff\xff", r"a\.csv is neither UTF-8 nor GB18030; save it as \.xlsx"),
        ("a.csv", b"", r"a\.csv: its first row has no column row"),
        ("a.txt", b"", r"a\.txt: no coding is read from \.txt; give \.xlsx, \.csv or \.json"),
    ],
)
def test_files_of_no_use_are_named(sample: Sample, tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CodingError, match=message):
        read(tmp_path / name, sample)


def test_a_task_that_is_annotated_twice_by_one_is_named(sample: Sample, tmp_path: Path) -> None:
    path = annotated(tmp_path / "check", sample, tmp_path / "a.json")
    tasks = json.loads(path.read_text(encoding="utf-8"))
    tasks[4]["annotations"] *= 2
    path.write_text(json.dumps(tasks), encoding="utf-8")
    with pytest.raises(CodingError, match=r"a\.json, task 5: \w{8}-005 was coded before, in task 5"):
        read(path, sample)


def test_incomplete_codings_leave_out_what_is_not_coded(sample: Sample, tmp_path: Path) -> None:
    table = put(4, "themes_1", None)(drop_row(fill(sheet(tmp_path / "check"), sample)))
    (coding,) = read(to_xlsx(table, tmp_path / "a.xlsx"), sample, incomplete=True)
    assert len(coding.answers) == 11
    assert set(coding.answers[table[4][0]]) == {"is_goal"}


@pytest.mark.parametrize("content", [None, "{", '{"rows": []}', "[]"])
def test_a_folder_without_a_key_is_named(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "sample.json").write_text(content, encoding="utf-8")
    with pytest.raises(CodingError, match=r"is not the key of a sample .*: --sample FOLDER"):
        load(tmp_path)


def test_a_question_knows_its_choices() -> None:
    question = Question("q", "?", "one", {"a": "甲", "b": ""})
    assert question.choices() == ["a 甲", "b"]
    assert [question.code(text) for text in ("a 甲", "a", " b ", "甲", "c")] == ["a", "a", "b", None, None]
