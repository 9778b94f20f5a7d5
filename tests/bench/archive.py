"""An archive of so many plans: what a file costs, what memory is taken, and whether either grows with the archive.

    python -m tests.bench.archive [N ...] [--text] [--keep FOLDER]

Writes N plans (text, Word and PDF as 6 : 3 : 1; with --text all as text), has `planpipe run` parse them with one
worker and with two, and prints for each size files and characters a second, the seconds until the first file is begun,
those for the tables at the end, and the largest memory of the run's process, of a worker that parses and of the one
that puts the tables together, which lets DuckDB have 1 GB before it goes to the disk. Then the ratios that count: two
workers to one (bound: at least 1.8), cost of a file at each size to that at the first (bound: within 0.9 and 1.1), and
what the run's process takes more than at the first size (bound: 50 MB). The plans are those of
`tests/bench/written.py`, each as long as one of the plans of corpora/sample, drawn by chance.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psutil

from pipeline.parsing import parse_file
from tests.bench import written

ROOT = Path(__file__).parents[2]
TENTH = ("txt",) * 6 + ("docx",) * 3 + ("pdf",)
ALL_TEXT = ("txt",) * 10
LOOK = 0.2
"""Seconds between two looks at the memory."""


class Cost(NamedTuple):
    """What a run took.

    Args:
        files, characters: parsed.
        start: seconds until the first file was begun.
        parsing: seconds from then until the last was done.
        export: seconds for the tables.
        parent, worker, tables: largest memory of the run's process, of a worker that parses, and of the one that puts
            the tables together, in MB.
    """

    files: int
    characters: int
    start: float
    parsing: float
    export: float
    parent: float
    worker: float
    tables: float


@cache
def lengths() -> list[int]:
    """Of the plans of the shipped sample, in characters."""
    files = sorted((ROOT / "corpora" / "sample").glob("0*"))
    return [len(plan.head.reading.text) for file in files for plan in parse_file(file).plans]


def archive(folder: Path, size: int, mix: Sequence[str]) -> None:
    """Write so many plans, a thousand to a folder."""
    rng, drawn = random.Random(size), lengths()
    for number in range(size):
        format = mix[number % len(mix)]
        truth = written.shortened(written.make(small=True, seed=number), rng.choice(drawn))
        made = {"txt": written.as_text, "docx": _word, "pdf": _pages}[format](truth)
        path = folder / f"{number // 1000:03}" / f"{number:06}.{format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)


def _word(truth: written.Truth) -> bytes:
    return written.as_docx(truth, "styles")


def _pages(truth: written.Truth) -> bytes:
    return written.as_pdf(truth, table=False)


def cost(folder: Path, out: Path, workers: int) -> Cost:
    """Have an archive parsed, and look on."""
    log = out.with_suffix(".jsonl")
    command = [Path(sys.executable).with_name("planpipe"), "run", folder, "--out", out, "--quiet", "--log", log]
    began = time.time()
    with subprocess.Popen([*command, "--workers", str(workers)]) as run:
        looks: list[Look] = []
        watcher = threading.Thread(target=_watch, args=(psutil.Process(run.pid), looks))
        watcher.start()
        code = run.wait()
    watcher.join()
    ended = time.time()
    if code:
        raise SystemExit(f"planpipe run ended with {code}")
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    at = {kind: [_seconds(e["at"]) for e in events if e["event"] == kind] for kind in ("begun", "exporting")}
    done = [event for event in events if event["event"] == "ended"]
    return Cost(
        files=len(done),
        characters=sum(event["characters"] for event in done),
        start=at["begun"][0] - began,
        parsing=at["exporting"][0] - at["begun"][0],
        export=ended - at["exporting"][0],
        parent=max(look.run for look in looks) / (1 << 20),
        worker=max((look.child for look in looks if look.at < at["exporting"][0]), default=0) / (1 << 20),
        tables=max((look.child for look in looks if look.at >= at["exporting"][0]), default=0) / (1 << 20),
    )


class Look(NamedTuple):
    """Bytes of memory that the run's process and the largest of its children have at a time."""

    at: float
    run: int
    child: int


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _held(process: psutil.Process) -> int:
    """The memory of a process, none where it has just ended."""
    try:
        rss: int = process.memory_info().rss
        return rss
    except psutil.NoSuchProcess:
        return 0


def _watch(run: psutil.Process, looks: list[Look]) -> None:
    try:
        while run.is_running() and run.status() != psutil.STATUS_ZOMBIE:
            looks.append(Look(time.time(), run.memory_info().rss, max(map(_held, run.children()), default=0)))
            time.sleep(LOOK)
    except psutil.Error:
        return


def main() -> None:
    """Print the table and the ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sizes", metavar="N", nargs="*", type=int, default=[1000], help="files (default: 1000)")
    parser.add_argument("--text", action="store_true", help="text files alone")
    parser.add_argument("--keep", type=Path, help="a new folder that archives and tables stay in")
    options = parser.parse_args()
    mix = ALL_TEXT if options.text else TENTH
    costs: dict[tuple[int, int], Cost] = {}
    heads = ("files", 8), ("workers", 9), ("files/s", 9), ("chars/s", 10), ("start s", 9), ("export s", 10)
    print("".join(f"{name:>{width}}" for name, width in (*heads, ("run MB", 8), ("worker MB", 11), ("tables MB", 11))))
    with tempfile.TemporaryDirectory() as name:
        place = options.keep or Path(name)
        for size in options.sizes:
            folder = place / str(size)
            archive(folder, size, mix)
            for workers in (1, 2) if size == options.sizes[0] else (2,):
                out = place / f"out-{size}-{workers}"
                found = costs[size, workers] = cost(folder, out, workers)
                speed = found.files / found.parsing, found.characters / found.parsing
                print(
                    f"{size:>8}{workers:>9}{speed[0]:>9.1f}{speed[1]:>10,.0f}{found.start:>9.1f}{found.export:>10.1f}"
                    f"{found.parent:>8.0f}{found.worker:>11.0f}{found.tables:>11.0f}",
                    flush=True,
                )
                shutil.rmtree(out)
    first = options.sizes[0]
    one, two = costs[first, 1], costs[first, 2]
    print(f"two workers to one: {one.parsing / two.parsing:.2f} (at least 1.8)")
    for size in options.sizes[1:]:
        each = costs[size, 2].parsing / size / (two.parsing / first)
        more = costs[size, 2].parent - two.parent
        print(f"{size} files: cost of one {each:.2f} of that at {first} (0.9 to 1.1), {more:+.0f} MB (at most +50)")


if __name__ == "__main__":
    main()
