"""ZIP archives: which files are found in them, under which names, and what hostile archives do (nothing)."""

from __future__ import annotations

import csv
import struct
import tracemalloc
import zipfile
import zlib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import fsspec
import pytest

import pipeline
from pipeline.discover import Failure, discover, readable
from pipeline.errors import Damaged, ReadError, UnsupportedFormat
from pipeline.read import archive as archives
from pipeline.read import read
from pipeline.run import run
from tests.conftest import TEXT, FakeParser

PLAN = TEXT.encode()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def foreign(names: list[bytes], *, extra: bytes = b"") -> bytes:
    """An archive whose names are bytes without the mark of UTF-8, as Chinese Windows packs it."""
    body, lists = b"", b""
    for name in names:
        checksum, size = zlib.crc32(PLAN), len(PLAN)
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, checksum, size, size, len(name), len(extra))
        lists += b"PK\1\2" + b"\x14\0" + fields + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name + extra
        body += b"PK\3\4" + fields + name + extra + PLAN
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(lists), len(body), 0)
    return body + lists + b"PK\5\6" + end


def found(path: Path) -> list[str]:
    return [readable(file).removeprefix(f"{path.as_posix()}/") for file in discover([path]).files]


def refused(path: Path) -> list[Failure]:
    return discover([path]).refused


def test_files_of_known_formats_are_found(tmp_path: Path) -> None:
    inner = zipped({"深/要点.txt": PLAN, "图.png": b"x"})
    data = zipped(
        {
            "a/计划.txt": PLAN,
            "b.TXT": PLAN,
            "表.xlsx": b"x",
            "内.zip": inner,
            "__MACOSX/a/._计划.txt": b"x",
            ".hidden.txt": b"x",
            "~$计划.docx": b"x",
            ".git/c.txt": PLAN,
            "x/__MACOSX/e.txt": PLAN,
        }
    )
    path = tmp_path / "年鉴.zip"
    path.write_bytes(data)
    for given in (path, tmp_path):
        result = discover([given])
        assert [readable(file).removeprefix(f"{path}/") for file in result.files] == [
            "a/计划.txt",
            "b.TXT",
            "内.zip/深/要点.txt",
        ]
        assert (result.refused, result.skipped) == ([], 2)


@pytest.mark.parametrize("codec", ["gbk", "big5", "utf-8"])
def test_names_are_told_from_their_bytes(tmp_path: Path, codec: str) -> None:
    names = ["教育局/二零三一年工作要點.txt", "教育局/學校安全計劃.txt"]
    (tmp_path / "a.zip").write_bytes(foreign([name.encode(codec) for name in names]))
    assert sorted(found(tmp_path / "a.zip")) == sorted(names)


def test_a_unicode_path_field_is_believed_where_it_is_the_name_s_own(tmp_path: Path) -> None:
    raw, path = b"plan.txt", tmp_path / "a.zip"
    name = "工作计划.txt".encode()
    for checksum, expected in ((zlib.crc32(raw), "工作计划.txt"), (1, "plan.txt")):
        field = struct.pack("<HHBI", archives.UNICODE_PATH, len(name) + 5, 1, checksum) + name
        path.write_bytes(foreign([raw], extra=field))
        assert found(path) == [expected]


def test_names_lead_nowhere(tmp_path: Path, parser: FakeParser) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped({"../../up.txt": PLAN, "/etc/root.txt": PLAN, "c\\d.txt": PLAN}))
    assert found(folder / "a.zip") == ["../../up.txt", "c/d.txt", "etc/root.txt"]
    run([folder], tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]
    assert [path.name for path in folder.iterdir()] == ["a.zip"]


def test_members_become_sources(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "plan.txt").write_bytes(PLAN)
    (folder / "a.zip").write_bytes(
        zipped({"x/同.txt": PLAN, "空.txt": b"", "乱.txt": b"\x89PNG\r\n\x1a\n" + bytes(50)})
    )
    report = run([folder], tmp_path / "out")
    with (tmp_path / "out" / "sources.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {Path(row["path"]).relative_to(folder).as_posix(): row for row in csv.DictReader(file)}
    assert {path: row["error"] for path, row in rows.items()} == {
        "plan.txt": "",
        "a.zip/x/同.txt": "",
        "a.zip/空.txt": "empty",
        "a.zip/乱.txt": "unsupported",
    }
    assert rows["plan.txt"]["duplicate_of"] == rows["a.zip/x/同.txt"]["source_id"]
    assert rows["plan.txt"]["sha256"] == rows["a.zip/x/同.txt"]["sha256"]
    assert (report.files, report.fresh) == (4, 2)
    assert run([folder], tmp_path / "out").fresh == 1  # what failed is tried again


def test_what_cannot_be_read_is_a_row_and_the_rest_is_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"好.txt": PLAN, "坏.txt": b"".join(b"%d," % n for n in range(3000)), "锁.txt": PLAN}))
    bad = data.index("坏.txt".encode()) + 40
    data[bad : bad + 30] = bytes(30)
    lock = data.rindex("锁.txt".encode()) - 46 + 8
    data[lock] |= archives.ENCRYPTED_FLAG
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert found(path) == ["坏.txt", "好.txt"]
    assert [(failure.path[-5:], failure.code) for failure in refused(path)] == [("锁.txt", "encrypted")]
    report = run([path], tmp_path / "out")
    assert [(failure.path[-5:], failure.code) for failure in report.failures] == [
        ("坏.txt", "damaged"),
        ("锁.txt", "encrypted"),
    ]
    assert report.rows["plans"] == 1


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (zipped({"a.txt": PLAN})[:-30], "damaged", "the archive is cut short"),
        (zipped({"a.txt": b" " * (20 << 20)}), "unreadable", "would unpack from 20 KB to 20 MB"),
    ],
)
def test_archives_that_are_not_looked_into(tmp_path: Path, data: bytes, code: str, message: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    report = run([path], tmp_path / "out")
    [failure] = report.failures
    assert (failure.path, failure.code) == (str(path), code)
    assert message in failure.message


def test_archives_in_archives_end(tmp_path: Path) -> None:
    data = PLAN
    name = "a.txt"
    for depth in range(5):
        data, name = zipped({name: data}), f"{depth}.zip"
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    [failure] = refused(path)
    assert failure.code == UnsupportedFormat.code
    assert "more than 3 deep" in failure.message


def test_a_document_under_an_archive_s_ending_is_a_document(tmp_path: Path) -> None:
    import docx

    word = docx.Document()
    word.add_paragraph("一、目标")
    word.save(str(tmp_path / "plan.zip"))
    [file] = discover([tmp_path / "plan.zip"]).files
    assert read(file).format == "docx"
    (tmp_path / "outer.zip").write_bytes(zipped({"plan.zip": (tmp_path / "plan.zip").read_bytes()}))
    [file] = discover([tmp_path / "outer.zip"]).files
    assert read(file).text == "一、目标"


def test_parse_gives_the_plans_of_all_files(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"2.txt": PLAN, "1.txt": PLAN.replace(b"2031", b"2032")}))
    assert [plan.head.title for plan in pipeline.parse(path)] == [
        "青禾县教育局2032年工作计划",
        "青禾县教育局2031年工作计划",
    ]
    path.write_bytes(zipped({"1.txt": PLAN})[:-10])
    with pytest.raises(Damaged, match="cut short"):
        pipeline.parse(path)


def test_many_members_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(foreign([b"a.txt", b"a.txt"]))
    assert found(path) == ["a.txt", "a.txt (2)"]
    assert [read(file).text for file in discover([path]).files] == [TEXT, TEXT]


def test_an_archive_with_nothing_to_read_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"图.png": b"x"}))
    assert [(failure.path, failure.code) for failure in refused(path)] == [(str(path), "empty")]


def test_links_in_archives_are_passed_over(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("passwd.txt")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.txt", PLAN)
    (tmp_path / "a.zip").write_bytes(buffer.getvalue())
    assert found(tmp_path / "a.zip") == ["a.txt"]


def test_a_short_name_in_gbk_that_is_valid_utf8_is_read_as_gbk(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(foreign(["一.txt".encode("gbk")]))
    assert found(tmp_path / "a.zip") == ["一.txt"]


def test_a_document_without_a_list_of_types_is_a_document(tmp_path: Path) -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = f"<w:document {space}><w:body><w:p><w:r><w:t>一、目标</w:t></w:r></w:p></w:body></w:document>"
    (tmp_path / "plan.docx").write_bytes(zipped({"word/document.xml": body.encode()}))
    [file] = discover([tmp_path / "plan.docx"]).files
    assert read(file).text == "一、目标"


def test_a_member_that_says_less_than_it_holds_is_read_only_so_far(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"x" * (64 << 20)}))
    size = struct.pack("<I", 64 << 20)
    for _ in range(2):
        at = data.index(size)
        data[at : at + 4] = struct.pack("<I", 1000)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    tracemalloc.start()
    [file] = discover([path]).files
    with pytest.raises(Damaged, match="cannot be unpacked"):
        read(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_an_archive_at_an_address_is_looked_into_and_read_anew_when_it_changes() -> None:
    fs = fsspec.filesystem("memory")
    address = "memory://archives/plans.zip"
    fs.pipe_file(address, zipped({"a/计划.txt": PLAN, "内.zip": zipped({"深/要点.txt": PLAN}), "图.png": b"x"}))
    try:
        there = discover(["memory://archives"])
        names = [readable(file).partition("plans.zip/")[2] for file in there.files]
        assert (names, there.refused, there.skipped) == (["a/计划.txt", "内.zip/深/要点.txt"], [], 1)
        assert [read(file).text.strip() for file in there.files] == [TEXT.strip()] * 2
        fs.pipe_file(address, zipped({"a/计划.txt": (TEXT + "新建校舍3栋。\n").encode()}))
        (file,) = discover(["memory://archives"]).files
        assert "新建校舍3栋。" in read(file).text
    finally:
        fs.rm("/archives", recursive=True)


def test_a_damaged_archive_at_an_address_is_refused() -> None:
    fs = fsspec.filesystem("memory")
    fs.pipe_file("memory://archives/cut.zip", zipped({"计划.txt": PLAN})[:-30])
    try:
        there = discover(["memory://archives"])
        assert (list(there.files), [one.code for one in there.refused]) == ([], ["damaged"])
    finally:
        fs.rm("/archives", recursive=True)


@pytest.mark.parametrize("error", [OSError("reset by peer"), RuntimeError("throttled")])
def test_a_network_that_fails_costs_what_it_was_to_bring(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    fs = fsspec.filesystem("memory")
    fs.pipe_file("memory://archives/plans.zip", zipped({"计划.txt": PLAN, "内.zip": zipped({"要点.txt": PLAN})}))
    try:
        file, _ = discover(["memory://archives"]).files

        def fails(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(type(fs), "info", fails)
        with pytest.raises(ReadError, match=str(error)):
            read(file)
        archives.forget()
        monkeypatch.setattr(archives, "_version", lambda path: "")
        monkeypatch.setattr(type(fs), "open", fails)
        with pytest.raises(ReadError, match=str(error)):
            read(file)
    finally:
        monkeypatch.undo()
        fs.rm("/archives", recursive=True)


def test_an_archive_on_a_server_that_knows_no_parts(tmp_path: Path) -> None:
    (tmp_path / "plans.zip").write_bytes(zipped({"a/计划.txt": PLAN}))
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            (file,) = discover([f"http://127.0.0.1:{server.server_port}/plans.zip"]).files
            assert read(file).text.strip() == TEXT.strip()
        finally:
            server.shutdown()
            thread.join()
