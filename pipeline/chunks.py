"""Files parsed one after the other in one process, and kept together as a part of the store.

A chunk is what a worker is given at once. What is done of it is committed when it is through, and every
few seconds, so that no more than that is lost where the worker is.
"""

from __future__ import annotations

import time
import traceback
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, overload

from pipeline import parsing
from pipeline.discover import Places, readable
from pipeline.errors import PlanpipeError, ReadError
from pipeline.progress import Begun, Committed, Ended
from pipeline.store import KEY_DIGITS, Outcome, Store

if TYPE_CHECKING:
    from pipeline.discover import Place
    from pipeline.read.source import Source

OFFICE_ENDINGS = frozenset({".doc", ".dot", ".wps", ".wpt", ".rtf", ".odt", ".ott"})
"""Endings of files that LibreOffice may have to convert."""

HEAVIEST_IN_BATCH = 8 << 20
"""Bytes. A larger file is converted alone, so that those of a batch fit into the memory together."""

MOST_FILES, MOST_BYTES = 64, 32 << 20
"""Of a chunk; a worker that dies takes no more than that with it."""

COMMIT_SECONDS = 5.0

HASH, KEY = 32, KEY_DIGITS // 2
"""Bytes of a SHA-256 and of a key."""


class Task(NamedTuple):
    """A file to be parsed.

    Args:
        number: its number in the run.
        path: on the disk, in an archive, or at an address.
        sha256: of its bytes.
        bytes: their number.
        key: see `pipeline.store.key_of`.
    """

    number: int
    path: Place
    sha256: str
    bytes: int
    key: str


class Tasks(Sequence[Task]):
    """Tasks of a run, held so that a hundred thousand take some 10 MB and not six times as much.

    Args:
        places: of all files of the run.
    """

    def __init__(self, places: Places) -> None:
        self._places, self._at = places, array("q")
        self._numbers, self._sizes = array("q"), array("q")
        self._hashes, self._keys = bytearray(), bytearray()

    def append(self, task: Task, at: int) -> None:
        """Add a task behind the others; its file is the one that stands at `at` among the places."""
        self._at.append(at)
        self._numbers.append(task.number)
        self._sizes.append(task.bytes)
        self._hashes += bytes.fromhex(task.sha256)
        self._keys += bytes.fromhex(task.key)

    def drop_repeated(self) -> None:
        """Leave the first task of each key.

        By sorting: a set of the keys would take as much as all tasks, and what it leaves is not given back.
        """
        import numpy as np

        hashes, keys = (
            np.frombuffer(bytes(values), dtype=f"S{size}") for values, size in ((self._hashes, HASH), (self._keys, KEY))
        )
        kept = np.sort(np.unique(keys, return_index=True)[1])
        if len(kept) == len(self):
            return
        self._hashes, self._keys = bytearray(hashes[kept].tobytes()), bytearray(keys[kept].tobytes())
        self._at, self._numbers, self._sizes = (
            array("q", np.frombuffer(values, dtype=np.int64)[kept].tobytes())
            for values in (self._at, self._numbers, self._sizes)
        )

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Task: ...

    @overload
    def __getitem__(self, index: slice) -> list[Task]: ...

    def __getitem__(self, index: int | slice) -> Task | list[Task]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        sha256 = self._hashes[at * HASH : (at + 1) * HASH].hex()
        key = self._keys[at * KEY : (at + 1) * KEY].hex()
        return Task(self._numbers[at], self._places[self._at[at]], sha256, self._sizes[at], key)


class Chunk(NamedTuple):
    """What a worker is given at once.

    Args:
        out: the run's folder or address.
        tasks: the files.
        themes: folder of the theme model; None for planpipe's own.
        state: of the code that is to read them, see `pipeline.parsing.state`.
    """

    out: str
    tasks: tuple[Task, ...]
    themes: Path | None
    state: str


def chunked(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, ...]]:
    """Tasks in groups: first those that LibreOffice may have to convert, so many as it takes at once.

    Args:
        tasks: in the order in which they are to be done.
        workers: who share them: the groups are small enough that each gets some.
    """
    from pipeline.read import office

    slow = [t for t in tasks if t.path.suffix.lower() in OFFICE_ENDINGS and t.bytes <= HEAVIEST_IN_BATCH]
    size = max(1, min(office.BATCH, -(-len(slow) // workers)))
    for at in range(0, len(slow), size):
        yield tuple(slow[at : at + size])
    converted = {task.number for task in slow}
    most = max(1, min(MOST_FILES, -(-(len(tasks) - len(slow)) // (4 * workers))))
    group: list[Task] = []
    weight = 0
    for task in tasks:
        if task.number in converted:
            continue
        if group and (len(group) == most or weight + task.bytes > MOST_BYTES):
            yield tuple(group)
            group, weight = [], 0
        group.append(task)
        weight += task.bytes
    if group:
        yield tuple(group)


def work(chunk: Chunk) -> Iterator[Begun | Ended | Committed]:
    """Parse the files of a chunk and keep what came of them.

    Args:
        chunk: its out is prepared.

    Yields:
        An event before and behind each file, and when some are kept. Nothing that a file can do raises.

    Raises:
        OSError: what came of them cannot be written.
        PlanpipeError: this is not the code that is to read them.
    """
    if parsing.state() != chunk.state:
        raise PlanpipeError("this worker has another version of planpipe; install the same one everywhere")
    store = Store(chunk.out)
    waiting: list[Outcome] = []
    numbers: list[int] = []
    since = time.monotonic()
    foreign = list(_foreign(chunk.tasks)) if len(chunk.tasks) > 1 else []
    started = time.perf_counter()
    with ExitStack() as stack:
        if foreign:
            from pipeline.read import office

            yield Begun(chunk.tasks[0].number, f"LibreOffice ({len(foreign)} files)", limited=False)
            stack.enter_context(office.prepared(foreign))
        share = (time.perf_counter() - started) / len(chunk.tasks)
        for task in chunk.tasks:
            yield Begun(task.number, readable(task.path))
            outcome, trace = _parse(task, chunk.themes, share)
            waiting.append(outcome)
            numbers.append(task.number)
            told = (outcome.code, outcome.message, outcome.seconds, len(outcome.text), trace)
            yield Ended(task.number, readable(task.path), *told)
            if time.monotonic() - since > COMMIT_SECONDS:
                store.commit(waiting)
                yield Committed(tuple(numbers))
                waiting, numbers, since = [], [], time.monotonic()
    if waiting:
        store.commit(waiting)
        yield Committed(tuple(numbers))


def _foreign(tasks: Sequence[Task]) -> Iterator[tuple[Source, str]]:
    """The files that LibreOffice has to convert, and their formats."""
    from pipeline.read import detect, load, office

    for task in tasks:
        if task.path.suffix.lower() not in OFFICE_ENDINGS:
            continue
        try:
            source = load(task.path)
            format = detect(source)
        except Exception:
            continue  # told where the file is parsed
        if format in office.ENDINGS:
            yield source, format


def _parse(task: Task, themes: Path | None, before: float) -> tuple[Outcome, str]:
    """Parse a file that took some seconds already; what came of it, and the traceback of an internal error."""
    from pipeline import export, rows
    from pipeline.duplicates import signature
    from pipeline.tables import BY_NAME

    started = time.perf_counter()

    def failed(code: str, message: str) -> Outcome:
        took = round(before + time.perf_counter() - started, 3)
        return Outcome(task.key, code=code, message=message, seconds=took)

    try:
        parsed = parsing.parse_file(task.path, themes)
        took = round(before + time.perf_counter() - started, 3)
        if parsed.document.sha256 != task.sha256:
            raise ReadError("the file changed while it was read; run again")
        source_id = task.sha256[: rows.SOURCE_DIGITS]
        found = rows.plan_rows(parsed.plans, source_id)
        found["sources"] = [rows.source_row(parsed.document, parsed.plans, source_id, readable(task.path), took)]
        # A value of a wrong type fails here, with its file.
        tables = {name: export.arrow_table(BY_NAME[name], made) for name, made in found.items()}
        signatures = [signature(plan.head.reading.text) for plan in parsed.plans]
        return Outcome(task.key, tables, parsed.document.text, signatures, seconds=took), ""
    except PlanpipeError as error:
        return failed(error.code, str(error)), ""
    except MemoryError:
        return failed("memory", "the file needs more memory than there is; parse it alone on a larger machine"), ""
    except Exception as error:
        message = f"{type(error).__name__}: {error}; this is a fault of planpipe, please report it with the file"
        return failed("internal", message), traceback.format_exc()
