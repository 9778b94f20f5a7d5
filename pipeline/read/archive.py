"""ZIP archives: the files in them, each to be read as if it lay on the disk by itself.

Names are told from the archive's own marks (UTF-8 flag, Unicode path field), else from their bytes, all
names of an archive together: Chinese Windows writes them in GBK. They are shown as they stand and lead
nowhere. Archives in archives are looked into; a document that is a ZIP container itself is a document.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import weakref
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple, cast
from zipfile import BadZipFile, ZipFile, ZipInfo

from pipeline.errors import (
    Damaged,
    EmptyFile,
    Encrypted,
    NotPermitted,
    PlanpipeError,
    ReadError,
    UnknownEncoding,
    UnsupportedFormat,
)
from pipeline.read.detect import zipped
from pipeline.read.join import is_wide
from pipeline.read.package import is_steep
from pipeline.read.remote import Remote
from pipeline.read.source import LARGEST, Source
from pipeline.read.text import decode

ENDING = ".zip"

DEEPEST = 3
"""Archives in one another that are looked into."""

MOST = 200_000
"""Members of an archive; more are an attack."""

UTF8_FLAG = 0x800
ENCRYPTED_FLAG = 0x1
UNICODE_PATH = 0x7075
"""Extra field that holds the name in UTF-8 (APPNOTE.TXT 4.6.9)."""

CHUNK = 1 << 20
"""Bytes that are unpacked at once: a member may unpack to more than its archive says."""

HELD = 16 << 20
"""Bytes of an archive in an archive that are held in memory; a larger one goes to an unnamed temporary file."""

ASCII = re.compile(r"[\x00-\x7f]")
"""What is the same in every encoding."""

BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)
AGAIN = "pack or download the archive again"


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A file in an archive.

    Args:
        archive: the archive, on the disk or at an address.
        names: of the archives in it that lead to the file, outermost first, and of the file.
        indexes: where each of them stands in the list of its archive.
    """

    archive: Path | Remote
    names: tuple[str, ...]
    indexes: tuple[int, ...]

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return PurePosixPath(self.names[-1]).name

    @property
    def suffix(self) -> str:
        """The ending of its name, with the dot."""
        return PurePosixPath(self.names[-1]).suffix

    def as_posix(self) -> str:
        """The archive's path, then the names inside of it."""
        return "/".join((self.archive.as_posix(), *self.names))

    def load(self) -> Source:
        """Read the file.

        Raises:
            EmptyFile: it has no bytes.
            Damaged: it cannot be unpacked.
            NotPermitted: the operating system refuses access to the archive.
            ReadError: the archive cannot be opened, or the file is too large.
        """
        return Source.held(_member(_archive(self.archive, self.indexes[:-1]), self.indexes[-1], self.name), self.name)


class Refused(NamedTuple):
    """A member that cannot be read, or an archive that cannot be looked into, and why."""

    place: Path | Remote | Member
    error: PlanpipeError


class Skipped(NamedTuple):
    """A member of a format that is not known."""

    place: Member


def is_archive(path: Path | Remote) -> bool:
    """Whether a file is a ZIP archive of files, and not a document that is a ZIP container.

    Args:
        path: a file; one that cannot be opened is none.
    """
    try:
        with _raw(path) as file:
            if file.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
                return False
        return not _is_document(_archive(path))
    except ReadError:
        return path.suffix.lower() == ENDING
    except OSError:
        return False


def members(path: Path | Remote, known: frozenset[str]) -> Iterator[Member | Refused | Skipped]:
    """The files in an archive, those in archives in it included.

    Args:
        path: the archive.
        known: endings of the files to take, lower case with the dot.

    Yields:
        In the archive's order files, files of other formats, and what cannot be read. Hidden files,
        folders and the Mac's resource forks are passed over.
    """
    empty = True
    try:
        for found in _walk(path, (), (), _archive(path), known):
            empty = empty and isinstance(found, Skipped)
            yield found
    except ReadError as error:
        yield Refused(path, error)
    else:
        if empty:
            yield Refused(path, EmptyFile("the archive holds no file of a format that is read"))


def _walk(
    path: Path | Remote, names: tuple[str, ...], indexes: tuple[int, ...], archive: ZipFile, known: frozenset[str]
) -> Iterator[Member | Refused | Skipped]:
    seen: Counter[str] = Counter()
    for index, (info, name) in enumerate(zip(archive.infolist(), _names(archive), strict=True)):
        parts = PurePosixPath(name).parts
        if info.is_dir() or name.endswith("/") or not parts or _is_passed_over(info, parts):
            continue
        seen[name] += 1
        shown = name if seen[name] == 1 else f"{name} ({seen[name]})"
        place = Member(path, (*names, shown), (*indexes, index))
        if info.flag_bits & ENCRYPTED_FLAG:
            yield Refused(place, Encrypted("the file is packed with a password; unpack it and give the file"))
        elif PurePosixPath(name).suffix.lower() == ENDING:
            yield from _inner(place, known)
        elif PurePosixPath(name).suffix.lower() in known:
            yield place
        else:
            yield Skipped(place)


def _inner(place: Member, known: frozenset[str]) -> Iterator[Member | Refused | Skipped]:
    """What an archive in an archive holds; a document under an archive's ending is itself."""
    if len(place.indexes) >= DEEPEST:
        yield Refused(place, UnsupportedFormat(f"archives lie more than {DEEPEST} deep in one another; unpack them"))
        return
    try:
        archive = _archive(place.archive, place.indexes)
        if _is_document(archive):
            yield place
        else:
            yield from _walk(place.archive, place.names, place.indexes, archive, known)
    except ReadError as error:
        yield Refused(place, error)


def _is_passed_over(info: ZipInfo, parts: tuple[str, ...]) -> bool:
    """Whether a member is hidden, a lock file of Word's, of the Mac's resource forks, or a link."""
    hidden = any((part.startswith((".", "~$")) and part.strip(".")) or part == "__MACOSX" for part in parts)
    return hidden or stat.S_ISLNK(info.external_attr >> 16)


def _is_document(archive: ZipFile) -> bool:
    try:
        return zipped(archive) is not None
    except BROKEN as error:
        raise Damaged(f"the archive is cut short or damaged; {AGAIN}") from error


def _names(archive: ZipFile) -> list[str]:
    """The members' names with `/` between folders and none at the beginning."""
    infos = archive.infolist()
    raw = {
        index: info.orig_filename.encode("cp437") for index, info in enumerate(infos) if not info.flag_bits & UTF8_FLAG
    }
    foreign = b"\n".join(name for name in raw.values() if not name.isascii())
    encoding = None
    if foreign:
        encoding = _encoding(foreign)
    found = []
    for index, info in enumerate(infos):
        name = info.orig_filename
        if index in raw:
            name = _unicode_path(info, raw[index]) or raw[index].decode(encoding or "ascii", "backslashreplace")
        shown = (c if c.isprintable() else f"\\u{ord(c):04x}" for c in name.replace("\\", "/"))
        found.append("".join(shown).lstrip("/"))
    return found


def _encoding(names: bytes) -> str:
    """The encoding of names that bear no mark of one."""
    try:
        encoding = decode(names).encoding
    except UnknownEncoding:
        return "cp437"
    # Two bytes of GBK may be one letter of UTF-8: 一 is Cyrillic then.
    text = names.decode(encoding, "replace")
    if encoding == "utf-8" and not any(map(is_wide, text)) and all(map(is_wide, ASCII.sub("", _gbk(names)))):
        return "gb18030"
    return encoding


def _gbk(names: bytes) -> str:
    return names.decode("gb18030", "replace")


def _unicode_path(info: ZipInfo, raw: bytes) -> str | None:
    """The name in the Unicode path field, where there is one and it belongs to this name."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and len(body) > 5 and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw):
            return body[5:].decode("utf-8", "replace")
    return None


def _raw(path: Path | Remote) -> IO[bytes]:
    return path.open("rb") if isinstance(path, Path) else path.open()


def _version(path: Path | Remote) -> tuple[int, int] | str:
    """What changes where an archive does."""
    if not isinstance(path, Path):
        return path.version()
    state = path.stat()
    return state.st_mtime_ns, state.st_size


def _unread(error: OSError) -> ReadError:
    """What is told where the disk or the network fails."""
    if isinstance(error, PermissionError):
        return NotPermitted("the archive may not be read; change its permissions and run again")
    return ReadError(
        f"the archive cannot be read ({error.strerror or error}); check the path, the disk and the network"
    )


def forget() -> None:
    """Close the archives that are kept open: a run looks at them anew."""
    _kept.cache_clear()


def _archive(path: Path | Remote, indexes: tuple[int, ...] = ()) -> ZipFile:
    """An archive, or one in it, opened.

    Args:
        path: of the outermost archive.
        indexes: see `Member`.

    Raises:
        Damaged: it is none, or cut short.
        NotPermitted: the operating system refuses access.
        ReadError: it cannot be read, or unpacks to more than is sensible.
    """
    try:
        return _kept(path, indexes, _version(path))
    except OSError as error:
        raise _unread(error) from error


@lru_cache(maxsize=4)
def _kept(path: Path | Remote, indexes: tuple[int, ...], version: tuple[int, int] | str) -> ZipFile:
    """An archive that stays open, since its list takes longer to read than a file in it."""
    file = _inner_file(path, indexes) if indexes else _raw(path)
    try:
        archive = ZipFile(file)
        infos = archive.infolist()
        size = file.seek(0, os.SEEK_END)
        unpacked = sum(info.file_size for info in infos)
        if len(infos) > MOST or is_steep(unpacked, size):
            raise ReadError(
                f"the archive holds {len(infos)} files that would unpack from {size >> 10} KB to {unpacked >> 20} MB,"
                " which no archive of documents does; if it is genuine, unpack it yourself"
            )
    except BROKEN as error:
        file.close()
        raise Damaged(f"the archive is cut short or damaged; {AGAIN}") from error
    except ReadError:
        file.close()
        raise
    weakref.finalize(archive, file.close)
    return archive


def _inner_file(path: Path | Remote, indexes: tuple[int, ...]) -> IO[bytes]:
    """An archive in an archive, unpacked."""
    file = SpooledTemporaryFile(HELD)  # noqa: SIM115 (it stays open as long as the archive does)
    try:
        for chunk in _chunks(_archive(path, indexes[:-1]), indexes[-1], path.name):
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    return cast(IO[bytes], file)


def _member(archive: ZipFile, index: int, name: str) -> bytes:
    return b"".join(_chunks(archive, index, name))


def _chunks(archive: ZipFile, index: int, name: str) -> Iterator[bytes]:
    info = archive.infolist()[index]
    if info.file_size > LARGEST:
        raise ReadError(f"the file has {info.file_size >> 20} MB, more than the {LARGEST >> 20} MB that are read")
    try:
        with archive.open(info) as member:
            while chunk := member.read(CHUNK):
                yield chunk
    except BROKEN as error:
        raise Damaged(f"{name} cannot be unpacked from its archive; {AGAIN}") from error
    except OSError as error:
        raise _unread(error) from error
