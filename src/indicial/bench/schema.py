"""JSON documents held against their schema: the part of JSON Schema that the suite's two schemas use.

type, properties, required, additionalProperties (a schema), items, enum, const, minLength, minimum, $ref to
#/$defs, and anyOf.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_FOLDERS = (_HERE / "schemas", _HERE.parents[2] / "benchmarks/schemas")

Schema = Mapping[str, Any]

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


@lru_cache(maxsize=4)
def schema(name: str) -> Schema:
    """One of the suite's schemas: "instance" or "results"."""
    folder = next(folder for folder in _FOLDERS if folder.is_dir())
    found: Schema = json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


def complaints(document: Any, wanted: Schema) -> list[str]:
    """What in a document is not as its schema has it: where, and what is wanted there."""
    return list(_complaints(document, wanted, wanted, "the document"))


def _complaints(value: Any, wanted: Schema, root: Schema, where: str) -> Iterator[str]:
    if "$ref" in wanted:
        wanted = root["$defs"][wanted["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in wanted:
        tried = [list(_complaints(value, each, root, where)) for each in wanted["anyOf"]]
        if all(tried):
            yield tried[0][0]
        return
    types = wanted.get("type", list(_TYPES))
    types = [types] if isinstance(types, str) else types
    if not any(_TYPES[each](value) for each in types):
        yield f"{where} is no {' or '.join(types)}"
    elif "const" in wanted and value != wanted["const"]:
        yield f"{where} is {value!r}, not {wanted['const']!r}"
    elif "enum" in wanted and value not in wanted["enum"]:
        yield f"{where} is {value!r}, none of {', '.join(map(repr, wanted['enum']))}"
    elif _TYPES["number"](value) and value < wanted.get("minimum", value):
        yield f"{where} is {value}, less than {wanted['minimum']}"
    elif isinstance(value, str) and len(value) < wanted.get("minLength", 0):
        yield f"{where} is empty"
    elif isinstance(value, dict):
        yield from _members(value, wanted, root, where)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _complaints(each, wanted.get("items", {}), root, f"{where}[{number}]")


def _members(value: Mapping[str, Any], wanted: Schema, root: Schema, where: str) -> Iterator[str]:
    known = wanted.get("properties", {})
    for name in wanted.get("required", ()):
        if name not in value:
            yield f"{where} has no {name!r}"
    for name, each in value.items():
        others = wanted.get("additionalProperties", {})
        if name not in known and others is False:
            yield f"{where} has {name!r}, which means nothing there"
        else:
            yield from _complaints(each, known.get(name, others), root, f"{name!r} of {where}")
