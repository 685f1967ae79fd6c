"""Walks over expressions that need no stack of their own, so that no depth is too deep."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Container, Generator, Iterable, Mapping
from typing import Any, TypeVar

from indicial.ir.indices import Index, formals, fresh
from indicial.ir.nodes import (
    Access,
    Apply,
    Definition,
    Delta,
    Epsilon,
    IndexProd,
    IndexSum,
    Node,
    Operation,
    Position,
)

T = TypeVar("T")
Stackless = Generator[Any, Any, T]


def stackless(call: Stackless[T]) -> T:
    """Run a recursive generator on a stack of its own, however deep it goes.

    A generator function `f` writes its recursive calls as `value = yield f(x)` and returns its result;
    `stackless(f(root))` runs it. An error passes through the suspended callers as through frames.
    """
    stack: list[Stackless[Any]] = [call]
    value: Any = None
    error: BaseException | None = None
    while stack:
        try:
            called = stack[-1].throw(error) if error is not None else stack[-1].send(value)
        except StopIteration as stop:
            stack.pop()
            value, error = stop.value, None
        except BaseException as raised:
            stack.pop()
            value, error = None, raised
        else:
            stack.append(called)
            value, error = None, None
    if error is not None:
        raise error
    result: T = value
    return result


def postorder(*roots: Node, below: Callable[[Node], Iterable[Node]] | None = None) -> list[Node]:
    """Every node under the roots once, each behind all that it contains."""
    done: dict[Node, None] = {}
    stack: list[Node | None] = list(reversed(roots))
    path: list[Node] = []  # nodes whose children are on the stack; None marks where a node's children end
    while stack:
        current = stack.pop()
        if current is None:
            done[path.pop()] = None
        elif current not in done:
            children = current.children if below is None else below(current)
            if children:
                path.append(current)
                stack.append(None)
                stack.extend(reversed(list(children)))
            else:
                done[current] = None
    return list(done)


def fold(root: Node, rule: Callable[[Node, tuple[T, ...]], T]) -> T:
    """Combine values bottom-up: `rule(node, values of its children)`, once per node."""
    values: dict[Node, T] = {}
    for current in postorder(root):
        values[current] = rule(current, tuple([values[child] for child in current.children]))
    return values[root]


def mapped(root: Node, rule: Callable[[Node], Node]) -> Node:
    """An expression rebuilt from below: `rule(node)` of every node over what its children have become."""

    def change(node: Node, kids: tuple[Node, ...]) -> Node:
        return rule(node.with_children(kids) if kids else node)

    return fold(root, change)


def rename_here(node: Node, mapping: Mapping[Index, Index]) -> Node:
    """A node with the free indices that stand in it itself replaced."""
    match node:
        case Access(tensor, indices):
            return Access(tensor, tuple([mapping.get(i, i) for i in indices]))
        case Apply(definition, indices):
            return Apply(definition, tuple([mapping.get(i, i) for i in indices]))
        case Delta(left, right):
            return Delta(mapping.get(left, left), mapping.get(right, right))
        case Epsilon(indices):
            return Epsilon(tuple([mapping.get(i, i) for i in indices]))
        case Position(index):
            return Position(mapping.get(index, index))
        case Operation(operator, indices, arguments, at):
            return Operation(operator, indices, arguments, tuple([mapping.get(i, i) for i in at]))
    return node


def substitute(root: Node, mapping: Mapping[Index, Index]) -> Node:
    """Replace free indices; a dummy inside of the same name as a new one gets another name."""
    keys = frozenset(mapping)
    dummies = frozenset([index for index in mapping.values() if index.serial < 0])  # of binders around
    if not (root.free & keys):
        return root
    values: dict[Node, Node] = {}

    def touched(node: Node) -> list[Node]:
        return [child for child in node.children if child.free & keys]

    for current in postorder(root, below=touched):
        changed = current
        if current.children:
            shadowed = keys.intersection(current.bound)
            if not dummies.isdisjoint(current.bound):
                changed = substitute(with_other_dummies(current, dummies), mapping)
                values[current] = changed
                continue
            if shadowed:  # only the other indices are replaced below
                inner = {old: new for old, new in mapping.items() if old not in shadowed}
                kids = [substitute(kid, inner) for kid in current.children]
            else:
                kids = [values.get(kid, kid) for kid in current.children]
            changed = current.with_children(tuple(kids))
        values[current] = rename_here(changed, mapping)
    return values[root]


def last_dummy(nodes: Iterable[Node], gone: Iterable[Index] = ()) -> int:
    """The largest number of a dummy bound or free in some expressions, but for those that go."""
    gone = frozenset(gone)
    known = [max([node.height, *[-index.serial for index in node.free.difference(gone)]]) for node in nodes]
    return max([0, *known])


def dummies_behind(last: int, indices: Iterable[Index]) -> tuple[Index, ...]:
    """Dummies over the same spaces, numbered behind a number."""
    return tuple([Index(-(last + 1 + k), index.space) for k, index in enumerate(indices)])


def with_other_dummies(binder: Node, taken: Collection[Index]) -> Node:
    """A binder whose dummies have names that neither it nor the taken indices have."""
    last = max([last_dummy(binder.children, binder.bound), *[-index.serial for index in taken]])
    names = dict(zip(binder.bound, dummies_behind(last, binder.bound), strict=True))
    kids = tuple([substitute(kid, names) for kid in binder.children])
    own = tuple(names.values())
    if isinstance(binder, Operation):
        return Operation(binder.operator, own, kids, binder.at)
    assert isinstance(binder, (IndexSum, IndexProd))
    return type(binder)(own, *kids)


def opened(binder: Node) -> tuple[tuple[Index, ...], tuple[Node, ...]]:
    """The dummies of a binder as working indices, and what is below it in terms of them."""
    dummies = tuple([fresh(index.space) for index in binder.bound])
    names = dict(zip(binder.bound, dummies, strict=True))
    return dummies, tuple([substitute(child, names) for child in binder.children])


def instantiate(definition: Definition, indices: tuple[Index, ...]) -> Node:
    """The body of a definition at actual indices."""
    return substitute(definition.body, dict(zip(definition.formals, indices, strict=True)))


def definitions_in(root: Node) -> list[Definition]:
    """The definitions that an expression applies, in order of first application."""
    return list(dict.fromkeys(n.definition for n in postorder(root) if isinstance(n, Apply)))


def definitions_under(*roots: Definition, known: Container[Definition] = ()) -> list[Definition]:
    """The roots and all definitions that they rest on, each behind those it applies.

    Definitions that are `known` are left out, and what only they rest on.
    """

    @functools.cache
    def below(definition: Node) -> list[Definition]:
        assert isinstance(definition, Definition)
        return [each for each in definitions_in(definition.body) if each not in known]

    return [each for each in postorder(*roots, below=below) if isinstance(each, Definition)]


def named(node: Node) -> Apply:
    """An anonymous definition for a node, applied to the node's own free indices."""
    indices = tuple(sorted(node.free))
    own = formals(tuple([index.space for index in indices]))
    return Apply(Definition("", own, substitute(node, dict(zip(indices, own, strict=True)))), indices)


def relinked(definition: Definition, replacement: Mapping[Definition, Definition]) -> Definition:
    """The definition with others in the place of those that its body applies."""
    values: dict[Node, Node] = {}
    for current in postorder(definition.body):
        kids = current.children
        if kids:
            values[current] = current.with_children(tuple([values[kid] for kid in kids]))
        elif isinstance(current, Apply):
            values[current] = Apply(replacement.get(current.definition, current.definition), current.indices)
        else:
            values[current] = current
    return Definition(definition.name, definition.formals, values[definition.body])


def rebuilt(
    roots: Iterable[Definition], change: Callable[[Definition], Definition]
) -> dict[Definition, Definition]:
    """Apply a change to every definition under the roots, each after those it applies, and relink them."""
    done: dict[Definition, Definition] = {}
    for definition in definitions_under(*roots):
        done[definition] = change(relinked(definition, done))
    return done
