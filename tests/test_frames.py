"""The tables of a run as data frames, with their relations, and SQL over them."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import pipeline
from pipeline.errors import NoTables, PlanpipeError
from pipeline.frames import Tables, frame
from pipeline.tables import BY_NAME, TABLES
from tests.conftest import TEXT, FakeParser


@pytest.fixture
def tables(tmp_path: Path, parser: FakeParser) -> Tables:
    """Of a run over two plans and a file that fails, in a folder with a name that is a pattern."""
    files = tmp_path / "in"
    files.mkdir()
    (files / "a.txt").write_text(TEXT, encoding="utf-8")
    (files / "b.txt").write_text(f"{TEXT}附注\n", encoding="utf-8")
    (files / "c.txt").write_bytes(b"")
    out = tmp_path / "o'ut [1] year=2031"
    pipeline.run([files], out, workers=0)
    return pipeline.load(out)


def test_every_table_with_its_columns(tables: Tables) -> None:
    assert tables.names == tuple(BY_NAME)
    for table in TABLES:
        assert list(getattr(tables, table.name).columns) == [column.name for column in table.columns]
    assert len(tables.sources) == 3
    assert len(tables.targets) == 4
    assert tables.targets is tables.targets


def test_dtypes(tables: Tables) -> None:
    assert tables.deadlines.end.dtype.kind == "M"
    assert tables.deadlines.end.tolist() == [pd.Timestamp(2031, 12, 31)] * 2
    assert tables.items.themes.tolist() == [[], ["curriculum", "teachers"]] * 2
    assert tables.items.theme_scores.iloc[1] == [0.91, 0.5]
    assert tables.items.is_goal.dtype == bool
    assert tables.plans.year_start.tolist() == [2031, 2031]
    assert tables.sources.bytes.dtype == "Int64"
    assert tables.sources.pages.isna().all()
    assert tables.targets.value.dtype == float


def test_full_puts_beside_a_row_what_it_refers_to(tables: Tables) -> None:
    full = tables.full("targets")
    assert full.target_id.tolist() == tables.targets.target_id.tolist()
    last = full.iloc[-1]
    assert last.text == "不少于20节"
    assert last.item_text == "2031年底前，教研室牵头，各学校配合，听课不少于20节。"
    assert last.item_main_theme == "curriculum"
    assert last.section_heading == "重点任务"
    assert (last.plan_title, last.plan_issuer, last.plan_year_start) == (
        "青禾县教育局2031年工作计划",
        "青禾县教育局",
        2031,
    )
    assert last.deadline_end == pd.Timestamp(2031, 12, 31)
    assert last.source_path.endswith("b.txt")
    assert last.source_id == last.plan_id.split(".")[0]
    assert pd.isna(full.deadline_end.iloc[0])  # a target without deadline stays
    assert full.plan_year_start.dtype == "Int64"
    assert list(full.columns[: len(tables.targets.columns)]) == list(tables.targets.columns)
    assert full.columns.is_unique


@pytest.mark.parametrize("name", [table.name for table in TABLES])
def test_full_keeps_the_rows_of_every_table(tables: Tables, name: str) -> None:
    full = tables.full(name)
    key = BY_NAME[name].key
    assert full[key].tolist() == getattr(tables, name)[key].tolist()
    assert full.columns.is_unique
    if name != "sources":
        assert full.source_path.notna().all()


def test_full_of_rows_outside_items(tmp_path: Path, tables: Tables) -> None:
    out = tmp_path / "out"
    shutil.copytree(tables.out, out)
    goals = parquet.ParquetFile(out / "goals.parquet").read()
    none = pa.array([None] * len(goals), pa.string())
    at = goals.schema.get_field_index("item_id")
    parquet.write_table(goals.set_column(at, goals.schema.field(at), none), out / "goals.parquet")
    full = pipeline.load(out).full("goals")
    assert full.item_is_goal.isna().all()
    assert full.plan_title.notna().all()


def test_full_of_a_parent(tables: Tables) -> None:
    assert "parent_heading" in tables.full("sections")
    assert "duplicate_of_path" in tables.full("sources")


def test_sql(tables: Tables) -> None:
    found = tables.sql(
        "select unit, count(*) as n, sum(position) as p from targets join items using (item_id) group by 1"
    )
    assert sorted(found.itertuples(index=False, name=None)) == [("所", 2, 2), ("节", 2, 4)]
    assert found.dtypes.astype(str).tolist()[1:] == ["Int64", "Int64"]
    found = tables.sql("select themes, due from items where list_contains(themes, ?) order by item_id", ["teachers"])
    assert found.themes.tolist() == [["curriculum", "teachers"]] * 2
    assert found.due.tolist() == [pd.Timestamp(2031, 12, 31)] * 2
    for table in TABLES:
        assert len(tables.sql(f"select * from {table.name}")) == len(getattr(tables, table.name))
        assert list(tables.sql(f"select * from {table.name}").columns) == [column.name for column in table.columns]


def test_sql_keeps_what_it_made(tables: Tables) -> None:
    tables.sql("create table mine as select 1 as a")
    assert tables.sql("select * from mine").a.tolist() == [1]


def test_sql_does_not_look_at_variables(tables: Tables) -> None:
    mine = pd.DataFrame({"a": [1]})
    assert len(mine) == 1
    with pytest.raises(duckdb.Error, match="mine"):
        tables.sql("select * from mine")


def test_sql_tells_what_is_wrong(tables: Tables) -> None:
    with pytest.raises(duckdb.Error, match="targts"):
        tables.sql("select * from targts")


def test_nothing_is_read_before_it_is_asked_for(tables: Tables) -> None:
    for table in TABLES:
        (tables.out / f"{table.name}.parquet").write_bytes(b"no table")
    lazy = pipeline.load(tables.out)
    assert "plans" in repr(lazy)
    assert {"items", "sql", "full"} <= set(dir(lazy))
    with pytest.raises(pa.ArrowInvalid):
        _ = lazy.items


def test_another_table_in_the_folder(tables: Tables) -> None:
    parquet.write_table(pa.table({"a": [1, 2]}), tables.out / "changes.parquet")
    assert tables.names[-1] == "changes"
    assert tables.changes.a.tolist() == [1, 2]
    assert tables.full("changes").a.tolist() == [1, 2]
    assert pipeline.load(tables.out).sql("select sum(a) as s from changes").s.tolist() == [3]


def test_an_unknown_table(tables: Tables) -> None:
    with pytest.raises(AttributeError, match="no table target; there are sources, plans"):
        _ = tables.target
    with pytest.raises(AttributeError):
        tables.full("target")
    assert not hasattr(tables, "_ipython_display_")


def test_the_text_of_a_source(tables: Tables) -> None:
    row = tables.full("targets").iloc[-1]
    assert tables.text(row.source_id)[row.char_start : row.char_end] == row.text
    with pytest.raises(FileNotFoundError):
        tables.text("0" * 12)


def test_no_folder_of_a_run(tmp_path: Path) -> None:
    with pytest.raises(NoTables, match=r"nowhere is no folder; .*planpipe run FILES --out"):
        pipeline.load(tmp_path / "nowhere")
    with pytest.raises(PlanpipeError, match="has no tables in it"):
        pipeline.load(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(NoTables, match="is no folder"):
        pipeline.load(str(tmp_path / "file"))


def test_frames_of_odd_types() -> None:
    table = pa.table(
        {
            "sum": pa.array([Decimal(10**18), None], pa.decimal128(38, 0)),
            "share": pa.array([Decimal("0.25"), None], pa.decimal128(38, 2)),
            "large": pa.array([Decimal(10**30), None], pa.decimal128(38, 0)),
            "small": pa.array([1, None], pa.int8()),
            "days": pa.array([[date(2031, 1, 1)], None], pa.list_(pa.date32())),
            "pairs": pa.array([[[1], [2]], [[3], [4]]], pa.list_(pa.list_(pa.int64()))),
        }
    )
    found = frame(table)
    assert found["sum"].tolist() == [10**18, pd.NA]
    assert found.share.iloc[0] == 0.25
    assert found.large.iloc[0] == 1e30
    assert found.small.tolist() == [1, pd.NA]
    assert found.days.tolist() == [[date(2031, 1, 1)], None]
    assert found.pairs.tolist() == [[[1], [2]], [[3], [4]]]
    assert frame(table.slice(0, 0)).columns.tolist() == table.column_names


def test_columns_of_one_name() -> None:
    table = pa.Table.from_arrays([pa.array([[1]]), pa.array([[2]])], names=["a", "a"])
    assert frame(table).iloc[0].tolist() == [[1], [2]]
