"""Real faults in real runs: whatever is killed, full or gone, the next run ends with the tables of an undisturbed one.

A few of each here; `make faults` has as many as FAULTS says, 20 by default, with 500 files.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.progress import Begun, Ended, Event
from pipeline.run import Report, run
from tests.conftest import TEXT
from tests.made_run import archive
from tests.test_run import rows, tables
from tests.test_workers import workers

TIMES = int(os.environ.get("FAULTS", "2"))
FILES = 500 if "FAULTS" in os.environ else 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plans, a copy, an empty file, a name that is no UTF-8, and links that lead in a circle."""
    files = archive(tmp_path_factory.mktemp("faults") / "in", FILES)
    shutil.copy(files / "001.txt", os.fsencode(files) + b"/\xd6\xd0.txt")
    (files / "circle").symlink_to(files)
    return files


@pytest.fixture(scope="module")
def undisturbed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    assert run([folder], out, workers=2).rows["plans"] == FILES + 2
    return tables(out)


def test_workers_killed_at_random(folder: Path, tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """A kill costs no file: it is tried once more. One that meets two kills has failed, until the next run."""
    rng = random.Random(7)
    at = set(rng.sample(range(FILES), TIMES))
    in_hand: set[str] = set()
    met: Counter[str] = Counter()

    def watch(event: Event) -> None:
        if isinstance(event, Ended):
            in_hand.discard(event.path)
        if not isinstance(event, Begun):
            return
        in_hand.add(event.path)
        if event.number in at:
            at.remove(event.number)
            os.kill(rng.choice(workers()), signal.SIGKILL)
            met.update(in_hand)

    report = run([folder], tmp_path / "out", workers=2, watch=watch)
    assert not at
    crashed = {failure.path for failure in report.failures if failure.code == "crash"}
    assert crashed <= {path for path, times in met.items() if times > 1}
    assert [failure.code for failure in report.failures if failure.path not in crashed] == ["empty"]
    run([folder], tmp_path / "out", workers=2)
    assert tables(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("number", range(TIMES))
def test_the_run_killed_at_a_random_moment(
    folder: Path, tmp_path: Path, undisturbed: dict[str, bytes], number: int
) -> None:
    out = tmp_path / "out"
    planpipe = Path(sys.executable).with_name("planpipe")
    command = [planpipe, "run", folder, "--out", out, "--workers", "2", "--quiet"]
    # From before the first part is kept until after the last: as many moments as runs, spread over that time.
    kept = FILES * (number + random.Random(number).random()) / TIMES
    with subprocess.Popen(command) as started:
        family = _wait(lambda: psutil.Process(started.pid).children() or started.poll() is not None)
        _wait(lambda: started.poll() is not None or _kept(out) >= kept)
        if started.poll() is None:
            family = psutil.Process(started.pid).children()
            started.send_signal(signal.SIGKILL)
    _wait(lambda: not any(child.is_running() and child.status() != "zombie" for child in family or []))
    run([folder], out, workers=2)
    assert tables(out) == undisturbed


def _kept(out: Path) -> int:
    """Number of files that are committed."""
    from pyarrow import parquet

    parts = list((out / ".planpipe" / "parts").glob("*/files.parquet"))
    return sum(parquet.read_metadata(part).num_rows for part in parts)


def _wait(condition: Callable[[], Any]) -> Any:
    for _ in range(1200):
        if found := condition():
            return found
        time.sleep(0.05)
    raise TimeoutError("what was waited for did not happen in a minute")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
def test_a_full_disk(folder: Path, small_disk: Path, undisturbed: dict[str, bytes]) -> None:
    out = small_disk / "out"
    with pytest.raises(OSError, match="No space left"):
        run([folder], out, workers=2)
    assert workers() == []
    subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)
    run([folder], out, workers=2)
    assert tables(out) == undisturbed


def test_a_folder_that_vanishes(folder: Path, tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    away = folder.with_name("away")

    def watch(event: Event) -> None:
        if isinstance(event, Begun) and folder.exists():
            folder.rename(away)

    lost: Report = run([folder], tmp_path / "out", workers=2, watch=watch)
    assert "unreadable" in {failure.code for failure in lost.failures}
    away.rename(folder)
    run([folder], tmp_path / "out", workers=2)
    assert tables(tmp_path / "out") == undisturbed


def test_harmful_files_cost_their_own_rows(
    folder: Path, tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That each of them fails, and why, stands in test_workers.py; here it is that nothing else changes."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "faults"))
    harmful = folder / "harm.txt"
    harmful.write_text("SEGV" + TEXT, encoding="utf-8")
    try:
        run([folder], tmp_path / "out", workers=2)
        sources = {Path(row["path"]).name: row["error"] for row in rows(tmp_path / "out", "sources")}
        assert sources.pop("harm.txt") == "crash"
        assert set(sources.values()) == {"", "empty"}
    finally:
        harmful.unlink()
    found = tables(tmp_path / "out")
    del found["sources"]
    assert found == {name: content for name, content in undisturbed.items() if name != "sources"}
