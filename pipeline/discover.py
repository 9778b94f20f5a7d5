"""The files to read under the inputs of a run, in a fixed order, whatever the folders hold."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import NotPermitted, PlanpipeError, ReadError

PARTS = ".planpipe"


class Failure(NamedTuple):
    """Why a file (or a folder that could not be searched) is not in the tables.

    Args:
        path: as it stands in `sources`.
        code: of a kind of `PlanpipeError`, or `internal`, or `crash`.
        message: what is wrong and what to do next.
        seconds: how long it took to fail, None where it was not begun.
        trace: the traceback of an internal error.
    """

    path: str
    code: str
    message: str
    seconds: float | None = None
    trace: str = ""


class Found(NamedTuple):
    """What was found under the inputs.

    Args:
        files: to be read, by path.
        refused: folders that the operating system does not let one search.
        skipped: files of other formats in folders.
    """

    files: list[Path]
    refused: list[Failure]
    skipped: int


def discover(inputs: Iterable[str | Path], out: Path | None = None) -> Found:
    """Find the files to read.

    A file that is given by name is taken whatever its ending. Folders are searched for known
    endings; hidden files, Word's lock files (`~$…`) and the folders of earlier runs are passed over,
    and a folder that links lead to twice is searched once.

    Args:
        inputs: files and folders.
        out: a folder not to search, because the tables go there.

    Raises:
        OSError: an input does not exist, or lies where one may not look.
        PlanpipeError: `out` is one of the inputs.
    """
    from pipeline.read import KNOWN

    taken: dict[str, Path] = {}
    refused: list[Failure] = []
    skipped: set[str] = set()
    searched = {os.path.realpath(out)} if out else set()

    def refuse(path: Path, error: OSError, kind: str) -> None:
        refused.append(refusal(path, error, kind))

    def search(folder: Path) -> None:
        real = os.path.realpath(folder)
        if real in searched:
            return
        searched.add(real)
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            refuse(folder, error, "folder")
            return
        if any(entry.name == PARTS for entry in found):
            return
        for entry in found:
            if not entry.name.startswith((".", "~$")):
                try:
                    take(folder / entry.name, given=False)
                except OSError as error:
                    refuse(folder / entry.name, error, "file")

    def take(path: Path, *, given: bool) -> None:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            search(path)
        elif given or (stat.S_ISREG(mode) and path.suffix.lower() in KNOWN):
            taken.setdefault(os.path.realpath(path), path)
        else:
            skipped.add(os.path.realpath(path))

    for given in sorted(map(Path, inputs)):
        if out and out.exists() and given.exists() and given.samefile(out):
            raise PlanpipeError(f"{given}: the tables cannot go into a folder that is to be read; name another")
        take(given, given=True)
    return Found(sorted(taken.values(), key=readable), refused, len(skipped - set(taken)))


def readable(path: Path) -> str:
    """A path as it goes to the tables: with `/`, and legible where its bytes are no UTF-8."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def refusal(path: Path, error: OSError, kind: str) -> Failure:
    """What goes to the tables where the operating system does not let one read something.

    Args:
        path: which file or folder.
        error: what the operating system said.
        kind: `file` or `folder`.
    """
    code = NotPermitted.code if isinstance(error, PermissionError) else ReadError.code
    return Failure(readable(path), code, f"the {kind} cannot be opened ({error.strerror}); see to that and run again")
