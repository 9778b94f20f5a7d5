"""Many files: which are found, what fails, what is done again, and that workers change nothing."""

from __future__ import annotations

import csv
import logging
import os
import pickle
import shutil
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.chunks import Task, Tasks
from pipeline.discover import Places, discover
from pipeline.errors import PlanpipeError
from pipeline.progress import Begun, Committed, Counted, Ended, Event, Exporting
from pipeline.read.archive import Member
from pipeline.read.remote import Remote
from pipeline.run import Report
from pipeline.run import run as run_files
from pipeline.tables import TABLES
from tests.conftest import TEXT, FakeParser


def run(inputs: list[Path], out: Path, **options: Any) -> Report:
    """A run in this process, where parsers can be put in the place of planpipe's own."""
    return run_files(inputs, out, **{"workers": 0, **options})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two plans."""
    files = tmp_path / "in"
    files.mkdir()
    (files / "a.txt").write_text(TEXT, encoding="utf-8")
    (files / "b.txt").write_text(TEXT + "附一张表。\n", encoding="utf-8")
    return files


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user of this computer may enter, which pytest's are not."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def as_ordinary_user(function: Callable[[], Any]) -> Any:
    """What a function returns for a user whom permissions bind; root is not one."""
    if os.geteuid() != 0:
        return function()
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            result = pickle.dumps(function())
        except BaseException as error:
            result = pickle.dumps(repr(error))
        os.write(sender, result)
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver, "rb") as file:
        result = file.read()
    os.waitpid(child, 0)
    return pickle.loads(result)


def rows(out: Path, table: str) -> list[dict[str, str]]:
    with (out / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def tables(out: Path) -> dict[str, bytes]:
    """All files of a run but for `seconds`, the one column that may differ."""
    found = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and ".planpipe" not in path.parts and path.stem != "sources"
    }
    found["sources"] = repr([{**row, "seconds": ""} for row in rows(out, "sources")]).encode()
    return found


def names(found: list[Path]) -> list[str]:
    return [path.name for path in found]


# What is found


def test_folders_are_searched_for_known_formats(folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    for name in ("deep/er/c.TXT", "notes.xyz", ".hidden.txt", "~$lock.docx", "deep/d.docx"):
        (folder / name).touch()
    (folder / ".git").mkdir()
    (folder / ".git" / "e.txt").touch()
    found = discover([folder])
    assert names(found.files) == ["a.txt", "b.txt", "d.docx", "c.TXT"]
    assert (found.refused, found.skipped) == ([], 1)


def test_a_file_given_by_name_is_taken_whatever_its_ending(folder: Path) -> None:
    (folder / "plan.xyz").touch()
    assert names(discover([folder / "plan.xyz"]).files) == ["plan.xyz"]
    assert names(discover([folder, folder / "plan.xyz"]).files) == ["a.txt", "b.txt", "plan.xyz"]
    assert discover([folder, folder / "plan.xyz"]).skipped == 0


def test_a_file_found_twice_is_read_once(folder: Path) -> None:
    assert names(discover([folder / "a.txt", folder, folder / "." / "a.txt", str(folder)]).files) == ["a.txt", "b.txt"]


def test_order_does_not_depend_on_the_call(folder: Path) -> None:
    given = [folder / "b.txt", folder / "a.txt"]
    assert discover(given) == discover(given[::-1]) == discover([folder])


def test_links_in_a_circle_end(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "c.txt").touch()
    (folder / "deep" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "again").symlink_to(folder / "deep", target_is_directory=True)
    assert names(discover([folder]).files) == ["a.txt", "c.txt", "b.txt"]


def test_links_that_lead_nowhere_are_told(folder: Path) -> None:
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    (folder / "self.txt").symlink_to(folder / "self.txt")
    found = discover([folder])
    assert names(found.files) == ["a.txt", "b.txt"]
    assert [(Path(failure.path).name, failure.code) for failure in found.refused] == [
        ("gone.txt", "unreadable"),
        ("self.txt", "unreadable"),
    ]


def test_earlier_runs_are_passed_over(folder: Path, parser: FakeParser) -> None:
    run([folder], folder / "out")
    assert names(discover([folder]).files) == ["a.txt", "b.txt"]
    assert run([folder], folder / "out").files == 2
    assert run([folder], folder / "other").files == 2


def test_inputs_must_exist(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing_here"):
        discover([folder / "nothing_here"])


def test_out_must_not_be_an_input(folder: Path) -> None:
    with pytest.raises(PlanpipeError, match="name another"):
        run([folder], folder)
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt"]


def test_folder_without_permission_is_a_row(public: Path) -> None:
    (public / "open.txt").touch()
    (public / "closed").mkdir(mode=0o000)
    found = as_ordinary_user(lambda: discover([public]))
    assert names(found.files) == ["open.txt"]
    [failure] = found.refused
    assert (failure.path, failure.code) == (str(public / "closed"), "permission")
    assert "folder" in failure.message


def test_file_without_permission_is_a_row(public: Path, parser: FakeParser) -> None:
    (public / "in").mkdir()
    (public / "in" / "open.txt").write_text(TEXT, encoding="utf-8")
    (public / "in" / "closed.txt").write_text(TEXT, encoding="utf-8")
    (public / "in" / "closed.txt").chmod(0o000)
    (public / "out").mkdir()
    (public / "out").chmod(0o777)
    run([public / "in"], public / "warm")  # loads libraries that an ordinary user may not read here
    report = as_ordinary_user(lambda: run([public / "in"], public / "out"))
    assert [(Path(failure.path).name, failure.code) for failure in report.failures] == [("closed.txt", "permission")]
    closed, opened = rows(public / "out", "sources")
    assert (closed["status"], closed["error"], closed["sha256"], len(closed["source_id"])) == (
        "failed",
        "permission",
        "",
        12,
    )
    assert opened["status"] == "ok"


# What fails


def test_failures_are_rows_and_the_rest_goes_on(
    folder: Path, tmp_path: Path, parser: FakeParser, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "aa.txt").write_bytes(b"")
    (folder / "ab.txt").write_text("no phrase of the plan", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        report = run([folder], tmp_path / "out")
    assert [(Path(f.path).name, f.code) for f in report.failures] == [("aa.txt", "empty"), ("ab.txt", "internal")]
    assert [row["status"] for row in rows(tmp_path / "out", "sources")] == ["ok", "failed", "failed", "ok"]
    empty, internal = rows(tmp_path / "out", "sources")[1:3]
    assert empty["message"] == "the file is empty; is it the right one?"
    assert "ValueError" in internal["message"]
    assert "report" in internal["message"]
    assert len(internal["sha256"]) == 64
    assert int(internal["bytes"]) == 21
    assert len(rows(tmp_path / "out", "plans")) == 2
    assert "Traceback" in caplog.text
    assert "ab.txt" in caplog.text


def test_failures_are_tried_again(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    (folder / "aa.txt").write_bytes(b"")
    run([folder], tmp_path / "out")
    parser.calls.clear()
    assert len(run([folder], tmp_path / "out").failures) == 1
    assert parser.calls == ["aa.txt"]


def test_a_value_that_does_not_fit_fails_with_its_file(
    folder: Path, tmp_path: Path, parser: FakeParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(path: Path, themes: Path | None = None) -> Any:
        parsed = parser(path)
        if path.name == "a.txt":
            object.__setattr__(parsed.plans[0].targets[0], "value", "twenty")
        return parsed

    monkeypatch.setattr("pipeline.parsing.parse_file", parse)
    report = run([folder], tmp_path / "out")
    assert [(Path(failure.path).name, failure.code) for failure in report.failures] == [("a.txt", "internal")]
    assert report.rows["plans"] == 1


def test_a_file_that_changes_while_it_is_read_is_told(
    folder: Path, tmp_path: Path, parser: FakeParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(path: Path, themes: Path | None = None) -> Any:
        path.write_text(TEXT + "。", encoding="utf-8")
        return parser(path)

    monkeypatch.setattr("pipeline.parsing.parse_file", parse)
    [failure] = run([folder / "a.txt"], tmp_path / "out").failures
    assert failure.code == "unreadable"
    assert "run again" in failure.message


def test_real_files_that_fail(tmp_path: Path) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    files = tmp_path / "in"
    files.mkdir()
    (files / "empty.txt").touch()
    (files / "picture.txt").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 8)
    docx = tmp_path / "whole.docx"
    from docx import Document

    document = Document()
    document.add_paragraph("青禾县教育局工作计划")
    document.save(str(docx))
    (files / "truncated.docx").write_bytes(docx.read_bytes()[:2000])
    canvas = Canvas(str(files / "encrypted.pdf"), encrypt=StandardEncryption("secret", ownerPassword="owner"))
    canvas.drawString(100, 700, "secret")
    canvas.save()
    (files / "plan.txt").write_text(TEXT, encoding="utf-8")
    report = run([files], tmp_path / "out", workers=1)
    assert {Path(failure.path).name: failure.code for failure in report.failures} == {
        "empty.txt": "empty",
        "encrypted.pdf": "encrypted",
        "picture.txt": "unsupported",
        "truncated.docx": "damaged",
    }
    for row in rows(tmp_path / "out", "sources"):
        assert (row["status"] == "ok") == (Path(row["path"]).name == "plan.txt")
        assert bool(row["message"]) == (row["status"] == "failed")
    assert report.rows["plans"] == 1


# What is done again


def test_a_second_run_parses_nothing(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    first = run([folder], tmp_path / "out")
    assert (first.files, first.fresh, parser.calls) == (2, 2, ["a.txt", "b.txt"])
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    second = run([folder], tmp_path / "out")
    assert (second.files, second.fresh, len(parser.calls)) == (2, 0, 2)
    assert before == {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}


def test_a_changed_file_is_parsed_again(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    run([folder], tmp_path / "out")
    old = {row["path"]: row["source_id"] for row in rows(tmp_path / "out", "sources")}
    (folder / "b.txt").write_text(TEXT + "附两张表。\n", encoding="utf-8")
    parser.calls.clear()
    run([folder], tmp_path / "out")
    new = {row["path"]: row["source_id"] for row in rows(tmp_path / "out", "sources")}
    assert parser.calls == ["b.txt"]
    assert old.keys() == new.keys()
    assert {path for path in old if old[path] != new[path]} == {str(folder / "b.txt")}
    assert {path.stem for path in (tmp_path / "out" / "text").iterdir()} == set(new.values())


def test_a_removed_file_leaves(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    run([folder], tmp_path / "out")
    (folder / "a.txt").unlink()
    run([folder], tmp_path / "out")
    assert len(parser.calls) == 2
    for table in TABLES:
        assert {row["source_id"] for row in rows(tmp_path / "out", table.name) if "source_id" in row} <= {
            rows(tmp_path / "out", "sources")[0]["source_id"]
        }
    assert len(list((tmp_path / "out" / "text").iterdir())) == 1
    assert len(list((tmp_path / "out" / ".planpipe" / "parts").iterdir())) == 1


def test_new_rules_mean_new_work(
    folder: Path, tmp_path: Path, parser: FakeParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    run([folder], tmp_path / "out")
    monkeypatch.setattr("pipeline.parsing.state", lambda: "another")
    assert run([folder], tmp_path / "out").fresh == 2


def test_files_that_are_not_ours_stay(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    (tmp_path / "out" / "text").mkdir(parents=True)
    (tmp_path / "out" / "text" / "notes.txt").touch()
    (tmp_path / "out" / "notes.csv").touch()
    run([folder], tmp_path / "out")
    assert (tmp_path / "out" / "text" / "notes.txt").exists()
    assert (tmp_path / "out" / "notes.csv").exists()


def test_an_interrupted_run_goes_on(
    folder: Path, tmp_path: Path, parser: FakeParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(path: Path, themes: Path | None = None) -> Any:
        if path.name == "b.txt":
            raise KeyboardInterrupt
        return parser(path)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.parsing.parse_file", parse)
        with pytest.raises(KeyboardInterrupt):
            run([folder], tmp_path / "out")
    assert not (tmp_path / "out" / "sources.csv").exists()
    assert run([folder], tmp_path / "out").fresh == 1


def test_nothing_to_read_gives_empty_tables(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    report = run([tmp_path / "in"], tmp_path / "out")
    assert (report.files, report.failures, sum(report.rows.values())) == (0, (), 0)
    assert all((tmp_path / "out" / f"{table.name}.parquet").is_file() for table in TABLES)


# Ids


def test_the_same_bytes_twice(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    shutil.copy(folder / "a.txt", folder / "c.txt")
    run([folder], tmp_path / "out")
    first, _, copy = rows(tmp_path / "out", "sources")
    assert len(parser.calls) == 2
    assert copy["source_id"] == f"{first['source_id']}-2"
    assert (first["duplicate_of"], copy["duplicate_of"]) == ("", first["source_id"])
    assert (tmp_path / "out" / "text" / f"{copy['source_id']}.txt").read_text(encoding="utf-8") == TEXT
    own = [row for row in rows(tmp_path / "out", "targets") if row["plan_id"].startswith(copy["source_id"])]
    assert len(own) == 2
    for row in own:
        assert all(row[key].startswith(f"{copy['source_id']}.p0") for key in ("target_id", "item_id", "section_id"))


def test_ids_do_not_depend_on_the_place(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    run([folder], tmp_path / "out")
    shutil.move(folder, tmp_path / "elsewhere")
    run([tmp_path / "elsewhere"], tmp_path / "out2")
    one, two = tables(tmp_path / "out"), tables(tmp_path / "out2")
    del one["sources"], two["sources"]
    assert one == two


def test_workers_change_nothing(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "a.txt", folder / "c.txt")
    (folder / "d.txt").touch()
    reports = {workers: run([folder], tmp_path / f"out{workers}", workers=workers) for workers in (1, 2)}
    assert reports[1].rows == reports[2].rows
    assert [failure.code for failure in reports[2].failures] == ["empty"]
    assert tables(tmp_path / "out1") == tables(tmp_path / "out2")
    assert reports[1].rows["sections"] > 0


def test_events_are_told(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    (folder / "c.txt").touch()
    told: list[Event] = []
    run([folder], tmp_path / "out", watch=told.append)
    assert told[0] == Counted(3, 3, 0)
    assert [type(event) for event in told[1:]] == [Begun, Ended, Committed] * 3 + [Exporting]
    assert [(Path(e.path).name, e.code) for e in told if isinstance(e, Ended)] == [
        ("a.txt", None),
        ("b.txt", None),
        ("c.txt", "empty"),
    ]
    assert [e.characters for e in told if isinstance(e, Ended)] == [len(TEXT), len(TEXT) + 6, 0]
    again: list[Event] = []
    run([folder], tmp_path / "out", watch=again.append)
    assert again[0] == Counted(3, 1, 0)


def test_other_rules_are_told(
    folder: Path, tmp_path: Path, parser: FakeParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    run([folder], tmp_path / "out")
    monkeypatch.setattr("pipeline.parsing.state", lambda: "another")
    told: list[Event] = []
    run([folder], tmp_path / "out", watch=told.append)
    assert told[0] == Counted(2, 2, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="names of files are text there")
def test_names_that_are_no_utf8(folder: Path, tmp_path: Path, parser: FakeParser) -> None:
    odd = os.fsencode(folder) + b"/\xd6\xd0.txt"
    shutil.copy(folder / "a.txt", odd)
    run([folder], tmp_path / "out")
    assert [Path(row["path"]).name for row in rows(tmp_path / "out", "sources")] == ["\\xd6\\xd0.txt", "a.txt", "b.txt"]


def test_tasks_are_as_they_were_put_in(tmp_path: Path) -> None:
    places = [tmp_path / "a.txt", Member(tmp_path / "b.zip", ("年度/计划.txt",), (0,)), Remote("s3://plans/c.docx")]
    given = [Task(3 * n, place, f"{n:064x}", n, f"{n:020x}") for n, place in enumerate(places)]
    tasks = Tasks(Places([tmp_path / "passed over", *places]))
    for at, task in enumerate(given, 1):
        tasks.append(task, at)
    assert list(tasks) == [tasks[0], *tasks[1:]] == given
    assert tasks[-1] == given[-1]
    with pytest.raises(IndexError):
        tasks[3]


def test_of_tasks_with_one_key_the_first_stays(tmp_path: Path) -> None:
    places = [tmp_path / f"{name}.txt" for name in "abcdef"]
    keys = ["00ff", "ff00", "00ff", "0000", "ff00", "0000"]  # with bytes of nought at either end
    given = [
        Task(n, place, f"{key:0>62}00", n, f"{key:0<20}")
        for n, (place, key) in enumerate(zip(places, keys, strict=True))
    ]
    tasks = Tasks(Places(places))
    tasks.drop_repeated()
    assert not tasks
    for at, task in enumerate(given):
        tasks.append(task, at)
    tasks.drop_repeated()
    assert list(tasks) == [given[0], given[1], given[3]]
    tasks.drop_repeated()
    assert len(tasks) == 3


def test_tasks_take_half_the_memory_of_a_list_of_them() -> None:
    names = [f"/archive/of/plans/{n // 1000:03}/{n:06}.txt" for n in range(20_000)]

    def of(path: Path, n: int) -> Task:
        return Task(n, path, f"{n:064x}", n, f"{n:020x}")

    def listed() -> object:
        return [of(Path(name), n) for n, name in enumerate(names)]

    def packed() -> object:
        tasks = Tasks(Places("/".join(name.split("/")) for name in names))  # texts of its own
        for n in range(len(names)):
            tasks.append(of(Path("a.txt"), n), n)
        return tasks

    def held(make: Callable[[], object]) -> int:
        before, _ = tracemalloc.get_traced_memory()
        kept = make()
        taken = tracemalloc.get_traced_memory()[0] - before
        del kept
        return taken

    tracemalloc.start()
    try:
        held(listed)  # Python's own table of names grows with the first paths
        assert 2 * held(packed) < held(listed)
    finally:
        tracemalloc.stop()
