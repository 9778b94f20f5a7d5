"""Many files into the tables of a folder: what `planpipe run` does.

    discover   inputs -> the files to read, in a fixed order
    store      which of them are done
    chunks     the others, in groups
    workers    processes that parse them, none of which can bring the run down
    assemble   all that is done -> the tables in OUT

What came of a file is kept under the hash of its bytes, its ending, and the version of the code, rules and model
that read it (`pipeline.store`). So a second run reads only what is new or changed, a file that is gone leaves the
tables, an interrupted run goes on where it stopped, and nothing depends on the number of workers.

A file that fails becomes a row of `sources` with its code and message, and the rest goes on. The next run tries it
again, since a permission or a missing extra may be there by then.
"""

from __future__ import annotations

import hashlib
import heapq
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pipeline import chunks, parsing
from pipeline.discover import Failure, Found, discover, readable, refusal
from pipeline.errors import ReadError
from pipeline.progress import Counted, Ended, Event, Exporting, Watch
from pipeline.read.remote import is_address
from pipeline.store import Input, Store, key_of
from pipeline.workers import Crew, Limits, Post

if TYPE_CHECKING:
    from pipeline.assemble import Assembled
    from pipeline.discover import Place

__all__ = ["Failure", "Limits", "Report", "discover", "run"]

FEW = 8
"""Files up to which starting further processes costs more than they save."""

READERS = 4
"""Threads that read files to hash them, which takes longer than the hashing."""

AT_ONCE = 1000
"""Files that are handed to these threads at once: what stands for a file that waits there takes a kilobyte."""

HERE = 0
"""Number of workers that means this process."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    Args:
        out: where the tables are.
        files: how many were given.
        fresh: how many of them were parsed now; the others were as before.
        partial: how many were read in part.
        skipped: how many files of other formats lay in the folders.
        failures: files and folders that are not in the tables, by path.
        rows: number of rows by table.
    """

    out: Path | str
    files: int
    fresh: int
    partial: int
    skipped: int
    failures: tuple[Failure, ...]
    rows: dict[str, int]


def run(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    workers: int | None = None,
    themes: str | Path | None = None,
    limits: Limits | None = None,
    cluster: str | None = None,
    unique: bool = False,
    watch: Watch | None = None,
) -> Report:
    """Parse files and folders into the tables in `out`.

    Args:
        inputs: files, folders and addresses, see `discover`.
        out: folder or address for the tables; made if there is none.
        workers: processes to share the work; None takes every processor for more than a few files, and 0
            none but this one, where no limit holds and a crash ends the run.
        themes: folder of a theme model that `planpipe train` made; None takes the one that comes with planpipe.
        limits: what a file may take; None takes 10 minutes and 4 GB.
        cluster: address of a Dask scheduler whose workers parse in place of processes of this machine; inputs,
            `out` and the model lie where they can reach them.
        unique: leave repeated files and further versions of a plan out of the tables.
        watch: called with what happens, see `pipeline.progress`.

    Returns:
        What was done, failures included.

    Raises:
        OSError: an input does not exist, or `out` cannot be written.
        PlanpipeError: `out` is one of the inputs, `themes` holds no model, or the cluster fails.
        KeyboardInterrupt: the user stopped it; what is done is kept.
    """
    told = watch or (lambda event: None)
    model = Path(themes).resolve() if themes is not None else None
    found = discover(inputs, None if is_address(out) else Path(out))
    watch = _logging(told)
    post = Post(limits or Limits(), watch)
    try:
        if cluster is None and (workers == 1 or (workers is None and len(found.files) <= FEW)):
            post.start()  # it loads while this process looks at the files
        reader = " ".join(filter(None, (parsing.state(), parsing.model_state(model) if model else "")))
        store = Store(out)
        store.prepare()
        outdated = store.made_by().get("reader", reader) != reader
        waiting = _register(store, found, reader)
        told(Counted(len(found.files), len(waiting), len(waiting) if outdated else 0))
        cores, fresh = os.cpu_count() or 1, len(waiting)
        groups = (
            chunks.Chunk(store.out, group, model, parsing.state())
            for group in chunks.chunked(waiting, workers or cores)
        )
        if workers is None:
            workers = cores if len(waiting) > FEW else 1
        if cluster is not None:
            from pipeline.cluster import spread

            spread(cluster, groups, post.limits, watch)
        assembled = _parse(store, groups, workers, post, unique, watch)
    finally:
        post.close()
    store.clean(assembled.parts)
    return Report(
        out=str(out) if is_address(out) else Path(out),
        files=len(found.files),
        fresh=fresh,
        partial=assembled.partial,
        skipped=found.skipped,
        failures=assembled.failures,
        rows=assembled.rows,
    )


def _register(store: Store, found: Found, reader: str) -> chunks.Tasks:
    """Keep in the store what is given, and make a task of each file that can be read and is not done.

    They are in the order of the paths; of files with one key the first has a task.
    """
    tasks = chunks.Tasks(found.files)
    done = store.done()
    refused = ((_refused(failure), None) for failure in sorted(found.refused, key=lambda failure: failure.path))

    def entries() -> Iterator[Input]:
        given = heapq.merge(_hashed(found.files, reader), refused, key=lambda pair: pair[0].path)
        for index, (entry, at) in enumerate(given):
            if at is not None and entry.key is not None and entry.key not in done:
                tasks.append(chunks.Task(index, found.files[at], entry.digest, entry.bytes or 0, entry.key), at)
            yield entry

    store.set_inputs(entries(), {"reader": reader, "planpipe": version("planpipe")})
    tasks.drop_repeated()
    return tasks


def _hashed(files: Sequence[Place], reader: str) -> Iterator[tuple[Input, int | None]]:
    """What is kept of each file that is given, and its place among them where it can be read; a few are in hand."""
    with ThreadPoolExecutor(READERS) as pool:
        for begin in range(0, len(files), AT_ONCE):
            some = files[begin : begin + AT_ONCE]
            for at, (path, hashed) in enumerate(zip(some, pool.map(_sha256, some), strict=True), begin):
                if isinstance(hashed, Failure):
                    yield _refused(hashed), None
                else:
                    sha256, size = hashed
                    yield Input(readable(path), sha256, size, key_of(sha256, path.suffix, reader)), at


def _refused(failure: Failure) -> Input:
    digest = hashlib.sha256(f"unreadable:{Path(failure.path).name}".encode()).hexdigest()
    return Input(failure.path, digest, code=failure.code, message=failure.message)


def _sha256(path: Place) -> tuple[str, int] | Failure:
    """A file's hash and its size in bytes, or why it cannot be had."""
    try:
        if not isinstance(path, Path):
            source = path.load()
            return source.sha256, len(source.data)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), os.fstat(file.fileno()).st_size
    except OSError as error:
        return refusal(path, error, "file")
    except ReadError as error:
        return Failure(readable(path), error.code, str(error))


def _parse(
    store: Store, groups: Iterator[chunks.Chunk], workers: int, post: Post, unique: bool, watch: Watch
) -> Assembled:
    """Have all chunks parsed, then the tables put together."""
    if workers == HERE:
        from pipeline.assemble import assemble

        for chunk in groups:
            for event in chunks.work(chunk):
                watch(event)
        watch(Exporting())
        return assemble(store, unique=unique)
    if workers > 1:
        Crew(post.limits, watch).do(groups, workers)
    for chunk in groups:
        post.do(chunk)
    watch(Exporting())
    found: Assembled = post.assemble(store.out, unique=unique)
    return found


def _logging(watch: Watch) -> Watch:
    """Log the tracebacks of internal errors besides."""

    def log_and_watch(event: Event) -> None:
        if isinstance(event, Ended) and event.trace:
            log.error("%s\n%s", event.path, event.trace)
        watch(event)

    return log_and_watch


class _Door(ModuleType):
    """Lets `pipeline.run(...)` work once this module is loaded and stands where the function stood."""

    def __call__(
        self,
        paths: Iterable[str | Path],
        out: str | Path,
        *,
        workers: int | None = 1,
        themes: str | Path | None = None,
    ) -> Report:
        return run(paths, out, workers=workers, themes=themes)


sys.modules[__name__].__class__ = _Door
