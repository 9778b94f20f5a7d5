"""The files to read under the inputs of a run, in a fixed order, whatever the folders and archives hold."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, overload

from pipeline.errors import NotPermitted, PlanpipeError, ReadError
from pipeline.store import FOLDER

if TYPE_CHECKING:
    from pipeline.read.archive import Member
    from pipeline.read.remote import Remote


Place: TypeAlias = "Path | Member | Remote"
"""Where a file lies: on the disk, at an address, or in an archive on either."""


class Places(Sequence["Place"]):
    """Files in a fixed order. One on the disk is held as text, a fifth of what its path takes, and made one when asked.

    Args:
        held: paths on the disk as text, and other places.
    """

    def __init__(self, held: Iterable[str | Member | Remote]) -> None:
        self._held = list(held)

    def __len__(self) -> int:
        return len(self._held)

    @overload
    def __getitem__(self, index: int) -> Place: ...

    @overload
    def __getitem__(self, index: slice) -> list[Place]: ...

    def __getitem__(self, index: int | slice) -> Place | list[Place]:
        found = self._held[index]
        return [_place(held) for held in found] if isinstance(found, list) else _place(found)

    def __eq__(self, other: object) -> bool:
        return self._held == other._held if isinstance(other, Places) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def _place(held: str | Member | Remote) -> Place:
    return Path(held) if isinstance(held, str) else held


class Failure(NamedTuple):
    """Why a file (or a folder that could not be searched) is not in the tables.

    Args:
        path: as it stands in `sources`.
        code: of a kind of `PlanpipeError`, or `internal`, or `crash`.
        message: what is wrong and what to do next.
        seconds: how long it took to fail, None where it was not begun.
    """

    path: str
    code: str
    message: str
    seconds: float | None = None


class Found(NamedTuple):
    """What was found under the inputs.

    Args:
        files: to be read, by path.
        refused: folders that the operating system does not let one search, archives and files in them
            that cannot be unpacked.
        skipped: files of other formats in folders and archives.
    """

    files: Places
    refused: list[Failure]
    skipped: int


def discover(inputs: Iterable[str | Path], out: Path | None = None) -> Found:
    """Find the files to read.

    A file on the disk that is given by name is taken whatever its ending. Folders are searched for known
    endings; hidden files, Word's lock files (`~$…`) and the folders of earlier runs are passed over,
    and a folder that links lead to twice is searched once. ZIP archives are looked into as folders are.

    Args:
        inputs: files and folders, and addresses of such.
        out: a folder not to search, because the tables go there.

    Raises:
        OSError: an input does not exist, or lies where one may not look.
        PlanpipeError: `out` is one of the inputs.
    """
    from pipeline.read import KNOWN
    from pipeline.read.archive import ENDING, Refused, Skipped, forget, is_archive, members
    from pipeline.read.remote import files, is_address

    taken: dict[str, str | Member | Remote] = {}
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
        if any(entry.name == FOLDER for entry in found):
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
        elif (given or path.suffix.lower() == ENDING) and stat.S_ISREG(mode) and is_archive(path):
            unpack(path, os.path.realpath(path))
        elif given or (stat.S_ISREG(mode) and path.suffix.lower() in {*KNOWN, ENDING}):
            real, text = os.path.realpath(path), str(path)
            taken.setdefault(real, real if real == text else text)  # one text for both where it can be
        else:
            skipped.add(os.path.realpath(path))

    def unpack(path: Path | Remote, real: str) -> None:
        if real in searched:
            return
        searched.add(real)
        for found in members(path, KNOWN):
            if isinstance(found, Refused):
                refused.append(Failure(readable(found.place), found.error.code, str(found.error)))
            elif isinstance(found, Skipped):
                skipped.add(readable(found.place))
            else:
                taken[readable(found)] = found

    def fetch(address: str) -> None:
        for place in files(address):
            if any(part.startswith((".", "~$")) for part in place.address.split("/")[3:]):
                continue
            if place.suffix.lower() == ENDING and is_archive(place):
                unpack(place, place.address)
            elif place.suffix.lower() in {*KNOWN, ENDING}:
                taken[place.address] = place
            else:
                skipped.add(place.address)

    forget()
    inputs = list(inputs)
    for address in sorted(str(given) for given in inputs if is_address(given)):
        fetch(address)
    for given in sorted(Path(given) for given in inputs if not is_address(given)):
        if out and out.exists() and given.exists() and given.samefile(out):
            raise PlanpipeError(f"{given}: the tables cannot go into a folder that is to be read; name another")
        take(given, given=True)
    ordered = sorted(taken.values(), key=lambda held: readable(_place(held)))
    return Found(Places(ordered), refused, sum(real not in taken for real in skipped))


def files_in(path: Path) -> list[Place]:
    """The files that a file stands for: itself, or those of known formats in a ZIP archive.

    Args:
        path: a file.

    Raises:
        PlanpipeError: the archive, or a file in it, cannot be unpacked.
    """
    from pipeline.read import KNOWN
    from pipeline.read.archive import Refused, Skipped, is_archive, members

    if not is_archive(path):
        return [path]
    found = list(members(path, KNOWN))
    for entry in found:
        if isinstance(entry, Refused):
            raise entry.error
    return sorted((entry for entry in found if not isinstance(entry, Refused | Skipped)), key=readable)


def readable(path: Place) -> str:
    """A path as it goes to the tables: with `/`, and legible where its bytes are no UTF-8.

    A file in an archive stands under the archive's path, as if that were a folder.
    """
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def refusal(path: Place, error: OSError, kind: str) -> Failure:
    """What goes to the tables where the operating system does not let one read something.

    Args:
        path: which file or folder.
        error: what the operating system said.
        kind: `file` or `folder`.
    """
    code = NotPermitted.code if isinstance(error, PermissionError) else ReadError.code
    return Failure(readable(path), code, f"the {kind} cannot be opened ({error.strerror}); see to that and run again")
