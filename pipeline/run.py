"""One file, then many: what `planpipe run` does.

    discover     inputs -> the files to read, in a fixed order
    parse_file   one file -> its document and plans
    run          many files -> the tables in OUT

Each file is taken apart by itself, and what came of it is kept as a part, `OUT/.planpipe/<key>.json`,
named after the file's bytes and ending and after the code, rules and models that read it. The tables
are then put together from the parts of the files that were given, in the order of their paths. So a
second run reads only what is new or changed, a file that is gone leaves the tables, an interrupted
run goes on where it stopped, and nothing depends on the number of workers.

A file that fails becomes a row of `sources` with its code and message, and the rest goes on. Failures
are not kept: the next run tries again, since a permission or a missing extra may be there by then.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import export, rows
from pipeline.discover import PARTS, Failure, discover, readable, refusal
from pipeline.errors import PlanpipeError, ReadError
from pipeline.model import Document, Plan
from pipeline.tables import BY_NAME, TABLES, Row, Table, conform
from pipeline.workers import Crashed, spread

if TYPE_CHECKING:
    from pipeline.read.archive import Member
    from pipeline.read.source import Source

__all__ = ["Failure", "Parsed", "Report", "discover", "parse_file", "run"]

FEW = 8
"""Files up to which starting further processes costs more than they save."""

OFFICE_ENDINGS = frozenset({".doc", ".dot", ".wps", ".wpt", ".rtf", ".odt", ".ott"})
"""Endings of files that LibreOffice may have to convert."""

HEAVIEST_IN_BATCH = 8 << 20
"""Bytes. A larger file is converted alone, so that those of a batch fit into the memory together."""

SOURCE_DIGITS = 12
OURS = re.compile(r"[0-9a-f]{12}(-[0-9a-f]{20}\.json|(-[0-9]+)?\.txt)(\.new)?")
log = logging.getLogger(__name__)


class Parsed(NamedTuple):
    """What was found in one file."""

    document: Document
    plans: tuple[Plan, ...]


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

    out: Path
    files: int
    fresh: int
    partial: int
    skipped: int
    failures: tuple[Failure, ...]
    rows: dict[str, int]


def parse_file(path: Path | Member, themes: Path | None = None) -> Parsed:
    """Read a file and take its plans apart.

    Args:
        path: of any format that `pipeline.read` knows, on the disk or in an archive.
        themes: folder of the theme model; None takes the one that comes with planpipe.

    Raises:
        PlanpipeError: the file cannot be read, or the folder holds no model; its kind and message say why.
    """
    from pipeline.extract import extract
    from pipeline.items import cut
    from pipeline.plans import split
    from pipeline.read import read
    from pipeline.sections import tree
    from pipeline.stages import stage
    from pipeline.themes import PATH, default, loaded

    model = loaded(themes) if themes else default()
    document = read(path)
    found = []
    for head in split(document):
        nodes = tree(document, head)
        commitments, sentences = cut(document, head, nodes)
        paths = [PATH.join(nodes[item.section].path) for item in commitments]
        tags = model.tag([item.text for item in commitments], paths)
        results = extract(document, head, nodes, commitments, sentences)
        found.append(
            Plan(
                document=document,
                head=head,
                sections=nodes,
                items=commitments,
                goals=results.goals,
                targets=results.targets,
                deadlines=results.deadlines,
                responsibilities=results.responsibilities,
                themes=tags,
                stages=tuple(stage(item.text, nodes[item.section].path) for item in commitments),
            )
        )
    return Parsed(document, tuple(found))


@cache
def state() -> str:
    """Twelve digits that stand for the code, rules and models that are installed, and the OCR extra."""
    digest = hashlib.sha256()
    for name in ("rapidocr", "onnxruntime"):
        digest.update(f"{name} {version(name) if find_spec(name) else None}\0".encode())
    folders = [files("pipeline"), files("pipeline.models")]
    while folders:
        for entry in sorted(folders.pop(0).iterdir(), key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "__pycache__":
                folders.append(entry)
            elif entry.is_file():
                digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()[:12]


class Task(NamedTuple):
    """A file to be parsed, where its part goes, and the folder of the theme model, None for planpipe's own."""

    path: Path | Member
    sha256: str
    bytes: int
    part: Path
    themes: Path | None = None


Batch = tuple[Task, ...]
"""Files that one process does together: one, or some that LibreOffice converts at once."""


def work(batch: Batch) -> list[Failure | None]:
    """Parse the files of a batch and keep what came of each as a part.

    Returns:
        For each file why it failed, or None where the part is written. Nothing that a file can do raises.

    Raises:
        OSError: a part cannot be written.
    """
    if len(batch) == 1:
        return [_parse(batch[0])]
    from pipeline.read import office

    started = time.perf_counter()
    with office.prepared(list(_foreign(batch))):
        share = (time.perf_counter() - started) / len(batch)
        return [_parse(task, share) for task in batch]


def _foreign(batch: Batch) -> Iterator[tuple[Source, str]]:
    """The files of a batch that LibreOffice has to convert, and their formats."""
    from pipeline.read import detect, load, office

    for task in batch:
        try:
            source = load(task.path)
            format = detect(source)
        except Exception:
            continue  # told where the file is parsed
        if format in office.ENDINGS:
            yield source, format


def _parse(task: Task, before: float = 0.0) -> Failure | None:
    """Parse a file; `before` is the seconds that it took already."""
    started = time.perf_counter()
    path = readable(task.path)

    def seconds() -> float:
        return round(before + time.perf_counter() - started, 3)

    try:
        parsed = parse_file(task.path, task.themes)
        took = seconds()
        if parsed.document.sha256 != task.sha256:
            raise ReadError("the file changed while it was read; run again")
        source_id = task.sha256[:SOURCE_DIGITS]
        tables = rows.plan_rows(parsed.plans, source_id)
        for name, found in tables.items():
            export.arrow_table(BY_NAME[name], found)  # a value of a wrong type fails here, with its file
        tables["sources"] = [rows.source_row(parsed.document, parsed.plans, source_id, path, took)]
        part = json.dumps({"text": parsed.document.text, "tables": tables}, ensure_ascii=False).encode()
    except PlanpipeError as error:
        return Failure(path, error.code, str(error), seconds())
    except Exception as error:
        message = f"{type(error).__name__}: {error}; this is a fault of planpipe, please report it with the file"
        return Failure(path, "internal", message, seconds(), traceback.format_exc())
    _write(task.part, part)
    return None


def _batches(tasks: Sequence[Task], workers: int) -> list[Batch]:
    """Tasks one by one, but together those that LibreOffice may have to convert, by their names.

    The batches are small enough that every worker gets some.
    """
    from pipeline.read import office

    slow: list[Task] = []
    alone: list[Batch] = []
    for task in tasks:
        if task.path.suffix.lower() in OFFICE_ENDINGS and task.bytes <= HEAVIEST_IN_BATCH:
            slow.append(task)
        else:
            alone.append((task,))
    size = max(1, min(office.BATCH, -(-len(slow) // workers)))
    return [tuple(slow[at : at + size]) for at in range(0, len(slow), size)] + alone


def _done(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, Failure | None]]:
    """Parse files; where a process dies over a batch, its files are tried again one by one."""
    again: list[Task] = []
    for batch, outcomes in spread(_batches(tasks, workers), work, workers):
        if not isinstance(outcomes, Crashed):
            yield from zip(batch, outcomes, strict=True)
        elif len(batch) > 1:
            again += batch
        else:
            yield batch[0], _crash(batch[0])
    for batch, outcomes in spread([(task,) for task in again], work, workers):
        yield batch[0], _crash(batch[0]) if isinstance(outcomes, Crashed) else outcomes[0]


def _crash(task: Task) -> Failure:
    message = "the process that parsed this file died, perhaps for want of memory; please report it"
    return Failure(readable(task.path), "crash", message)


def run(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    workers: int | None = None,
    themes: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Parse files and folders into the tables in `out`.

    Args:
        inputs: files and folders, see `discover`.
        out: folder for the tables; made if there is none.
        workers: processes to share the work; None takes every processor for more than a few files.
            A script of your own that asks for several calls this under `if __name__ == "__main__":`.
        themes: folder of a theme model that `planpipe train` made; None takes the one that comes with planpipe.
        progress: called with the number of files parsed and the number to parse.

    Returns:
        What was done, failures included.

    Raises:
        OSError: an input does not exist, or `out` cannot be written.
        PlanpipeError: `out` is one of the inputs, or `themes` holds no model.
    """
    out = Path(out)
    model = Path(themes).resolve() if themes is not None else None
    version_of_model = _model_state(model) if model else ""
    found = discover(inputs, out)
    (out / PARTS).mkdir(parents=True, exist_ok=True)
    failures = {failure.path: failure for failure in found.refused}
    tasks: list[Task] = []
    for path in found.files:
        try:
            sha256, size = _sha256(path)
        except OSError as error:
            failures[readable(path)] = refusal(path, error, "file")
        except ReadError as error:
            failures[readable(path)] = Failure(readable(path), error.code, str(error))
        else:
            part = out / PARTS / _part_name(path, sha256, version_of_model)
            tasks.append(Task(path, sha256, size, part, model))
    fresh = list({task.part: task for task in tasks if not task.part.exists()}.values())
    failed: dict[Path, Failure] = {}
    for done, (task, outcome) in enumerate(_done(fresh, workers or _workers(len(fresh))), 1):
        if outcome:
            failed[task.part] = outcome
            if outcome.trace:
                log.error("%s\n%s", outcome.path, outcome.trace)
        if progress:
            progress(done, len(fresh))
    for task in tasks:
        if task.part in failed:
            failures[readable(task.path)] = failed[task.part]._replace(path=readable(task.path))
    counts, partial = _assemble(out, tasks, failures)
    return Report(
        out=out,
        files=len(found.files),
        fresh=len(fresh),
        partial=partial,
        skipped=found.skipped,
        failures=tuple(failures[path] for path in sorted(failures)),
        rows=counts,
    )


def _workers(files: int) -> int:
    return (os.cpu_count() or 1) if files > FEW else 1


def _sha256(path: Path | Member) -> tuple[str, int]:
    """A file's hash, and its size in bytes."""
    if not isinstance(path, Path):
        source = path.load()
        return source.sha256, len(source.data)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), os.fstat(file.fileno()).st_size


def _model_state(folder: Path) -> str:
    """Twelve digits that stand for the theme model in a folder.

    Raises:
        ThemeError: the folder holds no model.
    """
    from pipeline.themes import ThemeModel

    ThemeModel.load(folder)
    digest = hashlib.sha256()
    for name in ("model.json", "ngrams.txt", "idf.npy", "weights.npy"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:12]


def _part_name(path: Path | Member, sha256: str, model: str = "") -> str:
    # The ending counts: the same bytes may be read otherwise as .txt than as .html.
    key = hashlib.sha256(os.fsencode(f"{sha256} {path.suffix.lower()} {state()}{model and ' ' + model}")).hexdigest()
    return f"{sha256[:SOURCE_DIGITS]}-{key[:20]}.json"


def _write(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it; leave it alone where it is as it should be."""
    if path.is_file() and path.read_bytes() == content:
        return
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_bytes(content)
    os.replace(temporary, path)


class _Source(NamedTuple):
    """A row of `sources` to be: its id, and the part or the failure that it is made of."""

    source_id: str
    path: str
    duplicate_of: str | None
    task: Task | None
    failure: Failure | None


def _name(tasks: Sequence[Task], failures: dict[str, Failure]) -> Iterator[_Source]:
    """Give each file its id, in the order of the paths."""
    by_path = {readable(task.path): task for task in tasks}
    seen: Counter[str] = Counter()
    first: dict[str, str] = {}
    for path in sorted({*by_path, *failures}):
        task = by_path.get(path)
        digest = task.sha256 if task else hashlib.sha256(f"unreadable:{Path(path).name}".encode()).hexdigest()
        short = digest[:SOURCE_DIGITS]
        seen[short] += 1
        source_id = short if seen[short] == 1 else f"{short}-{seen[short]}"
        duplicate_of = first.get(digest) if task else None
        first.setdefault(digest, source_id)
        yield _Source(source_id, path, duplicate_of, task, failures.get(path))


def _assemble(out: Path, tasks: Sequence[Task], failures: dict[str, Failure]) -> tuple[dict[str, int], int]:
    """Put the tables together from the parts, and remove parts and texts that no row refers to.

    Returns:
        The number of rows by table, and how many sources were read in part.
    """
    (out / "text").mkdir(exist_ok=True)
    partial = 0
    texts: set[str] = set()
    with tempfile.TemporaryDirectory(dir=out / PARTS) as folder:
        with ExitStack() as stack:
            writers = {table.name: stack.enter_context(export.Writer(table, Path(folder))) for table in TABLES}
            for source in _name(tasks, failures):
                if source.failure or not source.task:
                    writers["sources"].write([_failed_row(source)])
                    continue
                part = json.loads(source.task.part.read_bytes())
                for name, found in part["tables"].items():
                    writers[name].write(_renamed(BY_NAME[name], row, source) for row in found)
                partial += part["tables"]["sources"][0]["status"] == "partial"
                texts.add(f"{source.source_id}.txt")
                _write(out / "text" / f"{source.source_id}.txt", part["text"].encode())
        for file in sorted(Path(folder).iterdir()):
            os.replace(file, out / file.name)
    _write(out / "datapackage.json", export.datapackage(version("planpipe")).encode())
    kept = {task.part.name for task in tasks}
    for file in (*(out / PARTS).iterdir(), *(out / "text").iterdir()):
        if OURS.fullmatch(file.name) and file.name not in kept | texts:
            file.unlink()
    return {name: writer.rows for name, writer in writers.items()}, partial


def _failed_row(source: _Source) -> Row:
    row: dict[str, Any] = {
        "source_id": source.source_id,
        "path": source.path,
        "duplicate_of": source.duplicate_of,
        "status": "failed",
    }
    if source.failure:
        row |= {"error": source.failure.code, "message": source.failure.message, "seconds": source.failure.seconds}
    if source.task:
        row |= {"sha256": source.task.sha256, "bytes": source.task.bytes}
    return conform(BY_NAME["sources"], row)


def _renamed(table: Table, row: Row, source: _Source) -> Row:
    """A part's row under the id and path that its source has in this run."""
    if table.name == "sources":
        return row | {"source_id": source.source_id, "path": source.path, "duplicate_of": source.duplicate_of}
    own = source.source_id[:SOURCE_DIGITS]
    if own == source.source_id:
        return row
    columns = [name for name in (table.key, *table.refers) if row[name]]
    return row | {name: source.source_id + row[name][SOURCE_DIGITS:] for name in columns}


class _Door(ModuleType):
    """Lets `pipeline.run(...)` work once this module is loaded and stands where the function stood."""

    def __call__(self, paths: Iterable[str | Path], out: str | Path, *, workers: int = 1) -> Report:
        return run(paths, out, workers=workers)


sys.modules[__name__].__class__ = _Door
