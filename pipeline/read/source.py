"""A file as it lies on the disk, read once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import EmptyFile, NotPermitted, ReadError

LARGEST = 512 * 1024 * 1024
"""Bytes. A plan has at most some tens of megabytes, scans included; a larger file is something else,
and several workers that hold such a file at once would exhaust the memory."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's bytes, and what goes to the tables of them.

    Args:
        name: file name, for messages and, where the content leaves it open, for the format.
        data: the whole file.
        sha256: of `data`, 64 hexadecimal digits.
    """

    name: str
    data: bytes = field(repr=False)
    sha256: str

    @classmethod
    def of(cls, data: bytes, name: str) -> Source:
        """The source that consists of these bytes."""
        return cls(name, data, hashlib.sha256(data).hexdigest())

    @classmethod
    def load(cls, path: Path) -> Source:
        """Read a file.

        Args:
            path: any file.

        Raises:
            NotPermitted: the operating system refuses access.
            EmptyFile: the file has no bytes.
            ReadError: there is no such file, it is a folder, it is too large, or the disk fails.
        """
        try:
            if path.is_dir():
                raise ReadError(f"{path.name} is a folder; give the files in it, or run on the folder")
            size = path.stat().st_size
            if size > LARGEST:
                raise ReadError(
                    f"the file has {size >> 20} MB, more than the {LARGEST >> 20} MB that are read; split it"
                )
            data = path.read_bytes()
        except PermissionError as error:
            raise NotPermitted("the file may not be read; change its permissions and run again") from error
        except OSError as error:
            raise ReadError(f"the file cannot be read ({error.strerror}); check the path and the disk") from error
        return cls.held(data, path.name)

    @classmethod
    def held(cls, data: bytes, name: str) -> Source:
        """The source that a file's content makes.

        Raises:
            EmptyFile: there are no bytes.
        """
        if not data:
            raise EmptyFile("the file is empty (0 bytes); copy or download it again")
        return cls.of(data, name)
