"""Chinese plan documents as data: section trees, goals, targets, deadlines, units and themes.

    import pipeline

    for plan in pipeline.parse("plan.docx"):
        print(plan.head.title, len(plan.targets))

    pipeline.run(["plans"], "tables")

Importing this does nothing; what a call needs is loaded when it is called.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.model import Plan
    from pipeline.run import Report

__all__ = ["__version__", "parse", "run"]


def parse(path: str | Path) -> list[Plan]:
    """Take a file's plans apart.

    Args:
        path: a file of any format that `pipeline.read` knows, or a ZIP archive of such files.

    Returns:
        The plans in the order of the text, none where the file holds none; of an archive those of all
        its files, in the order of their names.

    Raises:
        pipeline.errors.PlanpipeError: the file, or one in the archive, cannot be read; its kind and
            message say why.
    """
    from pipeline.discover import files_in
    from pipeline.parsing import parse_file

    return [plan for file in files_in(Path(path)) for plan in parse_file(file).plans]


def run(paths: Iterable[str | Path], out: str | Path, *, workers: int = 1) -> Report:
    """Parse files and folders into the tables in `out`, as `planpipe run` does.

    Args:
        paths: files and folders; folders are searched for known formats.
        out: folder for the tables; made if there is none.
        workers: processes to share the work; a script that asks for more than one calls this under
            `if __name__ == "__main__":`.

    Returns:
        How many files were read and why others were not, and the number of rows by table.

    Raises:
        OSError: a path does not exist, or `out` cannot be written.
        pipeline.errors.PlanpipeError: `out` is one of the paths.
    """
    from pipeline.run import run as run_files

    return run_files(paths, out, workers=workers)


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version

        return version("planpipe")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
