"""Which exchanges of its indices leave an expression as it is: X_ki X_kj, A_ij + A_ji, inv of such a one.

    S_ij = X_ki X_kj           S_ji = S_ij
    F_ij = G_ij − G_ji         F_ji = −F_ij
    inv_ij(S_ij)               as S

Nothing of it is declared: it is proved, by bringing the expression with two indices exchanged into
canonical form. A proof is tried only where both indices stand in the same places of the same tensors, so
that most definitions cost one walk. What is found is kept for each definition; an operator's argument
counts as a definition of the operator's indices.

A variable that a derivative is taken by is no longer what it is defined to be, and neither symmetric.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from indicial.ir.indices import Index, Space, formals
from indicial.ir.nodes import Access, Apply, Definition, Delta, Epsilon, Node, Operation
from indicial.ir.properties import Group, Properties
from indicial.ir.traversal import Stackless, postorder, substitute
from indicial.simplify.terms import split_coefficient

Simplify = Callable[[Node], Stackless[Node]]
Like = Callable[[Node], Properties]  # what is known of the tensor that a node reads a component of
_NONE = Properties()
_LONGEST = 2000  # the size of a body beyond which no proof is tried
_SIGNS = {"inv": (1, -1), "adj": (1,)}  # the symmetries of its argument that an operator's result shares


class Symmetries:
    """The symmetries of definitions, as they are found; `held` names the statements that have none."""

    def __init__(self, held: Collection[str] = ()) -> None:
        self.held = frozenset(held)
        self.known: dict[Definition, Properties] = {}
        self.matrices: dict[tuple[Node, tuple[Index, ...]], Definition] = {}

    def of(self, node: Node) -> Properties:
        """What has been found of the definition or operator that a node reads a component of."""
        definition = self._read_by(node)
        if definition is None:
            return _NONE
        known = self.known.get(definition, _NONE)
        return known if not isinstance(node, Operation) else _shared(known, node.operator)

    def study(self, node: Node, simplify: Simplify, like: Like) -> Stackless[None]:
        """Find the symmetries of what a node reads a component of, if they are not known."""
        definition = self._read_by(node)
        if definition is not None and definition not in self.known:
            axes = definition.formals[:2] if isinstance(node, Operation) else definition.formals
            self.known[definition] = yield _found(definition.body, axes, simplify, like)

    def _read_by(self, node: Node) -> Definition | None:
        match node:
            case Apply(definition, _) if definition.name not in self.held:
                return definition
            case Operation(operator, indices, (argument,), _) if operator in _SIGNS:
                known = self.matrices.get((argument, indices))
                if known is None:
                    known = self.matrices[argument, indices] = _as_definition(argument, indices)
                return known
        return None


def _as_definition(argument: Node, indices: tuple[Index, ...]) -> Definition:
    """An argument as a definition of the indices that the operator binds, then of its others."""
    own = (*indices, *sorted(argument.free.difference(indices)))
    new = formals(tuple([index.space for index in own]))
    return Definition("", new, substitute(argument, dict(zip(own, new, strict=True))))


def _shared(known: Properties, operator: str) -> Properties:
    """The symmetry of a matrix that the result of an operator has as well."""
    signs = _SIGNS[operator]
    return Properties(
        tuple([group for group in known.groups if group.axes == (0, 1) and group.sign in signs])
    )


def _found(body: Node, axes: Sequence[Index], simplify: Simplify, like: Like) -> Stackless[Properties]:
    """The groups of axes of which any two may be exchanged."""
    groups: list[tuple[list[int], int]] = []
    for space in _repeated([axis.space for axis in axes]):
        positions = [k for k, axis in enumerate(axes) if axis.space == space and axis in body.free]
        places = places_of(body, [axes[k] for k in positions], like)
        own: list[tuple[list[int], int]] = []
        for k in positions:
            for place, (members, sign) in enumerate(own):
                first = axes[members[0]]
                if places[first] == places[axes[k]] and body.size <= _LONGEST:
                    exchanged: int = yield sign_of_exchange(body, first, axes[k], simplify)
                    if exchanged and sign in (0, exchanged):
                        own[place] = [*members, k], exchanged
                        break
            else:
                own.append(([k], 0))
        groups += own
    return Properties(tuple([Group(tuple(members), sign) for members, sign in groups if sign]))


def _repeated(spaces: Iterable[Space]) -> list[Space]:
    """The spaces of several axes, each once."""
    counted: dict[Space, int] = {}
    for space in spaces:
        counted[space] = counted.get(space, 0) + 1
    return [space for space, count in counted.items() if count > 1]


def sign_of_exchange(body: Node, one: Index, other: Index, simplify: Simplify) -> Stackless[int]:
    """1 if a body with two indices exchanged is itself, −1 if it is its own negative, else 0."""
    plain = split_coefficient((yield simplify(body)))
    turned = split_coefficient((yield simplify(substitute(body, {one: other, other: one}))))
    if plain[1] is not turned[1] or abs(plain[0]) != abs(turned[0]):
        return 0
    return 1 if plain[0] == turned[0] else -1


def places_of(body: Node, indices: Collection[Index], like: Like) -> dict[Index, frozenset[object]]:
    """In which places of which tensors each index stands; places that may be exchanged count as one."""
    found: dict[Index, set[object]] = {index: set() for index in indices}
    keys = frozenset(indices)
    for node in postorder(body, below=lambda node: [c for c in node.children if c.free & keys]):
        here = node.indices_here
        if not keys.isdisjoint(here):
            alike = {axis: group.axes[0] for group in like(node).groups for axis in group.axes}
            symbol = isinstance(node, (Delta, Epsilon))
            for place, index in enumerate(here):
                if index in found:
                    found[index].add((_name(node), 0 if symbol else alike.get(place, place)))
    return {index: frozenset(places) for index, places in found.items()}


def _name(node: Node) -> object:
    match node:
        case Access(tensor, _):
            return tensor
        case Apply(definition, _):
            return definition
        case Operation(operator, _, _, _):
            return type(node), operator
    return type(node)
