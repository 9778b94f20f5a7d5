"""What a run keeps: parts that are whole or not there, outcomes of which one counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import export, rows
from pipeline.assemble import assemble
from pipeline.errors import NoTables
from pipeline.model import Plan
from pipeline.store import Input, Outcome, Store, key_of
from pipeline.tables import BY_NAME
from tests.conftest import TEXT, plan_of

DIGEST = "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path / "out")
    found.prepare()
    found.set_inputs([Input("a.txt", DIGEST, 9, "key a"), Input("b.txt", "cd" * 32, 9, "key b")], {"reader": "1"})
    return found


def outcome(key: str, plan: Plan, digest: str = DIGEST) -> Outcome:
    found = rows.plan_rows((plan,), digest[:12])
    found["sources"] = [rows.source_row(plan.document, (plan,), digest[:12], "x.txt", 0.1)]
    tables = {name: export.arrow_table(BY_NAME[name], made) for name, made in found.items()}
    return Outcome(key, tables, plan.document.text, seconds=0.1)


def parquet(store: Store, table: str) -> list[dict[str, Any]]:
    from pyarrow import parquet

    found: list[dict[str, Any]] = parquet.read_table(Path(store.out) / f"{table}.parquet").to_pylist()
    return found


def test_a_part_is_there_as_a_whole_or_not_at_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(content: Any, file: Any) -> None:
        file.write(b"PAR1")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.store._write", full)
        with pytest.raises(OSError, match="No space"):
            store.commit([Outcome("key a", code="damaged", message="cut short")])
    assert store.parts() == []
    assert list(Path(store.root, "new").iterdir()) == []


def test_what_was_not_finished_is_of_no_account(store: Store) -> None:
    part = store.commit([outcome("key a", plan_of(TEXT))])
    half = Path(store.root, "parts", "half")
    half.mkdir()
    (half / "plans.parquet").write_bytes(b"PAR1")
    (Path(store.root, "new") / "begun").mkdir()
    assert store.parts() == [part]
    assert store.done() == {"key a"}
    assert assemble(store).rows["plans"] == 1
    store.clean({part})
    assert [path.name for path in Path(store.root, "parts").iterdir()] == [part]
    assert list(Path(store.root, "new").iterdir()) == []


def test_files_without_an_outcome_are_left_out(store: Store) -> None:
    store.commit([outcome("key b", plan_of(TEXT), "cd" * 32)])
    found = assemble(store)
    assert [row["path"] for row in parquet(store, "sources")] == ["b.txt"]
    assert found.rows["plans"] == 1


def test_a_success_counts_before_a_failure_and_the_later_failure_before_the_earlier(store: Store) -> None:
    store.commit([Outcome("key a", code="damaged", message="first"), Outcome("key b", code="damaged", message="b")])
    store.commit([Outcome("key a", code="timeout", message="second")])
    assert [(failure.path, failure.message) for failure in assemble(store).failures] == [
        ("a.txt", "second"),
        ("b.txt", "b"),
    ]
    good = store.commit([outcome("key a", plan_of(TEXT))])
    store.commit([Outcome("key a", code="crash", message="third")])
    found = assemble(store)
    assert [failure.path for failure in found.failures] == ["b.txt"]
    assert good in found.parts
    assert [(row["path"], row["status"]) for row in parquet(store, "sources")] == [("a.txt", "ok"), ("b.txt", "failed")]


def test_two_parts_of_one_file_count_once(store: Store) -> None:
    for _ in range(2):
        store.commit([outcome("key a", plan_of(TEXT))])
    found = assemble(store)
    assert (found.rows["sources"], found.rows["plans"], len(found.parts)) == (1, 1, 1)


def test_the_key_knows_bytes_ending_and_reader() -> None:
    keys = {
        key_of(DIGEST, ".txt", "1"),
        key_of(DIGEST, ".html", "1"),
        key_of(DIGEST, ".txt", "2"),
        key_of("cd" * 32, ".txt", "1"),
    }
    assert len(keys) == 4
    assert key_of(DIGEST, ".TXT", "1") in keys


def test_what_was_compared_leaves_with_the_tables(store: Store) -> None:
    for name in ("changes.csv", "reuse.parquet", "notes.csv"):
        Path(store.out, name).touch()
    assemble(store)
    there = {path.name for path in Path(store.out).iterdir()}
    assert "notes.csv" in there
    assert not {"changes.csv", "reuse.parquet"} & there


def test_where_no_run_has_worked(tmp_path: Path) -> None:
    with pytest.raises(NoTables, match="planpipe run"):
        assemble(Store(tmp_path))


def test_tables_are_of_the_old_run_or_of_the_new_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.commit([outcome("key a", plan_of(TEXT))])
    assemble(store)
    before = {path.name: path.read_bytes() for path in Path(store.out).iterdir() if path.is_file()}
    store.commit([outcome("key b", plan_of(TEXT), "cd" * 32)])

    def fail(self: Any, batch: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.export.Writer.write_batch", fail)
        with pytest.raises(OSError, match="No space"):
            assemble(store)
    assert before == {path.name: path.read_bytes() for path in Path(store.out).iterdir() if path.is_file()}
    assert [path for path in Path(store.root).iterdir() if path.name.startswith("tables-")] == []
    assert assemble(store).rows["plans"] == 2


@pytest.mark.parametrize("address", [None, "memory://kept"])
def test_inputs_that_break_off_leave_those_of_the_last_run(tmp_path: Path, address: str | None) -> None:
    store = Store(address or tmp_path)
    store.prepare()
    store.set_inputs([Input("a.txt", DIGEST, 9, "key a")], {"reader": "1"})
    before = store.fs.cat_file(f"{store.root}/inputs.parquet")

    def breaks_off() -> Iterator[Input]:
        yield Input("b.txt", DIGEST, 9, "key b")
        raise OSError("the folder is gone")

    with pytest.raises(OSError, match="gone"):
        store.set_inputs(breaks_off(), {"reader": "2"})
    assert store.fs.cat_file(f"{store.root}/inputs.parquet") == before
    assert store.made_by() == {"reader": "1"}
    assert address or sorted(path.name for path in Path(store.root).iterdir() if path.is_file()) == [
        "inputs.parquet",
        "run.json",
    ]
