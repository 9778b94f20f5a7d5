"""Files at an address that fsspec knows: `s3://bucket/plans/a.docx`, `hdfs://…`, `https://…`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Any

from pipeline.errors import NotPermitted, PlanpipeError, ReadError
from pipeline.read.source import LARGEST, Source

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+(?:::|://)", re.IGNORECASE)
BLOCK = 1 << 20
"""Bytes that are fetched ahead at least: of an archive small parts are read, in no order."""
VERSIONS = ("ETag", "LastModified", "last_modified", "mtime", "modified", "created", "size")
"""What fsspec's kinds of addresses tell of a file that changes where it does."""
INSTALL = "install what fsspec needs for it, such as s3fs for s3://"


@dataclass(frozen=True, slots=True, order=True)
class Remote:
    """A file at an address.

    Args:
        address: with its protocol.
    """

    address: str

    @property
    def name(self) -> str:
        """Its name without folders."""
        return PurePosixPath(self.address).name

    @property
    def suffix(self) -> str:
        """The ending of its name, with the dot."""
        return PurePosixPath(self.address).suffix

    def as_posix(self) -> str:
        """The address."""
        return self.address

    def load(self) -> Source:
        """Read the file.

        Raises:
            EmptyFile: it has no bytes.
            NotPermitted: it may not be read.
            ReadError: it cannot be read, or is too large.
        """
        with self._reached() as (fs, path):
            size = fs.size(path)
            if size and size > LARGEST:
                raise ReadError(f"the file has {size >> 20} MB, more than the {LARGEST >> 20} MB that are read")
            data = fs.cat_file(path)
        return Source.held(data, self.name)

    def open(self) -> IO[bytes]:
        """The file, to be read in parts, each of which is fetched when it is asked for.

        Where a server knows no parts the whole file is fetched at once.

        Raises:
            NotPermitted: it may not be read.
            ReadError: it cannot be reached.
        """
        with self._reached() as (fs, path):
            opened: IO[bytes] = fs.open(path, "rb", block_size=BLOCK)
            try:
                opened.seek(-1, os.SEEK_END)
                opened.read(1)
                opened.seek(0)
            except ValueError:
                opened.close()
                return BytesIO(fs.cat_file(path))
            return opened

    def version(self) -> str:
        """What changes where the file does, as far as the server tells; errors as of `open`."""
        with self._reached() as (fs, path):
            told = fs.info(path)
            return repr([(name, str(told[name])) for name in VERSIONS if told.get(name) is not None])

    @contextmanager
    def _reached(self) -> Iterator[tuple[Any, str]]:
        from fsspec.core import url_to_fs

        try:
            yield url_to_fs(self.address)
        except PermissionError as error:
            raise NotPermitted("the file may not be read; change its permissions and run again") from error
        except OSError as error:
            raise ReadError(f"the file cannot be read ({error}); check the address and the network") from error
        except (PlanpipeError, ImportError):
            raise
        except Exception as error:  # what fsspec's servers say has no common root
            raise ReadError(f"the file cannot be read ({error!r}); check the address and the network") from error


def is_address(path: object) -> bool:
    """Whether a path is an address of fsspec's and none of the disk's."""
    return bool(ADDRESS.match(str(path)))


def files(address: str) -> Iterator[Remote]:
    """The files at an address, those in folders below it included, in the order of their names.

    Args:
        address: of a file or folder.

    Raises:
        FileNotFoundError: there is nothing.
        ReadError: what fsspec needs for such an address is not installed.
        OSError: it cannot be reached.
    """
    from fsspec.core import url_to_fs

    try:
        fs, path = url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise ReadError(f"{address}: {error}; {INSTALL}") from error
    fs.invalidate_cache()
    found = sorted(fs.find(path))
    if not found:
        raise FileNotFoundError(2, "there is nothing at this address", address)
    yield from (Remote(str(fs.unstrip_protocol(name))) for name in found)
