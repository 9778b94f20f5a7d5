"""Score the pipeline against gold annotations: what `make eval` and `tests/test_quality.py` run.

    python tests/evaluate.py GOLD [--errors LAYER] [--floors] [--lower] [--confidence] [--intervals]

GOLD is a folder of <stem>.json files; each names its source, which lies beside it or in corpora/sample.
A found row and a gold row pair up where they overlap enough, best overlap first, each once. `span` asks
for the place alone, `full` for the values too. Optional gold rows are neither wanted nor wrong.

--floors writes the scores as floors into GOLD/floors.json; it refuses to lower one without --lower.
--confidence counts for each rule how many of its rows are right, and writes that into pipeline/rules/confidence.yaml.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import hashlib
import json
import math
import random
import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pipeline

ROOT = Path(__file__).resolve().parents[1]
FLOORS = "floors.json"
CONFIDENCE = ROOT / "pipeline" / "rules" / "confidence.yaml"
Row = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """What is compared: the table that holds it, the least overlap of a pair, the values that must agree."""

    table: str
    overlap: float
    values: Mapping[str, str] = field(default_factory=dict)


LAYERS = {
    "plans": Layer("plans", 0.9, {"title": "title", "year_start": "year"}),
    "nodes": Layer("sections", 0.0, {"label": "label", "parent_start": "parent_start"}),
    "goals": Layer("goals", 0.5),
    "targets": Layer("targets", 0.0, {"op": "op", "value": "value", "value2": "value2", "unit": "unit"}),
    "times": Layer("deadlines", 0.0, {"kind": "kind", "start": "start", "end": "end", "every": "every"}),
    "units": Layer("responsibilities", 0.5, {"role": "role"}),
}


@dataclass
class Tally:
    """Counts behind precision, recall and F1."""

    hits: int = 0
    found: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        """Share of found rows that are right."""
        return self.hits / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of gold rows that were found."""
        return self.hits / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.hits / (self.found + self.wanted) if self.found + self.wanted else 0.0


def source_of(gold: Path) -> Path:
    """The source that a gold file annotates, beside it or in the sample corpus."""
    name = json.loads(gold.read_text(encoding="utf-8"))["source"]
    for folder in (gold.parent, ROOT / "corpora" / "sample"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{gold.name}: its source {name} lies neither beside it nor in corpora/sample")


def found_rows(out: Path) -> dict[str, tuple[str, dict[str, list[Row]]]]:
    """For each source's stem in a run's tables, its text and its rows by layer."""

    def table(name: str) -> list[Row]:
        with (out / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return [
                row | {"from": int(row["char_start"]), "to": int(row["char_end"])} if "char_start" in row else row
                for row in csv.DictReader(file)
            ]

    plan_source = {row["plan_id"]: row["source_id"] for row in table("plans")}
    result = {}
    for source in table("sources"):
        if source["status"] == "failed":
            continue
        layers: dict[str, list[Row]] = {}
        for name, layer in LAYERS.items():
            rows = [row for row in table(layer.table) if plan_source[row["plan_id"]] == source["source_id"]]
            if name == "nodes":
                starts = {row["section_id"]: row["from"] for row in rows}
                rows = [
                    row | {"parent_start": starts.get(row["parent_id"])}
                    for row in rows
                    if row["label"] or row["heading"]
                ]
            layers[name] = rows
        text = (out / "text" / f"{source['source_id']}.txt").read_bytes().decode()
        result[Path(source["path"]).stem] = (text, layers)
    return result


def gold_rows(gold: Row, text: str) -> dict[str, list[Row]]:
    """The gold rows by layer, their offsets carried over into `text` where the gold has a text of its own."""
    place = _alignment(gold["text"], text) if "text" in gold else list(range(len(text) + 1))
    starts = {node["id"]: place[node["start_off"]] for node in gold["nodes"]}
    layers: dict[str, list[Row]] = {}
    for name in LAYERS:
        layers[name] = [
            row
            | {"from": place[row["start_off"]], "to": place[row["end_off"] - 1] + 1}
            | ({"parent_start": starts.get(row.get("parent"))} if name == "nodes" else {})
            for row in gold.get(name, [])
        ]
    return layers


def _alignment(gold: str, text: str) -> list[int]:
    """For each character of `gold` (and its end) the place of the same character in `text`, white space aside."""
    ours = [i for i, c in enumerate(text) if not c.isspace()]
    theirs = [i for i, c in enumerate(gold) if not c.isspace()]
    matcher = difflib.SequenceMatcher(None, [gold[i] for i in theirs], [text[i] for i in ours], autojunk=False)
    place = [-1] * (len(gold) + 1)
    for a, b, size in matcher.get_matching_blocks():
        for k in range(size):
            place[theirs[a + k]] = ours[b + k]
    following = len(text)
    for i in range(len(gold), -1, -1):
        following = place[i] = place[i] if place[i] >= 0 else following
    return place


def _same(a: Any, b: Any) -> bool:
    """Whether two values agree: as numbers, where both are, else as folded text without white space."""
    plain = ["" if x is None else "".join(unicodedata.normalize("NFKC", str(x)).split()) for x in (a, b)]
    try:
        return math.isclose(float(plain[0]), float(plain[1]), abs_tol=1e-6)
    except ValueError:
        return re.sub("篇[0-9一二三四五六七八九十]+$", "", plain[0]) == re.sub(
            "篇[0-9一二三四五六七八九十]+$", "", plain[1]
        )


def _overlap(layer: str, a: Row, b: Row) -> float:
    if layer == "nodes":
        return float(abs(a["from"] - b["from"]) <= 2)
    common = min(a["to"], b["to"]) - max(a["from"], b["from"])
    return max(0.0, common / (max(a["to"], b["to"]) - min(a["from"], b["from"])))


def pairs(layer: str, found: Sequence[Row], wanted: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Found and gold rows that belong together."""
    least = LAYERS[layer].overlap
    options = sorted(
        (
            (score, i, j)
            for i, a in enumerate(found)
            for j, b in enumerate(wanted)
            if (score := _overlap(layer, a, b)) > 0 and score >= least
        ),
        key=lambda option: -option[0],
    )
    used: tuple[set[int], set[int]] = (set(), set())
    for _, i, j in options:
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            yield found[i], wanted[j]


def _agrees(layer: str, found: Row, wanted: Row) -> bool:
    for ours, theirs in LAYERS[layer].values.items():
        if ours == "parent_start":
            a, b = found[ours], wanted[theirs]
            if (a is None) != (b is None) or (a is not None and abs(a - b) > 2):
                return False
        elif not _same(found[ours], wanted.get(theirs)):
            return False
    return True


def score(golds: Sequence[Path], out: Path, report: Callable[[str, str], None] | None = None) -> dict[str, Tally]:
    """Tallies by `layer span` and `layer full` over the gold files whose sources are in a run's tables.

    Args:
        golds: gold files.
        out: the folder of the run.
        report: called with a layer and a line for each error.
    """
    tallies: dict[str, Tally] = {}
    runs = found_rows(out)
    for path in golds:
        gold = json.loads(path.read_text(encoding="utf-8"))
        text, found = runs[Path(gold["source"]).stem]
        wanted = gold_rows(gold, text)
        scope = gold.get("scope")
        for layer in LAYERS:
            a, b = found[layer], wanted[layer]
            if scope and layer != "plans":
                a, b = ([r for r in rows if any(s <= r["from"] < e for s, e in scope)] for rows in (a, b))
            matched = list(pairs(layer, a, b))
            absorbed = sum(bool(g.get("optional")) for _, g in matched)
            hits = [(f, g) for f, g in matched if not g.get("optional")]
            required = sum(not g.get("optional") for g in b)
            for kind, right in (("span", hits), ("full", [(f, g) for f, g in hits if _agrees(layer, f, g)])):
                tally = tallies.setdefault(f"{layer} {kind}", Tally())
                tally.hits += len(right)
                tally.found += len(a) - absorbed
                tally.wanted += required
            if report:
                taken = {id(row) for pair in matched for row in pair}
                for row in b:
                    if id(row) not in taken and not row.get("optional"):
                        report(layer, f"missed   {path.stem} {row['from']} {row.get('quote', row.get('title'))!r}")
                for row in a:
                    if id(row) not in taken:
                        report(layer, f"spurious {path.stem} {row['from']} {text[row['from'] : row['to']][:60]!r}")
                for f, g in hits:
                    if not _agrees(layer, f, g):
                        values = {
                            t: (f[o], g.get(t)) for o, t in LAYERS[layer].values.items() if not _same(f[o], g.get(t))
                        }
                        report(layer, f"value    {path.stem} {g['from']} {g.get('quote')!r} got, gold: {values}")
    return {name: tally for name, tally in tallies.items() if name != "goals full"}


def rule_counts(golds: Sequence[Path], out: Path) -> dict[str, dict[str, list[int]]]:
    """For each table and rule, how many of its rows are right in full and how many there are, optional ones aside."""
    counts: dict[str, dict[str, list[int]]] = {}
    runs = found_rows(out)
    for path in golds:
        gold = json.loads(path.read_text(encoding="utf-8"))
        text, found = runs[Path(gold["source"]).stem]
        wanted = gold_rows(gold, text)
        for layer in ("goals", "targets", "times", "units"):
            matched = {id(f): (f, g) for f, g in pairs(layer, found[layer], wanted[layer])}
            for row in found[layer]:
                pair = matched.get(id(row))
                if pair is None or not pair[1].get("optional"):
                    count = counts.setdefault(LAYERS[layer].table, {}).setdefault(row["rule"], [0, 0])
                    count[0] += pair is not None and _agrees(layer, *pair)
                    count[1] += 1
    return counts


def write_confidence(golds: Sequence[Path], out: Path) -> None:
    """Write what the rules are worth on gold files, by a run of their sources, into the rule file of the extractors."""
    counts = rule_counts(golds, out)
    head = CONFIDENCE.read_text(encoding="utf-8").partition("counts:\n")[0]
    lines = [
        line
        for table in sorted(counts)
        for line in (f"  {table}:", *(f"    {rule}: {counts[table][rule]}" for rule in sorted(counts[table])))
    ]
    CONFIDENCE.write_text(head + "counts:\n" + "\n".join(lines) + "\n", encoding="utf-8")


def corpus_hash(golds: Sequence[Path]) -> str:
    """SHA-256 over gold files and sources: a floor holds for these and no others."""
    digest = hashlib.sha256()
    for path in golds:
        digest.update(path.read_bytes())
        digest.update(source_of(path).read_bytes())
    return digest.hexdigest()


def gold_files(folder: Path) -> list[Path]:
    """The gold files of a folder, in order."""
    return sorted(path for path in folder.glob("*.json") if path.name != FLOORS)


@contextmanager
def ran(folder: Path) -> Iterator[tuple[list[Path], Path]]:
    """The gold files of a folder, and a run of the pipeline on their sources; the run is gone after the block."""
    golds = gold_files(folder)
    with tempfile.TemporaryDirectory() as out:
        done = pipeline.run([source_of(path) for path in golds], out)
        if done.failures:
            raise SystemExit("\n".join(f"{f.path}: {f.message}" for f in done.failures))
        yield golds, Path(out)


def run_and_score(folder: Path, report: Callable[[str, str], None] | None = None) -> dict[str, Tally]:
    """Run the pipeline on the sources of a gold folder and score it."""
    with ran(folder) as (golds, out):
        return score(golds, out, report)


def intervals(golds: Sequence[Path], out: Path, times: int = 2000, seed: int = 1) -> dict[str, tuple[float, float]]:
    """For each score the interval that holds 95 % of its values over plans drawn anew, with replacement.

    Args:
        golds: gold files; plans, not rows, are drawn, since those of one plan are alike.
        out: the folder of the run.
        times: how often.
        seed: of the drawing.
    """
    each = [score([path], out) for path in golds]
    rng = random.Random(seed)
    drawn: dict[str, list[float]] = {name: [] for name in each[0]}
    for _ in range(times):
        sample = rng.choices(each, k=len(each))
        for name, values in drawn.items():
            tallies = [tallies[name] for tallies in sample]
            sums = (sum(getattr(tally, part) for tally in tallies) for part in ("hits", "found", "wanted"))
            values.append(Tally(*sums).f1)
    low, high = round(0.025 * times), round(0.975 * times) - 1
    return {name: (sorted(values)[low], sorted(values)[high]) for name, values in drawn.items()}


def write_floors(folder: Path, tallies: Mapping[str, Tally], *, lower: bool) -> None:
    """Keep the scores as floors, rounded down to three digits.

    Raises:
        SystemExit: a floor would go down and `lower` is not set.
    """
    path = folder / FLOORS
    old = json.loads(path.read_text(encoding="utf-8"))["f1"] if path.is_file() else {}
    new = {name: math.floor(tally.f1 * 1000) / 1000 for name, tally in tallies.items()}
    if (down := [name for name in new if new[name] < old.get(name, 0)]) and not lower:
        raise SystemExit(f"these floors would go down: {', '.join(down)}; --lower does it all the same")
    path.write_text(
        json.dumps({"corpus": corpus_hash(gold_files(folder)), "f1": new}, indent=1) + "\n", encoding="utf-8"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--errors", choices=[*LAYERS, "all"])
    parser.add_argument("--floors", action="store_true")
    parser.add_argument("--lower", action="store_true")
    parser.add_argument("--confidence", action="store_true")
    parser.add_argument("--intervals", action="store_true", help="how sure the scores are, over plans drawn anew")
    args = parser.parse_args()

    def report(layer: str, line: str) -> None:
        if args.errors in (layer, "all"):
            print(f"{layer:8} {line}")

    with ran(args.gold) as (golds, out):
        tallies = score(golds, out, report)
        print(f"{'':14}     P      R     F1   hits/found/gold")
        for name, t in tallies.items():
            print(f"{name:14} {t.precision:.3f}  {t.recall:.3f}  {t.f1:.3f}   {t.hits}/{t.found}/{t.wanted}")
        if args.intervals:
            for name, (low, high) in intervals(golds, out).items():
                print(f"{name:14} F1 between {low:.3f} and {high:.3f} (95 %)")
        if args.floors:
            write_floors(args.gold, tallies, lower=args.lower)
        if args.confidence:
            write_confidence(golds, out)


if __name__ == "__main__":
    sys.exit(main())
