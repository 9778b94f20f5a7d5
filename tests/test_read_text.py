"""Plain text: encodings, line ends, blocks, and what is wrong with a file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from pipeline.errors import EmptyFile, NotPermitted, ReadError, UnknownEncoding, UnsupportedFormat
from pipeline.read import KNOWN, READERS, read
from pipeline.read.text import decode

FILES = Path(__file__).parent / "files"
SIMPLIFIED = "青禾县教育局2031年工作要点\n一、主要目标\n到2031年底，全县新优质学校达到20所以上，教师培训不少于3次。\n"
TRADITIONAL = "青禾縣教育局2031年工作要點\n一、主要目標\n到2031年底，全縣新優質學校達到20所以上，教師培訓不少於3次。\n"


def texts(path: Path) -> list[str]:
    document = read(path)
    return [document.text[block.start : block.end] for block in document.blocks]


def written(folder: Path, data: bytes, name: str = "plan.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("codec", "mark", "name"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8-sig", b"", "utf-8-sig"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32-le", b"\xff\xfe\x00\x00", "utf-32-le"),
        ("gb18030", b"", "gb18030"),
        ("gb2312", b"", "gb18030"),
        ("gb18030", b"\x84\x31\x95\x33", "gb18030"),
    ],
)
def test_every_encoding_gives_the_same_text(tmp_path: Path, codec: str, mark: bytes, name: str) -> None:
    document = read(written(tmp_path, mark + SIMPLIFIED.replace("\n", "\r\n").encode(codec)))
    assert document.text == SIMPLIFIED
    assert document.encoding == name
    assert document.warnings == ()
    assert document.format == "txt"
    assert document.pages is None


def test_big5_is_told_from_gb18030(tmp_path: Path) -> None:
    document = read(written(tmp_path, TRADITIONAL.encode("big5")))
    assert (document.text, document.encoding, document.warnings) == (TRADITIONAL, "big5", ())
    assert decode(TRADITIONAL.encode("gb18030")).encoding == "gb18030"


@pytest.mark.parametrize("length", [4, 6, 10, 20])
def test_short_texts_too(length: int) -> None:
    simplified, traditional = "到二零年全县新优质学校达到教师培训工作要点", "到二零年全縣新優質學校達到教師培訓工作要點"
    for start in range(len(simplified) - length + 1):
        assert decode(simplified[start : start + length].encode("gb18030")).encoding == "gb18030"
        assert decode(traditional[start : start + length].encode("big5")).encoding == "big5"


def test_characters_outside_gb2312_and_the_basic_plane(tmp_path: Path) -> None:
    text = "校长：张喆、李堃、王𠮷。全县教师节表彰大会于九月十日召开，各校做好准备。"
    assert read(written(tmp_path, text.encode("gb18030"))).text == text
    assert read(written(tmp_path, text.encode("utf-16"))).text == text


def test_a_guess_is_said_to_be_one() -> None:
    decoded = decode("教".encode("gb18030"))
    assert decoded.encoding == "gb18030"
    assert "guess" in decoded.warnings[0]


def test_text_is_unchanged_and_a_lone_carriage_return_stays(tmp_path: Path) -> None:
    data = "\ufeff标题\r\n\r\n　　一、目标\t \x0c\r第二行\r\n末行\u3000".encode()
    document = read(written(tmp_path, data))
    assert document.text == "标题\n\n　　一、目标\t \x0c\r第二行\n末行\u3000"
    assert [document.text[b.start : b.end] for b in document.blocks] == ["标题", "一、目标", "第二行", "末行"]
    assert document.bytes == len(data)
    assert len(document.sha256) == 64


def test_damaged_bytes_give_a_warning(tmp_path: Path) -> None:
    data = (SIMPLIFIED * 20).encode()
    cut = read(written(tmp_path, data[:-2]))
    assert cut.encoding == "utf-8"
    assert any("damaged or cut short" in warning for warning in cut.warnings)
    lost = read(written(tmp_path, ("教育\ufffd工作\n" + SIMPLIFIED).encode()))
    assert any("1 replacement character" in warning for warning in lost.warnings)


@pytest.mark.parametrize("trace", ["锟斤拷", "烫烫烫", "屯屯屯", "锛岄", "銆\u0080", "鐨勶", "Ã©", "â€", "ÔÚÎÒ"])
def test_mojibake_gives_a_warning(tmp_path: Path, trace: str) -> None:
    spoilt = f"{trace}{trace}教育工作{trace}要点"
    assert any("garbled" in warning for warning in read(written(tmp_path, spoilt.encode())).warnings)


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", "\u3000\ufeff\n".encode(), b"\xef\xbb\xbf"])
def test_empty_files(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(EmptyFile, match="again"):
        read(written(tmp_path, data))


def test_stored_empty_file() -> None:
    with pytest.raises(EmptyFile) as caught:
        read(FILES / "empty.txt")
    assert caught.value.code == "empty"


def test_binary_data_named_as_text(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as caught:
        read(written(tmp_path, bytes(range(256)) * 40))
    assert isinstance(caught.value, UnsupportedFormat | UnknownEncoding)
    zeros = written(tmp_path, b"\0\1\2\3" * 500)
    with pytest.raises(UnsupportedFormat, match=r"binary data although named plan\.txt; export"):
        read(zeros)


def test_unknown_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncoding, match="save it as UTF-8"):
        read(written(tmp_path, ("план работы школы на год " * 9).encode("koi8-r")))


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, SIMPLIFIED.encode())
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser may read everything

        def refuse(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(NotPermitted, match="change its permissions") as caught:
        read(path)
    assert caught.value.code == "permission"


def test_no_such_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="check the path"):
        read(tmp_path / "none.txt")
    with pytest.raises(ReadError, match="is a folder"):
        read(tmp_path)


@pytest.mark.parametrize("seed", range(30))
def test_junk_never_gives_another_error(tmp_path: Path, seed: int) -> None:
    import random

    junk = random.Random(seed).randbytes(3000)
    for name, head in (
        ("a.txt", b""),
        ("a.docx", b"PK\x03\x04"),
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.html", b"<html><body><p>"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ):
        with contextlib.suppress(ReadError):
            read(written(tmp_path, head + junk, name))


def test_registry() -> None:
    assert set(READERS) == {"txt", "html", "mhtml", "docx", "doc", "wps", "rtf", "odt", "pdf"}
    assert {".txt", ".docx", ".doc", ".wps", ".rtf", ".odt", ".pdf", ".html", ".htm", ".mht", ".mhtml"} <= KNOWN
    assert all(ending == ending.lower() and ending.startswith(".") for ending in KNOWN)


def test_importing_is_cheap() -> None:
    import subprocess
    import sys

    heavy = ["pypdfium2", "pdfplumber", "lxml", "docx", "filetype"]
    code = f"import sys, pipeline.read; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def rows(tmp_path: Path, text: str) -> list[list[str | None]]:
    document = read(written(tmp_path, text.encode()))
    assert document.text == text
    return [
        [document.text[cell.start : cell.end] if cell else None for cell in block.cells]
        for block in document.blocks
        if block.kind == "row"
    ]


def test_a_table_pasted_with_tabs_is_rows(tmp_path: Path) -> None:
    table = "重点任务\t责任单位\t完成时限\n教师轮岗\t 人事股 \t8月\n\t后勤股\t\n"
    assert rows(tmp_path, f"一、任务\n见下表。\n{table}二、要求\n") == [
        ["重点任务", "责任单位", "完成时限"],
        ["教师轮岗", "人事股", "8月"],
        [None, "后勤股", None],
    ]


def test_tables_with_other_text_between_are_two(tmp_path: Path) -> None:
    table = "重点任务\t责任单位\t完成时限\n教师轮岗\t人事股\t8月\n"
    document = read(written(tmp_path, f"{table}另见下表。\n{table}\n\n{table}".encode()))
    assert [(b.table, b.row) for b in document.blocks if b.kind == "row"] == [(n, m) for n in range(3) for m in (0, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "1.\t开展家访\n2.\t更新台账\n3.\t组织培训\n",
        "序\t（四）国民收入\n（一）目标\t（五）财政\n（二）方针\t（六）城乡\n",
        "重点任务\t责任单位\t完成时限\n以上各项，抓好落实。\n",
        "重点任务\t责任单位\t完成时限\n教师\t轮岗\t人事股\t8月\n",
        "目\t录\n一\t二\n三\t四\n",
    ],
    ids=["numbered lines", "contents page", "one line", "a wider row", "single characters"],
)
def test_other_lines_with_tabs_are_paragraphs(tmp_path: Path, text: str) -> None:
    assert rows(tmp_path, text) == []


def test_a_table_of_two_columns(tmp_path: Path) -> None:
    assert len(rows(tmp_path, "重点任务\t责任单位\n教师轮岗\t人事股\n食堂改造\t后勤股\n")) == 3
