"""Word's paragraph and character styles, with what they inherit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from pipeline.read.package import W, is_on, number, switch, value

if TYPE_CHECKING:
    from lxml.etree import _Element

DEFAULT_SIZE = 10.0
"""Points, where neither a run, nor a style, nor the document's defaults state a size."""

HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
CONTENTS = re.compile(r"(?:toc\b|toc\s*\d|toc heading|目录|目錄)", re.IGNORECASE)
BODY_TEXT = 9
"""The outline level, counted from 0, that says that a paragraph is no heading."""


class Look(NamedTuple):
    """How a run looks.

    Args:
        size: in points.
    """

    bold: bool
    hidden: bool
    size: float


class Form(NamedTuple):
    """What a style says of its paragraphs.

    Args:
        aligned: `center`, `both`, …, None where it is not stated.
        outline: 1 = top, None for body text.
        contents: it is a style of a table of contents.
    """

    aligned: str | None
    outline: int | None
    contents: bool


class Styles:
    """Looks properties up along the chain of styles that are based on one another.

    Args:
        root: the part `styles`, None where the document has none.
    """

    def __init__(self, root: _Element | None) -> None:
        self._styles: dict[str, _Element] = {}
        # What styles state is worked out once: a document asks for each paragraph and each run.
        self._chains: dict[str | None, tuple[tuple[str, _Element], ...]] = {}
        self._looks: dict[tuple[str | None, str | None], Look] = {}
        self._forms: dict[str | None, Form] = {}
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

    def look(self, name: str | None, run: _Element | None) -> Look:
        """How a run looks, by itself or through a style.

        Args:
            name: id of the paragraph's style.
            run: the run's `rPr`.
        """
        own = bold = hidden = size = None
        for stated in run if run is not None else ():
            tag = stated.tag
            if tag == B:
                bold = is_on(stated)
            elif tag == SZ:
                size = number(stated.get(VAL))
            elif tag == VANISH:
                hidden = is_on(stated)
            elif tag == R_STYLE:
                own = stated.get(VAL)
        look = self._looks.get((name, own)) or self._inherited(name, own)
        if bold is hidden is size is None:
            return look
        return Look(
            look.bold if bold is None else bold,
            look.hidden if hidden is None else hidden,
            size / 2 if size else look.size,
        )

    def _inherited(self, name: str | None, own: str | None) -> Look:
        """How a run without properties of its own looks in a paragraph's and a run's style."""
        styles = list(self._run_styles(name, own))

        def on(prop: str) -> bool:
            stated = (switch(style, f"rPr/{prop}") for style in styles)
            return next((on for on in stated if on is not None), False)

        sizes = (number(value(style, "rPr/sz")) for style in styles)
        look = Look(on("b"), on("vanish"), next((size / 2 for size in sizes if size), self._size))
        self._looks[name, own] = look
        return look

    def form(self, name: str | None) -> Form:
        """What a style says of its paragraphs.

        Args:
            name: its id.
        """
        if name not in self._forms:
            chain = [style for _, style in self.chain(name)]
            aligned = (value(style, "pPr/jc") for style in chain)
            outlines = (number(value(style, "pPr/outlineLvl")) for style in chain)
            outline = next((level for level in outlines if level is not None), None)
            names = [value(style, "name") or "" for style in chain]
            headings = (int(found[1]) for title in names if (found := HEADING.fullmatch(title)))
            self._forms[name] = Form(
                next((how for how in aligned if how), None),
                next(headings, None) if outline is None else outline_level(outline),
                name is not None and any(map(CONTENTS.match, names)),
            )
        return self._forms[name]

    def _run_styles(self, name: str | None, own: str | None) -> Iterator[_Element]:
        if own in self._styles:
            yield from (style for _, style in self.chain(own))
        yield from (style for _, style in self.chain(name))


def outline_level(stated: int) -> int | None:
    """An outline level as blocks give it, 1 = top, None for body text.

    Args:
        stated: as `outlineLvl` gives it, counted from 0.
    """
    return stated + 1 if 0 <= stated < BODY_TEXT else None


VAL, B, SZ, VANISH, R_STYLE = (W + name for name in ("val", "b", "sz", "vanish", "rStyle"))
