"""Documents that LibreOffice turns into DOCX: the same text as from the DOCX, and what happens without LibreOffice."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.shared import Cm

from pipeline.errors import Damaged, ReadError
from pipeline.read import office, read
from pipeline.read.source import Source
from tests.made import grid, texts

with_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (libreoffice-writer-nogui)")

RTF = rb"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 SimSun;}}\f0 "
CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2" '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>{}</office:text>'
    "</office:body></office:document-content>"
)
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def open_document(body: str) -> bytes:
    """An OpenDocument text of the given body."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", CONTENT.format(body))
    return buffer.getvalue()


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A DOCX with headings, numbers and a table whose cells are merged."""
    document = docx.Document()
    document.add_heading("青禾县2031年教育工作要点", 1)
    document.add_heading("主要任务", 2)
    document.add_paragraph("到2035年，普惠园占比达到90%以上。", style="List Number")
    document.add_paragraph("新建校舍3所。", style="List Number")
    table = document.add_table(3, 3, style="Table Grid")
    for row, cells in enumerate((("任务", "责任单位", "时限"), ("建校", "县教育局", "6月"), ("", "县财政局", "7月"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
            table.cell(row, column).width = Cm(4)
    table.cell(1, 0).merge(table.cell(2, 0)).text = "建校"
    document.add_paragraph("各学校照此执行。")
    document.save(str(tmp_path / "plan.docx"))
    return tmp_path / "plan.docx"


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a shell script in the place of LibreOffice, and temporary files into `folder/tmp`."""
    path = folder / "office"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    (folder / "tmp").mkdir()
    monkeypatch.setattr(shutil, "which", lambda name: str(path))
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))


@with_office
@pytest.mark.parametrize(("saved", "format"), [("doc", "doc"), ("doc", "wps"), ("rtf", "rtf"), ("odt", "odt")])
def test_the_same_as_from_docx(plan: Path, saved: str, format: str) -> None:
    profile = f"-env:UserInstallation={(plan.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", saved, "--outdir", str(plan.parent), str(plan)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    path = plan.with_suffix(f".{saved}").rename(plan.with_suffix(f".{format}"))
    expected, document = read(plan), read(path)
    assert document.text == expected.text
    assert texts(document)[:4] == [
        "青禾县2031年教育工作要点",
        "主要任务",
        "1. 到2035年，普惠园占比达到90%以上。",
        "2. 新建校舍3所。",
    ]
    assert grid(document) == [["任务", "责任单位", "时限"], ["建校", "县教育局", "6月"], ["建校", "县财政局", "7月"]]
    assert [block.outline for block in document.blocks] == [block.outline for block in expected.blocks]
    assert [block.label_end for block in document.blocks] == [block.label_end for block in expected.blocks]
    source = Source.load(path)
    assert (document.format, document.sha256, document.bytes) == (format, source.sha256, len(source.data))


@with_office
def test_told_by_content_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    named_doc = tmp_path / "要点 (1)#终.doc"
    named_doc.write_bytes(RTF + b"\\'d2\\'bb\\'a1\\'a2\\'c4\\'bf\\'b1\\'ea\\par}")
    document = read(named_doc)
    assert (document.format, document.text) == ("rtf", "一、目标")
    assert not list((tmp_path / "tmp").iterdir())


@with_office
def test_files_that_a_document_links_to_stay_out(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("秘密", encoding="utf-8")
    link = (tmp_path / "secret.txt").as_uri()
    body = (
        "<text:p>一、目标</text:p>"
        f'<text:section text:name="s"><text:section-source xlink:href="{link}" xlink:type="simple" '
        'text:filter-name="Text"/><text:p>旧文</text:p></text:section>'
    )
    (tmp_path / "plan.odt").write_bytes(open_document(body))
    assert texts(read(tmp_path / "plan.odt")) == ["一、目标", "旧文"]


@with_office
@pytest.mark.parametrize(("name", "data"), [("plan.rtf", RTF + b"{\\'d2"), ("plan.odt", open_document("<text:p>"))])
def test_what_libreoffice_cannot_open(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Damaged, match=r"damaged or has a password.*save it as DOCX") as caught:
        read(tmp_path / name)
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("format", list(office.ENDINGS))
def test_without_libreoffice(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(office.NoOffice, match=rf"reads \.{format} files.*apt-get install libreoffice-writer") as caught:
        office.read(Source.of(open_document(""), f"plan.{format}"), format)
    assert isinstance(caught.value, ReadError)
    assert caught.value.code == "no_office"


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for LibreOffice")
def test_too_long_and_every_process_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait", monkeypatch)
    monkeypatch.setattr(office, "LIMIT", 1)
    with pytest.raises(ReadError, match="not done with the document after 1 seconds; open it"):
        office.read(Source.of(RTF, "plan.rtf"), "rtf")
    child = Path("/proc") / (tmp_path / "child").read_text().strip()
    until = time.monotonic() + 10
    while _alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _alive(child)
    assert not list((tmp_path / "tmp").iterdir())


def _alive(process: Path) -> bool:
    try:
        return "State:\tZ" not in (process / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for LibreOffice")
def test_stopped_halfway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "kill -SEGV $$", monkeypatch)
    with pytest.raises(Damaged, match="stopped halfway"):
        office.read(Source.of(RTF, "plan.rtf"), "rtf")


def test_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / "gone"))
    with pytest.raises(ReadError, match="cannot be started"):
        office.read(Source.of(RTF, "plan.rtf"), "rtf")


def test_an_odt_that_unpacks_to_too_much() -> None:
    data = open_document(" " * (20 << 20))
    with pytest.raises(ReadError, match="would unpack to 20 MB"):
        office.read(Source.of(data, "plan.odt"), "odt")


def rtf(text: str) -> bytes:
    return RTF + b"".join(b"\\'%02x" % byte for byte in text.encode("gbk")) + b"\\par}"


@with_office
def test_a_batch_gives_what_each_gives_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    documents = [
        (Source.of(rtf("一、目标"), "同名.rtf"), "rtf"),
        (Source.of(RTF + b"{\\'d2", "坏.rtf"), "rtf"),
        (Source.of(open_document("<text:p>二、任务</text:p>"), "同名.odt"), "odt"),
        (Source.of(open_document("<text:p>"), "坏.odt"), "odt"),
        (Source.of(rtf("三、保障"), "同名.rtf"), "rtf"),
    ]

    def outcome(source: Source, format: str) -> tuple[object, ...]:
        try:
            document = office.read(source, format)
        except ReadError as error:
            return type(error), str(error)
        return document.text, document.blocks, document.sha256

    alone = [outcome(*document) for document in documents]
    with office.prepared(documents):
        monkeypatch.setattr(office, "convert", None)  # nothing is left to convert
        together = [outcome(*document) for document in documents]
    assert together == alone
    assert [result[0] for result in together] == ["一、目标", Damaged, "二、任务", Damaged, "三、保障"]
    assert not list((tmp_path / "tmp").iterdir())


def answered(folder: Path) -> Path:
    """The document with which a shell script in LibreOffice's place answers."""
    word = docx.Document()
    word.add_paragraph("一、目标")
    word.save(str(folder / "answer.docx"))
    return folder / "answer.docx"


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for LibreOffice")
def test_what_a_batch_gives_no_result_for_is_tried_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Dies at the second document of a batch; alone it is done with each.
    script = """
    eval "last=\\${$#}"
    while [ "$1" != --outdir ]; do shift; done
    mkdir "$2"; out=$2; shift 2; count=$#
    for given; do
      [ $count -gt 1 ] && [ "$given" = "$last" ] && kill -SEGV $$
      name=$(basename "$given" .rtf); cp %s "$out/$name.docx"
    done
    """
    answer = answered(tmp_path)
    program(tmp_path, script % answer, monkeypatch)
    documents = [(Source.of(RTF + bytes([byte]), f"{byte}.rtf"), "rtf") for byte in b"abc"]
    assert office.convert(documents) == [answer.read_bytes()] * 3


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for LibreOffice")
def test_a_batch_that_hangs_costs_no_other_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = """
    while [ "$1" != --outdir ]; do shift; done
    mkdir "$2"; out=$2; shift 2
    for given; do
      grep -q hangs "$given" && sleep 60
      name=$(basename "$given" .rtf); cp %s "$out/$name.docx"
    done
    """
    answer = answered(tmp_path)
    program(tmp_path, script % answer, monkeypatch)
    monkeypatch.setattr(office, "LIMIT", 1)
    monkeypatch.setattr(office, "LIMIT_MORE", 0.1)
    documents = [(Source.of(RTF + text, "plan.rtf"), "rtf") for text in (b"one", b"hangs", b"two")]
    first, hung, last = office.convert(documents)
    assert first == last == answer.read_bytes()
    assert isinstance(hung, ReadError)
    assert "not done with the document after 1 seconds" in str(hung)
    assert not list((tmp_path / "tmp").iterdir())
