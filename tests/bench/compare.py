"""Time and memory of comparing archives of growing size: whether they grow with the number of plans alone.

    python -m tests.bench.compare [PLANS...]

Makes the tables of a run with so many plans (default: 500, 1,000, 2,000, 4,000) of 100 sentences and 20 targets, five
years a county, a fifth of the sentences taken from another plan; prints seconds a plan and the peak of memory.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pipeline.compare import write
from pipeline.export import Writer
from pipeline.tables import BY_NAME, Table, conform

SENTENCES, TARGETS, YEARS = 100, 20, 5
WORDS = 3000
HAN = [chr(code) for code in range(0x4E00, 0x8F00, 17)]


def sentence(rng: random.Random, words: list[str], weights: list[float]) -> str:
    """A sentence of some 30 characters, its words as unevenly frequent as those of a language."""
    return "".join(rng.choices(words, cum_weights=weights, k=rng.randrange(10, 22))) + "。"


def archive(out: Path, plans: int) -> None:
    """Write the tables and texts of a run."""
    rng = random.Random(1)
    words = ["".join(rng.choices(HAN, k=2)) for _ in range(WORDS)]
    weights = [0.0]
    for rank in range(1, WORDS + 1):
        weights.append(weights[-1] + 1 / rank)
    indicators = ["".join(rng.choices(words, k=3)) + rng.choice(["率", "占比", ""]) for _ in range(400)]
    pool: list[str] = []
    (out / "text").mkdir()
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("plans", "items", "targets", "sections", "deadlines")
    }
    for number in range(plans):
        county, year = divmod(number, YEARS)
        source = f"{number:012x}"
        plan_id, title = (
            f"{source}.p0",
            f"{words[county % WORDS]}{words[county // WORDS]}县教育局{2020 + year}年工作要点",
        )
        text = title + "\n"
        of_county = random.Random(county).sample(indicators, TARGETS + 10)
        for position in range(SENTENCES):
            taken = rng.choice(pool) if pool and rng.random() < 0.2 else None
            own = taken or sentence(rng, words, weights[1:])
            if position < TARGETS and not taken:
                own = f"{rng.choice(of_county)}达到{rng.randrange(50, 99)}%。"
            if rng.random() < 0.05:
                pool.append(own)
            item_id = f"{plan_id}.i{len(text)}"
            place = {"plan_id": plan_id, "section_id": f"{plan_id}.s0", "item_id": item_id}
            at = {"char_start": len(text), "char_end": len(text) + len(own)}
            rows["items"].append({**place, **at, "position": position + 1, "text": own, "is_goal": False})
            if own.endswith("%。") and "达到" in own:
                head, value = own[:-2].split("达到")
                start = len(text) + len(head) + 2
                figure = {"indicator": head, "op": "eq", "value": float(value), "unit": "%", "text": f"{value}%"}
                at = {"char_start": start, "char_end": start + len(value) + 1}
                rows["targets"].append({**place, **figure, **at, "target_id": f"{plan_id}.t{start}", "rule": "share"})
            text += own + "\n"
        about = {"title": title, "issuer": title.split("2")[0], "year_start": 2020 + year, "year_end": 2020 + year}
        of_text = {"char_start": 0, "char_end": len(text)}
        rows["plans"].append({"plan_id": plan_id, "source_id": source, "level": "county", **about, **of_text})
        section = {"section_id": f"{plan_id}.s0", "plan_id": plan_id, "position": 1, "level": 1, "path": "一"}
        rows["sections"].append({**section, **of_text})
        (out / "text" / f"{source}.txt").write_bytes(text.encode())
    for name, found in rows.items():
        _write(BY_NAME[name], found, out)


def _write(table: Table, rows: list[dict[str, Any]], out: Path) -> None:
    with Writer(table, out) as writer:
        writer.write(conform(table, row) for row in rows)


def measure(plans: int) -> None:
    """Print the line of one size."""
    import resource

    with tempfile.TemporaryDirectory() as folder:
        archive(Path(folder), plans)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started = time.process_time()
        done = write(folder)
        seconds = time.process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{plans:6} plans: {1000 * seconds / plans:6.1f} ms a plan, {peak:6.0f} MB ({before:.0f} before), "
        f"{len(done.changes.rows)} changes, {len(done.reuse.rows)} sentences taken over"
    )


def main() -> None:
    """Print a line for each size, each measured in a process of its own."""
    parser = argparse.ArgumentParser(description="Time and memory of comparing archives of growing size.")
    parser.add_argument("plans", nargs="*", type=int, default=[500, 1000, 2000, 4000])
    sizes = parser.parse_args().plans
    if len(sizes) == 1:
        measure(sizes[0])
        return
    for plans in sizes:
        subprocess.run([sys.executable, "-m", "tests.bench.compare", str(plans)], check=True)


if __name__ == "__main__":
    main()
