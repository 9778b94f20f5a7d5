"""The ZIP package of a Word document: its parts as XML, with guards against hostile and broken files.

The relationships tell which member of the archive is the body, the styles and so on; python-docx reads
them. Where they are missing or broken, the parts are looked for under their usual names. A part that
is broken or missing is reported, and the rest of the document is read; of a broken body, what stands
before the damage.
"""

from __future__ import annotations

import zlib
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, cast
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
"""Namespaces of the strict variant of the standard (ISO/IEC 29500-1), and those that all others use."""

MISSED = {
    "styles": "fonts and the levels of headings may be missing",
    "numbering": "automatic numbers are missing",
    "footnotes": "the footnotes are missing",
    "endnotes": "the endnotes are missing",
}
"""The parts beside the body, and what is not read without them."""

REPAIR = "open it in Word or WPS, let it repair the file, and save it again"
BROKEN = f"the DOCX is cut short or damaged; {REPAIR}"
CHUNK = 1 << 16
OFF = ("0", "false", "off", "none")


def is_steep(unpacked: int, packed: int) -> bool:
    """Whether a ZIP container unpacks to more than documents do, as bombs do.

    Args:
        unpacked: bytes that its members say they have.
        packed: bytes of the container.
    """
    return unpacked > SLIGHT and unpacked > STEEPEST * packed


class Package:
    """The parts of a Word document that text is made of.

    Args:
        source: the file.

    Attributes:
        problems: what is broken or missing, a sentence each; grows as parts are asked for.

    Raises:
        Damaged: it is no ZIP archive, or has no body.
        ReadError: it unpacks to more than is sensible.
    """

    def __init__(self, source: Source) -> None:
        self.problems: list[str] = []
        try:
            self._archive = ZipFile(BytesIO(source.data))
            size = sum(info.file_size for info in self._archive.infolist())
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Damaged(BROKEN) from error
        if size > LARGEST_XML or is_steep(size, len(source.data)):
            raise ReadError(
                f"the document would unpack to {size >> 20} MB, which no plan does;"
                " if it is genuine, save it again in Word or split it"
            )
        # Names of parts do not heed case (ISO/IEC 29500-2); some programs write them with backslashes.
        self._members = {name.replace("\\", "/").lower(): name for name in self._archive.namelist()}
        self._body = self._related("/").get("officeDocument", "word/document.xml")
        if self._body.lower() not in self._members:
            self._body = "word/document.xml"
        self._places = self._related(f"/{self._body}")

    def body(self) -> _Element:
        """The document's body.

        Raises:
            Damaged: nothing of it can be read.
        """
        data, whole = self._unpacked(self._body)
        root = _parsed(data) if whole else None
        if root is None:
            root = _parsed(data, recover=True)
            self.problems.append("the document's text is damaged: what follows the damage is missing; " + REPAIR)
        body = None if root is None else root.find(W + "body")
        if body is None:
            raise Damaged(BROKEN)
        return body

    def part(self, name: str) -> _Element | None:
        """The root of a part beside the body, None where the document has none that can be read.

        Args:
            name: a key of `MISSED`.
        """
        place = self._places.get(name, f"word/{name}.xml")
        if place.lower() not in self._members:
            if name in self._places:
                self.problems.append(f"the part {place} is not in the document: {MISSED[name]}; {REPAIR}")
            return None
        data, whole = self._unpacked(place)
        root = _parsed(data) if whole else None
        if root is None:
            self.problems.append(f"the part {place} is damaged: {MISSED[name]}; {REPAIR}")
        return root

    def _related(self, name: str) -> dict[str, str]:
        """The members that a part refers to, by the last word of the relationship's type.

        Args:
            name: of the part, with a slash before it; `/` for the package.
        """
        from docx.opc.oxml import CT_Relationships, parse_xml
        from docx.opc.packuri import PackURI
        from lxml.etree import XMLSyntaxError

        uri = PackURI(name)
        data, whole = self._unpacked(uri.rels_uri.membername)
        found: dict[str, str] = {}
        try:
            root = parse_xml(cast(str, data)) if whole and data else None
            for link in root.Relationship_lst if isinstance(root, CT_Relationships) else ():
                if link.target_mode == "Internal" and link.reltype and link.target_ref:
                    place = PackURI.from_rel_ref(uri.baseURI, link.target_ref)
                    found.setdefault(link.reltype.rpartition("/")[2], place.membername)
        except (XMLSyntaxError, ValueError):
            return {}
        return found

    def _unpacked(self, name: str) -> tuple[bytes, bool]:
        """What can be unpacked of a member, none where there is no such one, and whether that is all of it."""
        chunks = []
        try:
            with self._archive.open(self._members[name.lower()]) as member:
                while chunk := member.read(CHUNK):
                    chunks.append(chunk)
        except KeyError:
            return b"", True
        except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
            return b"".join(chunks), False
        return b"".join(chunks), True


def _parsed(data: bytes, *, recover: bool = False) -> _Element | None:
    """The root of a part in the usual namespaces, None where it is not XML."""
    from lxml import etree

    for strict, usual in STRICT.items() if b"purl.oclc.org" in data else ():
        data = data.replace(strict, usual)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, recover=recover
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


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


def is_on(stated: _Element) -> bool:
    """Whether an on-off property that is stated is on."""
    return stated.get(W + "val", "1") not in OFF


def switch(element: _Element | None, path: str) -> bool | None:
    """An on-off property further down: None where it is not stated."""
    found = None if element is None else element.find(_route(path))
    return None if found is None else is_on(found)
