"""Damaged files: plans of every format with bytes flipped, cut, zeroed and spliced go through `planpipe run`.

    python -m tests.bench.fuzz [--files 2000] [--formats docx pdf ...] [--seed 1] [--keep FOLDER]

Each must come out as a row of sources that is ok, partial or failed for a reason that is known: no row
is missing, none says `internal` or `crash`, none took longer than the limit, and nothing is left in
the folder for temporary files. Prints a line a format and exits with 1 where that is not so.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from pipeline.read import office
from tests.bench import written

LIMIT = 60.0
"""Seconds that a damaged file may take; LibreOffice, which is ended by its own limit, may take that."""

PAGE = 10.0
"""Seconds more for each page of a file whose text is lost, so that its pages go to character recognition."""

OFFICE = {"doc": "MS Word 97", "rtf": "Rich Text Format", "odt": "writer8"}
"""Formats that LibreOffice writes the seeds of, and its names for them."""

ZIPPED = ("docx", "odt", "zip")
FORMATS = ("txt", "html", "mht", "docx", "pdf", "zip", "doc", "wps", "rtf", "odt")
FAULTS = ("internal", "crash", "timeout", "memory")


def seeds() -> dict[str, list[bytes]]:
    """Whole plans by format, those that LibreOffice writes only where it is installed."""
    plans = [written.make(small=True, seed=seed) for seed in (3, 4)]
    word = [written.as_docx(plan, way) for plan, way in zip(plans * 2, written.WAYS, strict=True)]
    pages = [written.as_html(plan) for plan in plans]
    lines = ["\n".join([written.TITLE, *(piece.shown for piece in plan.pieces)]) for plan in plans]
    found = {
        "txt": [
            lines[0].encode(),
            lines[1].encode("gb18030"),
            lines[0].encode("utf-16"),
            lines[1].encode("big5", "replace"),
        ],
        "html": [*pages, pages[0].decode().replace("utf-8", "gbk").encode("gb18030")],
        "mht": [_archive(page) for page in pages],
        "docx": word,
        "pdf": [written.as_pdf(plan, table=table) for plan in plans for table in (True, False)],
        "zip": [_zipped({"工作要点.txt": lines[0].encode(), "a/b.docx": word[0], "c.html": pages[0]})],
    }
    if shutil.which("soffice"):
        for format, filter in OFFICE.items():
            found[format] = _converted(word, format, filter)
        found["wps"] = found["doc"]
    return found


ARCHIVE = """MIME-Version: 1.0
Content-Type: multipart/related; boundary=part

--part
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit
Content-Location: page.html

"""


def _archive(page: bytes) -> bytes:
    return ARCHIVE.encode() + page + b"\n--part--\n"


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _converted(documents: Sequence[bytes], format: str, filter: str) -> list[bytes]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, data in enumerate(documents):
            (folder / f"{number}.docx").write_bytes(data)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            f"{format}:{filter}",
            "--outdir",
            str(folder / "out"),
        ]
        subprocess.run(
            [*command, *map(str, sorted(folder.glob("*.docx")))], check=True, capture_output=True, timeout=office.LIMIT
        )
        return [path.read_bytes() for path in sorted((folder / "out").iterdir())]


# Mutations


def flip(data: bytearray, rng: random.Random, other: bytes) -> None:
    """Turn over single bits."""
    for _ in range(rng.choice((1, 3, 20, 200))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def cut(data: bytearray, rng: random.Random, other: bytes) -> None:
    """Drop the end."""
    del data[rng.randrange(1, len(data)) :]


def zero(data: bytearray, rng: random.Random, other: bytes) -> None:
    """Overwrite a stretch with noughts, as a lost sector does."""
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.choice((4, 64, 512, 4096)))
    data[start:end] = bytes(end - start)


def splice(data: bytearray, rng: random.Random, other: bytes) -> None:
    """Put a stretch of another file in the place of one."""
    start, at = rng.randrange(len(data)), rng.randrange(len(other))
    size = rng.choice((8, 100, 2000, 20000))
    data[start : start + rng.choice((0, size))] = other[at : at + size]


def repeat(data: bytearray, rng: random.Random, other: bytes) -> None:
    """Write a stretch many times over."""
    start = rng.randrange(len(data))
    data[start:start] = data[start : start + rng.choice((1, 16, 300))] * rng.choice((2, 50, 1000))


def nest(data: bytearray, rng: random.Random, other: bytes) -> None:
    """Open a bracket or a tag of the file again and again."""
    opening = rng.choice((b"<w:tbl><w:tr><w:tc>", b"<w:ins>", b"<div><table><tr><td>", b"[", b"<<", b"{\\*", b"("))
    start = rng.randrange(len(data))
    data[start:start] = opening * rng.choice((10, 400, 5000))


MUTATIONS: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (flip, cut, zero, splice, repeat, nest)


def mutated(seed: bytes, other: bytes, format: str, rng: random.Random) -> bytes:
    """A damaged copy of a file; of a ZIP container in half of the cases a member is damaged, and packed again."""
    inside = format in ZIPPED and rng.random() < 0.5
    if inside:
        with zipfile.ZipFile(BytesIO(seed)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        named = rng.choice([name for name, data in members.items() if data])
    data = bytearray(members[named] if inside else seed)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if data:
            rng.choice(MUTATIONS)(data, rng, other)
    return _zipped(members | {named: bytes(data)}) if inside else bytes(data)


# Runs


@dataclass
class Outcome:
    """What came of the damaged files of one format.

    Args:
        counts: rows by status, failed ones by error.
        slowest: seconds of the file that took longest.
        faults: what must not be, a line each.
    """

    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)


def run(files: dict[str, int], seed: int, folder: Path) -> dict[str, Outcome]:
    """Damage files and read them all in one run.

    Args:
        files: how many of each format of `FORMATS`; those that need LibreOffice are left out where it
            is not installed.
        seed: of the damage.
        folder: for files and tables.

    Returns:
        What came of each format; what is wrong with the run as a whole stands under `run`.
    """
    whole = seeds()
    given, temporary, out = (folder / name for name in ("in", "tmp", "out"))
    temporary.mkdir(parents=True)
    for format, count in files.items():
        if format not in whole:
            continue
        rng = random.Random(f"{seed} {format}")
        (given / format).mkdir(parents=True)
        for number in range(count):
            base, other = rng.choice(whole[format]), rng.choice(whole[format])
            (given / format / f"{number:05}.{format}").write_bytes(mutated(base, other, format, rng))
    command = [Path(sys.executable).with_name("planpipe"), "run", given, "--out", out, "--quiet"]
    with (folder / "log").open("wb") as log:
        ended = subprocess.run(
            command, env=os.environ | {"TMPDIR": str(temporary)}, cwd=temporary, stdout=log, stderr=log, check=False
        )
    found = _outcomes(given, out)
    wrong = [] if ended.returncode in (0, 1) else [f"planpipe run exited with {ended.returncode}"]
    wrong += [f"left behind: {path.name}" for path in temporary.iterdir()]
    return found | {"run": Outcome(faults=wrong)} if wrong else found


def _outcomes(given: Path, out: Path) -> dict[str, Outcome]:
    found = {folder.name: Outcome() for folder in given.iterdir()}
    seen = set()
    with (out / "sources.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            format, name = Path(row["path"]).relative_to(given).parts[:2]
            outcome, took = found[format], float(row["seconds"] or 0)
            seen.add((format, name))
            outcome.counts[row["error"] or row["status"]] += 1
            outcome.slowest = max(outcome.slowest, took)
            limit = LIMIT + (PAGE * int(row["pages"]) if row["ocr"] else 0.0)
            if row["error"] in FAULTS or took > limit:
                outcome.faults.append(f"{name}: {row['error']} after {took} s: {row['message']}")
    for path in sorted(given.glob("*/*")):
        if (path.parent.name, path.name) not in seen:
            found[path.parent.name].faults.append(f"{path.name}: no row")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=2000, help="damaged files of each format (default: 2000)")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a new folder that the files and tables stay in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = run(dict.fromkeys(options.formats, options.files), options.seed, options.keep or Path(name) / "fuzz")
    for format, outcome in found.items():
        counts = ", ".join(f"{name} {count}" for name, count in outcome.counts.most_common())
        limit = f"limit {LIMIT:.0f}, {PAGE:.0f} more a page recognised"
        print(f"{format:5}{counts}; slowest {outcome.slowest:.1f} s ({limit})")
        for fault in outcome.faults[:10]:
            print(f"     {fault}")
    sys.exit(any(outcome.faults for outcome in found.values()))


if __name__ == "__main__":
    main()
