"""What is shown of a run while it goes on."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

from rich.console import Console

from pipeline.progress import Begun, Committed, Counted, Ended, Exporting, Log
from pipeline.screen import Screen


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def shown(screen: Screen) -> str:
    file = StringIO()
    Console(width=100, file=file).print(screen)
    return file.getvalue()


def test_how_far_how_fast_and_what_takes_long() -> None:
    clock = Clock()
    screen = Screen(clock)
    screen(Counted(12, 10, 0))
    assert screen.left is None
    assert "0 done  0 failed  10 to do" in shown(screen)
    screen(Begun(0, "in/a.txt"))
    screen(Begun(1, "in/scan.pdf"))
    clock.now = 4.0
    screen(Ended(0, "in/a.txt", characters=8000))
    screen(Begun(2, "in/b.txt"))
    screen(Ended(2, "in/b.txt", code="damaged", message="it is cut short"))
    assert screen.done == 0, "what is not kept yet is not done"
    screen(Committed((0, 2)))
    assert (screen.done, screen.failed, screen.characters, screen.left) == (2, 1, 8000, 16.0)
    assert "scan.pdf" not in screen.line()
    clock.now = 8.0
    assert screen.line() == (
        "2 of 10 files, 1 failed, 0.25 files and 1,000 characters a second, 32 s left, 8 s so far: in/scan.pdf"
    )
    text = shown(screen)
    assert "2 done  1 failed  8 to do" in text
    assert "20%" in text
    assert "8 s so far: in/scan.pdf" in text
    screen(Exporting())
    assert "writing the tables" in screen.line()
    assert "writing the tables" in shown(screen)


def test_a_file_done_twice_counts_once() -> None:
    screen = Screen(Clock())
    screen(Counted(1, 1, 0))
    for _ in range(2):
        screen(Begun(0, "a.txt"))
        screen(Ended(0, "a.txt", characters=5))
    screen(Committed((0,)))
    assert (screen.done, screen.characters) == (1, 5)


def test_the_log_is_a_json_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    for _ in range(2):
        with Log(path) as log:
            log(Ended(3, "县/计划.txt", "damaged", "it is cut short", 0.5))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 2, "a log is gone on with"
    assert {name: lines[0][name] for name in ("event", "path", "code", "seconds")} == {
        "event": "ended",
        "path": "县/计划.txt",
        "code": "damaged",
        "seconds": 0.5,
    }
    assert lines[0]["at"].startswith("20")
