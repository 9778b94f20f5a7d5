"""What a file is, told by its content: endings are wrong too often."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from pipeline.errors import Damaged, Encrypted, UnsupportedFormat
from pipeline.read.source import Source

PROBE = 4096
"""Bytes from the beginning in which a format shows."""

HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|(?:html|head|body|meta|title|div|table|p|h1|script|style)\b)",
    re.IGNORECASE | re.DOTALL,
)
MHTML = re.compile(rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:MIME-Version|Content-Type):", re.IGNORECASE)
TAG = re.compile(rb"<(?:html|body|p|br|div|table|td|span)\b[^>]*>", re.IGNORECASE)
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = (
    ("EncryptedPackage", "an encrypted Office document"),
    ("WordDocument", "doc"),
    ("WpsContent", "a WPS document (.wps)"),
    ("Workbook", "an Excel 97-2003 workbook (.xls)"),
    ("Book", "an Excel 5 workbook (.xls)"),
    ("PowerPoint Document", "a PowerPoint 97-2003 presentation (.ppt)"),
)
"""Streams of an OLE container, and what a container with such a stream is."""

ZIP_MEMBERS = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "an Excel workbook (.xlsx)"),
    ("xl/workbook.bin", "an Excel workbook (.xlsb)"),
    ("ppt/presentation.xml", "a PowerPoint presentation (.pptx)"),
    ("Document.xml", "an OFD document (.ofd)"),
    ("OFD.xml", "an OFD document (.ofd)"),
    ("META-INF/container.xml", "an EPUB book"),
    ("content.xml", "an OpenDocument file that is no text"),
)
"""Members of a ZIP container, and what a container with such a member is."""

ODT = ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text-template")
"""What the member `mimetype` of an OpenDocument text says."""

FIB = re.compile(rb"\xec\xa5([\x65-\xff]\x00|[\x00-\x12]\x01).{6}.(.)", re.DOTALL)
"""The beginning of a Word document's main stream, up to the byte whose lowest bit tells of a password."""

SECTOR = 512
"""Bytes. In an OLE container a long stream begins at a multiple of this."""

WORD = "open it in Word, WPS or LibreOffice and save it as DOCX"
PASSWORD = "the document has a password; open it in Word or WPS, remove the password and save it"
OTHERWISE = "export it as DOCX, PDF, HTML or text"
"""What to do with a document of a kind that is not read."""


def detect(source: Source) -> str:
    """The format of a file: `docx`, `doc`, `wps`, `rtf`, `odt`, `pdf`, `html`, `mhtml` or `txt`.

    Args:
        source: the file.

    Raises:
        UnsupportedFormat: it is of another kind; the message names the kind and what to do.
        Encrypted: it is an Office document or an OpenDocument text with a password.
        Damaged: it is a container that is cut short.
    """
    head = source.data[:PROBE]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    for signature, judge in CONTAINERS:
        if head.startswith(signature):
            return judge(source)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    text = _narrow(head)
    if HTML.match(text):
        return "html"
    if MHTML.match(text.lstrip()) and b"mime-version:" in text.lower():
        return "mhtml"
    if text is head and CONTROL.search(head) and (kind := _signature(source)):
        raise kind
    if source.name.lower().endswith((".html", ".htm", ".xhtml", ".shtml")) and TAG.search(source.data):
        return "html"
    return "txt"


def _narrow(head: bytes) -> bytes:
    """The beginning of a text with its mark removed, UTF-16 as ASCII so that patterns of bytes apply."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(codec, "replace").encode("ascii", "replace")
    return head.removeprefix(b"\xef\xbb\xbf") if head.startswith(b"\xef\xbb\xbf") else head


def _zip(source: Source) -> str:
    try:
        with ZipFile(BytesIO(source.data)) as archive:
            kind = zipped(archive)
            locked = kind == "odt" and b":encryption-data" in _beginning(archive, "META-INF/manifest.xml")
    except (BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError, RuntimeError) as error:
        raise Damaged(
            f"{source.name} is a DOCX or another ZIP container that is cut short or damaged; download or save it again"
        ) from error
    if locked:
        raise Encrypted(PASSWORD)
    if kind in ("odt", "docx"):
        return kind
    if kind:
        raise _unsupported(source, kind, OTHERWISE)
    raise _unsupported(source, "a ZIP archive", "give it by a name that ends in .zip, or unpack it")


def zipped(archive: ZipFile) -> str | None:
    """What a ZIP container is by its members: `docx`, `odt`, another kind in words, None for an archive of files.

    Args:
        archive: the container, opened.
    """
    names = {name.replace("\\", "/") for name in archive.namelist()}
    if "content.xml" in names and _beginning(archive, "mimetype").decode("ascii", "replace").strip() in ODT:
        return "odt"
    if "[Content_Types].xml" in names and any(name.lower().startswith("word/") for name in names):
        return "docx"  # the body may have another name than the usual one
    return next((kind for member, kind in ZIP_MEMBERS if member in names), None)


def _beginning(archive: ZipFile, name: str) -> bytes:
    """The beginning of a member, nothing of one that is not there; what a member says of its size is not believed."""
    try:
        with archive.open(name) as member:
            return member.read(1 << 20)
    except KeyError:
        return b""


def _ole(source: Source) -> str:
    for stream, kind in OLE_STREAMS:
        # Names in the container's directory are UTF-16 and end in a NUL.
        if (stream + "\0").encode("utf-16-le") in source.data:
            if stream == "EncryptedPackage" or (kind == "doc" and _locked(source.data)):
                raise Encrypted(PASSWORD)
            if kind == "doc":
                # WPS saves such documents under an ending of its own.
                return "wps" if source.name.lower().endswith((".wps", ".wpt")) else kind
            raise _unsupported(source, kind, WORD if "WPS" in kind else OTHERWISE)
    raise _unsupported(source, "an OLE container (an old Office or other document)", WORD)


def _locked(data: bytes) -> bool:
    """Whether a Word document in an OLE container has a password."""
    for at in range(SECTOR, len(data), SECTOR):
        if found := FIB.match(data, at):
            return bool(found[2][0] & 1)
    return False


def _signature(source: Source) -> UnsupportedFormat | None:
    """The error for a file that begins as images, sound, archives, programs and the like do."""
    import filetype

    kind = filetype.guess(source.data[:PROBE])
    if kind is None:
        return None
    family, _, subtype = kind.mime.partition("/")
    name = kind.extension.upper()
    if family == "image":
        return _unsupported(source, f"an image ({name})", "run OCR on it or supply the text")
    if family in ("audio", "video"):
        return _unsupported(source, f"{family} ({name})", "supply the text")
    if subtype in ("x-msdownload", "x-executable"):
        return _unsupported(source, f"a program ({name})", "remove it")
    if kind.extension in ("zip", "tar", "rar", "gz", "bz2", "7z", "xz", "lz", "Z", "zst", "lz4", "cab"):
        return _unsupported(source, f"an archive ({name})", "unpack it and give the files in it")
    return _unsupported(source, f"a {name} file", OTHERWISE)


def _unsupported(source: Source, kind: str, advice: str) -> UnsupportedFormat:
    return UnsupportedFormat(f"it is {kind} although named {source.name}; {advice}")


CONTAINERS: tuple[tuple[bytes, Callable[[Source], str]], ...] = (
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
    (OLE, _ole),
)
