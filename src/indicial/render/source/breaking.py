"""Statements in lines of at most 100 characters, broken where formatters break them.

    result = (                    sums and products: an operand a line, its operator before it
        first
        + second
    )
    np.einsum(                    calls: the arguments on a line of their own, or one a line
        "im,in,i->mn", X, X, np.exp(z), optimize=True
    )

What is nested here is bounded: the emitter gives names to what is long.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

WIDTH, _SHORT = 100, 32  # characters
_STEP = 4


def broken(statement: str, indent: int = 0) -> list[str]:
    """A statement as one line if it fits behind `indent` spaces, else as several."""
    if indent + len(statement) <= WIDTH:
        return [statement]
    return _Breaker(statement, indent).lines()


def signature(name: str, parameters: Sequence[str]) -> list[str]:
    """The first line of a function, or lines."""
    whole = f"def {name}({', '.join(parameters)}):"
    if len(whole) <= WIDTH:
        return [whole]
    inner = ", ".join(parameters)
    if len(inner) <= WIDTH - _STEP:
        return [f"def {name}(", f"    {inner}", "):"]
    return [f"def {name}(", *[f"    {each}," for each in parameters], "):"]


class _Breaker:
    def __init__(self, statement: str, indent: int) -> None:
        self.source, self.indent = statement.encode(), indent
        self.tree = ast.parse(statement).body[0]

    def text(self, node: ast.AST) -> str:
        """What is written for a node, without brackets around it."""
        assert isinstance(node, (ast.expr, ast.keyword))
        assert node.end_col_offset is not None
        return self.source[node.col_offset : node.end_col_offset].decode()

    def whole(self, node: ast.expr) -> str:
        """What is written for a node, with the brackets around it."""
        start, end = node.col_offset, node.end_col_offset or 0
        source = self.source
        while source[start - 1 : start] == b"(" and source[end : end + 1] == b")":
            if start > 1 and (
                source[start - 2 : start - 1].isalnum()
                or source[start - 2] in b"_])"
                or source[start - 2] > 127
            ):
                break  # those of a call
            start, end = start - 1, end + 1
        return source[start:end].decode()

    def lines(self) -> list[str]:
        """The statement broken at the outermost brackets and operators that do it."""
        match self.tree:
            case ast.Return(ast.expr() as value):
                return self.laid("return ", value, "", 0)
            case ast.Assign([target], value):
                return self.assigned(target, "=", value)
            case ast.AugAssign(target, operation, value):
                return self.assigned(target, f"{_OPERATORS[type(operation)]}=", value)
            case ast.Expr(value):
                return self.laid("", value, "", 0)
        return [self.source.decode()]

    def assigned(self, target: ast.expr, sign: str, value: ast.expr) -> list[str]:
        """target = value: a long subscript is broken, too."""
        left = f"{self.text(target)} {sign} "
        if not isinstance(target, ast.Subscript) or len(left) + self.indent < WIDTH - _STEP:
            return self.laid(left, value, "", 0)
        parts = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        *lines, last = self.listed(f"{self.text(target.value)}[", parts, f"] {sign} ", 0)
        return [*lines, *self.laid(last, value, "", 0)]

    def fits(self, line: str, depth: int) -> bool:
        return self.indent + depth * _STEP + len(line) <= WIDTH

    def begins(self, before: str, function: ast.Attribute, depth: int) -> bool:
        """Whether a call's arguments may stand on lines of their own: what is called is short itself."""
        line = f"{before}{self.text(function)}("
        return _is_dotted(function) or (len(line) < WIDTH // 2 and self.fits(line, depth))

    def laid(self, before: str, node: ast.expr, after: str, depth: int) -> list[str]:
        """before node after, in as many lines as it takes; `depth` is what the first is indented by."""
        line = before + self.whole(node) + after
        if self.fits(line, depth):
            return [line]
        match node:
            case ast.BinOp() | ast.Compare():
                return self.operands(before, node, after, depth)
            case ast.UnaryOp(operand=operand):
                return self.laid(before + "-", operand, after, depth)
            case ast.Call(ast.Attribute(value, name) as function) if not self.begins(before, function, depth):
                rest = self.source[function.end_col_offset or 0 : node.end_col_offset].decode()
                return self.laid(before, value, f".{name}{rest}{after}", depth)
            case ast.Call(function, arguments, keywords):
                listed: list[ast.expr | ast.keyword] = [*arguments, *keywords]
                return self.listed(f"{before}{self.text(function)}(", listed, f"){after}", depth)
            case ast.Tuple(elements):
                return self.listed(f"{before}(", elements, f"){after}", depth)
            case ast.Dict(keys, values):
                return self.entries(before, keys, values, after, depth)
            case ast.Attribute(value, name):
                return self.laid(before, value, f".{name}{after}", depth)
            case ast.Subscript(value, part) if _is_dotted(value):
                parts = part.elts if isinstance(part, ast.Tuple) else [part]
                return self.listed(f"{before}{self.text(value)}[", parts, f"]{after}", depth)
            case ast.Subscript(value, part):
                return self.laid(before, value, f"[{self.text(part)}]{after}", depth)
        return [line]

    def operands(self, before: str, node: ast.BinOp | ast.Compare, after: str, depth: int) -> list[str]:
        """A chain of operands of one precedence: in brackets on a line of its own, or an operand a line."""
        chain = _chain(node)
        if self.whole(node) == self.text(node) and len(chain) == 2:
            (_, one), (sign, other) = chain
            head = f"{before}{self.whole(one)} {sign} "
            if isinstance(other, ast.Call) and self.fits(f"{head}{self.text(other.func)}(", depth):
                return self.laid(head, other, after, depth)
            if self.whole(one).startswith("(") and len(self.whole(other)) < _SHORT:
                return self.laid(before, one, f" {sign} {self.whole(other)}{after}", depth)
        if self.fits(self.text(node), depth + 1):
            return [f"{before}(", f"{' ' * _STEP}{self.text(node)}", f"){after}"]
        lines = [f"{' ' * _STEP}{line}" for line in self.apart(node, "", "", depth + 1)]
        return [f"{before}(", *lines, f"){after}"]

    def apart(self, node: ast.BinOp | ast.Compare, before: str, after: str, depth: int) -> list[str]:
        """An operand a line, where brackets around the whole are there already."""
        lines: list[str] = []
        chain = _chain(node)
        for place, (operator, operand) in enumerate(chain):
            start = f"{operator} " if operator else before
            end = after if place == len(chain) - 1 else ""
            lines += self.within(start, operand, end, depth)
        return lines

    def within(self, before: str, node: ast.expr, after: str, depth: int) -> list[str]:
        """Something in brackets that are there already: a product needs none of its own."""
        fits = self.fits(before + self.whole(node) + after, depth)
        bare = isinstance(node, (ast.BinOp, ast.Compare)) and self.whole(node) == self.text(node)
        if bare and not fits:
            assert isinstance(node, (ast.BinOp, ast.Compare))
            return self.apart(node, before, after, depth)
        return self.laid(before, node, after, depth)

    def listed(
        self, before: str, values: Sequence[ast.expr | ast.keyword], after: str, depth: int
    ) -> list[str]:
        """before(arguments)after: the arguments on one line, or one a line."""
        together = ", ".join([self.text(v) if isinstance(v, ast.keyword) else self.whole(v) for v in values])
        if self.fits(together, depth + 1):
            return [before, f"{' ' * _STEP}{together}", after]
        lines = [before]
        for value in values:
            keyword = f"{value.arg}=" if isinstance(value, ast.keyword) and value.arg else ""
            inner = value.value if isinstance(value, ast.keyword) else value
            comma = "," if len(values) > 1 else ""
            lines += [f"{' ' * _STEP}{line}" for line in self.within(keyword, inner, comma, depth + 1)]
        return [*lines, after]

    def entries(
        self, before: str, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], after: str, depth: int
    ) -> list[str]:
        """A dict, an entry a line."""
        lines = [f"{before}{{"]
        for key, value in zip(keys, values, strict=True):
            assert key is not None
            lines += [
                f"{' ' * _STEP}{line}" for line in self.laid(f"{self.text(key)}: ", value, ",", depth + 1)
            ]
        return [*lines, f"}}{after}"]


_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**", ast.Mod: "%",
    ast.FloorDiv: "//", ast.BitAnd: "&", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_PRECEDENCE: dict[type[ast.AST], int] = {ast.Add: 0, ast.Sub: 0, ast.Pow: 2, ast.BitAnd: 3}


def _is_dotted(node: ast.expr) -> bool:
    """Whether something is nothing but names with dots between them."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _chain(node: ast.BinOp | ast.Compare) -> list[tuple[str, ast.expr]]:
    """The operands of operators of one precedence, each with the operator before it."""
    if isinstance(node, ast.Compare):
        return [("", node.left), (_OPERATORS[type(node.ops[0])], node.comparators[0])]
    level = _PRECEDENCE.get(type(node.op), 1)
    found: list[tuple[str, ast.expr]] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and _PRECEDENCE.get(type(left.op), 1) == level:
        found.append((_OPERATORS[type(left.op)], left.right))
        left = left.left
        if level == 2:
            break
    return [("", left), *reversed(found)]
