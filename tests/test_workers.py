"""What becomes of a run when a file is stronger than the process that parses it."""

from __future__ import annotations

import contextlib
import csv
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.chunks import Chunk, Task
from pipeline.errors import PlanpipeError, ThemeError
from pipeline.progress import Begun, Committed, Event
from pipeline.run import run
from pipeline.workers import START, Limits, Lost, Post, Worker
from tests.conftest import TEXT

LIMITS = Limits(seconds=30, bytes=1 << 30)


@pytest.fixture
def harmful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find `tests/faults` and do what files there ask for."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "faults"))


def folder_of(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def outcomes(out: Path) -> dict[str, str]:
    with (out / "sources.csv").open(encoding="utf-8-sig", newline="") as file:
        return {Path(row["path"]).stem: row["error"] or row["status"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("harm", "code", "limits"),
    [
        ("LOOP", "timeout", LIMITS._replace(seconds=4)),
        ("EATS", "memory", LIMITS._replace(bytes=600 << 20)),
        ("SEGV", "crash", LIMITS),
    ],
)
def test_a_file_costs_itself_a_row_and_nothing_else(
    tmp_path: Path, harmful: None, harm: str, code: str, limits: Limits
) -> None:
    folder = folder_of(tmp_path, a=TEXT, b=harm + TEXT, c=TEXT + "附表。", d=TEXT + "另附一表。")
    told: list[Event] = []
    report = run([folder], tmp_path / "out", workers=1, limits=limits, watch=told.append)
    assert outcomes(tmp_path / "out") == {"a": "ok", "b": code, "c": "ok", "d": "ok"}
    [failure] = report.failures
    assert failure.code == code
    assert {"timeout": "--timeout", "memory": "--memory", "crash": "SIGSEGV"}[code] in failure.message
    begun = [Path(event.path).stem for event in told if isinstance(event, Begun)]
    assert begun.count("b") == 2, "it is tried once more alone"
    assert sum(len(event.numbers) for event in told if isinstance(event, Committed)) == 4


def test_a_worker_killed_from_outside_costs_nothing(tmp_path: Path, harmful: None) -> None:
    folder = folder_of(tmp_path, **{f"f{n}": f"SLOW{TEXT}第{n}份。" for n in range(6)})
    killed: list[str] = []

    def watch(event: Event) -> None:
        if isinstance(event, Begun) and event.path.endswith("f3.txt") and not killed:
            killed.append(event.path)
            [worker] = workers()
            os.kill(worker, signal.SIGKILL)

    report = run([folder], tmp_path / "out", workers=1, watch=watch)
    assert killed
    assert report.failures == ()
    assert set(outcomes(tmp_path / "out").values()) == {"ok"}


def test_a_worker_lost_when_all_is_kept_leaves_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may die after its last part is committed and before it has said so."""
    tasks = tuple(Task(number, f"{number}.txt", "0" * 64, 3, f"{number}") for number in range(2))
    post = Post(LIMITS, lambda event: None)
    orders: list[Any] = []

    def lost(name: str, *arguments: Any, watch: Any) -> Lost:
        orders.append(arguments[0].tasks)
        watch(Committed((0, 1)))
        return Lost("crash", "killed", None, "")

    monkeypatch.setattr(post, "_order", lost)
    post.do(Chunk("out", tasks, None, "state"))
    assert orders == [tasks]


def workers() -> list[int]:
    """The worker processes that this process has started and that still run."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended, here or in an earlier test
            if START in child.cmdline():
                found.append(child.pid)
    return found


def test_workers_end_with_the_run(tmp_path: Path) -> None:
    run([folder_of(tmp_path, a=TEXT)], tmp_path / "out", workers=2)
    assert workers() == []


@pytest.fixture
def heeded() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, which processes that run tests for others may have turned off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("number", "done", "looping"), [(1, "a", "b"), (2, "a", "b"), (2, "b", "a")])
def test_ctrl_c_ends_workers_and_keeps_what_is_done(
    tmp_path: Path, harmful: None, heeded: None, monkeypatch: pytest.MonkeyPatch, number: int, done: str, looping: str
) -> None:
    close = Worker.close

    def slowly(worker: Worker) -> None:  # as on a machine that is busy, so that who does not wait for it is found out
        time.sleep(0.5)
        close(worker)

    monkeypatch.setattr(Worker, "close", slowly)
    before = set(threading.enumerate())
    folder = folder_of(tmp_path, **{done: TEXT, looping: "LOOP" + TEXT})
    seen: set[str] = set()

    def watch(event: Event) -> None:
        if isinstance(event, Committed):
            seen.add("one is kept")
        elif isinstance(event, Begun) and event.path.endswith(f"{looping}.txt"):
            seen.add("the other is in hand")
        if len(seen) == 2:
            seen.add("Ctrl-C")
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run([folder], tmp_path / "out", workers=number, watch=watch)
    assert workers() == []
    assert set(threading.enumerate()) <= before, "a thread goes on"
    (folder / f"{looping}.txt").write_text(TEXT + "附表。", encoding="utf-8")
    report = run([folder], tmp_path / "out", workers=1)
    assert (report.fresh, report.failures) == (1, ())


def test_a_worker_that_cannot_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.write(2, b'no such library')\nos._exit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(PlanpipeError, match=r"exit code 3[^$]*no such library"):
        run([folder_of(tmp_path, a=TEXT)], tmp_path / "out", workers=1)
    assert workers() == []


def test_a_worker_that_has_grown_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.workers.GROWN", 0.01)
    seen: list[int] = []

    def watch(event: Event) -> None:
        if isinstance(event, Begun):
            seen.extend(workers())

    report = run([folder_of(tmp_path, a=TEXT, b=TEXT + "附表。")], tmp_path / "out", workers=1, watch=watch)
    assert len(set(seen)) == 2
    assert report.failures == ()


def test_another_version_is_refused(tmp_path: Path) -> None:
    from pipeline.chunks import Chunk, Task

    folder = folder_of(tmp_path, a=TEXT)
    post = Post(LIMITS, lambda event: None)
    try:
        with pytest.raises(PlanpipeError, match="another version"):
            post.do(Chunk(str(tmp_path / "out"), (Task(0, folder / "a.txt", "0" * 64, 1, "key"),), None, "old"))
    finally:
        post.close()


@pytest.mark.skipif(not hasattr(psutil.Process, "memory_maps"), reason="psutil tells no maps here")
def test_a_worker_does_without_pandas_and_integrals(tmp_path: Path) -> None:
    seen: list[str] = []

    def look(event: Event) -> None:
        if isinstance(event, Committed):
            seen.extend(found.path for pid in workers() for found in psutil.Process(pid).memory_maps())

    run([folder_of(tmp_path, a=TEXT)], tmp_path / "out", workers=1, watch=look)
    assert any("pyarrow" in path for path in seen)
    assert not any(name in path for path in seen for name in ("pandas", "scipy/integrate"))


def test_a_run_is_started_from_where_another_package_has_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(tmp_path, a=TEXT)
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "__init__.py").write_text("raise SystemExit('this is not planpipe')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["in"], "out", workers=1).failures == ()


def test_the_worker_of_a_run_that_cannot_begin_is_ended(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a=TEXT)
    (tmp_path / "model").mkdir()
    with pytest.raises(ThemeError):
        run([folder], tmp_path / "out", themes=tmp_path / "model")
    assert not workers()
