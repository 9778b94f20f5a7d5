"""Web archives: which part is the page, its encoding, and what is broken."""

from __future__ import annotations

from base64 import encodebytes
from pathlib import Path
from quopri import encodestring

import pytest

from pipeline.errors import Damaged, EmptyFile, UnsupportedFormat
from pipeline.model import Document
from pipeline.read import read
from tests.made import grid, texts

HEAD = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/plan.html\r\n"
    "Subject: =?utf-8?Q?=E8=A6=81=E7=82=B9?=\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--=_b"{start}\r\n\r\n'
)
PLAN = (
    "<html><body><h1>青禾县教育工作要点</h1><p>一、总体要求</p><table><tr><td rowspan=2>建校<td>6月<tr><td>7月</table>"
    "</body></html>"
)


def part(content: str | bytes, *headers: str, kind: str = "text/html", codec: str = "utf-8") -> str:
    """A part of an archive."""
    data = content if isinstance(content, bytes) else content.encode(codec)
    quoted = kind.startswith("text/")
    body = (encodestring(data) if quoted else encodebytes(data)).decode("ascii").replace("\n", "\r\n")
    lines = [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {'quoted-printable' if quoted else 'base64'}"]
    return "\r\n".join([*lines, *headers, "", body])


def archive(
    folder: Path, *parts: str, start: str = "", name: str = "plan.mht", end: str = "\r\n----=_b--\r\n"
) -> Document:
    content = HEAD.format(start=start) + "".join(f"\r\n----=_b\r\n{part}" for part in parts) + end
    (folder / name).write_bytes(content.encode())
    return read(folder / name)


def test_the_page_with_its_table(tmp_path: Path) -> None:
    image = part(bytes(range(256)), "Content-Location: https://example.org/a.png", kind="image/png")
    document = archive(tmp_path, part(PLAN, "Content-Location: https://example.org/plan.html"), image)
    assert texts(document)[:2] == ["青禾县教育工作要点", "一、总体要求"]
    assert grid(document) == [["建校", "6月"], ["建校", "7月"]]
    assert (document.format, document.encoding, document.warnings, document.partial) == ("mhtml", "utf-8", (), False)
    assert document.bytes == (tmp_path / "plan.mht").stat().st_size


def test_whatever_the_ending(tmp_path: Path) -> None:
    assert archive(tmp_path, part(PLAN), name="plan.doc").format == "mhtml"


@pytest.mark.parametrize(
    ("kind", "content", "codec", "encoding"),
    [
        ('text/html; charset="gb2312"', PLAN, "gb18030", "gb18030"),
        ("text/html", PLAN.replace("<body>", "<meta charset=gbk><body>"), "gb18030", "gb18030"),
        ('text/html; charset="big5"', "<html><p>教育發展計劃</p>", "big5", "big5"),
        ('text/html; charset="unicode"', "\ufeff" + PLAN, "utf-16-le", "utf-16-le"),
        ('text/html; charset="gb2312"', PLAN, "utf-8", "utf-8"),
    ],
)
def test_encodings(tmp_path: Path, kind: str, content: str, codec: str, encoding: str) -> None:
    document = archive(tmp_path, part(content, kind=kind, codec=codec))
    assert texts(document)[0] in ("青禾县教育工作要点", "教育發展計劃")
    assert (document.encoding, document.warnings) == (encoding, ())


@pytest.mark.parametrize(
    ("header", "start"),
    [
        ("Content-ID: <main@b>", ';\r\n\tstart="<main@b>"'),
        ("Content-Location: https://example.org/plan.html", ""),
    ],
)
def test_the_page_among_frames(tmp_path: Path, header: str, start: str) -> None:
    frame = part("<html><p>广告</p>", "Content-Location: https://example.org/frame.html", "Content-ID: <f@b>")
    assert texts(archive(tmp_path, frame, part(PLAN, header), start=start))[0] == "青禾县教育工作要点"


def test_a_page_without_an_archive_around_it(tmp_path: Path) -> None:
    content = "\ufeffMIME-Version: 1.0\n" + part(PLAN).replace("\r\n", "\n")
    (tmp_path / "plan.mhtml").write_bytes(content.encode())
    assert texts(read(tmp_path / "plan.mhtml"))[0] == "青禾县教育工作要点"


def test_cut_short(tmp_path: Path) -> None:
    document = archive(tmp_path, part(PLAN.partition("<table>")[0]), end="")
    assert document.partial
    assert document.warnings == ("the web archive ends in the middle of its page; download or save it again",)
    whole = archive(tmp_path, part(PLAN), part(b"\x89PNG", kind="image/png"), end="")
    assert (whole.partial, whole.warnings) == (False, ())


def test_no_page(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormat, match="without an HTML page"):
        archive(tmp_path, part("一、目标", kind="text/plain"))
    with pytest.raises(UnsupportedFormat, match="without an HTML page"):
        archive(tmp_path)


def test_an_empty_page(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        archive(tmp_path, part("<html><body><img src=a.png></body></html>"))


def test_nested_too_deeply(tmp_path: Path) -> None:
    content = "MIME-Version: 1.0\n" + "".join(
        f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n" for depth in range(2000)
    )
    (tmp_path / "plan.mht").write_text(content)
    with pytest.raises(Damaged, match="too deeply"):
        read(tmp_path / "plan.mht")
