"""Formats are told by content; what is not read says what it is and what to do."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from pipeline.errors import Damaged, Encrypted, UnsupportedFormat
from pipeline.read import detect, read
from pipeline.read.source import Source

FILES = Path(__file__).parent / "files"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def zipped(*names: str, **contents: str) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, contents.get(name, "x"))
    return buffer.getvalue()


WORD = OLE + "WordDocument\0".encode("utf-16-le")
OPEN_DOCUMENT = zipped("mimetype", "content.xml", mimetype="application/vnd.oasis.opendocument.text")


@pytest.mark.parametrize(
    ("data", "name", "format"),
    [
        ("一、目标".encode(), "plan.txt", "txt"),
        ("一、目标".encode("gb18030"), "plan.pdf", "txt"),
        ("BM指标达到80%".encode(), "plan.txt", "txt"),
        (b"%PDF-1.4\n", "plan.txt", "pdf"),
        (b"\n\n%PDF-1.4\n", "plan", "pdf"),
        (zipped("[Content_Types].xml", "word/document.xml"), "plan.doc", "docx"),
        (b"  <!doctype HTML><p>x", "plan.txt", "html"),
        ("\ufeff<html><body>要点".encode("utf-16-le"), "plan.htm", "html"),
        ('\ufeff<?xml version="1.0"?>\n<!-- a -->\n<html>'.encode(), "plan.txt", "html"),
        (b"{\\rtf1\\ansi", "plan.doc", "rtf"),
        (b"From: <x>\r\nSubject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n", "plan.doc", "mhtml"),
        (b"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n", "plan.txt", "mhtml"),
        (WORD, "plan.txt", "doc"),
        (WORD, "PLAN.WPS", "wps"),
        (OPEN_DOCUMENT, "plan.doc", "odt"),
        ("要点<br>目标".encode(), "plan.html", "html"),
        ("要点<br>目标".encode(), "plan.txt", "txt"),
    ],
)
def test_formats(data: bytes, name: str, format: str) -> None:
    assert detect(Source.of(data, name)) == format


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
            r"an image \(JPG\) although named x\.txt; run OCR on it or supply the text",
        ),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", r"an image \(PNG\)"),
        (b"GIF89a\x01\x00\x01\x00", r"an image \(GIF\)"),
        (b"II*\x00\x08\x00\x00\x00" + bytes(60), r"an image \(TIF\)"),
        (b"MZ\x90\x00\x03\x00", r"a program"),
        (b"\x7fELF\x02\x01\x01\x00" + bytes(60), r"a program"),
        (b"Rar!\x1a\x07\x00", r"an archive \(RAR\).*unpack"),
        (b"7z\xbc\xaf\x27\x1c\x00", r"an archive \(7Z\)"),
        (OLE + "WpsContent\0".encode("utf-16-le"), r"a WPS document \(\.wps\).*save it as DOCX"),
        (OLE + "Workbook\0".encode("utf-16-le"), r"\(\.xls\)"),
        (OLE, "OLE container"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), r"an Excel workbook.*export it"),
        (zipped("content.xml"), "an OpenDocument file that is no text"),
        (zipped("mimetype", "content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
        (zipped("ppt/presentation.xml"), "PowerPoint"),
        (zipped("OFD.xml"), r"\.ofd"),
        (zipped("plan.txt"), "a ZIP archive.*unpack it"),
    ],
)
def test_unsupported(data: bytes, says: str) -> None:
    with pytest.raises(UnsupportedFormat, match=says) as caught:
        detect(Source.of(data, "x.txt"))
    assert caught.value.code == "unsupported"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (OLE + "EncryptedPackage\0".encode("utf-16-le"), "plan.docx"),
        (OLE + b"\xec\xa5\xc1\x00" + bytes(7) + b"\x01" + "WordDocument\0".encode("utf-16-le"), "plan.doc"),
        (
            zipped(
                "mimetype",
                "content.xml",
                "META-INF/manifest.xml",
                **{
                    "mimetype": "application/vnd.oasis.opendocument.text",
                    "META-INF/manifest.xml": "<manifest:encryption-data>",
                },
            ),
            "plan.odt",
        ),
    ],
)
def test_encrypted(data: bytes, name: str) -> None:
    with pytest.raises(Encrypted, match="remove the password") as caught:
        detect(Source.of(data, name))
    assert caught.value.code == "encrypted"


def test_truncated_container() -> None:
    with pytest.raises(Damaged, match="download or save it again") as caught:
        read(FILES / "truncated.docx")
    assert caught.value.code == "damaged"


def test_stored_image() -> None:
    with pytest.raises(UnsupportedFormat, match=r"JPG.*although named jpeg_named\.txt"):
        read(FILES / "jpeg_named.txt")
