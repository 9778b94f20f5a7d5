"""Old and foreign Word documents (.doc, .wps, .rtf, .odt): LibreOffice makes DOCX of them, and `docx` reads it.

LibreOffice runs without a window and under a profile of its own that lies in a temporary folder with
all that it writes, so that it meets neither the user's LibreOffice nor another worker's. Macros do not
run and links are not followed. Where it takes too long, it is ended with every process that it began.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from pipeline.errors import Damaged, ReadError
from pipeline.model import Document
from pipeline.read import docx
from pipeline.read.package import LARGEST_XML, SLIGHT, STEEPEST
from pipeline.read.source import Source

ENDINGS = {"doc": ".doc", "wps": ".doc", "rtf": ".rtf", "odt": ".odt"}
"""The ending under which LibreOffice is given each format; what WPS saves as .wps is a Word 97-2003 document."""

LIMIT = 120.0
"""Seconds. A plan takes two to three, most of them for starting LibreOffice."""

PROGRAMS = ("soffice", "libreoffice")

SETTINGS = (
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "2"),  # never
    ("org.openoffice.Setup/L10N", "ooSetupSystemLocale", "zh-CN"),  # the same text on every machine
)
"""What differs from the settings that LibreOffice comes with: node, name, value."""


class NoOffice(ReadError):
    """LibreOffice, which reads this format, is not installed."""

    code = "no_office"


def read(source: Source, format: str) -> Document:
    """Read a document of a format that LibreOffice reads.

    Args:
        source: the file.
        format: a key of `ENDINGS`.

    Returns:
        What `docx` makes of it, under its own format.

    Raises:
        NoOffice: LibreOffice is not installed.
        EmptyFile: the document shows no text.
        Damaged: LibreOffice cannot open it.
        ReadError: LibreOffice does not come to an end with it, or it unpacks to more than is sensible.
    """
    if format == "odt":
        _weigh(source)
    document = docx.read(Source.of(convert(source.data, format), source.name))
    return replace(document, format=format, sha256=source.sha256, bytes=len(source.data))


def _weigh(source: Source) -> None:
    """Look at what an OpenDocument text unpacks to, as `package` does for DOCX."""
    with ZipFile(BytesIO(source.data)) as archive:
        size = sum(info.file_size for info in archive.infolist())
    if size > LARGEST_XML or (size > SLIGHT and size > STEEPEST * len(source.data)):
        raise ReadError(
            f"the document would unpack to {size >> 20} MB, which no plan does; if it is genuine, save it as DOCX"
        )


def convert(data: bytes, format: str) -> bytes:
    """The DOCX that LibreOffice makes of a document.

    Args:
        data: the document.
        format: a key of `ENDINGS`.

    Raises:
        NoOffice: LibreOffice is not installed.
        Damaged: LibreOffice cannot open it.
        ReadError: LibreOffice does not come to an end with it.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise NoOffice(
            f"LibreOffice, which reads .{format} files, is not installed; install it "
            "(apt-get install libreoffice-writer, or libreoffice.org) and run again, or save the file as DOCX"
        )
    with tempfile.TemporaryDirectory(prefix="planpipe-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        given = folder / f"source{ENDINGS[format]}"
        given.write_bytes(data)
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_profile(), encoding="utf-8")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        out = folder / "out"
        options = ["--headless", "--norestore", "--nologo", "--convert-to", "docx", "--outdir", str(out), str(given)]
        said = _finish([program, profile, *options], folder)
        try:
            return (out / "source.docx").read_bytes()
        except FileNotFoundError:
            reason = "it is damaged or has a password" if "could not be loaded" in said else "it stopped halfway"
            raise Damaged(
                f"LibreOffice cannot read the .{format} document ({reason}); open it in Word or WPS and save it as DOCX"
            ) from None


def _profile() -> str:
    items = "".join(
        f'<item oor:path="/{node}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for node, name, value in SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>'
    )


def _finish(command: list[str], folder: Path) -> str:
    """Run a command to its end, its temporary files in a folder; what it printed.

    Raises:
        ReadError: it took longer than `LIMIT`, or could not be started.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp", "GSETTINGS_BACKEND": "memory"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise ReadError(f"LibreOffice cannot be started ({error.strerror}); install it again") from error
    with process:
        try:
            # Its output ends when the last of its processes has.
            return process.communicate(timeout=LIMIT)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired as error:
            raise ReadError(
                f"LibreOffice was not done with the document after {LIMIT:.0f} seconds; "
                "open it in Word or WPS and save it as DOCX"
            ) from error
        finally:
            if process.returncode is None:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it began."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
