"""Time per character of a short and of a long text of one line: whether the time grows with the text alone.

    python -m tests.bench.linear [--small KB] [--large KB]

Prints microseconds a character for each stage and the ratio between the two texts; the issue asks for a ratio below
2 from 50 KB to 5 MB. Ratios of one run on one machine: nothing here is compared with other runs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline import extract, items, plans, read, sections

UNIT = (
    "一、抓教学工作推进课堂改革，每学期听课不少于20节。（一）抓备课提高质量，逐周检查教案；（二）抓上课，由教研室负责。"
    "二、抓后勤改善食堂条件，到2031年建成12所，巩固率达到99%以上。第一，排查隐患；第二，按期整改。"
)


def text(kilobytes: int) -> str:
    """A plan of one line, of so many kilobytes in UTF-8."""
    return "青禾县教育局2031年工作计划" + UNIT * (kilobytes * 1000 // len(UNIT.encode()))


def stages(path: Path) -> tuple[dict[str, float], int]:
    """Seconds of processor time that each stage takes with a file, and the file's number of characters."""
    seconds: dict[str, float] = {}

    def timed(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        start = time.process_time()
        result = function(*arguments)
        seconds[name] = time.process_time() - start
        return result

    document = timed("read", read.read, path)
    (head,) = timed("plans", plans.split, document)
    tree = timed("sections", sections.tree, document, head)
    cut, sentences = timed("items", items.cut, document, head, tree)
    timed("extract", extract.extract, document, head, tree, cut, sentences)
    return seconds, len(document.text)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time per character of a short and a long text of one line.")
    parser.add_argument("--small", type=int, default=50, metavar="KB")
    parser.add_argument("--large", type=int, default=5000, metavar="KB")
    arguments = parser.parse_args()
    per_character: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        stages(_written(folder, 5))  # rules compile and models load
        for kilobytes in (arguments.small, arguments.large):
            path = _written(folder, kilobytes)
            runs = [stages(path) for _ in range(5 if kilobytes < 500 else 1)]
            best = {name: min(seconds[name] for seconds, _ in runs) for name in runs[0][0]}
            per_character.append({name: 1e6 * value / runs[0][1] for name, value in best.items()})
    small, large = per_character
    small["all"], large["all"] = sum(small.values()), sum(large.values())
    print(f"{'us a character':16}{arguments.small:>8} KB{arguments.large:>8} KB{'ratio':>9}")
    for name, value in small.items():
        print(f"{name:16}{value:>11.2f}{large[name]:>11.2f}{large[name] / value:>9.2f}")


def _written(folder: str, kilobytes: int) -> Path:
    path = Path(folder) / f"{kilobytes}.txt"
    path.write_text(text(kilobytes), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
