"""What is measured: outputs that are sums of contractions of named tensors, at three sizes.

    instance  ::=  output = Σ coefficient · einsum(subscripts; tensors), for each output

A term may name a tensor twice, and its output may have an index twice (which is a Kronecker delta). Where
the outputs are derivatives, `program` and `wrt` say of what: indicial differentiates by itself, and its
numbers are held against the terms, which were written down by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from indicial.bench.schema import complaints, schema
from indicial.errors import IndicialError

SIZES = ("smoke", "quick", "full")
_HERE = Path(__file__).parent
FOLDERS = (_HERE / "instances", _HERE.parents[2] / "benchmarks/instances")

Array = Any
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Term:
    """coefficient · einsum("inputs->output", *operands)."""

    inputs: tuple[str, ...]
    output: str
    operands: tuple[str, ...]
    coefficient: float = 1.0

    @property
    def core(self) -> str:
        """The output's indices, each once: what is left when its deltas are taken out."""
        return "".join(dict.fromkeys(self.output))

    def extents(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
        """The extent of each index."""
        pairs = zip(self.inputs, self.operands, strict=True)
        return {letter: n for each, name in pairs for letter, n in zip(each, shapes[name], strict=True)}


@dataclass(frozen=True, slots=True)
class Instance:
    """A named problem; `tensors` gives the extent of each axis as a number or by a name of `sizes`."""

    name: str
    title: str
    tensors: Mapping[str, tuple[int | str, ...]]
    outputs: Mapping[str, tuple[Term, ...]]
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    source: str = ""
    program: str = ""
    wrt: str | tuple[str, ...] = ""

    def shapes(self, size: str) -> Shapes:
        """The shape of each tensor at a size."""
        extents = self.sizes.get(size, {})
        return {
            name: tuple([axis if isinstance(axis, int) else extents[axis] for axis in axes])
            for name, axes in self.tensors.items()
        }

    def arrays(self, size: str, seed: int) -> dict[str, Array]:
        """Normal numbers, scaled so that contracting them neither grows nor vanishes."""
        rng = np.random.default_rng(seed)
        return {
            name: rng.standard_normal(shape) / max(prod(shape), 1) ** 0.25
            for name, shape in self.shapes(size).items()
        }

    @property
    def terms(self) -> Iterator[Term]:
        """All terms of all outputs."""
        for each in self.outputs.values():
            yield from each

    def as_program(self) -> str:
        """The terms in index notation, one statement an output: result0, result1, …"""
        return "\n".join([statement(f"result{k}", terms) for k, terms in enumerate(self.outputs.values())])


def statement(name: str, terms: Sequence[Term]) -> str:
    """One output in index notation, every sum written out."""
    axes = [f"o{k}" for k in range(len(terms[0].output))]
    right = " + ".join([_product(term, axes) for term in terms])
    return f"{name}{_subscripts(axes)} = {right}"


def _product(term: Term, axes: Sequence[str]) -> str:
    """A term as a product: repeated indices of the output as deltas, the others that it lacks summed."""
    words: dict[str, str] = {}
    deltas = []
    for axis, letter in zip(axes, term.output, strict=True):
        if letter in words:
            deltas.append(f"delta{_subscripts([words[letter], axis])}")
        else:
            words[letter] = axis
    summed: list[str] = []
    for letter in dict.fromkeys("".join(term.inputs)):
        if letter not in words:
            words[letter] = f"s{len(summed)}"
            summed.append(words[letter])
    pairs = zip(term.operands, term.inputs, strict=True)
    product = " * ".join([f"{name}{_subscripts([words[x] for x in each])}" for name, each in pairs])
    body = f"sum[{','.join(summed)}]({product})" if summed else product
    front = [] if term.coefficient == 1 else [f"({term.coefficient})"]
    return " * ".join([*front, *deltas, body])


def _subscripts(words: Sequence[str]) -> str:
    return f"[{','.join(words)}]" if words else ""


def from_document(document: Any, where: str) -> Instance:
    """An instance from a JSON document; raises IndicialError where it is none."""
    found = complaints(document, schema("instance"))
    if found:
        raise _refused(where, found[0])
    wrt = document.get("wrt", "")
    instance = Instance(
        name=document["name"],
        title=document["title"],
        tensors={name: tuple(axes) for name, axes in document["tensors"].items()},
        outputs={name: tuple([_term(each) for each in terms]) for name, terms in document["outputs"].items()},
        sizes=document.get("sizes", {}),
        source=document.get("source", ""),
        program=document.get("program", ""),
        wrt=wrt if isinstance(wrt, str) else tuple(wrt),
    )
    for problem in problems(instance):
        raise _refused(where, problem)
    return instance


def _refused(where: str, why: str) -> IndicialError:
    return IndicialError(f"{where} is no instance: {why}", hint="benchmarks/README.md shows one")


def _term(document: Mapping[str, Any]) -> Term:
    inputs, _, output = document["subscripts"].partition("->")
    return Term(
        tuple(inputs.split(",")), output, tuple(document["operands"]), float(document.get("coefficient", 1))
    )


def problems(instance: Instance) -> Iterator[str]:
    """What is wrong with an instance beyond the form of its document."""
    named = {axis for axes in instance.tensors.values() for axis in axes if isinstance(axis, str)}
    for size in SIZES:
        for name in sorted(named - instance.sizes.get(size, {}).keys()):
            yield f"the size {size!r} gives no extent for {name!r}"
            return
    for name, terms in instance.outputs.items():
        for term in terms:
            yield from _problems_of_term(instance, f"a term of {name!r}", term, len(terms[0].output))


def _problems_of_term(instance: Instance, where: str, term: Term, rank: int) -> Iterator[str]:
    if len(term.inputs) != len(term.operands):
        yield f"{where} has {len(term.inputs)} subscripts for {len(term.operands)} operands"
        return
    for each, name in zip(term.inputs, term.operands, strict=True):
        if name not in instance.tensors:
            yield f"{where} names {name!r}, which is no tensor"
            return
        if len(each) != len(instance.tensors[name]):
            yield f"{where} has {name}_{each}, and {name!r} has {len(instance.tensors[name])} axes"
            return
    if not set(term.output) <= set("".join(term.inputs)) or len(term.output) != rank:
        yield f"{where} has the output {term.output!r}, which is not of its indices or of another's rank"
        return
    for size in SIZES:
        shapes = instance.shapes(size)
        extents = term.extents(shapes)
        for each, name in zip(term.inputs, term.operands, strict=True):
            if tuple([extents[letter] for letter in each]) != shapes[name]:
                yield f"{where} has an index of two extents at the size {size!r}, in {name}_{each}"
                return


def read(path: Path) -> Instance:
    """The instance in a JSON file."""
    try:
        return from_document(json.loads(path.read_text(encoding="utf-8")), path.name)
    except (OSError, ValueError) as error:
        raise IndicialError(f"{path} cannot be read as JSON: {error}") from error


def library(extra: Path | None = None) -> list[Instance]:
    """The instances of the suite, in order of their files' names, and those of another folder."""
    folders = [next((folder for folder in FOLDERS if folder.is_dir()), FOLDERS[0])]
    if extra is not None:
        if not extra.is_dir():
            raise IndicialError(f"{extra} is no folder", hint="name the folder that holds the JSON files")
        folders.append(extra)
    found: dict[str, Instance] = {}
    for path in [path for folder in folders for path in sorted(folder.glob("*.json"))]:
        instance = read(path)
        if instance.name in found:
            raise _refused(path.name, f"there is another one called {instance.name!r}")
        found[instance.name] = instance
    return list(found.values())
