"""What tagging costs beside cutting the same text into words with jieba, and what the model weighs.

    python -m tests.bench.themes [--small]

Texts are the sentences of `corpora/themes`, each taken several times, told apart by a number. Both are timed
in one run, in turn, after both have loaded; the median of the rounds counts. Bounds: tagging costs no more
than cutting, the model loads and tags its first text in 0.5 s in a fresh process, and it is under 20 MB.
"""

from __future__ import annotations

import argparse
import csv
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import jieba

from pipeline import themes

CORPUS = Path(__file__).parents[2] / "corpora" / "themes"
MODEL = Path(__file__).parents[2] / "models" / "themes"
BATCH = 1000
ROUNDS = 5
LOAD_SECONDS = 0.5
LARGEST = 20_000_000
LOAD = """
import time
started = time.perf_counter()
from pipeline.themes import default
default().tag(["消防演练"])
print(time.perf_counter() - started)
"""


class Costs(NamedTuple):
    """What was measured, as shares of what it may be; 1 is the bound.

    Args:
        time: of tagging, to that of cutting the same texts into words.
        load: of loading the model, to half a second.
        size: of the model's files, to 20 MB.
    """

    time: float
    load: float
    size: float


def texts(times: int) -> list[str]:
    """The sentences of the corpus, the whole of them several times."""
    with (CORPUS / "sentences.csv").open(encoding="utf-8", newline="") as file:
        once = [row["text"] for row in csv.DictReader(file)]
    return [f"{text}{number}" for number in range(times) for text in once]


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(times: int, rounds: int) -> Costs:
    """Tag and cut the corpus in turn, load the model in fresh processes.

    Args:
        times: how often the corpus is taken.
        rounds: of which the median counts.
    """
    some = texts(times)
    model = themes.default()
    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    model.tag(some[:10])

    def tag() -> None:
        for start in range(0, len(some), BATCH):
            model.tag(some[start : start + BATCH])

    def cut() -> None:
        for text in some:
            jieba.lcut(text)

    ratios = [seconds(tag) / seconds(cut) for _ in range(rounds)]
    loads = [
        float(subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True).stdout)
        for _ in range(rounds)
    ]
    size = sum(path.stat().st_size for path in MODEL.iterdir())
    return Costs(median(ratios), median(loads) / LOAD_SECONDS, size / LARGEST)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="one round, the corpus once")
    small = parser.parse_args().small
    costs = measure(1 if small else 3, 1 if small else ROUNDS)
    print(f"tagging / jieba.lcut on the same texts   {costs.time:.2f}   (bound 1)")
    print(f"loading the model / {LOAD_SECONDS} s              {costs.load:.2f}   (bound 1)")
    print(f"size of the model / {LARGEST // 1_000_000} MB              {costs.size:.2f}   (bound 1)")


if __name__ == "__main__":
    main()
