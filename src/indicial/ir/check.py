"""The checker: what every expression, and every expression in canonical form, must be.

Each pass's output goes through it in the tests; nothing calls it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indicial.ir.functions import FUNCTIONS
from indicial.ir.indices import Index, Space
from indicial.ir.nodes import (
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Definition,
    Delta,
    Epsilon,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Partial,
)
from indicial.ir.operators import OPERATORS
from indicial.ir.traversal import definitions_under, postorder

_RELATIONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_FIRST_WORKING = 1 << 20
_SHOWN = 100  # nodes of an expression that a message may spell out


class InvariantError(ValueError):
    """An expression is not what the passes promise each other: a mistake in indicial itself."""


def _require(holds: bool, reason: str, node: Node) -> None:
    if not holds:
        shown = repr(node) if node.size < _SHOWN else type(node).__name__
        raise InvariantError(f"{reason}, in {shown}")


def check_definition(definition: Definition, inputs: Mapping[str, tuple[Space, ...]] | None = None) -> None:
    """Hold a definition and all that it rests on to the invariants of `ir.nodes`."""
    spaces = dict(inputs) if inputs is not None else {}
    for one in definitions_under(definition):
        serials = [formal.serial for formal in one.formals]
        _require(serials == list(range(len(serials))), "formal indices are not 0, 1, 2, …", one)
        _require(one.body.free <= set(one.formals), "an index is neither formal nor bound", one)
        for node in postorder(one.body):
            _check_node(node, spaces, closed=inputs is not None)
        _check_scopes(one)


def _check_node(node: Node, inputs: dict[str, tuple[Space, ...]], closed: bool) -> None:
    match node:
        case Definition():
            _require(False, "a definition stands where an expression belongs", node)
        case Constant(name):
            _require(name == "pi", "an unknown constant", node)
        case Access(tensor, indices):
            own = tuple([index.space for index in indices])
            _require(not closed or tensor in inputs, f"{tensor} is no input", node)
            _require(inputs.setdefault(tensor, own) == own, "an input's axes range over other spaces", node)
        case Apply(definition, indices):
            own = tuple([index.space for index in indices])
            _require(own == definition.spaces, "a definition's axes range over other spaces", node)
        case Delta(left, right):
            _require(left.space == right.space, "a delta joins two spaces", node)
        case Epsilon(indices):
            _require(len({index.space for index in indices}) <= 1, "an epsilon joins two spaces", node)
        case Compare(relation, _, _):
            _require(relation in _RELATIONS, "an unknown relation", node)
        case Call(function, arguments):
            _check_call(node, function, arguments)
        case Abstract(_, orders, arguments):
            _require(len(orders) == len(arguments), "orders for other arguments than there are", node)
            _require(min(orders) >= 0, "a derivative of negative order", node)
        case Partial(_, variables):
            leaves = all(isinstance(each, (Access, Apply)) for each in variables)
            _require(leaves and bool(variables), "a derivative by something else than tensors", node)
        case Operation():
            _check_operation(node)
    _require(len(set(node.bound)) == len(node.bound), "a binder binds an index twice", node)


def _check_call(node: Node, function: str, arguments: tuple[Node, ...]) -> None:
    row = FUNCTIONS.get(function)
    _require(row is not None, "an unknown function", node)
    assert row is not None
    arity = len(arguments)
    _require(arity == row.arity, f"{function} takes {row.arity} arguments, not {arity}", node)
    literal = all(isinstance(p, Number) and p.value.denominator == 1 for p in arguments[: row.parameters])
    _require(literal, "a parameter is no literal integer", node)


def _check_operation(node: Operation) -> None:
    row = OPERATORS.get(node.operator)
    _require(row is not None, "an unknown operator", node)
    assert row is not None
    kept = [index.space for index in row.kept(node.indices)]
    _require(len(node.arguments) == len(row.holds), "an operator with arguments too many or too few", node)
    _require(row.arity in (None, len(node.indices)), "an operator over too many indices or too few", node)
    _require([index.space for index in node.at] == kept, "an operator read over other spaces", node)


def _check_scopes(definition: Definition) -> None:
    """No index is bound, or formal, around a binder that binds it too: nothing can be captured."""
    bound: dict[Node, frozenset[Index]] = {}
    for node in postorder(definition.body):
        inside = _union([bound[child] for child in node.children])
        if node.bound:
            _require(inside.isdisjoint(node.bound), "an index is bound inside its own scope", node)
            inside = inside.union(node.bound)
        bound[node] = inside
    serials = {index.serial for index in bound[definition.body]}
    formal = {index.serial for index in definition.formals}
    _require(serials.isdisjoint(formal), "a formal index is bound", definition)


def _union(sets: list[frozenset[Index]]) -> frozenset[Index]:
    distinct = [one for one in dict.fromkeys(sets) if one]
    return frozenset().union(*distinct) if len(distinct) != 1 else distinct[0]


def check_canonical(definition: Definition) -> None:
    """Hold a definition and all that it rests on to what the canonical form promises."""
    for one in definitions_under(definition):
        for node in postorder(one.body):
            _check_canonical_node(node)


def _check_canonical_node(node: Node) -> None:
    for index in node.indices_here:
        _require(index.serial < _FIRST_WORKING, "a working index is left", node)
    _require(not isinstance(node, Partial), "a derivative that is not written out", node)
    match node:
        case Mul(factors):
            _check_product(node, factors)
        case Add(terms):
            _check_sum(node, terms)
        case IndexSum(indices, body):
            factors = body.factors if isinstance(body, Mul) else (body,)
            for factor in factors:
                bound = isinstance(factor, Delta) and not {factor.left, factor.right}.isdisjoint(indices)
                _require(not bound, "a delta with a summed index is left", node)
            _check_numbering(node, indices, body)
        case IndexProd(indices, body):
            _check_numbering(node, indices, body)
        case Operation(_, indices, arguments, _):
            for argument in arguments:
                _check_numbering(node, indices, argument)


def _check_product(node: Node, factors: tuple[Node, ...]) -> None:
    _require(len(factors) > 1, "a product of one factor", node)
    numbers = [factor.value for factor in factors if isinstance(factor, Number)]
    _require(not any(isinstance(factor, Number) for factor in factors[1:]), "a number behind a factor", node)
    _require(0 not in numbers and 1 not in numbers, "a coefficient 0 or 1", node)
    _require(not any(isinstance(factor, Mul) for factor in factors), "a product in a product", node)
    _check_order(node, factors[1:] if numbers else factors)


def _check_sum(node: Node, terms: tuple[Node, ...]) -> None:
    _require(len(terms) > 1, "a sum of one term", node)
    _require(not any(isinstance(term, Add) for term in terms), "a sum in a sum", node)
    numbers = [term.value for term in terms if isinstance(term, Number)]
    _require(0 not in numbers and len(numbers) <= 1, "a zero term, or two numbers", node)
    _check_order(node, terms)


def _check_order(node: Node, children: Iterable[Node]) -> None:
    digests = [child.digest for child in children]
    _require(digests == sorted(digests), "children are not in order", node)


def _check_numbering(node: Node, indices: tuple[Index, ...], body: Node) -> None:
    lowest = min([-index.serial for index in indices])
    _require(lowest > body.height, "a dummy is not numbered above those inside its scope", node)
