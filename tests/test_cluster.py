"""A run on a cluster: a real scheduler and real workers, one of which is killed, and a real server of objects."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from pipeline.errors import PlanpipeError
from pipeline.progress import Committed, Event
from pipeline.run import run
from tests.made_run import archive
from tests.test_run import tables

FILES = 24


@contextlib.contextmanager
def process(*command: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block."""
    with (
        Path(os.devnull).open("w") as nowhere,
        subprocess.Popen(command, stdout=nowhere, stderr=nowhere, **options) as started,
    ):
        try:
            yield started
        finally:
            started.kill()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listening(port: int) -> None:
    """Wait until something listens at a port."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens at {port}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("cluster") / "in", FILES)


@pytest.fixture
def scheduler() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler, and its two workers."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--no-dashboard"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    with contextlib.ExitStack() as stack:
        stack.enter_context(process(*command, "--port", str(port)))
        listening(port)
        yield address, [stack.enter_context(process(*worker, "--no-dashboard")) for _ in range(2)]


def test_a_lost_worker_changes_nothing(
    folder: Path, tmp_path: Path, scheduler: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, dask_workers = scheduler
    told: list[Event] = []

    def watch(event: Event) -> None:
        told.append(event)
        if isinstance(event, Committed) and dask_workers[0].poll() is None:
            dask_workers[0].send_signal(signal.SIGKILL)

    report = run([folder], tmp_path / "cluster", cluster=address, watch=watch)
    assert dask_workers[0].wait() == -signal.SIGKILL
    assert dask_workers[1].poll() is None
    run([folder], tmp_path / "here", workers=1)
    assert tables(tmp_path / "cluster") == tables(tmp_path / "here")
    assert (report.rows["plans"], [failure.code for failure in report.failures]) == (FILES + 1, ["empty"])


def test_there_is_no_scheduler(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"127\.0\.0\.1"):
        run([folder], tmp_path / "out", cluster=f"tcp://127.0.0.1:{free_port()}")


def test_without_dask_it_says_what_to_install(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PlanpipeError, match=r"planpipe\[cluster\]"):
        run([folder], tmp_path / "out", cluster="tcp://127.0.0.1:1")


# Addresses


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an empty bucket of a server on this machine that speaks S3."""
    import s3fs

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    for name, value in {"ENDPOINT_URL": url, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with process(sys.executable, "-m", "moto.server", "-p", str(port)):
        listening(port)
        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("plans")
        yield "s3://plans"


def test_inputs_and_tables_at_an_address(folder: Path, tmp_path: Path, bucket: str) -> None:
    import s3fs

    given = tmp_path / "in"
    shutil.copytree(folder, given)
    with ZipFile(given / "more.zip", "w") as archive:
        archive.writestr("年度/计划.txt", "青禾县2031年工作计划\n一、任务\n年底前新建校舍3栋。\n")
        archive.writestr("坏.docx", b"PK\3\4")
    (given / "cut.zip").write_bytes(b"PK\3\4")
    fs = s3fs.S3FileSystem()
    fs.put(str(given), "plans/in", recursive=True)
    fs.pipe_file("plans/in/.hidden.txt", b"")
    fs.pipe_file("plans/in/.hidden.zip", b"")
    fs.pipe_file("plans/in/list.xyz", b"")
    report = run([f"{bucket}/in"], f"{bucket}/out", workers=2)
    assert report.skipped == 1
    failed = {failure.path.removeprefix(f"{bucket}/in/"): failure.code for failure in report.failures}
    assert failed.pop("cut.zip") == "damaged"
    assert failed.pop("more.zip/坏.docx") == "damaged"
    assert list(failed.values()) == ["empty"]
    again = run([f"{bucket}/in"], f"{bucket}/out", workers=1)
    assert again.fresh == 1  # what failed is tried again
    run([given], tmp_path / "here", workers=1)
    fs.get("plans/out", str(tmp_path / "fetched"), recursive=True)
    there, here = tables(tmp_path / "fetched"), tables(tmp_path / "here")
    del there["sources"], here["sources"]
    assert there == here


def test_an_address_with_nothing(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run([f"{bucket}/in"], tmp_path / "out")


def test_an_unknown_kind_of_address(tmp_path: Path) -> None:
    with pytest.raises(PlanpipeError, match="nosuch"):
        run(["nosuch://plans"], tmp_path / "out")
