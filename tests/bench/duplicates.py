"""How like each other near-duplicates of plans are, and how like different plans: what the threshold rests on.

    python -m tests.bench.duplicates [FILE...]

Prints the Jaccard similarity of each plan of FILE... (default: corpora/sample and tests/gold) and what became of it
under each damage of `DAMAGES`, and of pairs of different plans, for stretches of 3, 5 and 8 characters; then the
time that a signature takes, and time and memory of clustering 100,000 plans.
"""

from __future__ import annotations

import argparse
import random
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np

from pipeline import duplicates
from pipeline.grams import shingles
from pipeline.plans import split
from pipeline.read import read

HAN = [chr(code) for code in range(0x4E00, 0x9000, 7)]
ABOVE = "首页 > 政务公开 > 规划计划\n发布时间:2031-03-04 来源:县政府办 浏览次数:1273 字号:大 中 小\n"
BELOW = (
    "\n上一篇:关于开展年度考核的通知\n下一篇:青禾县召开全县工作推进会议\n相关阅读\n青禾县教育局关于做好暑期安全工作的提示\n"
    "我县组织教师开展暑期集中培训\n主办单位:青禾县人民政府办公室 技术支持:县信息中心\n"
    "网站标识码:9900000001 备案号:澄备000001号 您是第100200位访问者\n"
)
Damage = Callable[[str, random.Random], str]


def redated(text: str, rng: random.Random) -> str:
    """Every year is the next."""
    return re.sub(r"(?<!\d)(?:19|20)\d\d(?!\d)", lambda year: str(int(year[0]) + 1), text)


def on_a_site(text: str, rng: random.Random) -> str:
    """Some 300 characters of a web site above and below."""
    return ABOVE + text + BELOW


def shortened(text: str, rng: random.Random) -> str:
    """A stretch of a tenth left out."""
    size = len(text) // 10
    at = rng.randrange(len(text) - size)
    return text[:at] + text[at + size :]


def scanned(share: float) -> Damage:
    """So many characters read wrongly: two thirds taken for another, the rest left out or doubled by one."""

    def damage(text: str, rng: random.Random) -> str:
        read_as = []
        for char in text:
            way = rng.choice("aaaabc") if rng.random() < share else ""
            read_as.append({"": char, "a": rng.choice(HAN), "b": "", "c": char + rng.choice(HAN)}[way])
        return "".join(read_as)

    return damage


def everything(text: str, rng: random.Random) -> str:
    """All of these at once, a hundredth of the characters read wrongly."""
    for damage in (redated, on_a_site, shortened, scanned(0.01)):
        text = damage(text, rng)
    return text


DAMAGES: dict[str, Damage] = {
    "dates moved by a year": redated,
    "on a web site": on_a_site,
    "a tenth left out": shortened,
    "1 in 100 misread": scanned(0.01),
    "3 in 100 misread": scanned(0.03),
    "all of it, 1 in 100 misread": everything,
}


def borrowing(text: str, other: str, share: float, rng: random.Random) -> str:
    """A plan that takes so many of its sentences from another plan."""
    sentences, others = (re.split("(?<=[。\n])", plan) for plan in (text, other))
    long = [sentence for sentence in others if len(sentence) > 8]
    return "".join(rng.choice(long) if rng.random() < share else sentence for sentence in sentences)


def similarity(first: str, second: str, length: int) -> float:
    """The Jaccard similarity of two texts' stretches, not estimated."""
    sets = [set(shingles(duplicates.content(text), length).tolist()) for text in (first, second)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def plans_of(files: Sequence[Path]) -> list[str]:
    """The texts of the plans in files that have more than 600 characters."""
    texts = [head.reading.text for file in files for head in split(read(file))]
    return [text for text in texts if len(text) > 600]


def rows(plans: Sequence[str], length: int) -> Iterator[tuple[str, list[float]]]:
    """Names and similarities: of the damages, of borrowings, of different plans."""
    for name, damage in DAMAGES.items():
        rng = random.Random(1)
        yield name, [similarity(plan, damage(plan, rng), length) for plan in plans]
    for share in (0.3, 0.5, 0.7):
        rng = random.Random(1)
        pairs = [(plan, borrowing(other, plan, share, rng)) for plan, other in pairwise(plans)]
        yield f"other plan, {share:.0%} of its sentences borrowed", [similarity(*pair, length) for pair in pairs]
    yield "different plans", [similarity(*pair, length) for pair in combinations(plans, 2)]


def archive(size: int) -> Iterator[tuple[str, bytes]]:
    """Signatures of an archive: a fifth are near-duplicates, and all plans share 3 in 100 stretches."""
    rng = np.random.default_rng(1)
    largest = 2**32
    common = rng.integers(0, largest, duplicates.PERMUTATIONS, dtype=np.uint32)
    first: list[duplicates.Array] = []
    for number in range(size):
        values = rng.integers(0, largest, duplicates.PERMUTATIONS, dtype=np.uint32)
        if number % 5 == 4:
            values = np.where(rng.random(len(values)) < 0.8, first[int(rng.integers(len(first)))], values)
        elif len(first) < 1000:
            first.append(values)
        yield f"{number:012x}.p0", np.where(rng.random(len(values)) < 0.03, common, values).tobytes()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Similarity of near-duplicates and of different plans.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    files = parser.parse_args().files
    plans = plans_of(files or [*sorted(Path("corpora/sample").iterdir()), *sorted(Path("tests/gold").glob("*.txt"))])
    print(f"{len(plans)} plans, {min(map(len, plans))} to {max(map(len, plans))} characters")
    lengths = (3, 5, 8)
    print(f"{'':44}" + "".join(f"   {length} characters  " for length in lengths))
    print(f"{'':44}" + "   low  med  high  " * len(lengths))
    table = [dict(rows(plans, length)) for length in lengths]
    for name in table[0]:
        cells = ((min(row[name]), float(np.median(row[name])), max(row[name])) for row in table)
        print(f"{name:44}" + "".join(f"  {low:5.2f}{median:5.2f}{high:5.2f}  " for low, median, high in cells))

    text = "".join(plans)[:5000]
    started = time.process_time()
    for _ in range(100):
        duplicates.signature(text)
    print(f"signature of 5,000 characters: {(time.process_time() - started) * 10:.2f} ms")
    signatures = list(archive(100_000))
    tracemalloc.start()
    started = time.process_time()
    found = duplicates.clusters(signatures)
    seconds = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    print(f"100,000 plans in {len(set(found.values()))} clusters: {seconds:.1f} s, {peak:.0f} MB beside the signatures")


if __name__ == "__main__":
    main()
