"""Web archives (MHTML): the page that a browser or Word saved with its images in one file, read by `html`."""

from __future__ import annotations

import codecs
from dataclasses import replace
from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect
from email.message import Message
from email.parser import BytesParser

from pipeline.errors import Damaged, UnsupportedFormat
from pipeline.model import Document
from pipeline.read import html
from pipeline.read.source import Source
from pipeline.read.text import Decoded, decode

PAGES = ("text/html", "application/xhtml+xml")
CUT = (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect)


def read(source: Source) -> Document:
    """Read a web archive.

    Args:
        source: the file.

    Returns:
        What `html` makes of the page that the archive was made for; `partial` where the file ends
        inside of that page.

    Raises:
        EmptyFile: the page shows no text.
        Damaged: the archive or its page cannot be parsed.
        UnknownEncoding: no known encoding gives readable text.
        UnsupportedFormat: there is no page in it.
    """
    try:
        archive = BytesParser().parsebytes(source.data.removeprefix(codecs.BOM_UTF8).lstrip())
        parts = [part for part in archive.walk() if not part.is_multipart()]
    except RecursionError as error:
        raise Damaged("the web archive nests its parts too deeply; open it in a browser and save it as HTML") from error
    page = _page(archive, parts)
    if page is None:
        raise UnsupportedFormat(
            f"{source.name} is an e-mail or a web archive without an HTML page; save its text as HTML or text"
        )
    cut = page is parts[-1] and any(isinstance(d, CUT) for part in archive.walk() for d in part.defects)
    decoded = _decoded(page)
    document = html.read(Source.of(decoded.text.encode("utf-8", "replace"), source.name))
    warnings = [*decoded.warnings, *document.warnings]
    if cut:
        warnings.append("the web archive ends in the middle of its page; download or save it again")
    return replace(
        document,
        format="mhtml",
        encoding=decoded.encoding,
        sha256=source.sha256,
        bytes=len(source.data),
        warnings=tuple(dict.fromkeys(warnings)),
        partial=document.partial or cut,
    )


def _page(archive: Message, parts: list[Message]) -> Message | None:
    """The page that the archive was made for: the part that it says to start with, else the first page."""
    pages = [part for part in parts if part.get_content_type() in PAGES]
    start = _bare(archive.get_param("start"))
    place = _bare(archive.get("Snapshot-Content-Location"))
    for page in pages:
        if start and _bare(page.get("Content-ID")) == start:
            return page
    for page in pages:
        if place and _bare(page.get("Content-Location")) == place:
            return page
    return pages[0] if pages else None


def _bare(value: object) -> str:
    """A header's value without the brackets and the white space around and in it."""
    return "".join(str(value or "").split()).strip("<>")


def _decoded(page: Message) -> Decoded:
    payload = page.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    named = html.CHARSET.search(data[:4096])
    return decode(data, page.get_content_charset() or (named[1].decode("ascii") if named else None))
