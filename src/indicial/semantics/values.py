"""Bare letters that would be scalars and read as the value of an index: k w_k, x_i / (i + 1)."""

from __future__ import annotations

from collections.abc import Iterator

from indicial.errors import NotationError
from indicial.semantics.denominators import denominators
from indicial.semantics.walk import children, index_names, preorder, tensors
from indicial.syntax import tree

Letters = frozenset[str]


def check_index_values(source: tree.Source) -> None:
    """Refuse a bare letter in a term where the letter is an index, unless a line says what it is."""
    known = {statement.target.name for statement in source.statements}
    known |= {tensor.name for line in source.tensors for tensor in line.tensors}
    known |= {line.extent for line in source.declarations if isinstance(line.extent, str)}
    bare = {tensor.name for statement in source.statements for tensor in tensors(statement.value)}
    suspects = frozenset({index.name for index in index_names(source)} & bare - known)
    for statement in source.statements if suspects else ():
        left = frozenset([index.name for index in statement.target.subscripts])
        value = statement.value
        for term in [each.value for each in value.terms] if isinstance(value, tree.Sum) else [value]:
            _check_term(source.text, term, left, suspects)


def _check_term(text: str, term: tree.Expression, left: Letters, suspects: Letters) -> None:
    """Letters are indices on the left side, where an operator binds them, and free in the term."""
    free, numbers = set(left), list[tuple[tree.Tensor, Letters]]()
    below = set(denominators(term))  # which say themselves what they must be
    stack: list[tuple[tree.Expression, Letters]] = [(term, frozenset())]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, tree.Operator):
            bound = bound.union([index.name for index in node.indices])
        if (
            isinstance(node, tree.Tensor)
            and not node.subscripts
            and node.name in suspects
            and node not in below
        ):
            numbers.append((node, bound))
        if isinstance(node, (tree.Component, tree.Comparison)) or _is_extent(node):
            free.update([letter for letter in _indices(node) if letter not in bound])
            continue
        if isinstance(node, tree.Tensor):
            free.update([index.name for index in node.subscripts if index.name not in bound])
        stack.extend([(child, bound) for child in reversed(children(node))])
    for number, bound in numbers:
        if number.name in bound or number.name in free:
            raise _refused(text, number)


def _is_extent(node: tree.Expression) -> bool:
    return isinstance(node, tree.Call) and node.name == "dim"


def _indices(root: tree.Expression) -> Iterator[str]:
    """The letters below the tensors of what holds its indices bare: x[i+k], [i < j]."""
    for node in preorder(root):
        if isinstance(node, tree.Tensor) and node is not root:
            yield from [index.name for index in node.subscripts]
            if isinstance(root, tree.Component) and not node.subscripts:
                yield node.name


def _refused(text: str, number: tree.Tensor) -> NotationError:
    letter = number.name
    return NotationError(
        f"'{letter}' is an index in this term, and stands here as a number",
        source=text,
        span=number.span,
        hint=f"the value of an index is written cumsum_{letter}(ones_{letter}), which counts from 1; "
        f"a scalar needs another name, or a line tensor {letter}: input",
    )
