"""The tables of a run, put together from the parts of its store.

DuckDB reads the parts and sorts the rows by the path of their file and their place in it, on the disk where they
are too many for the memory, and they are written as they come. So it makes no difference which worker parsed a file,
when, or together with which others, and the memory that it takes does not grow with the archive. Files that have no
outcome yet are left out: the tables can be put together while a run goes on.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import export
from pipeline.discover import Failure
from pipeline.errors import NoTables
from pipeline.rows import SOURCE_DIGITS
from pipeline.store import Store, outcome_schema
from pipeline.tables import BY_NAME, COMPARISONS, TABLES, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "1GB"
"""For DuckDB; what does not fit goes to a temporary file."""
TEXTS = 100
"""Texts that are held at once."""

# For each file that was given: its id, and the part that tells how it ended. Of several outcomes a success counts,
# else the latest. Ids count files of the same first digits in the order of their paths, done or not.
NAMED = f"""
create temp table named as
with ended as (
    select * from (
        select *, row_number() over (partition by key order by failed, written desc, part) as nth from outcomes
    ) where nth = 1
), given as (
    select *, row_number() over (partition by substr(digest, 1, {SOURCE_DIGITS}) order by position) as nth
    from read_parquet(?, hive_partitioning = false)
), numbered as (
    select *, substr(digest, 1, {SOURCE_DIGITS}) || case when nth = 1 then '' else '-' || nth end as source_id
    from given
), first as (
    select *, first_value(source_id) over (partition by digest order by position) as first_id from numbered
)
select f.position, f.source_id, f.path, f.bytes, f.key, e.part,
    case when f.key is not null then f.digest end as sha256,
    case when f.key is not null and f.first_id <> f.source_id then f.first_id end as duplicate_of,
    f.key is null or e.failed as failed,
    coalesce(f.code, e.code) as code, coalesce(f.message, e.message) as message, e.seconds
from first f left join ended e on f.key = e.key
where f.key is null or e.key is not null
"""


class Assembled(NamedTuple):
    """What was put together.

    Args:
        rows: number of rows by table.
        partial: how many sources were read in part.
        failures: files that are not in the tables, in the order of their paths.
        parts: the parts that rows were taken from.
    """

    rows: dict[str, int]
    partial: int
    failures: tuple[Failure, ...]
    parts: frozenset[str]


def assemble(store: Store, *, unique: bool = False) -> Assembled:
    """Write the tables of a run, the texts that they point into, and `datapackage.json`.

    All are complete before the first takes the place of an earlier one. What was made from earlier tables
    (`planpipe compare`) is removed: it may not fit these.

    Args:
        store: of the run.
        unique: leave out files whose bytes another one has, and of plans that are versions of one text all but one.

    Raises:
        NoTables: no run has worked here.
        OSError: they cannot be written.
    """
    if not store.fs.exists(store.inputs):
        raise NoTables(f"no run has worked in {store.out}; type: planpipe run INPUT... --out {store.out}")
    with TemporaryDirectory(dir=store.root if store.local else None, prefix="tables-") as name:
        folder = Path(name)
        with _connected(store, folder) as connection:
            tables = _Tables(connection, store, unique=unique)
            with ExitStack() as stack:
                counts = {}
                for table in TABLES:
                    writer = stack.enter_context(export.Writer(table, folder))
                    for batch in tables.batches(table):
                        writer.write_batch(batch)
                    counts[table.name] = writer.rows
            texts = tables.write_texts()
            partial = tables.count("sources", "status = 'partial'") if counts["sources"] else 0
            failures = connection.execute(
                "select path, code, message, seconds from named where failed order by position"
            ).fetchall()
            parts = connection.execute("select distinct part from named where part is not null").fetchall()
        (folder / "datapackage.json").write_text(export.datapackage(version("planpipe")), encoding="utf-8")
        store.withdraw(f"{table.name}.{ending}" for table in COMPARISONS for ending in ("csv", "parquet"))
        store.publish(sorted(path for path in folder.iterdir() if path.suffix in (".csv", ".parquet", ".json")))
    store.clear_texts(texts)
    kept = frozenset(part for (part,) in parts)
    return Assembled(counts, partial, tuple(Failure(*row) for row in failures), kept)


@contextmanager
def _connected(store: Store, folder: Path) -> Iterator[DuckDBPyConnection]:
    import duckdb

    spill = folder / "spill"
    spill.mkdir()
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY, "temp_directory": str(spill)}) as connection:
        if not store.local:
            connection.register_filesystem(store.fs)
        yield connection


class _Tables:
    """The rows of a run: of each file those of the part that counts."""

    def __init__(self, connection: DuckDBPyConnection, store: Store, *, unique: bool) -> None:
        self.connection, self.store, self.unique = connection, store, unique
        self.files = store.files()
        connection.execute(f"create temp view outcomes as from {self._read('files', outcome_schema())}")
        connection.execute(NAMED, [glob.escape(store.inputs)])
        self._cluster()

    def batches(self, table: Table) -> Iterator[Any]:
        """The rows of a table as Arrow record batches, by the path of their file and their order in it."""
        columns = ", ".join(f'{self._value(table, column.name)} as "{column.name}"' for column in table.columns)
        rows = f"""
            select {columns}, n.position as _position, p._row
            from {self._counting(table.name, export.arrow_schema(table))}
        """
        if table.name == "sources":
            failed = ", ".join(f"n.{name}" for name in ("source_id", "path", "duplicate_of", "sha256", "bytes"))
            told = f"{failed}, 'failed' as status, n.code as error, n.message, n.seconds"
            placed = "n.position as _position, 0 as _row"
            rows += f"union all by name select {told}, {placed} from named n where n.failed"
        if table.name == "plans":
            rows = (
                f"select r.* replace (c.cluster_id as cluster_id) from ({rows}) r left join clusters c using (plan_id)"
            )
        if self.unique:
            rows = f"select * from ({rows}) {self._first_only(table)}"
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        found = self.connection.sql(f"select {names} from ({rows}) order by _position, _row")
        yield from found.to_arrow_reader(export.ROW_GROUP)

    def count(self, table: str, condition: str) -> int:
        """How many of the rows of a table that count fulfil a condition."""
        rows = self._counting(table, export.arrow_schema(BY_NAME[table]))
        found = self.connection.execute(f"select count(*) from {rows} where {condition}").fetchone()
        return int(found[0]) if found else 0

    def write_texts(self) -> set[str]:
        """Write the text of each source; gives the names of the files."""
        import pyarrow as pa

        rows = self._counting("texts", pa.schema([("text", pa.string())]))
        first = "where n.duplicate_of is null" if self.unique else ""
        sql = f"select n.source_id, p.text from {rows} {first}"
        names = set()
        for batch in self.connection.sql(sql).to_arrow_reader(TEXTS):
            for source_id, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                self.store.write_text(f"{source_id}.txt", text)
                names.add(f"{source_id}.txt")
        return names

    def _cluster(self) -> None:
        """Make the table `clusters`: for each plan the id of its cluster."""
        import pyarrow as pa

        from pipeline.duplicates import clusters

        signatures = self._read("signatures", pa.schema([("signature", pa.binary())]))
        plans = self._counting("plans", export.arrow_schema(BY_NAME["plans"]))
        found = self.connection.execute(
            f"""
            select {_own("plan_id")}, s.signature from {plans}
            join {signatures} s on s._key = p._key and s._part = p._part and s._row = p._row
            """
        )
        together = clusters(found.fetchall())
        pairs = {"plan_id": pa.array(together, pa.string()), "cluster_id": pa.array(together.values(), pa.string())}
        self.connection.register("clusters", pa.table(pairs))

    def _first_only(self, table: Table) -> str:
        """What leaves out further copies: of files by their bytes, of plans by their clusters."""
        if table.name == "sources":
            return "where duplicate_of is null"
        return "where plan_id in (select plan_id from clusters where plan_id = cluster_id)"

    def _value(self, table: Table, column: str) -> str:
        """A column of a part's row as this run has it: ids begin with that of the source."""
        if table.name == "sources" and column in ("source_id", "path", "duplicate_of"):
            return f"n.{column}"
        return _own(column) if column in (table.key, *table.refers) else f'p."{column}"'

    def _counting(self, table: str, schema: Any) -> str:
        """The rows `p` that count, each with what is known of its file as `n`, as a term of SQL."""
        return f"{self._read(table, schema)} p join named n on n.key = p._key and n.part = p._part"

    def _read(self, table: str, schema: Any) -> str:
        """The rows of all parts, as a term of SQL; none where no part has any."""
        import pyarrow as pa

        files = self.files.get(table)
        if files:
            # Names of folders are no patterns and no columns, whatever they look like.
            quoted = ", ".join("'" + glob.escape(file).replace("'", "''") + "'" for file in files)
            return f"read_parquet([{quoted}], hive_partitioning = false)"
        places = [("_key", pa.string()), ("_row", pa.int64()), ("_part", pa.string())]
        for name, type in places if table != "files" else ():
            schema = schema.append(pa.field(name, type))
        self.connection.register(f"no_{table}", schema.empty_table())
        return f"no_{table}"


def _own(column: str) -> str:
    """An id of a part's row under the id that its source has in this run."""
    return f"n.source_id || substr(p.{column}, {SOURCE_DIGITS + 1})"
