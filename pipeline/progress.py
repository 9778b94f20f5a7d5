"""What a run tells while it goes on, for a terminal, a log or a test."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self


class Counted(NamedTuple):
    """The files are counted.

    Args:
        total: files given.
        waiting: of them, those to be parsed now; the others were parsed before.
        outdated: of those, how many were parsed before with other code, rules or another model.
    """

    total: int
    waiting: int
    outdated: int


class Begun(NamedTuple):
    """A file is begun.

    Args:
        number: of its task.
        path: as it stands in `sources`; what is done to several files at once has a name of its own.
        limited: whether the time limit for a file holds for it.
    """

    number: int
    path: str
    limited: bool = True


class Ended(NamedTuple):
    """A file is parsed, or has failed.

    Args:
        number: of its task.
        path: as it stands in `sources`.
        code: why it failed, None where it was parsed.
        message: what is wrong and what to do.
        seconds: how long it took.
        characters: of its text.
        trace: the traceback of an internal error.
    """

    number: int
    path: str
    code: str | None = None
    message: str | None = None
    seconds: float | None = None
    characters: int = 0
    trace: str = ""


class Committed(NamedTuple):
    """What came of some files is kept for good.

    Args:
        numbers: of their tasks.
    """

    numbers: tuple[int, ...]


class Exporting(NamedTuple):
    """All files are done, and the tables are being written."""


Event = Counted | Begun | Ended | Committed | Exporting
Watch = Callable[[Event], None]


class Log:
    """Writes events to a file, a JSON object a line: its kind, the time, its fields.

    Args:
        path: of the file; one that is there is gone on with.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._file.close()

    def __call__(self, event: Event) -> None:
        """Write one event."""
        stamp = datetime.now().astimezone().isoformat(timespec="milliseconds")
        line = {"event": type(event).__name__.lower(), "at": stamp, **event._asdict()}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
