"""How long one waits for little: `planpipe --help`, and a run of one file of corpora/sample.

    python -m tests.bench.start

Starts each by its command as a user does, in turn, and prints the median of the seconds and what part of its limit that
is: 0.3 s for the help, 3 s for the run. What jieba takes for a character, cutting the plans of corpora/sample in this
process, is printed beside it, since it tells how fast the machine is at the time (where limits were set it was 2.8).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import jieba

from pipeline.read import read

SAMPLE = Path(__file__).parents[2] / "corpora" / "sample"
FILE = SAMPLE / "03_school_year_plan_2023.txt"
HELP, RUN = 0.3, 3.0
"""Seconds."""
ROUNDS = 7


class Waits(NamedTuple):
    """How long one waits.

    Args:
        help, run: seconds of each command.
        jieba: microseconds that it takes for a character.
    """

    help: float
    run: float
    jieba: float


def seconds(*arguments: str | Path) -> float:
    """What the command takes with these arguments, from start to end."""
    command = [Path(sys.executable).with_name("planpipe"), *arguments]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def pace() -> float:
    """Microseconds that jieba takes for a character."""
    jieba.setLogLevel("WARNING")
    jieba.initialize()
    text = "\n".join(read(path).text for path in sorted(SAMPLE.iterdir()) if path.suffix in (".txt", ".docx"))
    started = time.perf_counter()
    jieba.lcut(text)
    return (time.perf_counter() - started) / len(text) * 1e6


def measure(rounds: int) -> Waits:
    """The medians of so many rounds."""
    helps, runs, paces = [], [], []
    for _ in range(rounds):
        helps.append(seconds("--help"))
        with tempfile.TemporaryDirectory() as out:
            runs.append(seconds("run", FILE, "--out", out, "--quiet"))
        paces.append(pace())
    return Waits(*map(statistics.median, (helps, runs, paces)))


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    found = measure(ROUNDS)
    print(f"{'':<14}{'seconds':>9}{'of its limit':>14}")
    for name, waited, limit in (("--help", found.help, HELP), ("run, one file", found.run, RUN)):
        print(f"{name:<14}{waited:>9.2f}{waited / limit:>14.2f}")
    print(f"jieba: {found.jieba:.1f} microseconds a character")


if __name__ == "__main__":
    main()
