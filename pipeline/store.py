"""What a run keeps of each file that it has parsed, so that nothing is done twice and nothing done is lost.

    OUT/.planpipe/
        inputs.parquet        the files that the last run was given, in the order of their paths
        run.json              what they were read with
        parts/<id>/           what came of some files; a folder once here is never changed
            items.parquet …   rows by table, with the file's key and the row's number in it
            texts.parquet     the files' texts
            files.parquet     the files' keys and how each ended
        new/<id>/             a part that is being written; of no account

A part is written beside the others and put among them by one rename, its bytes on the disk before that. On an
address that knows no rename (s3://…) `files.parquet` is written last, and a folder without it is no part. There is
no lock and no server: workers on several machines write parts of their own, and where two have parsed the same
file, one of them counts. The key of a file stands for its bytes, its ending, and the code, rules and model that
read it, so that a part of other rules is simply not asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from pipeline.tables import TABLES

FOLDER = ".planpipe"
KEY_DIGITS = 20
TEXTS = re.compile(r"[0-9a-f]{12}(-[0-9]+)?\.txt(\.new)?")
LAST = "files"
"""The table of a part that is written last."""


class Outcome(NamedTuple):
    """How a file ended.

    Args:
        key: of the file, see `key_of`.
        tables: its rows by table, as Arrow tables; None where it failed.
        text: of its document.
        signatures: for each of its plans, the bytes of its signature (`pipeline.duplicates`).
        code, message: why it failed.
        seconds: how long it took.
    """

    key: str
    tables: Mapping[str, Any] | None = None
    text: str = ""
    signatures: Sequence[bytes] = ()
    code: str | None = None
    message: str | None = None
    seconds: float | None = None


class Input(NamedTuple):
    """A file that a run was given.

    Args:
        path: as it stands in `sources`.
        digest: SHA-256 of its bytes; of its name where they cannot be had.
        bytes: its size, None where they cannot be had.
        key: see `key_of`; None where it cannot be parsed.
        code, message: why not.
    """

    path: str
    digest: str
    bytes: int | None = None
    key: str | None = None
    code: str | None = None
    message: str | None = None


def key_of(sha256: str, ending: str, reader: str) -> str:
    """What a file's part is asked for by.

    Args:
        sha256: of its bytes.
        ending: of its name: the same bytes may be read otherwise as .txt than as .html.
        reader: stands for the code, rules and model that read it.
    """
    return hashlib.sha256(os.fsencode(f"{sha256} {ending.lower()} {reader}")).hexdigest()[:KEY_DIGITS]


INPUTS_AT_ONCE = 1000
"""Inputs that are held before they are written."""


class Store:
    """The folder `.planpipe` of a run.

    Args:
        out: the run's folder, a path or an address that fsspec knows (`s3://bucket/tables`).
    """

    def __init__(self, out: str | Path) -> None:
        from fsspec.core import url_to_fs

        self.out = os.fspath(out)
        self.fs, root = url_to_fs(self.out)
        self.local = isinstance(root, str) and "local" in _protocols(self.fs)
        self._folder = root.rstrip("/")
        self.root = f"{self._folder}/{FOLDER}"
        self._texts = f"{self._folder}/text"

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            OSError: they cannot be made.
        """
        if self.local:
            for name in ("parts", "new"):
                Path(self.root, name).mkdir(parents=True, exist_ok=True)

    def commit(self, outcomes: Sequence[Outcome]) -> str:
        """Keep what came of some files, all at once.

        Args:
            outcomes: one a file.

        Returns:
            The part's id.

        Raises:
            OSError: it cannot be written; nothing of it is kept then.
        """
        name = uuid.uuid4().hex
        tables = _part(outcomes, name)
        if not self.local:
            for table, content in tables.items():
                with self.fs.open(f"{self.root}/parts/{name}/{table}.parquet", "wb") as file:
                    _write(content, file)
            return name
        folder = Path(self.root, "new", name)
        folder.mkdir(parents=True)
        try:
            for table, content in tables.items():
                with (folder / f"{table}.parquet").open("wb") as file:
                    _write(content, file)
                    file.flush()
                    os.fsync(file.fileno())
            _sync(folder)
            os.replace(folder, Path(self.root, "parts", name))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        _sync(Path(self.root, "parts"))
        return name

    def parts(self) -> list[str]:
        """The ids of the parts, in a fixed order."""
        return sorted(path.rsplit("/", 2)[1] for path in self.files().get(LAST, ()))

    def files(self) -> dict[str, list[str]]:
        """Where the rows of each table lie in the parts that there are now, in a fixed order."""
        self.fs.invalidate_cache()
        found = [path.rsplit("/", 2)[1:] for path in sorted(self.fs.find(f"{self.root}/parts"))]
        whole = {part for part, name in found if name == f"{LAST}.parquet"}
        result: dict[str, list[str]] = {}
        for part, name in found:
            if part in whole:
                path = self._address(f"parts/{part}/{name}")
                result.setdefault(name.removesuffix(".parquet"), []).append(path)
        return result

    def _address(self, name: str) -> str:
        """Where a file of the store lies, as DuckDB takes it."""
        path = f"{self.root}/{name}"
        return path if self.local else str(self.fs.unstrip_protocol(path))

    def done(self) -> set[str]:
        """The keys of the files that were parsed."""
        from pyarrow import compute, parquet

        found: set[str] = set()
        for path in self.files().get(LAST, ()):
            with self.fs.open(path, "rb") as file:
                table = parquet.read_table(file, columns=["key", "failed"])
            found.update(table.filter(compute.invert(table["failed"]))["key"].to_pylist())
        return found

    def set_inputs(self, inputs: Iterable[Input], made_by: Mapping[str, str]) -> None:
        """Keep what a run was given, in place of what the last one was.

        Args:
            inputs: in the order of their paths.
            made_by: the versions of what reads them.
        """
        import pyarrow as pa
        from pyarrow import parquet

        fields = [(name, pa.int64() if name == "bytes" else pa.string()) for name in Input._fields]
        schema = pa.schema([("position", pa.int64()), *fields])
        with self._replacing("inputs.parquet") as file, parquet.ParquetWriter(file, schema) as writer:
            waiting: list[dict[str, Any]] = []
            for position, entry in enumerate(inputs):
                waiting.append({"position": position, **entry._asdict()})
                if len(waiting) == INPUTS_AT_ONCE:
                    writer.write_table(pa.Table.from_pylist(waiting, schema=schema))
                    waiting = []
            writer.write_table(pa.Table.from_pylist(waiting, schema=schema))
        with self._replacing("run.json") as file:
            file.write(json.dumps(dict(made_by), ensure_ascii=False).encode())

    @property
    def inputs(self) -> str:
        """Where the inputs are kept."""
        return self._address("inputs.parquet")

    def made_by(self) -> dict[str, str]:
        """What the last run read its files with; nothing where there was none."""
        try:
            found: dict[str, str] = json.loads(self.fs.cat_file(f"{self.root}/run.json"))
        except FileNotFoundError:
            return {}
        return found

    def publish(self, files: Iterable[Path]) -> None:
        """Put files of the disk into the run's folder, each in place of an earlier one."""
        for path in files:
            if self.local:
                os.replace(path, Path(self.out, path.name))
            else:
                self.fs.put_file(str(path), f"{self._folder}/{path.name}")

    def withdraw(self, names: Iterable[str]) -> None:
        """Remove files of the run's folder, if they are there."""
        for path in (f"{self._folder}/{name}" for name in names):
            if self.fs.exists(path):
                self.fs.rm_file(path)

    def write_text(self, name: str, text: str) -> None:
        """Write a file of the folder `text` so that nobody sees half of it; leave it where it is as it should be."""
        content = text.encode()
        if not self.local:
            self.fs.pipe_file(f"{self._texts}/{name}", content)
            return
        path = Path(self._texts, name)
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_name(f"{name}.new")
        temporary.write_bytes(content)
        os.replace(temporary, path)

    def clear_texts(self, wanted: Collection[str]) -> None:
        """Remove the texts of files that are no longer in the tables; other files in that folder stay."""
        if self.local:
            Path(self._texts).mkdir(exist_ok=True)
        self.fs.invalidate_cache()
        for path in self.fs.find(self._texts, maxdepth=1):
            name = path.rpartition("/")[2]
            if TEXTS.fullmatch(name) and name not in wanted:
                self.fs.rm_file(path)

    def clean(self, wanted: Collection[str]) -> None:
        """Remove all parts but those that are wanted, and what unfinished ones left behind."""
        for part in set(self.parts()) - set(wanted):
            self.fs.rm(f"{self.root}/parts/{part}", recursive=True)
        if self.local:
            for left in (*Path(self.root, "new").iterdir(), *Path(self.root, "parts").iterdir()):
                if left.parent.name == "new" or not (left / f"{LAST}.parquet").exists():
                    shutil.rmtree(left, ignore_errors=True)

    def _replacing(self, name: str) -> _Replacing:
        return _Replacing(self, f"{self.root}/{name}")


class _Replacing:
    """A file that takes another's place when it is complete; one for an address is written on the disk first."""

    def __init__(self, store: Store, path: str) -> None:
        self.path, self.store = path, store
        self.file: Any = Path(f"{path}.new").open("wb") if store.local else NamedTemporaryFile(delete=False)  # noqa: SIM115

    def __enter__(self) -> Any:
        return self.file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.file.close()
        new = Path(self.file.name)
        try:
            if kind is None and self.store.local:
                os.replace(new, self.path)
            elif kind is None:
                self.store.fs.put_file(str(new), self.path)
        finally:
            new.unlink(missing_ok=True)


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


def _part(outcomes: Sequence[Outcome], name: str) -> dict[str, Any]:
    """The Arrow tables of a part, empty ones left out, `files` last; each row knows its part, file and number."""
    import pyarrow as pa

    def place(table: Any, keys: Sequence[str], numbers: Sequence[int]) -> Any:
        columns = {"_key": pa.array(keys, pa.string()), "_row": pa.array(numbers, pa.int64())}
        columns["_part"] = pa.array([name] * len(keys), pa.string())
        for column, values in columns.items():
            table = table.append_column(column, values)
        return table

    done = [outcome for outcome in outcomes if outcome.tables is not None]
    result: dict[str, Any] = {}
    for table in TABLES:
        found = [(outcome.key, (outcome.tables or {})[table.name]) for outcome in done]
        keys = [key for key, rows in found for _ in range(len(rows))]
        if keys:
            numbers = [number for _, rows in found for number in range(len(rows))]
            result[table.name] = place(pa.concat_tables([rows for _, rows in found]), keys, numbers)
    if done:
        texts = pa.table({"text": pa.array([o.text for o in done], pa.string())})
        result["texts"] = place(texts, [o.key for o in done], [0] * len(done))
    signed = [(outcome.key, n, signature) for outcome in done for n, signature in enumerate(outcome.signatures)]
    if signed:
        signatures = pa.table({"signature": pa.array([signature for _, _, signature in signed], pa.binary())})
        result["signatures"] = place(signatures, [key for key, _, _ in signed], [n for _, n, _ in signed])
    now = time.time_ns()  # which of two outcomes of one file is the later one; goes to no table
    ended = [(o.key, o.tables is None, o.code, o.message, o.seconds, now, name) for o in outcomes]
    schema = outcome_schema()
    result[LAST] = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in ended], schema=schema)
    return result


def outcome_schema() -> Any:
    """The columns of the table `files` of a part, as an Arrow schema."""
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("code", "message")]
    rest = [("seconds", pa.float64()), ("written", pa.int64()), ("part", pa.string())]
    return pa.schema([("key", pa.string()), ("failed", pa.bool_()), *texts, *rest])


def _write(content: Any, file: Any) -> None:
    from pyarrow import parquet

    parquet.write_table(content, file, compression="zstd")


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
