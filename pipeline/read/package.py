"""The ZIP package of a Word document: its parts as XML, with guards against hostile files.

python-docx opens the package. Where it refuses one that Word opens (a relationship that leads nowhere,
the strict variant of the standard), the parts are taken from the ZIP archive by their usual names.
"""

from __future__ import annotations

import zlib
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from pipeline.errors import Damaged, ReadError
from pipeline.read.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST_XML = 256 * 1024 * 1024
"""Bytes that a document may unpack to. The text of a plan of a thousand pages has some ten million."""

STEEPEST = 250
"""How many times its packed size a package may unpack to (ordinary ones: up to 40, style sheets alone
up to 60); zeros packed by deflate reach 1000."""

SLIGHT = 16 * 1024 * 1024
"""Bytes up to which the ratio does not matter."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/math": b"http://schemas.openxmlformats.org/officeDocument/2006/math",
}
"""Names of the strict variant of the standard, and the usual ones."""


class Package:
    """The parts of a Word document.

    Args:
        source: the file.

    Raises:
        Damaged: the package or one of the parts that count is broken.
        ReadError: it unpacks to more than is sensible.
    """

    def __init__(self, source: Source) -> None:
        try:
            with ZipFile(BytesIO(source.data)) as archive:
                names = [f"word/{name}.xml" for name in ("document", "styles", "numbering", "footnotes", "endnotes")]
                members = [info for info in archive.infolist() if info.filename in names]
                size = sum(info.file_size for info in archive.infolist())
                if size > LARGEST_XML or (size > SLIGHT and size > STEEPEST * len(source.data)):
                    raise ReadError(
                        f"the document would unpack to {size >> 20} MB, which no plan does;"
                        " if it is genuine, save it again in Word or split it"
                    )
                self._parts = _opened(source.data, names) or {info.filename: archive.read(info) for info in members}
        except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
            raise Damaged(_BROKEN) from error

    def part(self, name: str) -> _Element | None:
        """The root of a part, None where the document has none.

        Args:
            name: `document`, `styles`, `numbering`, `footnotes` or `endnotes`.

        Raises:
            Damaged: the part is not XML.
        """
        from lxml import etree

        data = self._parts.get(f"word/{name}.xml")
        if data is None:
            return None
        for strict, usual in STRICT.items():
            data = data.replace(strict, usual)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            return etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise Damaged(_BROKEN) from error


def _opened(data: bytes, names: list[str]) -> dict[str, bytes]:
    """Parts of a package by name as python-docx gives them; none where it refuses the package."""
    from docx.opc.exceptions import OpcError
    from docx.opc.package import OpcPackage
    from lxml.etree import XMLSyntaxError

    try:
        package = OpcPackage.open(BytesIO(data))
        return {name: part.blob for part in package.iter_parts() if (name := str(part.partname)[1:]) in names}
    except (OpcError, XMLSyntaxError, KeyError, ValueError, AttributeError, BadZipFile, zlib.error, EOFError):
        return {}


_BROKEN = "the DOCX is cut short or damaged; open it in Word or WPS, let it repair the file, and save it again"


@cache
def _route(path: str) -> str:
    return "/".join(W + step for step in path.split("/"))


def value(element: _Element | None, path: str, name: str = "val") -> str | None:
    """An attribute of an element further down.

    Args:
        element: where to begin; None gives None.
        path: local names separated by `/`, all in Word's namespace.
        name: local name of the attribute.
    """
    found = None if element is None else element.find(_route(path))
    return None if found is None else found.get(W + name)


def number(text: str | None) -> int | None:
    """A whole number as attributes hold it, None where it is none."""
    try:
        return None if text is None else int(float(text))
    except (ValueError, OverflowError):
        return None


def switch(element: _Element | None, path: str) -> bool | None:
    """An on-off property: None where it is not stated."""
    found = None if element is None else element.find(_route(path))
    return None if found is None else found.get(W + "val", "1") not in ("0", "false", "off", "none")
