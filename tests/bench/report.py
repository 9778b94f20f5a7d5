"""How soon the page of an archive can be used, as a share of three seconds, and what it weighs.

    python -m tests.bench.report [--plans N]

The archive is the run of `corpora/sample`, repeated under new ids until it has so many plans; every second indicator
and unit gets the number of its copy, so that there are as many different ones as in an archive of real plans. Headless
Chromium opens the page from a file, each time in a new profile; the page marks when plots and table stand
and answer (`usable`). Two more waits, as shares of one second: from the address of a target to its sentence, and from a
filter to the plots and table drawn anew. The median of the rounds counts. Ratios of one run on one machine.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from pipeline.report import page
from pipeline.run import run
from pipeline.tables import TABLES

ROOT = Path(__file__).parents[2]
PLANS = 2000
ROUNDS = 3
USABLE = 3.0
WAIT = 1.0
NUMBERED = {"targets": "indicator", "responsibilities": "text"}


class Costs(NamedTuple):
    """What was measured.

    Args:
        plans: on the page.
        size: of the page, in bytes.
        usable: time until the page can be used, to three seconds.
        row: time from the address of a target to its sentence, to one second.
        filtered: time to draw plots and table for a filter, to one second.
    """

    plans: int
    size: int
    usable: float
    row: float
    filtered: float


def archive(folder: Path, plans: int) -> Path:
    """The tables and texts of a run with at least so many plans."""
    once, out = folder / "once", folder / "archive"
    run([ROOT / "corpora" / "sample"], once)
    (out / "text").mkdir(parents=True)
    copies = -(-plans // parquet.read_metadata(once / "plans.parquet").num_rows)
    for table in TABLES:
        rows = parquet.read_table(once / f"{table.name}.parquet")
        ids = [name for name in rows.column_names if name.endswith("_id")]
        parquet.write_table(
            pa.concat_tables([_copy(rows, ids, number, NUMBERED.get(table.name)) for number in range(copies)]),
            out / f"{table.name}.parquet",
        )
    for number in range(copies):
        for text in (once / "text").iterdir():
            shutil.copy(text, out / "text" / f"{_prefix(number)}{text.name[4:]}")
    return out


def _prefix(number: int) -> str:
    return f"{number:04x}"


def _copy(rows: pa.Table, ids: list[str], number: int, numbered: str | None) -> pa.Table:
    for name in ids:
        new = pc.binary_replace_slice(rows[name].combine_chunks().cast(pa.binary()), 0, 4, _prefix(number).encode())
        rows = rows.set_column(rows.column_names.index(name), name, new.cast(pa.string()))
    if numbered:
        texts = [f"{text}{number}" if text and at % 2 else text for at, text in enumerate(rows[numbered].to_pylist())]
        rows = rows.set_column(rows.column_names.index(numbered), numbered, pa.array(texts, pa.string()))
    return rows


def measure(plans: int, rounds: int) -> Costs:
    """Make an archive and its page, and open it.

    Args:
        plans: at least so many.
        rounds: times that the page is opened.

    Raises:
        RuntimeError: there is no Chromium on this machine.
    """
    chromium = shutil.which("chromium")
    if not chromium:
        raise RuntimeError("no chromium on this machine; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = archive(Path(folder), plans)
        file = Path(folder) / "report.html"
        file.write_text(page(out), encoding="utf-8")
        target = parquet.read_table(out / "targets.parquet", columns=["target_id"])["target_id"][-1].as_py()
        times = []
        for _ in range(rounds):
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            times.append(_visit(browser, file.as_uri(), target))
            browser.close()
        usable, row, filtered = (median(column) / 1000 for column in zip(*times, strict=True))
        number = parquet.read_metadata(out / "plans.parquet").num_rows
        return Costs(number, file.stat().st_size, usable / USABLE, row / WAIT, filtered / WAIT)


def _visit(browser: Any, address: str, target: str) -> tuple[float, float, float]:
    """Milliseconds until the page is usable, until a target is shown, and for a filter."""
    page = browser.new_page()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("main[aria-busy=false]")
    usable = page.evaluate("performance.getEntriesByName('usable')[0].startTime")
    page.wait_for_load_state("load")
    filtered = page.evaluate("""() => {
        const start = performance.now(), search = document.querySelector('#q');
        search.value = '教育';
        search.dispatchEvent(new Event('input', { bubbles: true }));
        document.body.offsetHeight;
        return performance.now() - start;
    }""")
    row = page.evaluate(
        """target => new Promise(done => {
            const start = performance.now();
            new MutationObserver((_, watch) => {
                if (!document.querySelector('#plan:not([hidden]) .here')) return;
                watch.disconnect();
                done(performance.now() - start);
            }).observe(document.body, { subtree: true, childList: true, attributes: true });
            location.hash = target;
        })""",
        target,
    )
    page.close()
    return usable, row, filtered


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How soon the page of an archive can be used.")
    parser.add_argument("--plans", type=int, default=PLANS)
    costs = measure(parser.parse_args().plans, ROUNDS)
    print(
        f"the page of {costs.plans} plans: {costs.size / 1e6:.1f} MB, {costs.size / costs.plans / 1000:.1f} KB a plan"
    )
    for name, share, bound in (
        ("usable", costs.usable, USABLE),
        ("a target in its sentence", costs.row, WAIT),
        ("a filter", costs.filtered, WAIT),
    ):
        print(f"{name:26}{share:6.2f} of {bound:.0f} s")


if __name__ == "__main__":
    main()
