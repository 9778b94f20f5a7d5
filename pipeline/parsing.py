"""One file -> its document and plans, and what that depends on besides the file."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.model import Document, Plan

if TYPE_CHECKING:
    from pipeline.discover import Place
    from pipeline.themes import ThemeModel

EXAMPLE = "青禾县2031年教育工作计划\n一、主要任务\n到2031年，入学率达到99%以上。县教育局牵头，各中小学每学期检查2次。\n"
"""A plan in which each kind of rule has something to do."""


class Parsed(NamedTuple):
    """What was found in one file."""

    document: Document
    plans: tuple[Plan, ...]


def parse_file(path: Place, themes: Path | None = None) -> Parsed:
    """Read a file and take its plans apart.

    Args:
        path: of any format that `pipeline.read` knows, on the disk, at an address or in an archive.
        themes: folder of the theme model; None takes the one that comes with planpipe.

    Raises:
        PlanpipeError: the file cannot be read, or the folder holds no model; its kind and message say why.
    """
    from pipeline.read import read
    from pipeline.themes import default, loaded

    model = loaded(themes) if themes else default()
    document = read(path)
    return Parsed(document, plans_of(document, model))


def plans_of(document: Document, model: ThemeModel) -> tuple[Plan, ...]:
    """Take the plans of a document apart.

    Args:
        document: what was read.
        model: tags the items.
    """
    from pipeline.charges import charges
    from pipeline.columns import rows_of
    from pipeline.extract import extract
    from pipeline.items import cut
    from pipeline.plans import split
    from pipeline.sections import tree
    from pipeline.stages import stages
    from pipeline.themes import PATH

    found = []
    tables = rows_of(document)
    for head in split(document):
        nodes = tree(document, head)
        commitments, sentences = cut(document, head, nodes, tables)
        texts, paths = [item.sentence for item in commitments], [nodes[item.section].path for item in commitments]
        tags = model.tag(texts, [PATH.join(path) for path in paths])
        results = extract(document, head, nodes, commitments, sentences)
        found.append(
            Plan(
                document=document,
                head=head,
                sections=nodes,
                items=commitments,
                goals=results.goals,
                targets=results.targets,
                deadlines=results.deadlines,
                responsibilities=results.responsibilities,
                charges=charges(nodes, commitments, results.responsibilities),
                themes=tags,
                stages=stages(texts, paths),
                strengths=results.strengths,
            )
        )
    return tuple(found)


@cache
def prepare(themes: Path | None = None) -> None:
    """Load libraries, rules and the theme model, so that the time that it takes is no file's.

    Args:
        themes: as for `parse_file`.
    """
    from pipeline.read import text
    from pipeline.read.source import Source
    from pipeline.themes import default, loaded

    document = text.read(Source.of(EXAMPLE.encode(), "example.txt"))
    plans_of(document, loaded(themes) if themes else default())


def model_state(folder: Path) -> str:
    """Twelve digits that stand for the theme model in a folder.

    Raises:
        ThemeError: the folder holds no model.
    """
    from pipeline.themes import ThemeModel

    ThemeModel.load(folder)
    digest = hashlib.sha256()
    for name in ("model.json", "ngrams.txt", "idf.npy", "weights.npy"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:12]


@cache
def state() -> str:
    """Twelve digits that stand for the code, rules and models that are installed, and the OCR extra."""
    digest = hashlib.sha256()
    for name in ("rapidocr", "onnxruntime"):
        digest.update(f"{name} {version(name) if find_spec(name) else None}\0".encode())
    folders = [files("pipeline"), files("pipeline.models")]
    while folders:
        for entry in sorted(folders.pop(0).iterdir(), key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "__pycache__":
                folders.append(entry)
            elif entry.is_file():
                digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()[:12]
