"""Word's paragraph and character styles, with what they inherit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.read.package import W, number, switch, value

if TYPE_CHECKING:
    from lxml.etree import _Element

DEFAULT_SIZE = 10.0
"""Points, where neither a run, nor a style, nor the document's defaults state a size."""

HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
CONTENTS = re.compile(r"(?:toc\b|toc\s*\d|toc heading|目录|目錄)", re.IGNORECASE)


class Styles:
    """Looks properties up along the chain of styles that are based on one another.

    Args:
        root: the part `styles`, None where the document has none.
    """

    def __init__(self, root: _Element | None) -> None:
        self._styles: dict[str, _Element] = {}
        # What styles state, by the paragraph's and the run's style: a document asks for each run.
        self._chains: dict[str | None, tuple[tuple[str, _Element], ...]] = {}
        self._switches: dict[tuple[str | None, str | None, str], bool] = {}
        self._sizes: dict[tuple[str | None, str | None], float] = {}
        self._default: str | None = None
        self._size = DEFAULT_SIZE
        if root is None:
            return
        for style in root.iterchildren(W + "style"):
            name = style.get(W + "styleId")
            if name:
                self._styles[name] = style
                if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true", "on"):
                    self._default = name
        half_points = number(value(root, "docDefaults/rPrDefault/rPr/sz"))
        self._size = half_points / 2 if half_points else DEFAULT_SIZE

    def chain(self, name: str | None) -> tuple[tuple[str, _Element], ...]:
        """A style's id and element, then those that it is based on, nearest first.

        Args:
            name: style id; None stands for the default paragraph style.
        """
        if name not in self._chains:
            found: dict[str, _Element] = {}
            at = name if name in self._styles else self._default
            while at in self._styles and at not in found:
                found[at] = self._styles[at]
                at = value(self._styles[at], "basedOn")
            self._chains[name] = tuple(found.items())
        return self._chains[name]

    def switch(self, name: str | None, run: _Element | None, prop: str) -> bool:
        """Whether a run has an on-off property (`b`, `vanish`) by itself or through a style.

        Args:
            name: id of the paragraph's style.
            run: the run's `rPr`.
            prop: local name of the property.
        """
        direct = switch(run, prop)
        if direct is not None:
            return direct
        own = value(run, "rStyle")
        if (name, own, prop) not in self._switches:
            stated = (switch(style, f"rPr/{prop}") for style in self._run_styles(name, own))
            self._switches[name, own, prop] = next((on for on in stated if on is not None), False)
        return self._switches[name, own, prop]

    def size(self, name: str | None, run: _Element | None) -> float:
        """Font size of a run in points; arguments as for `switch`."""
        direct = number(value(run, "sz"))
        if direct:
            return direct / 2
        own = value(run, "rStyle")
        if (name, own) not in self._sizes:
            stated = (number(value(style, "rPr/sz")) for style in self._run_styles(name, own))
            self._sizes[name, own] = next((size / 2 for size in stated if size), self._size)
        return self._sizes[name, own]

    def aligned(self, name: str | None, properties: _Element | None) -> str | None:
        """How a paragraph is aligned (`center`, `both`, …).

        Args:
            name: id of its style.
            properties: its `pPr`.
        """
        stated = [value(properties, "jc"), *(value(style, "pPr/jc") for _, style in self.chain(name))]
        return next((how for how in stated if how), None)

    def outline(self, name: str | None, properties: _Element | None) -> int | None:
        """Outline level of a paragraph, 1 = top; None for body text. Arguments as for `aligned`."""
        stated = [value(properties, "outlineLvl"), *(value(style, "pPr/outlineLvl") for _, style in self.chain(name))]
        level = next((number(text) for text in stated if text is not None), None)
        if level is not None:
            return level + 1 if 0 <= level < 9 else None
        for _, style in self.chain(name):
            heading = HEADING.fullmatch(value(style, "name") or "")
            if heading:
                return int(heading[1])
        return None

    def is_contents(self, name: str | None) -> bool:
        """Whether a style is one of a table of contents."""
        return name is not None and any(CONTENTS.match(value(style, "name") or "") for _, style in self.chain(name))

    def _run_styles(self, name: str | None, own: str | None) -> Iterator[_Element]:
        if own in self._styles:
            yield from (style for _, style in self.chain(own))
        yield from (style for _, style in self.chain(name))
