"""Plain text: which encoding it is in, and its lines as blocks.

The order in which encodings are tried is the order in which they can be told for certain:

1. a byte order mark;
2. UTF-8, which other text practically never happens to be valid as;
3. UTF-16 without a mark, where there are NUL bytes (of its digits, spaces and line ends);
4. GB18030 (with GBK and GB2312, its subsets) or Big5, both of which nearly any bytes are valid as.

For the last charset-normalizer decides. Where it is undecided or has little text to go by, everyday
characters do: both standards put them in a first plane and the rare ones behind it, and a text read by
the wrong one of the two scatters over both planes. They also overrule a verdict that they plainly
contradict. On 60 samples a length and encoding, charset-normalizer was right in 112 of 120 at 8
characters and in 476 of 480 from 128 to 4,000, the rest undecided; the share of everyday characters
was right in all.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.errors import EmptyFile, UnknownEncoding, UnsupportedFormat
from pipeline.model import Block, Document, Span
from pipeline.read import drawn
from pipeline.read.draft import strip
from pipeline.read.source import Source

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32-le"),  # begins as UTF-16's does, so it comes before it
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030", "gb18030"),
)
"""Byte order marks: the bytes, the name in `Document.encoding`, the codec for what follows."""

EVERYDAY = {"gb18030": ("gb2312", 0xD7), "big5": ("big5", 0xC6)}
"""For each encoding the character set whose planes tell everyday characters, and the last lead byte of
its first plane."""

SURE = 0.2
"""The winner's share of everyday characters exceeds the other's by at least this (lowest seen on
samples of 40 characters: 0.28), or the decision counts as a guess."""

LITTLE = 32
"""Characters beyond ASCII below which charset-normalizer has too little to go by."""

PROBE = 1 << 16
"""Bytes of a text that charset-normalizer looks at."""

READABLE = 0.5
"""Text with a smaller share of everyday characters is not Chinese text in that encoding (lowest seen
where the encoding was right, on samples of 8 characters: 0.5, most above 0.9)."""

FLAWS = 0.01
"""Share of bytes that may be damaged in a text whose encoding is otherwise plain."""

CONTROLS = 0.02
"""Share of control characters above which something is not text."""

LINE = re.compile("[^\n\r\x0b\x0c\x85\u2028\u2029]+")
HAN = re.compile("[一-鿿]")
YEAR = re.compile(r"(?:19|20)\d\d ?年?")
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
MOJIBAKE = re.compile("锟斤拷|烫烫烫|屯屯屯|锛[岄屻]|銆[\u0080-\uffff]|鐨勶|Ã[\x80-¿]|â€|[ÈÍÎÒÔÐÖÕÊ][\xa0-ÿ]{3}")
"""Traces of text that went through a wrong encoding before it was saved."""

MOJIBAKE_BEGINS = ("锟斤拷", "烫烫烫", "屯屯屯", "锛", "銆", "鐨勶", "â€", *"ÃÈÍÎÒÔÐÖÕÊ")
"""One of what a text with such traces holds: most texts hold none, and so much is found out sooner."""

SAVE_AS = "open it in the program that made it and save it as UTF-8"


class Decoded(NamedTuple):
    """A decoded text.

    Args:
        text: without a byte order mark, `\\r\\n` as `\\n`, else unchanged.
        encoding: what it was decoded with.
        warnings: what is doubtful about it.
    """

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def read(source: Source) -> Document:
    """Read a plain text file.

    Args:
        source: the file.

    Returns:
        Its text unchanged but for `\\r\\n` and a byte order mark; each line with content is a block.

    Raises:
        EmptyFile: there is nothing but white space.
        UnknownEncoding: no known encoding gives readable text.
        UnsupportedFormat: it is not text.
    """
    decoded = decode(source.data)
    blocks = lines(decoded.text)
    if not blocks:
        raise EmptyFile("the file holds only white space; copy or download it again")
    if len(CONTROL.findall(decoded.text)) > CONTROLS * len(decoded.text):
        raise UnsupportedFormat(
            f"the file is binary data although named {source.name}; export it as text, DOCX, PDF or HTML"
        )
    return Document(
        text=decoded.text,
        blocks=blocks,
        format="txt",
        sha256=source.sha256,
        bytes=len(source.data),
        encoding=decoded.encoding,
        warnings=(*decoded.warnings, *doubts(decoded.text)),
    )


def lines(text: str) -> tuple[Block, ...]:
    """A block for each line with content, without the white space around it; lines of a table are its rows.

    A rule between the rows of a table (「|---|---|」) is no content.

    A form feed, a lone carriage return and the like end a line too; the text keeps them.
    """
    blocks, whole = [], []
    for match in LINE.finditer(text):
        start, end = strip(match[0])
        if start < end:
            blocks.append(Block(start=match.start() + start, end=match.start() + end))
            whole.append(match.span())
    return tuple(drawn.rows(text, list(_tables(text, blocks, whole)) if "\t" in text else blocks))


def _tables(text: str, blocks: Sequence[Block], whole: Sequence[tuple[int, int]]) -> Iterator[Block]:
    """The same blocks, lines of a table that was pasted with tabs as its rows.

    Lines that follow one another with tabs in them are a table where the first has the most cells and each of
    its cells has words or is a year; with two cells only where those are short words alone, since numbered lines
    (「1.⇥开展…」) and columns of a contents page have tabs too.

    Args:
        text: of the file.
        blocks: its lines.
        whole: where each of them stands with the white space around it, tabs before empty cells included.
    """
    table, at = 0, 0
    while at < len(blocks):
        end = at
        width = 0
        while end < len(blocks):
            tabs = text.count("\t", *whole[end])
            inner = "\t" in text[blocks[end].start : blocks[end].end]
            if not inner and (not width or tabs + 1 != width):
                break
            if width and text.count("\n", blocks[end - 1].end, blocks[end].start) != 1:
                break
            width = width or tabs + 1
            end += 1
        rows = [list(_cells(text, *line)) for line in whole[at:end]]
        if _is_table(text, rows):
            for number, (block, cells) in enumerate(zip(blocks[at:end], rows, strict=True)):
                spans = tuple(Span(start=low, end=high) if low < high else None for low, high in cells)
                filled = [span for span in spans if span]
                yield replace(
                    block,
                    start=filled[0].start,
                    end=filled[-1].end,
                    kind="row",
                    table=table,
                    row=number,
                    cells=spans,
                )
            table += 1
        else:
            yield from blocks[at : max(end, at + 1)]
        at = max(end, at + 1)


def _cells(text: str, low: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the cells of a line stand that tabs part, white space around them left out."""
    while low <= end:
        tab = text.find("\t", low, end)
        high = end if tab < 0 else tab
        first, last = strip(text[low:high])
        yield low + first, low + last
        low = high + 1


def _is_table(text: str, rows: Sequence[Sequence[tuple[int, int]]]) -> bool:
    head = [text[low:high] for low, high in rows[0] if low < high] if rows else []
    if len(rows) < 2 or len(head) < 2 or any(len(row) > len(rows[0]) for row in rows):
        return False
    if len(head) == 2 and (len(rows) < 3 or any(len(cell) > 12 or not cell.isalpha() for cell in head)):
        return False
    return all(len(HAN.findall(cell)) > 1 or YEAR.fullmatch(cell) for cell in head)


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode text in any of the encodings that Chinese documents come in.

    Args:
        data: the whole text.
        declared: encoding that the text itself names, as HTML does; taken where it fits and the
            text is not valid UTF-8.

    Raises:
        UnknownEncoding: no known encoding gives readable text.
    """
    for mark, name, codec in MARKS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], codec, name)
    try:
        return _decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") <= FLAWS * sum(char > "\x7f" for char in text) and "\0" not in text:
        return _flawed(text, "utf-8")
    if declared and (found := _declared(data, declared)):
        return found
    if b"\0" in data and (wide := _wide(data)):
        return wide
    return _chinese(data)


def doubts(text: str) -> tuple[str, ...]:
    """Warnings about text that was damaged before it came here."""
    found = []
    if lost := text.count("\ufffd"):
        found.append(f"the text has {lost} replacement characters where characters were lost; compare the original")
    suspect = any(sign in text for sign in MOJIBAKE_BEGINS)
    if suspect and len(MOJIBAKE.findall(text)) > max(1, len(text) // 2000):
        found.append("the text seems garbled by a wrong encoding before it was saved; look for another copy")
    return tuple(found)


def _decoded(text: str, encoding: str, *warnings: str) -> Decoded:
    return Decoded(text.removeprefix("\ufeff").replace("\r\n", "\n"), encoding, warnings)


def _flawed(text: str, encoding: str) -> Decoded:
    return _decoded(text, encoding, f"some bytes are not valid {encoding}: the file may be damaged or cut short")


def _lenient(data: bytes, codec: str, name: str) -> Decoded:
    """Decode by the codec that the text's own mark names, with a warning where bytes do not fit."""
    try:
        return _decoded(data.decode(codec), name)
    except UnicodeDecodeError:
        return _flawed(data.decode(codec, "replace"), name)


def _declared(data: bytes, declared: str) -> Decoded | None:
    try:
        codec = codecs.lookup(declared).name
        codec = "gb18030" if codec in ("gb2312", "gbk", "hz") else codec
        return _decoded(data.decode(codec), codec)
    except (LookupError, UnicodeDecodeError):
        return None


def _wide(data: bytes) -> Decoded | None:
    """Decode as UTF-16 without a mark, if either byte order gives readable text."""
    even = data[: len(data) // 2 * 2]
    options = []
    for codec in ("utf-16-le", "utf-16-be"):
        text = even.decode(codec, "replace")
        plain = sum(
            n
            for char, n in Counter(text).items()
            if char in "\t\n\r\f" or " " <= char <= "~" or "\u3000" <= char <= "\u303f" or "\u4e00" <= char <= "\u9fff"
        )
        options.append((plain / max(len(text), 1), codec, text))
    share, codec, text = max(options)
    return _decoded(text, codec) if share > 1 - 10 * FLAWS and "\0" not in text else None


def _chinese(data: bytes) -> Decoded:
    """Decode as GB18030 or Big5, as the module's docstring says."""
    options = []
    for encoding in EVERYDAY:
        text = data.decode(encoding, "replace")
        flaws = text.count("\ufffd")
        if flaws <= FLAWS * len(text):
            options.append((everyday(text, encoding), not flaws, encoding == "gb18030", encoding, text))
    options.sort(reverse=True)
    if not options or options[0][0] < READABLE:
        raise UnknownEncoding(f"neither UTF-8, UTF-16, GB18030 nor Big5 gives readable Chinese text; {SAVE_AS}")
    verdict = _verdict(data)
    close = [option for option in options if options[0][0] - option[0] < SURE]
    _, whole, _, encoding, text = next((option for option in close if option[3] == verdict), options[0])
    warnings = []
    if len(close) > 1 and encoding != verdict:
        warnings.append(f"the encoding {encoding} is a guess from little text; compare the original, or {SAVE_AS}")
    if not whole:
        warnings.extend(_flawed("", encoding).warnings)
    return _decoded(text, encoding, *warnings)


def _verdict(data: bytes) -> str | None:
    """What charset-normalizer takes the text for; None where it is undecided or has too little text."""
    from charset_normalizer import from_bytes

    probe = data[:PROBE]
    if sum(byte > 0x7F for byte in probe) < 2 * LITTLE:
        return None
    best = from_bytes(probe, cp_isolation=list(EVERYDAY), enable_fallback=False).best()
    return best.encoding if best else None


def everyday(text: str, encoding: str) -> float:
    """Share of everyday characters among those that are not ASCII, from 0 to 1.

    Args:
        text: decoded text.
        encoding: what it was decoded with, a key of `EVERYDAY`.
    """
    charset, last = EVERYDAY[encoding]
    usual = total = 0
    for char, count in Counter(text).items():
        if char <= "\x7f":
            continue
        total += count
        code = char.encode(charset, "ignore")
        punctuation = "\u2010" <= char <= "\u2026" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uff65"
        if punctuation or ("\u4e00" <= char <= "\u9fff" and len(code) == 2 and code[0] <= last):
            usual += count
    return usual / total if total else 1.0
