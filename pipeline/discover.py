"""The files to read under the inputs of a run, in a fixed order, whatever the folders hold."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import NotPermitted, ReadError

PARTS = ".planpipe"


class Failure(NamedTuple):
    """Why a file (or a folder that could not be searched) is not in the tables."""

    path: str
    code: str
    message: str
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
        FileNotFoundError: an input does not exist.
        ValueError: `out` is one of the inputs.
    """
    from pipeline.read import KNOWN

    taken: dict[str, Path] = {}
    refused: list[Failure] = []
    skipped: set[str] = set()
    searched = {os.path.realpath(out)} if out else set()

    def search(folder: Path) -> None:
        real = os.path.realpath(folder)
        if real in searched or (folder / PARTS).is_dir():
            return
        searched.add(real)
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            refused.append(refusal(folder, error))
            return
        for entry in found:
            if entry.name.startswith((".", "~$")):
                continue
            if entry.is_dir():
                search(folder / entry.name)
            elif entry.is_file() and Path(entry.name).suffix.lower() in KNOWN:
                taken.setdefault(os.path.realpath(entry.path), folder / entry.name)
            elif entry.is_file():
                skipped.add(os.path.realpath(entry.path))

    for given in sorted(map(Path, inputs)):
        if out and out.exists() and given.exists() and given.samefile(out):
            raise ValueError(f"{given}: the tables cannot go into a folder that is to be read; name another")
        if given.is_dir():
            search(given)
        elif given.is_file():
            taken.setdefault(os.path.realpath(given), given)
        else:
            raise FileNotFoundError(f"{given}: no such file or folder")
    return Found(sorted(taken.values(), key=readable), refused, len(skipped - set(taken)))


def readable(path: Path) -> str:
    """A path as it goes to the tables: with `/`, and legible where its bytes are no UTF-8."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def refusal(path: Path, error: OSError) -> Failure:
    """What goes to the tables where the operating system does not let one read a file or folder."""
    code = NotPermitted.code if isinstance(error, PermissionError) else ReadError.code
    kind = "folder cannot be searched" if path.is_dir() else "file cannot be opened"
    return Failure(readable(path), code, f"the {kind} ({error.strerror}); see to that and run again")
