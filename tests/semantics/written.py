"""Raw expressions as text, for tests on structure: dummies are a, b, c, … in order of their binders.

Σab(…) and Πa(…) bind; (x·y), (x + y), x^y, f(x), [x < y]; ⟨i⟩ is the position of an index.
"""

from collections.abc import Mapping

from indicial.ir.indices import Index
from indicial.ir.nodes import (
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Position,
    Power,
)
from indicial.ir.program import Program

DUMMIES = "abcdefgh"


def written(program: Program, name: str | None = None) -> str:
    """The body of a statement, the last one unless told otherwise."""
    name = name or list(program.statements)[-1]
    definition = program.statements[name]
    letters = dict(zip(definition.formals, program.axes[name], strict=True))
    return _write(definition.body, letters, [])


def _write(node: Node, letters: dict[Index, str], used: list[Index]) -> str:
    if isinstance(node, (IndexSum, IndexProd)):
        for index in node.indices:
            letters[index] = DUMMIES[len(used)]
            used.append(index)
        sign = "Σ" if isinstance(node, IndexSum) else "Π"
        bound = "".join([letters[index] for index in node.indices])
        body = _write(node.body, letters, used)
        return f"{sign}{bound}{body if isinstance(node.body, (Add, Mul)) else f'({body})'}"
    if not node.children:
        return _leaf(node, letters)
    kids = [_write(child, letters, used) for child in node.children]
    match node:
        case Add():
            return f"({' + '.join(kids)})"
        case Mul():
            return f"({'·'.join(kids)})"
        case Power():
            return f"{kids[0]}^{kids[1]}"
        case Call(function, _):
            return f"{function}({', '.join(kids)})"
        case Compare(relation, _, _):
            return f"[{kids[0]} {relation} {kids[1]}]"
    raise AssertionError(node)


def _leaf(node: Node, letters: dict[Index, str]) -> str:
    here = "".join([letters[index] for index in node.indices_here])
    match node:
        case Number(value):
            return str(value)
        case Constant(name):
            return name
        case Extent(space):
            return str(space)
        case Position():
            return f"⟨{here}⟩"
        case Access(name, _):
            pass
        case Apply(definition, _):
            name = definition.name
        case Delta():
            name = "δ"
        case Epsilon():
            name = "ε"
        case _:
            raise AssertionError(node)
    return f"{name}_{here}" if here else name


def spaces(program: Program) -> Mapping[str, tuple[str, ...]]:
    """The spaces of each input's axes, as text."""
    return {name: tuple([str(space) for space in axes]) for name, axes in program.inputs.items()}
