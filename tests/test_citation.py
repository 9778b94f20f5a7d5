"""CITATION.cff is valid Citation File Format 1.2.0, and says what the package and README say."""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parent.parent
TEXT = {"type": "string", "minLength": 1}
# What the schema of CFF 1.2.0 (citation-file-format.github.io) says of the fields that are used here, and that there
# are no others; a field added to the file is added here from that schema.
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["authors", "cff-version", "message", "title"],
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": TEXT,
        "type": {"enum": ["software", "dataset"]},
        "title": TEXT,
        "abstract": TEXT,
        "authors": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {"name": TEXT},
            },
        },
        "version": TEXT,
        "license": {"enum": ["MIT"]},
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
    },
}


@pytest.fixture
def citation() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return loaded


def test_the_file_is_valid(citation: dict[str, Any]) -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(citation)] == []


def test_package_licence_and_readme_say_the_same(citation: dict[str, Any]) -> None:
    package = metadata("planpipe")
    assert (citation["version"], citation["license"]) == (package["Version"], "MIT")
    author = citation["authors"][0]["name"]
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("MIT License")
    assert author in licence
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (entry,) = re.findall(r"@software\{[a-z0-9_]+,\n(?:  [a-z]+ = \{.*\},?\n)+\}", readme)
    fields = dict(re.findall(r"([a-z]+) = \{(.*)\}", entry))
    assert fields["title"].replace("{", "").replace("}", "") == citation["title"]
    assert fields["author"] == f"{{{author}}}"
    assert fields["version"] == citation["version"]
    assert fields["year"] in licence
