"""Text of pages that hold none: RapidOCR reads their image (extra `[ocr]`, its models lie in its wheel).

The recognised lines are cut into characters with boxes, so that rows, columns, running heads and
paragraphs are found as on any other page. Of a page that lies on its side, or is read so poorly that it may lie
upside down, a few lines are read both ways, and the page is turned as they are read best. One thread a process,
so that workers do not take one another's cores, and the same page gives the same text.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.read.glyphs import Glyph, Page
from pipeline.read.join import is_wide

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

INSTALL = "install the extra: pip install 'planpipe[ocr]'"

DPI = 200
"""Resolution at which pages are read. On a plan set in 16 points 150, 200 and 300 dpi gave the same share of
right characters, 0.995; 200 leaves room for small print."""

UPRIGHT = 0.8
"""Mean confidence from which a page is taken to stand upright; print reaches 0.95, turned text stays below 0.7."""

SAMPLE = 8
"""Lines, the largest, that tell how a page lies; reading all of it in each position costs seconds."""

POOR = 0.9
"""Mean confidence of a page below which figures are likely to be misread."""

SAME_SIZE = 0.2
"""Share by which sizes that were measured on lines of one size differ at most."""

NARROW = 0.5
"""Width of a Latin letter or a digit, in sizes."""


class Recognised(NamedTuple):
    """What was read off a page.

    Args:
        page: its characters.
        confidence: mean of its characters, from 0 to 1.
    """

    page: Page
    confidence: float


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that was recognised, its box in pixels."""

    text: str
    score: float
    left: float
    top: float
    right: float
    bottom: float


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognise(page: PdfPage, number: int) -> Recognised | None:
    """Read a page's image.

    Args:
        page: as pdfium loads it.
        number: 1-based.

    Returns:
        None where no text is found on it.
    """
    scale = DPI / 72
    image = page.render(scale=scale).to_numpy()
    lines = _read(image)
    quarters = _quarters(image, lines)
    if quarters:
        lines = _read(_turned(image, quarters))
    if not lines:
        return None
    turned = _turned(image, quarters)
    high, wide = turned.shape[:2]
    glyphs = tuple(_glyphs(lines, scale))
    return Recognised(Page(number, wide / scale, high / scale, glyphs, turned=True, lost=0), _confidence(lines))


@cache
def _engine() -> Any:
    # Else importing onnxruntime (1.32) leaves a session file among the temporary ones and sends what it measures.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "error", "Global.use_cls": False, **threads})


def _read(image: Any) -> list[_Line]:
    found = _engine()(image, use_det=True)
    if found.boxes is None or found.txts is None:
        return []
    lines = []
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        if text.strip():
            xs, ys = [float(x) for x, _ in box], [float(y) for _, y in box]
            lines.append(_Line(text.strip(), float(score), min(xs), min(ys), max(xs), max(ys)))
    return lines


def _quarters(image: Any, lines: Sequence[_Line]) -> int:
    """How far a page is to be turned to the left that its lines are upright, in quarters of a circle."""
    if not lines:
        return 2
    sample = sorted(lines, key=lambda line: (line.left - line.right) * (line.bottom - line.top))[:SAMPLE]
    if _on_its_side(lines):
        return max((1, 3), key=lambda quarters: sum(_sureness(image, line, quarters) for line in sample))
    if _confidence(lines) < UPRIGHT and _weight(sample) < sum(_sureness(image, line, 2) for line in sample):
        return 2
    return 0


def _sureness(image: Any, line: _Line, quarters: int) -> float:
    """How much is read of a line, and how surely, if the image is turned."""
    left, top = (max(0, int(edge)) for edge in (line.left, line.top))
    cut = image[top : int(line.bottom) + 1, left : int(line.right) + 1]
    engine = _engine()
    found = engine(_turned(cut, quarters), use_det=False)
    read = zip(found.txts or (), found.scores or (), strict=True)
    return float(sum(score * len(text) for text, score in read if score >= engine.text_score))


def _turned(image: Any, quarters: int) -> Any:
    """An image turned to the left by quarters of a circle."""
    import numpy as np

    return np.ascontiguousarray(np.rot90(image, quarters))


def _weight(lines: Sequence[_Line]) -> float:
    """How much was read, and how surely."""
    return sum(line.score * len(line.text) for line in lines)


def _confidence(lines: Sequence[_Line]) -> float:
    return _weight(lines) / sum(len(line.text) for line in lines)


def _on_its_side(lines: Sequence[_Line]) -> bool:
    """Whether more lines run down the page than across it."""
    sides = [(line.bottom - line.top, line.right - line.left) for line in lines]
    return sum(high > 1.5 * wide for high, wide in sides) > sum(wide > 1.5 * high for high, wide in sides)


def _glyphs(lines: Sequence[_Line], scale: float) -> Iterator[Glyph]:
    """The characters of lines, in points; a line's box is shared out among them by their widths."""
    measured = [(line.right - line.left) / scale / max(_ems(line.text), 1) for line in lines]
    sizes = _levelled([min(size, (line.bottom - line.top) / scale) for size, line in zip(measured, lines, strict=True)])
    for line, size, em in zip(lines, sizes, measured, strict=True):
        middle = (line.top + line.bottom) / 2 / scale
        left = line.left / scale
        for char in line.text:
            right = left + em * (1.0 if is_wide(char) else NARROW)
            yield Glyph(char, left, middle - size / 2, right, middle + size / 2, size, bold=False)
            left = right


def _ems(text: str) -> float:
    return sum(1.0 if is_wide(char) else NARROW for char in text)


def _levelled(sizes: Sequence[float]) -> list[float]:
    """Sizes in half points; those near the page's usual one are that."""
    usual = round(median(sizes) * 2) / 2
    near = [usual if abs(size - usual) <= SAME_SIZE * usual else round(size * 2) / 2 for size in sizes]
    common = Counter(near).most_common(1)[0][0]
    return [size if size > 1.2 * common or size < 0.8 * common else common for size in near]
