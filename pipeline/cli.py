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


class _Place(click.Path):
    """A path, or an address such as s3://bucket/plans."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """An address as it is, all else as a path."""
        from pipeline.read.remote import is_address

        return value if is_address(value) else super().convert(value, param, ctx)


_model = click.option(
    "--themes",
    metavar="MODEL",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a theme model made by `planpipe train`  [default: planpipe's own]",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="planpipe", message="planpipe %(version)s")
def main() -> None:
    """Chinese plan documents as data: section trees, goals, targets, deadlines, units, themes."""


@main.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=_Place(exists=True, path_type=Path))
@click.option(
    "--out", required=True, type=_Place(file_okay=False, path_type=Path), help="Folder or address for the tables."
)
@click.option("--workers", type=click.IntRange(0), help="Processes to share the work  [default: one a processor]")
@_model
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
@click.option("--cluster", metavar="tcp://HOST:8786", help="A Dask scheduler whose workers are to parse.")
@click.option("--unique", is_flag=True, help="Leave repeated files and further versions of a plan out of the tables.")
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), help="File for events, a JSON object a line.")
@click.option("--quiet", is_flag=True, help="Print nothing but failures.")
def run(
    inputs: tuple[Path | str, ...],
    out: Path | str,
    workers: int | None,
    themes: Path | None,
    timeout: float,
    memory: int,
    cluster: str | None,
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

    beside = out if isinstance(out, Path) else Path()
    try:
        with _logged(beside), _watching(log, quiet) as watch:
            report = run_files(
                inputs,
                out,
                workers=workers,
                themes=themes,
                limits=Limits(timeout, memory),
                cluster=cluster,
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
    if (beside / LOG).exists():
        click.echo(f"Details of internal errors are in {beside / LOG}", err=True)
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
@_model
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


@main.command()
@click.argument("run_folder", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--out",
    "target",
    default=Path("report.html"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the page.",
)
def report(run_folder: Path, target: Path) -> None:
    """Write the tables of a run as one page for the browser.

    OUT is the folder that `planpipe run` wrote. The page has plots, a table of plans to search and filter,
    and each plan's section tree with goals, targets, deadlines and units marked in its text. It loads nothing
    from the network. Behind the # of its address may stand the id of any row: report.html#TARGET_ID shows that
    target in its sentence.

    Example:

    \b
        planpipe run corpora/sample --out tables && planpipe report tables --out report.html

    Exits with 2 where OUT is no run's folder.
    """
    from pipeline.errors import NoTables
    from pipeline.report import page

    try:
        text = page(run_folder)
        target.write_text(text, encoding="utf-8", newline="\n")
    except NoTables as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{target} cannot be written: {error.strerror}") from error
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB; open it in a browser")


@main.command("export")
@click.argument("out", metavar="OUT", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--as",
    "formats",
    multiple=True,
    type=click.Choice(["xlsx", "dta", "sav"]),
    help="Excel, Stata or SPSS; may be given several times  [default: the tables themselves, CSV and Parquet]",
)
@click.option(
    "--to", type=click.Path(file_okay=False, path_type=Path), help="Folder for the files  [default: OUT itself]"
)
@click.option("--unique", is_flag=True, help="Leave repeated files and further versions of a plan out of the tables.")
def export_(out: Path, formats: tuple[str, ...], to: Path | None, unique: bool) -> None:
    """Write the tables of a run, also while it goes on, or write them for Excel, Stata or SPSS.

    Without --as the tables in OUT are put together anew from all files that are parsed by now.

    Excel: one workbook with a sheet a table and the codebook. Stata (version 14 on) and SPSS: a file a
    table, with variable and value labels. What a format cannot hold is named on stderr.

    Example:

    \b
        planpipe export tables --as xlsx --as dta --as sav --to formats
    """
    from pipeline.assemble import assemble
    from pipeline.errors import PlanpipeError
    from pipeline.formats import write
    from pipeline.store import Store

    try:
        if not formats:
            rows = assemble(Store(out), unique=unique).rows
            click.echo(f"tables of {rows['sources']} files in {out}")
            return
        written = write(out, formats, to)
    except (OSError, PlanpipeError) as error:
        raise click.ClickException(str(error)) from error
    for path in written.files:
        click.echo(path)
    for note in written.notes:
        click.echo(note, err=True)


@main.command()
@click.argument("out", metavar="[OUT]", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), help="File  [default: stdout]")
def codebook(out: Path | None, target: Path | None) -> None:
    """Print the codebook as Markdown: tables, columns, allowed values, keys, themes.

    With OUT, the folder of a run, it says how many cells of each column are filled.

    Example:

    \b
        planpipe codebook tables --out codebook.md
    """
    from pipeline.codebook import markdown
    from pipeline.errors import PlanpipeError

    try:
        text = markdown(out)
        if target:
            target.write_text(text, encoding="utf-8", newline="\n")
    except (OSError, PlanpipeError) as error:
        raise click.ClickException(str(error)) from error
    if not target:
        click.echo(text, nl=False)


@main.command()
@click.argument("out", metavar="OUT", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--n", "rows", default=200, show_default=True, type=click.IntRange(1), help="Rows to draw.")
@click.option(
    "--table",
    default="items",
    show_default=True,
    type=click.Choice(["items", "goals", "targets", "deadlines", "responsibilities"]),
    help="Whose rows.",
)
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(["theme", "level", "year", "region", "kind", "rule", "confidence"]),
    help="What the strata differ in; may be given several times  [default: one stratum]",
)
@click.option("--ask", multiple=True, metavar="COLUMN", help="What coders answer  [default: themes; else all there is]")
@click.option(
    "--allocation",
    default="proportional",
    show_default=True,
    type=click.Choice(["proportional", "equal"]),
    help="How the rows are shared out among the strata.",
)
@click.option(
    "--least",
    default=5,
    show_default=True,
    type=click.IntRange(1),
    help="Rows of each stratum at the least, where it has as many.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same rows.")
@click.option("--blind/--shown", default=True, help="Keep the machine's answers from coders.  [default: blind]")
@click.option(
    "--taxonomy",
    metavar="MY.yaml",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Taxonomy of the theme model that the run was made with  [default: planpipe's own]",
)
@click.option(
    "--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the sample."
)
def sample(
    out: Path,
    rows: int,
    table: str,
    by: tuple[str, ...],
    ask: tuple[str, ...],
    allocation: Literal["proportional", "equal"],
    least: int,
    seed: int,
    blind: bool,
    taxonomy: Path | None,
    folder: Path,
) -> None:
    """Draw a sample of a run's rows for coders to check by hand.

    Give each coder a copy of coding.xlsx, or the tasks of label_studio.json with the labelling config
    label_studio.xml; label_studio_predictions.json are the same tasks with the machine's answers filled in,
    for those who shall correct them. Keep sample.json and sample.csv: they hold the machine's answers, and each
    row's sampling weight. Then compare: planpipe agree.

    --by kind is the kind of document, but for deadlines the kind of time; --by confidence goes by bands.

    Example:

    \b
        planpipe sample tables --n 40 --by theme --out check
    """
    from pipeline.coding import save
    from pipeline.errors import PlanpipeError
    from pipeline.sample import draw
    from pipeline.training import read_taxonomy

    try:
        themes = read_taxonomy(taxonomy) if taxonomy else None
        drawn = draw(
            out,
            rows,
            table=table,
            by=by,
            ask=ask,
            allocation=allocation,
            least=least,
            seed=seed,
            blind=blind,
            themes=themes,
        )
        files = save(drawn, folder, themes)
    except (OSError, PlanpipeError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(drawn.rows)} of {drawn.size} {table} in {len(drawn.strata)} strata, sample {drawn.key}")
    for path in files:
        click.echo(path)


@main.command()
@click.argument(
    "codings", metavar="A [B...]", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--sample",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the sample  [default: that of A]",
)
@click.option("--incomplete", is_flag=True, help="Leave out rows that are missing or not coded.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the report and its figures.")
def agree(codings: tuple[Path, ...], folder: Path | None, incomplete: bool, out: Path | None) -> None:
    """Compare coders with each other and the machine with them.

    A and B are what coders handed back of a sample: coding.xlsx filled in, its sheet `coding` saved as
    CSV, or a JSON export of Label Studio, which may hold several coders. Prints, as Markdown, Cohen's
    kappa, Krippendorff's alpha, precision and recall of the machine with 95 % intervals, and a paragraph
    for the methods section. --out writes it as agreement.md with figures.csv and disagreements.csv.

    Example:

    \b
        planpipe agree anna.xlsx bo.xlsx --sample check --out agreement

    Exits with 1 where a file does not fit the sample.
    """
    from pipeline.agreement import compare, markdown
    from pipeline.agreement import save as save_figures
    from pipeline.coding import load, read
    from pipeline.errors import PlanpipeError

    try:
        drawn = load(folder or codings[0].parent)
        handed_back = [coding for path in codings for coding in read(path, drawn, incomplete=incomplete)]
        result = compare(drawn, handed_back)
        if out:
            save_figures(result, handed_back, out)
    except (OSError, PlanpipeError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(markdown(result), nl=False)
