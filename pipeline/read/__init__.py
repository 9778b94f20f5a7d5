"""Read a file: bytes -> Document.

    source   the file, read once
    archive  the files in a ZIP archive
    remote   files at an address (s3://…)
    detect   its format, told by its content
    text     plain text in any of the encodings of Chinese
    html     web pages
    mhtml    web pages saved with their images in one file, on html
    docx     Word documents, on package (the ZIP's parts), styles and numbering
    office   old and foreign Word documents, which LibreOffice turns into DOCX
    pdf      PDF documents, on glyphs (characters and lines), ruled (tables) and reflow (paragraphs)
    ocr      the text of PDF pages that hold none
    draft    the text of the other formats is put together here
    join     lines that a page breaks, put together again

A reader turns a `Source` into a `Document`. To add a format, write one, enter it in `READERS`, and let
`detect` name it. Libraries are loaded by the reader that needs them, when it needs them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pipeline.model import Document
from pipeline.read import docx, html, mhtml, office, pdf, text
from pipeline.read.archive import Member
from pipeline.read.detect import detect
from pipeline.read.remote import Remote
from pipeline.read.source import Source

__all__ = ["KNOWN", "READERS", "detect", "load", "read"]

READERS: dict[str, Callable[[Source], Document]] = {
    "txt": text.read,
    "html": html.read,
    "mhtml": mhtml.read,
    "docx": docx.read,
    "pdf": pdf.read,
    **{format: partial(office.read, format=format) for format in office.ENDINGS},
}
"""The reader for each format that `detect` names."""

# fmt: off
KNOWN = frozenset({
    ".txt", ".text", ".md", ".html", ".htm", ".xhtml", ".shtml", ".mht", ".mhtml", ".docx", ".docm", ".dotx",
    ".dotm", ".doc", ".wps", ".rtf", ".odt", ".pdf",
})
# fmt: on
"""Endings of the files to read in a folder, lower case."""


def read(path: Path | Member | Remote) -> Document:
    """Read a file of any format that is known, whatever its ending.

    Args:
        path: the file, on the disk, in an archive or at an address.

    Returns:
        Its text and blocks.

    Raises:
        pipeline.errors.ReadError: it cannot be read; its kind and message say why and what to do.
    """
    source = load(path)
    return READERS[detect(source)](source)


def load(path: Path | Member | Remote) -> Source:
    """A file's bytes; argument and errors as for `read`."""
    return Source.load(path) if isinstance(path, Path) else path.load()
