"""The commands: what they print, their exit codes, and that the examples in their help run."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from pipeline.cli import main
from pipeline.model import Plan, Tags
from tests.conftest import TEXT, FakeParser

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = sorted(main.commands)


def call(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "in"
    files.mkdir()
    (files / "a.txt").write_text(TEXT, encoding="utf-8")
    return files


@pytest.fixture
def tagger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A theme model that tags texts with 安全 in them, and counts on the order."""

    class Model:
        def tag(self, texts: list[str]) -> tuple[Tags, ...]:
            return tuple(
                Tags(codes=("safety", "moral"), scores=(0.91236, 0.5)) if "安全" in text else Tags() for text in texts
            )

    monkeypatch.setattr("pipeline.themes.default", Model)


# Help


def examples(command: str) -> list[str]:
    """The lines of a command's help that one can type."""
    lines = call(command, "--help").stdout.splitlines()
    return [line.strip() for line in lines if line.startswith("      ") and f"planpipe {command}" in line]


def test_all_commands_are_known() -> None:
    assert {"classify", "run", "show"} <= set(COMMANDS)
    help_text = call("--help").stdout
    assert all(command in help_text for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    assert examples(command)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What examples call `tables`: the tables of a run, here over one plan."""
    folder = tmp_path_factory.mktemp("run") / "tables"
    result = call("run", ROOT / "corpora" / "sample" / "02_county_points_2003.txt", "--out", folder, "--quiet")
    assert result.exit_code == 0, result.output
    return folder


def coded(tables: Path, folder: Path) -> None:
    """What the example of `agree` needs: a sample, and two coders' work on it."""
    assert call("sample", tables, "--n", 20, "--ask", "is_goal", "--out", folder / "check").exit_code == 0
    for coder, answer in (("anna", "yes"), ("bo", "no")):
        book = load_workbook(folder / "check" / "coding.xlsx")
        for row in book["coding"].iter_rows(min_row=2):
            row[4].value = answer if row[0].row % 3 else "yes"
        book.save(folder / f"{coder}.xlsx")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_runs(command: str, tmp_path: Path, tables: Path) -> None:
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    if command != "run":
        shutil.copytree(tables, tmp_path / "tables")
    if command == "agree":
        coded(tables, tmp_path)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for example in examples(command):
        result = subprocess.run(
            example, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"{example}\n{result.stdout}\n{result.stderr}"


def test_version() -> None:
    from importlib.metadata import version

    assert call("--version").stdout == f"planpipe {version('planpipe')}\n"


# run


def test_run_sums_up(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    result = call("run", folder, "--workers", 0, "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) == 11
    assert [line.split()[:2] for line in lines[:4]] == [["files", "1"], ["in", "part"], ["failed", "0"], ["plans", "1"]]
    assert lines[-1] == f"tables in {tmp_path / 'out'}"
    assert "1 of them as before" in call("run", folder, "--workers", 0, "--out", tmp_path / "out").stdout


def test_run_names_failures_and_exits_with_1(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    (folder / "b.txt").touch()
    (folder / "c.txt").write_text("no phrase of the plan", encoding="utf-8")
    result = call("run", folder, "--workers", 0, "--out", tmp_path / "out")
    assert result.exit_code == 1
    first, second, log = result.stderr.splitlines()
    assert first == f"empty: {folder / 'b.txt'}: the file is empty; is it the right one?"
    assert second.startswith(f"internal: {folder / 'c.txt'}: ValueError")
    assert str(tmp_path / "out" / "planpipe.log") in log
    assert "Traceback" in (tmp_path / "out" / "planpipe.log").read_text(encoding="utf-8")
    assert "Traceback" not in result.output


def test_run_without_internal_errors_leaves_no_log(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    (folder / "c.txt").write_text("no phrase of the plan", encoding="utf-8")
    call("run", folder, "--workers", 0, "--out", tmp_path / "out")
    (folder / "c.txt").unlink()
    call("run", folder, "--workers", 0, "--out", tmp_path / "out")
    assert not (tmp_path / "out" / "planpipe.log").exists()


def test_quiet_prints_failures_alone(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    (folder / "b.txt").touch()
    result = call("run", folder, "--workers", 0, "--out", tmp_path / "out", "--quiet")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("empty: ")


def test_run_says_that_there_was_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    result = call("run", tmp_path / "in", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "nothing to read" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "in"],
        ["run", "missing.txt", "--out", "out"],
        ["run", "in", "--out", "in/a.txt"],
        ["run", "in", "--out", "in"],
        ["run", "in", "--out", "in/a.txt/below"],
        ["run", "in", "--out", "out", "--workers", "-1"],
        ["run", "in", "--out", "out", "--timeout", "0"],
        ["run", "in", "--out", "out", "--memory", "much"],
        ["show"],
        ["show", "missing.txt"],
        ["classify", "missing.jsonl", "--out", "x.jsonl"],
        ["classify", "-"],
        ["unknown"],
    ],
)
def test_wrong_calls_exit_with_2(arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr


# classify


def test_classify_answers_line_by_line(tmp_path: Path, tagger: None) -> None:
    texts = ["消防安全演练", "  其他 ", "安全\n检查", "=1+1"]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    result = call("classify", source, "--out", tmp_path / "out.jsonl")
    assert (result.exit_code, result.output) == (0, "")
    answers = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [answer["text"] for answer in answers] == texts
    assert answers[0] == {"text": texts[0], "themes": ["safety", "moral"], "scores": {"safety": 0.9124, "moral": 0.5}}
    assert answers[1] == {"text": texts[1], "themes": [], "scores": {}}


def test_classify_reads_stdin_and_writes_stdout(tagger: None) -> None:
    data = '\ufeff{"text": "安全"}\r\n\r\n{"text": "", "more": 1}'.encode()
    result = call("classify", "-", "--out", "-", stdin=data)
    assert [json.loads(line)["themes"] for line in result.stdout.splitlines()] == [["safety", "moral"], []]


def test_classify_keeps_order_over_many_lines(tagger: None) -> None:
    texts = [f"安全{n}" if n % 3 else f"{n}" for n in range(2500)]
    data = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    answers = [json.loads(line) for line in call("classify", "-", "--out", "-", stdin=data).stdout.splitlines()]
    assert [answer["text"] for answer in answers] == texts
    assert all(bool(answer["themes"]) == ("安全" in answer["text"]) for answer in answers)


@pytest.mark.parametrize(
    "line", [b"{", b'{"texts": "x"}', b'{"text": 1}', b'["text"]', b"null", b"\xd6\xd0", b'{"text": "\\ud800"}']
)
def test_classify_names_the_wrong_line(line: bytes, tmp_path: Path, tagger: None) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b'{"text": "a"}\n' + line + b'\n{"text": "b"}\n')
    result = call("classify", source, "--out", tmp_path / "out.jsonl")
    assert result.exit_code == 1
    assert "line 2" in result.stderr
    assert '{"text": "..."}' in result.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_classify_tells_that_it_cannot_write(tmp_path: Path, tagger: None) -> None:
    result = call("classify", "-", "--out", tmp_path / "missing" / "out.jsonl", stdin=b'{"text": "a"}')
    assert result.exit_code == 1
    assert "out.jsonl" in result.stderr
    assert "Traceback" not in result.stderr


# show


def test_show_prints_the_tree(folder: Path, parser: FakeParser) -> None:
    result = call("show", folder / "a.txt")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "青禾县教育局2031年工作计划" in result.stdout
    assert "二 重点任务  1 target, 1 deadline, 2 units" in result.stdout


def test_show_tells_what_is_wrong(folder: Path, parser: FakeParser) -> None:
    (folder / "b.txt").touch()
    result = call("show", folder / "b.txt")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the file is empty" in result.stderr


def test_show_tells_that_there_is_no_plan(folder: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.parsing import Parsed

    monkeypatch.setattr("pipeline.parsing.parse_file", lambda path, themes=None: Parsed(plan.document, ()))
    result = call("show", folder / "a.txt")
    assert result.exit_code == 1
    assert "no plan was found" in result.stderr


def instruments(folder: Path) -> Path:
    """A model of the example of own categories."""
    source = ROOT / "corpora" / "instruments"
    result = call("train", source / "labels.csv", "--taxonomy", source / "taxonomy.yaml", "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


def test_own_categories_tag_a_run_and_texts(tmp_path: Path) -> None:
    model = instruments(tmp_path / "model")
    plan = tmp_path / "plan.txt"
    plan.write_text("青禾县教育局2031年工作计划\n一、规范办学\n各校严禁违规收费，必须逐项公示。\n", encoding="utf-8")
    out = tmp_path / "out"
    found = {}
    for options in ([], ["--themes", model]):
        result = call("run", plan, "--out", out, *options)
        assert result.exit_code == 0, result.output
        with (out / "items.csv").open(encoding="utf-8-sig", newline="") as file:
            found[bool(options)] = {row["main_theme"] for row in csv.DictReader(file)}
    assert "mandate" in found[True]
    assert "mandate" not in found[False]
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"text": "严禁违规收费。"}\n', encoding="utf-8")
    result = call("classify", texts, "--out", "-", "--themes", model, "--why")
    answer = json.loads(result.stdout)
    assert answer["themes"][0] == "mandate"
    assert "严禁" in answer["why"]["mandate"]


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    plan = tmp_path / "plan.txt"
    plan.write_text("计划", encoding="utf-8")
    result = call("run", plan, "--out", tmp_path / "out", "--themes", tmp_path / "empty")
    assert result.exit_code == 2
    assert "planpipe train" in result.output


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("严禁收费,mandate;nonsense\n", "labels.csv, line 2: no theme nonsense"),
        (" ,mandate\n", "labels.csv, line 2: the text is empty"),
        ("严禁收费,mandate\n", "theme mandate has 1 examples; it needs 5"),
    ],
)
def test_bad_labels_get_a_clear_line(tmp_path: Path, rows: str, message: str) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("text,themes\n" + rows, encoding="utf-8")
    taxonomy = ROOT / "corpora" / "instruments" / "taxonomy.yaml"
    result = call("train", labels, "--taxonomy", taxonomy, "--out", tmp_path / "model")
    assert result.exit_code == 1
    assert message in result.stderr
    assert not (tmp_path / "model").exists()


# export


def test_export_puts_together_what_is_parsed(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    (folder / "copy.txt").write_text(TEXT, encoding="utf-8")
    out = tmp_path / "out"
    call("run", folder, "--workers", 0, "--out", out)
    before = (out / "plans.csv").read_bytes()
    (out / "plans.csv").unlink()
    result = call("export", out)
    assert (result.exit_code, result.stdout) == (0, f"tables of 2 files in {out}\n")
    assert (out / "plans.csv").read_bytes() == before
    assert call("export", out, "--unique").stdout == f"tables of 1 files in {out}\n"
    assert (out / "plans.csv").read_bytes().count(b"\r\n") == 2


def test_export_of_a_folder_without_a_run(tmp_path: Path) -> None:
    result = call("export", tmp_path)
    assert result.exit_code == 1
    assert "planpipe run" in result.stderr
