"""Derivatives by tensors with a declared symmetry, as `structure=` asks for them."""

from __future__ import annotations

from indicial.api.derivative import Derivative
from indicial.api.derivatives import Derivatives
from indicial.api.named import axes_or_error
from indicial.api.program import Program
from indicial.calculus.structure import Structure, structured
from indicial.errors import NotationError
from indicial.ir.nodes import Definition


def structured_by(program: Program, free: Definition, name: str, structure: Structure | None) -> Definition:
    """The derivative by a variable as its declared symmetry has it, if that is asked for."""
    meaning = program.meaning
    if structure is None or name not in meaning.properties:
        return free
    axes = axes_or_error(meaning, name)
    return structured(free, axes, meaning.properties[name], structure, program.facts)


def require_structure(
    found: Derivative | Derivatives, structure: Structure | None
) -> Derivative | Derivatives:
    """What was found; an error if a structure is asked for and no variable has any."""
    leaves = [found] if isinstance(found, Derivative) else found._leaves()
    names = dict.fromkeys([name for leaf in leaves for name, _ in leaf.denominators])
    declared = leaves[0].of.meaning.properties if leaves else {}
    if structure is not None and not any(name in declared and declared[name].structured for name in names):
        raise NotationError(
            f"structure={structure!r} is about a declared symmetry, and {', '.join(names)} has none",
            hint="declare it with a line of its own, tensor A_ij: symmetric, or leave the structure out",
        )
    return found
