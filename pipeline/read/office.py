"""Old and foreign Word documents (.doc, .wps, .rtf, .odt): LibreOffice makes DOCX of them, and `docx` reads it.

LibreOffice runs without a window and under a profile of its own that lies in a temporary folder with
all that it writes, so that it meets neither the user's LibreOffice nor another worker's. Macros do not
run and links are not followed. Where it takes too long, it is ended with every process that it began.

Starting it takes most of the time, so that a run of many files hands it `BATCH` at once (`prepared`). A
document that it neither converts nor refuses is handed to it again alone: none suffers from another.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from zipfile import ZipFile, is_zipfile

from pipeline.errors import Damaged, ReadError
from pipeline.model import Document
from pipeline.read import docx
from pipeline.read.package import LARGEST_XML, is_steep
from pipeline.read.source import Source

ENDINGS = {"doc": ".doc", "wps": ".doc", "rtf": ".rtf", "odt": ".odt"}
"""The ending under which LibreOffice is given each format; what WPS saves as .wps is a Word 97-2003 document."""

BATCH = 20
"""Documents that LibreOffice is handed at once."""

LIMIT = 120.0
"""Seconds for a document alone. A plan takes two to three, most of them for starting LibreOffice."""

LIMIT_MORE = 10.0
"""Seconds for each further document of a batch; ordinary ones take a tenth of one."""

REFUSED = "could not be loaded"
"""What LibreOffice prints for each document that it cannot open, before it goes on to the next one."""

PROGRAMS = ("soffice", "libreoffice")

SETTINGS = (
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "2"),  # never
    ("org.openoffice.Setup/L10N", "ooSetupSystemLocale", "zh-CN"),  # the same text on every machine
)
"""What differs from the settings that LibreOffice comes with: node, name, value."""


_prepared: ContextVar[Mapping[tuple[str, str], bytes | ReadError]] = ContextVar(
    "_prepared", default=MappingProxyType({})
)
"""What came of the documents that were converted ahead, by hash and format."""


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
    result = _prepared.get().get((source.sha256, format))
    if result is None:
        [result] = convert([(source, format)])
    if isinstance(result, ReadError):
        raise result
    document = docx.read(Source.of(result, source.name))
    return replace(document, format=format, sha256=source.sha256, bytes=len(source.data))


@contextmanager
def prepared(documents: Sequence[tuple[Source, str]]) -> Iterator[None]:
    """Convert documents together, so that `read` finds them done inside of this context.

    Args:
        documents: files and their formats, keys of `ENDINGS`; at most `BATCH` are sensible.
    """
    results = convert(documents)
    keys = [(source.sha256, format) for source, format in documents]
    token = _prepared.set(dict(zip(keys, results, strict=True)))
    try:
        yield
    finally:
        _prepared.reset(token)


def convert(documents: Sequence[tuple[Source, str]]) -> list[bytes | ReadError]:
    """The DOCX that LibreOffice makes of documents, or why it makes none, in their order.

    Args:
        documents: files and their formats, keys of `ENDINGS`.

    Returns:
        For each the DOCX; or `NoOffice`: LibreOffice is not installed; `Damaged`: it cannot open the
        document; `ReadError`: it does not come to an end with it, or it unpacks to more than is sensible.
    """
    results: dict[int, bytes | ReadError] = {}
    for number, (source, format) in enumerate(documents):
        if format == "odt" and (error := _too_large(source)):
            results[number] = error
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    left = [number for number in range(len(documents)) if number not in results]
    if program is None:
        results |= {number: _absent(documents[number][1]) for number in left}
    elif len(left) > 1:
        with contextlib.suppress(ReadError, OSError):  # each is told where its document is tried alone
            done, said = _converted(program, {number: documents[number] for number in left})
            results |= {number: data for number, data in done.items() if is_zipfile(BytesIO(data))}
            missing = [number for number in left if number not in results]
            if said is not None and said.count(REFUSED) == len(missing):
                results |= {number: _unreadable(documents[number][1], said) for number in missing}
    for number in range(len(documents)):
        if number not in results:
            results[number] = _alone(str(program), *documents[number])
    return [results[number] for number in range(len(documents))]


def _absent(format: str) -> NoOffice:
    return NoOffice(
        f"LibreOffice, which reads .{format} files, is not installed; install it "
        "(apt-get install libreoffice-writer, or libreoffice.org) and run again, or save the file as DOCX"
    )


def _too_large(source: Source) -> ReadError | None:
    """Look at what an OpenDocument text unpacks to, as `package` does for DOCX."""
    with ZipFile(BytesIO(source.data)) as archive:
        size = sum(info.file_size for info in archive.infolist())
    if size <= LARGEST_XML and not is_steep(size, len(source.data)):
        return None
    return ReadError(
        f"the document would unpack to {size >> 20} MB, which no plan does; if it is genuine, save it as DOCX"
    )


def _alone(program: str, source: Source, format: str) -> bytes | ReadError:
    try:
        done, said = _converted(program, {0: (source, format)})
    except ReadError as error:
        return error
    except OSError as error:
        return ReadError(f"LibreOffice has no room to work ({error.strerror}); free the disk of temporary files")
    if 0 in done:
        return done[0]
    if said is None:
        return ReadError(
            f"LibreOffice was not done with the document after {LIMIT:.0f} seconds; "
            "open it in Word or WPS and save it as DOCX"
        )
    return _unreadable(format, said)


def _unreadable(format: str, said: str) -> Damaged:
    reason = "it is damaged or has a password" if REFUSED in said else "it stopped halfway"
    return Damaged(
        f"LibreOffice cannot read the .{format} document ({reason}); open it in Word or WPS and save it as DOCX"
    )


def _converted(program: str, documents: Mapping[int, tuple[Source, str]]) -> tuple[dict[int, bytes], str | None]:
    """Run LibreOffice once over documents.

    Returns:
        What it wrote, by number, and what it printed; None where it took too long.

    Raises:
        ReadError: it could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="planpipe-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        given = []
        for number, (source, format) in documents.items():
            given.append(folder / f"{number}{ENDINGS[format]}")
            given[-1].write_bytes(source.data)
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_profile(), encoding="utf-8")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        out = folder / "out"
        options = ["--headless", "--norestore", "--nologo", "--convert-to", "docx", "--outdir", str(out)]
        limit = LIMIT + LIMIT_MORE * (len(documents) - 1)
        said = _finish([program, profile, *options, *map(str, given)], folder, limit)
        paths = {number: out / f"{number}.docx" for number in documents}
        return {number: path.read_bytes() for number, path in paths.items() if path.is_file()}, said


def _profile() -> str:
    items = "".join(
        f'<item oor:path="/{node}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for node, name, value in SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>'
    )


def _finish(command: list[str], folder: Path, limit: float) -> str | None:
    """Run a command to its end, its temporary files in a folder; what it printed, None where it took too long.

    Raises:
        ReadError: it could not be started.
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
            return process.communicate(timeout=limit)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            return None
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
