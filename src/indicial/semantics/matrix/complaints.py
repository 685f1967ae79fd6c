"""The errors of shapes: what does not fit, the kinds of both sides in words, and a fix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from indicial.errors import NotationError, Span
from indicial.semantics.matrix.names import Names
from indicial.semantics.wording import listed, quote
from indicial.syntax.matrix import tree

COLUMN, ROW, MATRIX, SCALAR = "a column vector", "a row vector", "a matrix", "a scalar"


class Kinded(Protocol):
    """A shape, of which the kind is all that matters here."""

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Context:
    """The program that is complained about."""

    text: str
    names: Names

    def error(self, reason: str, span: Span, hint: str, *near: tree.Expression) -> NotationError:
        """An error that also says which of the names nearby are scalars by their letter alone."""
        found = [node.name for each in near for node in tree.preorder(each) if isinstance(node, tree.Name)]
        scalars = [name for name in dict.fromkeys(found) if self.names.is_scalar_by_letter(name)]
        if scalars:
            verb = "are scalars by their letters" if len(scalars) > 1 else "is a scalar by its letter"
            line = f"tensor {scalars[0]}: vector"
            hint += f"; {listed(scalars)} {verb}, which a line `{line}` changes"
        return NotationError(reason, source=self.text, span=span, hint=hint)

    def words(self, node: tree.Expression) -> str:
        """An expression as it was written."""
        return quote(self.text, node.span)

    def flipped(self, words: str, node: tree.Expression | None = None) -> str:
        """The transpose of what was written; `node` is its tree, if it is one."""
        if isinstance(node, tree.Negation) and _is_open(node):
            return f"-{self.flipped(self.words(node.value), node.value)}"
        if isinstance(node, tree.Transpose) and node.value.span.end == node.span.end - 1:
            return self.words(node.value)
        return f"{words}'" if node is not None and not _is_open(node) else f"({words})'"

    def inside(self, node: tree.Expression) -> str:
        """An expression without brackets of its own."""
        bracketed = isinstance(node, tree.Sum | tree.Product | tree.Negation) and not _is_open(node)
        return (
            quote(self.text, Span(node.span.start + 1, node.span.end - 1)) if bracketed else self.words(node)
        )

    def factor(self, node: tree.Expression) -> str:
        """An expression as a factor: in brackets where it needs them."""
        return f"({self.words(node)})" if _is_open(node) else self.words(node)


def _is_open(node: tree.Expression) -> bool:
    """Whether an expression is a sum, a product or a negation that has no brackets of its own."""
    match node:
        case tree.Sum(terms=terms):
            return node.span.start == terms[0].value.span.start
        case tree.Product(factors=factors):
            return node.span.start == factors[0].value.span.start
        case tree.Negation(value=value):
            return node.span.end == value.span.end
    return False


def _are(left: str, left_kind: str, right: str, right_kind: str) -> str:
    """`x is a column vector, A a matrix`; `x and y are column vectors`."""
    if left_kind == right_kind:
        return f"{left} and {right} are {left_kind.removeprefix('a ')}s"
    return f"{left} is {left_kind}, {right} {right_kind}"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two factors of a product: the one on the left may itself be a product."""

    context: Context
    node: tree.Product
    position: int

    @property
    def left(self) -> str:
        first, last = self.node.factors[0].value.span, self.node.factors[self.position - 1].value.span
        return quote(self.context.text, first.to(last))

    @property
    def right(self) -> str:
        return self.context.words(self.node.factors[self.position].value)

    @property
    def span(self) -> Span:
        return self.node.factors[0].value.span.to(self.node.factors[self.position].value.span)

    @property
    def whole(self) -> str:
        return quote(self.context.text, self.span)

    @property
    def single(self) -> tree.Expression | None:
        """The left factor, if there is only one."""
        return self.node.factors[0].value if self.position == 1 else None

    def left_flipped(self) -> str:
        return self.context.flipped(self.left, self.single)

    def right_flipped(self) -> str:
        return self.context.flipped(self.right, self.node.factors[self.position].value)

    def right_factor(self) -> str:
        return self.context.factor(self.node.factors[self.position].value)

    def error(self, reason: str, hint: str) -> NotationError:
        near = [factor.value for factor in self.node.factors[: self.position + 1]]
        return self.context.error(reason, self.span, hint, *near)


def inner_extents(
    context: Context, node: tree.Product, position: int, left: Kinded, right: Kinded
) -> NotationError:
    """`x*A`, `x*y`, `A*x'`: an axis meets an extent of 1."""
    pair = _Pair(context, node, position)
    first = "1" if left.kind in (COLUMN, SCALAR) else f"that of the columns of {pair.left}"
    second = "1" if right.kind in (ROW, SCALAR) else f"that of the rows of {pair.right}"
    reason = (
        f"{pair.whole} does not fit: {_are(pair.left, left.kind, pair.right, right.kind)}, "
        f"and the inner extents are {first} and {second}"
    )
    inner = f"{pair.left_flipped()}*{pair.right_factor()}"
    outer = f"{pair.left}*{pair.right_flipped()}"
    entries = f"{pair.left}.*{pair.right_factor()}"
    match left.kind, right.kind:
        case ("a column vector", "a column vector"):
            hint = f"{inner} for the inner product, {outer} for the outer one, {entries} entry by entry"
        case ("a row vector", "a row vector"):
            hint = f"{outer} for the inner product, {inner} for the outer one, {entries} entry by entry"
        case ("a column vector", _):
            hint = inner
        case _:
            hint = outer
    return pair.error(reason, f"write {hint}")


def transposed_scalar(context: Context, node: tree.Transpose) -> NotationError:
    """`a'*x` where the letter makes a scalar of a."""
    words = context.words(node.value)
    return NotationError(
        f"{words} is a scalar by its letter, and a scalar is not transposed",
        source=context.text,
        span=node.span,
        hint=f"for a vector write a line `tensor {words}: vector`; for the scalar leave the transpose out",
    )


def scalar_behind(context: Context, node: tree.Product, position: int, left: Kinded) -> NotationError:
    """`x'*b` and `X*β` where the letter makes a scalar of b: a vector may be meant."""
    pair = _Pair(context, node, position)
    return NotationError(
        f"{pair.right} is a scalar by its letter, and stands behind {left.kind} as a vector would",
        source=context.text,
        span=node.factors[position].value.span,
        hint=f"for a vector write a line `tensor {pair.right}: vector`; "
        f"a scalar stands in front, {pair.right}*{pair.left}",
    )


def division(context: Context, node: tree.Product, position: int, right: Kinded) -> NotationError:
    """`A/B`: only scalars divide."""
    pair, divisor = _Pair(context, node, position), node.factors[position].value
    hint = f"write {pair.left}./{pair.right_factor()} to divide entry by entry"
    if right.kind == MATRIX:
        hint += f", or {pair.left}*inv({context.inside(divisor)})"
    return context.error(f"/ divides by a scalar, and {pair.right} is {right.kind}", pair.span, hint, divisor)


def unequal_entries(
    context: Context, node: tree.Product, position: int, left: Kinded, right: Kinded
) -> NotationError:
    """`x.*A`: entry by entry, the shapes must be the same."""
    pair = _Pair(context, node, position)
    sign = node.factors[position].operator
    reason = (
        f"{sign} works entry by entry on two of one shape, "
        f"but {_are(pair.left, left.kind, pair.right, right.kind)}"
    )
    if MATRIX not in (left.kind, right.kind):
        hint = f"write {pair.left_flipped()}{sign}{pair.right_factor()}"
    elif left.kind == MATRIX:
        hint = f"repeat the vector: {pair.left}{sign}({_repeated(pair.right_factor(), right.kind)})"
    else:
        left_words = pair.left if pair.single is None else context.factor(pair.single)
        hint = f"repeat the vector: ({_repeated(left_words, left.kind)}){sign}{pair.right_factor()}"
    return pair.error(reason, hint)


def _repeated(words: str, kind: str) -> str:
    return f"{words}*vector(1)'" if kind == COLUMN else f"vector(1)*{words}"


def unequal_terms(
    context: Context, first: tree.Expression, term: tree.Expression, one: Kinded, other: Kinded
) -> NotationError:
    """`x + 1`, `A + x`: terms are of one shape."""
    words, others = context.words(first), context.words(term)
    reason = f"terms of one sum have one shape, but {_are(words, one.kind, others, other.kind)}"
    if SCALAR in (one.kind, other.kind):
        small, large = (first, other) if one.kind == SCALAR else (term, one)
        hint = f"write {_filled(context, small, large.kind)}"
    elif MATRIX in (one.kind, other.kind):
        small, kind = (first, one.kind) if other.kind == MATRIX else (term, other.kind)
        direction = "column" if kind == COLUMN else "row"
        hint = f"write {_repeated(context.factor(small), kind)} to repeat the vector in every {direction}"
    else:
        hint = f"put {context.flipped(others, term)} in its place"
    return context.error(reason, term.span, hint, first, term)


def _filled(context: Context, scalar: tree.Expression, kind: str) -> str:
    word = "matrix" if kind == MATRIX else "vector"
    suffix = "'" if kind == ROW else ""
    words = context.words(scalar)
    hint = f"{word}({words}){suffix} for the same number in every entry"
    multiple = "eye" if words == "1" else f"{context.factor(scalar)}*eye"
    return hint + (f", {multiple} for a multiple of the identity" if kind == MATRIX else "")


def unequal_power(context: Context, node: tree.Power, base: Kinded, exponent: Kinded) -> NotationError:
    """`x.^A`"""
    words = _are(context.words(node.base), base.kind, context.words(node.exponent), exponent.kind)
    reason = f".^ works entry by entry on two of one shape, but {words}"
    return context.error(
        reason, node.span, "give both one shape, or let one be a scalar", node.base, node.exponent
    )


def power_of_vector(context: Context, node: tree.Power, base: Kinded, exponent: Kinded) -> NotationError:
    """`x^2`, `2^x`"""
    words, above = context.words(node.base), context.words(node.exponent)
    if base.kind == SCALAR:
        reason = f"the exponent of ^ is a scalar, and {above} is {exponent.kind}"
        return context.error(reason, node.span, f"write {words}.^{above} entry by entry", node.base)
    reason = f"^ raises scalars and square matrices, and {words} is {base.kind}"
    hint = f"write {words}.^{above} entry by entry"
    if above == "2":
        flipped = context.flipped(words, node.base)
        inner = f"{flipped}*{words}" if base.kind == COLUMN else f"{words}*{flipped}"
        hint += f", or {inner} for its square"
    return context.error(reason, node.span, hint, node.base)


def power_of_matrix(context: Context, node: tree.Power) -> NotationError:
    """`X^k`, `X^0.5`, `X^T`"""
    words, above = context.words(node.base), context.words(node.exponent)
    hint = f"write X^3 or X^(-1), or {words}.^{above} entry by entry"
    if isinstance(node.exponent, tree.Name) and node.exponent.name == "T":
        hint = f"the transpose is written {context.flipped(words, node.base)}"
    return context.error(
        f"the power of a matrix is a literal whole number, and {above} is none", node.exponent.span, hint
    )


_RIGHT_KIND = {
    "solve": "write solve(A, b) for the x with A*x = b",
    "vector": "write vector(1) for ones, as many as fit",
    "matrix": "write matrix(1) for ones, as many as fit",
    "diag": "write diag(x) for the matrix with x on its diagonal, diag(X) for the diagonal of X",
    "tr": "for a vector, sum adds the entries",
} | {
    name: f"index notation has it over one axis of a matrix: {name}_j(X_ij)"
    for name in ("softmax", "log_softmax", "cumsum")
}


def wrong_kind(
    context: Context, node: tree.Call, argument: tree.Expression, shape: Kinded, wanted: str
) -> NotationError:
    """`tr(x)`, `softmax(X)`"""
    hint = _RIGHT_KIND.get(node.name, f"write {node.name}(X) of a square matrix X")
    reason = f"'{node.name}' takes {wanted}, and {context.words(argument)} is {shape.kind}"
    return context.error(reason, argument.span, hint, argument)


def no_axis(context: Context, node: tree.Call, shape: Kinded) -> NotationError:
    """`dim(x, 1)`"""
    argument = context.words(node.arguments[0])
    return context.error(
        f"'dim' takes the number of an axis, 0 for rows and 1 for columns, and {argument} is {shape.kind}",
        node.span,
        "write dim(X, 0) or dim(X, 1) of a matrix, dim(x, 0) of a vector",
        node.arguments[0],
    )


def unequal_arguments(context: Context, node: tree.Call, shapes: tuple[Kinded, ...]) -> NotationError:
    """`max(x, A)`"""
    are = [
        f"{context.words(argument)} is {shape.kind}"
        for argument, shape in zip(node.arguments, shapes, strict=True)
    ]
    return context.error(
        f"'{node.name}' works entry by entry on arguments of one shape, but {listed(are)}",
        node.span,
        "give them one shape, or let one be a scalar",
        *node.arguments,
    )


def no_extent(text: str, origin: tree.Name | tree.Call) -> NotationError:
    """`tr(eye)`: nothing says how large."""
    return NotationError(
        f"nothing says how large this '{origin.name}' is",
        source=text,
        span=origin.span,
        hint="it takes its extents from what it is added to or multiplied by, and no input is there",
    )
