"""The command `planpipe`; nothing else in this package prints or exits.

Exit codes: 0 all is done; 1 some of it failed, and what failed is named on stderr; 2 a wrong call.
What a command needs is loaded when it runs, so that help comes at once.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal

import click

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.progress import Event, Watch
    from pipeline.run import Report
    from pipeline.training import Scores

BATCH = 1000
LOG = "planpipe.log"
FAILED = 1
GROUPS = 20
STOPPED = 130
PAUSE = 10.0
"""Seconds between two lines about a run that no terminal shows."""


class _Size(click.ParamType[int]):
    """Bytes, as 800MB or 4GB."""

    name = "size"
    units: ClassVar[dict[str, int]] = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([1-9]\d*)\s*([KMG]?)I?B?", str(value).upper())
        if match is None:
            self.fail(f"{value!r} is no size; write it as 800MB or 4GB", param, ctx)
        return int(match[1]) * self.units[match[2]]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="planpipe", message="planpipe %(version)s")
def main() -> None:
    """Chinese plan documents as data: section trees, goals, targets, deadlines, units, themes."""


@main.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the tables.")
@click.option("--workers", type=click.IntRange(0), help="Processes to share the work  [default: one a processor]")
@click.option(
    "--themes",
    metavar="MODEL",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a theme model made by `planpipe train`  [default: planpipe's own]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="What a file may take before it is given up.",
)
@click.option(
    "--memory",
    type=_Size(),
    default="4GB",
    show_default=True,
    metavar="SIZE",
    help="What a file may take of memory, such as 800MB or 4GB.",
)
@click.option("--unique", is_flag=True, help="Leave repeated files and further versions of a plan out of the tables.")
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), help="File for events, a JSON object a line.")
@click.option("--quiet", is_flag=True, help="Print nothing but failures.")
def run(
    inputs: tuple[Path, ...],
    out: Path,
    workers: int | None,
    themes: Path | None,
    timeout: float,
    memory: int,
    unique: bool,
    log: Path | None,
    quiet: bool,
) -> None:
    """Parse files and folders into CSV and Parquet tables.

    A folder is searched for files of known formats; a file given by name is read whatever its
    ending. Run again with the same --out, it parses only what is new or changed, and goes on where
    it was interrupted. A file that takes too long or too much memory, or brings down the process that
    parses it, is tried once more alone and then becomes a failed row; the rest goes on. With
    --workers 0 everything happens in one process, without limits, as one wants it in a debugger.

    Example:

    \b
        planpipe run corpora/sample --out tables

    Exits with 0 when every file was read, with 1 when some failed (each has a row in sources.csv,
    the rest is exported), with 2 for a wrong call, with 130 when it was stopped by Ctrl-C.
    """
    from rich.console import Console

    from pipeline.errors import PlanpipeError
    from pipeline.run import Limits
    from pipeline.run import run as run_files

    try:
        with _logged(out), _watching(log, quiet) as watch:
            report = run_files(
                inputs,
                out,
                workers=workers,
                themes=themes,
                limits=Limits(timeout, memory),
                unique=unique,
                watch=watch,
            )
    except (OSError, PlanpipeError) as error:
        raise click.UsageError(str(error)) from error
    except KeyboardInterrupt:
        click.echo("stopped; what is done is kept: the same command goes on from here", err=True)
        raise SystemExit(STOPPED) from None
    if not quiet:
        Console().print(_summary(report))
        click.echo(f"tables in {out}")
        if not report.files:
            click.echo("There was nothing to read: no file of a known format in the folders given.", err=True)
    for failure in report.failures:
        click.echo(f"{failure.code}: {failure.path}: {failure.message}", err=True)
    if (out / LOG).exists():
        click.echo(f"Details of internal errors are in {out / LOG}", err=True)
    if report.failures:
        raise SystemExit(FAILED)


@contextmanager
def _watching(log: Path | None, quiet: bool) -> Iterator[Watch]:
    """Show how far a run is: a live display in a terminal, else a line now and then; and log its events."""
    from rich.console import Console
    from rich.live import Live

    from pipeline.progress import Counted, Log
    from pipeline.screen import Screen

    console, screen = Console(stderr=True, soft_wrap=True), Screen()
    watches: list[Watch] = [screen]
    said = time.monotonic()

    def say(event: Event) -> None:
        nonlocal said
        if isinstance(event, Counted) and event.outdated:
            click.echo(f"planpipe or the model has changed: {event.outdated} files are parsed anew", err=True)
        if not console.is_terminal and time.monotonic() - said >= PAUSE:
            click.echo(screen.line(), err=True)
            said = time.monotonic()

    with ExitStack() as stack:
        if log:
            watches.append(stack.enter_context(Log(log)))
        if not quiet:
            watches.append(say)
            if console.is_terminal:
                stack.enter_context(Live(screen, console=console, transient=True, refresh_per_second=4))

        def tell(event: Event) -> None:
            for watch in watches:
                watch(event)

        yield tell


@contextmanager
def _logged(out: Path) -> Iterator[None]:
    """Let tracebacks go to a file in OUT, which there is only if there are any."""
    (out / LOG).unlink(missing_ok=True)
    logger = logging.getLogger("pipeline")
    handler = logging.FileHandler(out / LOG, mode="w", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
        logger.propagate = propagate


def _summary(report: Report) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    again = report.files - report.fresh
    notes = [
        f"{again} of them as before" if again else "",
        f"{report.skipped} of other formats" if report.skipped else "",
    ]
    table.add_row("files", str(report.files), ", ".join(filter(None, notes)))
    table.add_row("  in part", str(report.partial))
    table.add_row("  failed", str(len(report.failures)))
    for name in ("plans", "sections", "items", "goals", "targets", "deadlines", "responsibilities"):
        table.add_row(name, str(report.rows[name]))
    return table


@main.command()
@click.argument("source", metavar="IN.jsonl", type=click.File("rb"))
@click.option(
    "--out",
    "target",
    required=True,
    metavar="OUT.jsonl",
    type=click.File("w", encoding="utf-8", lazy=True, atomic=True),
    help="File for the answers, - for stdout.",
)
@click.option("--why", is_flag=True, help="Give the words that pulled each text to each of its themes.")
@click.option(
    "--themes",
    metavar="MODEL",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a theme model made by `planpipe train`  [default: planpipe's own]",
)
def classify(source: IO[bytes], target: IO[str], why: bool, themes: Path | None) -> None:
    """Tag texts with the themes that they act on.

    IN.jsonl (- for stdin) has one {"text": ...} a line. OUT.jsonl gets one line for each, in the same
    order: {"text": ..., "themes": [codes, main theme first], "scores": {code: 0..1}}, with --why also
    "why": {code: {word: what it added to the log-odds}}. Blank lines are passed over.

    Example:

    \b
        echo '{"text": "每学期开展两次消防演练"}' | planpipe classify - --out -

    Exits with 1, and writes nothing, where a line is not as it should be.
    """
    from pipeline.errors import ThemeError
    from pipeline.themes import default, loaded

    texts = list(_texts(source))
    try:
        model = loaded(themes) if themes else default()
    except ThemeError as error:
        raise click.ClickException(str(error)) from error
    lines = []
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        for text, tags in zip(batch, model.tag(batch), strict=True):
            scores = {code: round(float(score), 4) for code, score in zip(tags.codes, tags.scores, strict=True)}
            answer: dict[str, Any] = {"text": text, "themes": list(tags.codes), "scores": scores}
            if why:
                answer["why"] = {code: dict(reasons) for code, reasons in model.why(text).items()}
            lines.append(json.dumps(answer, ensure_ascii=False) + "\n")
    target.writelines(lines)


def _texts(source: IO[bytes]) -> Iterator[str]:
    for number, raw in enumerate(source, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            value: Any = json.loads(line) if line else None
            json.dumps(value, ensure_ascii=False).encode()
        except ValueError as error:  # no UTF-8, no JSON, or half a character written as \\ud800
            raise _wrong_line(source, number, str(error)) from error
        if not line:
            continue
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            raise _wrong_line(source, number, "it has no text")
        yield value["text"]


def _wrong_line(source: IO[bytes], number: int, why: str) -> click.ClickException:
    return click.ClickException(f'{source.name}, line {number}: {why}; a line is {{"text": "..."}}, in UTF-8')


@main.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def show(file: Path) -> None:
    """Print the section tree of each plan in a file.

    Behind each section stands how many goals, targets, deadlines and units were found in it and
    under it.

    Example:

    \b
        planpipe show corpora/sample/06_city_points_2026.docx

    Exits with 1 where the file cannot be read or holds no plan.
    """
    from rich.console import Console

    from pipeline import parse
    from pipeline.errors import PlanpipeError
    from pipeline.show import overview

    try:
        plans = parse(file)
    except PlanpipeError as error:
        raise click.ClickException(f"{file}: {error}") from error
    if not plans:
        raise click.ClickException(f"{file}: no plan was found in this file")
    console = Console()
    for number, plan in enumerate(plans):
        if number:
            console.print()
        console.print(overview(plan.plan))


@main.command()
@click.argument("out", metavar="OUT", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--by",
    type=click.Choice(["issuer", "region", "year"]),
    default="issuer",
    show_default=True,
    help="What the summary counts by; the tables are the same.",
)
@click.option(
    "--common",
    metavar="N",
    type=click.IntRange(2),
    default=20,
    show_default=True,
    help="A sentence in more than N plans is boilerplate and left out of `reuse`.",
)
def compare(out: Path, by: Literal["issuer", "region", "year"], common: int) -> None:
    """Set the plans of a run against each other, and add two tables to it.

    `changes`: what became of each numeric target from one plan to the next of its issuer (kept, raised,
    lowered, altered, new, dropped, due), and whether it was met, as far as a later plan of the place tells.
    `reuse`: sentences that stand in several plans, earliest first. Both lead to the places in both texts.
    Raised and lowered are of the number alone; the data package tells what each word means.

    Example:

    \b
        planpipe run corpora/sample/0*.txt --out tables && planpipe compare tables --by region

    Exits with 1 where OUT holds no run, or fewer than two plans.
    """
    from pipeline.compare import KINDS, summary, write
    from pipeline.errors import PlanpipeError
    from pipeline.reuse import routes

    try:
        done = write(out, common=common)
    except (OSError, PlanpipeError) as error:
        raise click.ClickException(str(error)) from error
    counts = summary(done.changes.rows, by)
    if not counts:
        click.echo("No two plans are editions of one (same place and body, like titles, different years).")
    most = sorted(counts, key=lambda key: -counts[key].total())[:GROUPS]
    lines = [(key, ", ".join(f"{kind} {row[kind]}" for kind in KINDS if row[kind])) for key, row in counts.items()]
    click.echo("".join(f"{key}: {line}\n" for key, line in lines if key in most), nl=False)
    if len(lines) > len(most):
        click.echo(f"and {len(lines) - len(most)} more with fewer targets")
    routed = list(routes(done.reuse.rows).items())
    click.echo(f"{len(done.reuse.rows)} sentences taken over{', most from plan to plan:' if routed else ''}")
    for (first, second), number in routed[:GROUPS]:
        click.echo(f"{number:4} {done.plans[first]} > {done.plans[second]}")
    left_out = {
        "plans without place, year or another edition": done.changes.alone,
        "plans of a year for which another stands": done.changes.others,
        "near-duplicate plans (not looked at for sentences)": done.reuse.duplicates,
        f"sentences in more than {common} plans": done.reuse.boilerplate,
    }
    for name, number in left_out.items():
        if number:
            click.echo(f"left out: {number} {name}")
    click.echo(f"tables changes and reuse in {out}")


@main.command()
@click.argument(
    "labels", metavar="LABELS.csv...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the model.")
@click.option(
    "--taxonomy",
    metavar="MY.yaml",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Themes of your own: a YAML list with `code`, and if wanted `zh`, `covers`, `terms`.",
)
@click.option(
    "--held-out",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sentences to score the model on, never trained on.",
)
@click.option(
    "--notes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Markdown to put at the end of the model's card.",
)
def train(
    labels: tuple[Path, ...], out: Path, taxonomy: Path | None, held_out: Path | None, notes: Path | None
) -> None:
    """Train a theme model from labelled sentences.

    LABELS.csv has the columns `text` and `themes` (codes joined by `;`, main theme first; empty where
    a sentence has no theme) and may have `section` (the headings above it, joined by ` / `). The same
    sentences give the same model, byte for byte. CARD.md beside the model reports precision, recall and
    F1 of each theme by cross-validation, the learning curve, the words that decide and the sentences
    that are most in doubt.

    Example:

    \b
        planpipe train corpora/instruments/labels.csv --taxonomy corpora/instruments/taxonomy.yaml --out model

    Exits with 1 where a line is not as it should be.
    """
    from pipeline.card import card
    from pipeline.errors import ThemeError
    from pipeline.themes import taxonomy as own
    from pipeline.training import evaluate, fit, read_examples, read_taxonomy

    try:
        themes = read_taxonomy(taxonomy) if taxonomy else own()
        codes = [theme.code for theme in themes]
        trained = fit([example for path in labels for example in read_examples(path, codes)], themes)
        scores = evaluate(trained.model, read_examples(held_out, codes)) if held_out else None
    except ThemeError as error:
        raise click.ClickException(str(error)) from error
    trained.model.save(out)
    options = [("--taxonomy", taxonomy), ("--held-out", held_out), ("--notes", notes), ("--out", out)]
    given = [f"{name} {path}" for name, path in options if path]
    command = " ".join(["planpipe train", *map(str, labels), *given])
    text = card(trained, scores, command, notes.read_text(encoding="utf-8") if notes else "")
    (out / "CARD.md").write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{len(codes)} themes, {trained.model.made['examples']} sentences, model and report (CARD.md) in {out}")
    click.echo(_measure("cross-validated", trained.scores))
    if scores:
        click.echo(_measure("held out", scores))


def _measure(name: str, scores: Scores) -> str:
    return f"{name}: micro-F1 {scores.micro:.3f}, macro-F1 {scores.macro:.3f}, main theme {scores.main:.3f}"
