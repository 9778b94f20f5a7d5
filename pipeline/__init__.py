"""Chinese plan documents as data: section trees, goals, targets, deadlines, units and themes.

    import pipeline as pp

    plan = pp.parse("plan.docx")[0]    # in a notebook it shows itself
    plan.targets                       # a data frame

    pp.run(["plans"], "tables")
    pp.load("tables").sql("select unit, count(*) from targets group by unit")

Importing this does nothing; what a call needs is loaded when it is called.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.frames import Tables
    from pipeline.run import Report
    from pipeline.view import PlanView

__all__ = ["__version__", "load", "parse", "run"]


def parse(path: str | Path) -> list[PlanView]:
    """Take a file's plans apart.

    Args:
        path: a file of any format that `pipeline.read` knows, or a ZIP archive of such files.

    Returns:
        The plans in the order of the text, none where the file holds none; of an archive those of all
        its files, in the order of their names. Their tables are data frames; `.plan` is the record that the
        stages of the pipeline hand on.

    Raises:
        pipeline.errors.PlanpipeError: the file, or one in the archive, cannot be read; its kind and
            message say why.
    """
    from pipeline.discover import files_in
    from pipeline.parsing import parse_file
    from pipeline.view import views

    return [plan for file in files_in(Path(path)) for plan in views(parse_file(file))]


def run(
    paths: Iterable[str | Path], out: str | Path, *, workers: int | None = 1, themes: str | Path | None = None
) -> Report:
    """Parse files and folders into the tables in `out`, as `planpipe run` does.

    Args:
        paths: files and folders; folders are searched for known formats.
        out: folder for the tables; made if there is none.
        workers: processes that parse; None takes one a processor, 0 none but this one, without limits.
        themes: folder of a theme model that `planpipe train` made; None takes planpipe's own.

    Returns:
        How many files were read and why others were not, and the number of rows by table.

    Raises:
        OSError: a path does not exist, or `out` cannot be written.
        pipeline.errors.PlanpipeError: `out` is one of the paths.
    """
    from pipeline.run import run as run_files

    return run_files(paths, out, workers=workers, themes=themes)


def load(out: str | Path) -> Tables:
    """The tables that a run wrote, as data frames and for SQL.

    Args:
        out: the folder that the run was given for its tables.

    Returns:
        The tables, each read when it is asked for.

    Raises:
        pipeline.errors.NoTables: no run has written there.
    """
    from pipeline.frames import Tables

    return Tables(out)


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version

        return version("planpipe")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
