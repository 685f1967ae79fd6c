"""What is computed twice in a function's body, under a name.

The statements are read as Python reads them, so that it does not matter which rules wrote them; views,
numbers and the like are no computations, and an array that is written to later is left as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_VIEWS = frozenset({"diagonal", "transpose", "permute", "sliding_window_view", "unfold", "expand", "arange"})
_LARGEST = 1500  # statements: what is longer is no text that a person reads
_ROUNDS = 40
_NAMED_AFTER = re.compile(r"-?(?:[\w.]+\.)?(\w+)\((\w+)\)")
_DIFFERENCE = re.compile(r"\w+(\[[^\]]*\])? - \w+(\[[^\]]*\])?")
_BEHIND, _BEFORE = frozenset({"inv", "det", "max", "min", "sum"}), frozenset({"sqrt", "log", "exp"})


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An expression in a statement: which, from where to where in its UTF-8, and the whole of it?"""

    statement: int
    start: int
    end: int
    whole: bool


def shared(statements: Sequence[str], name: Callable[[str], str]) -> list[str]:
    """The statements with a line before them for each computation that occurs more than once."""
    lines = list(statements)
    for _ in range(_ROUNDS if len(lines) <= _LARGEST else 0):
        text, places = _largest(lines)
        if not text:
            break
        first = min(place.statement for place in places)
        known = next((place for place in places if place.whole and place.statement == first), None)
        own = lines[first].split(" = ", 1)[0] if known else name(text)
        for place in sorted(places, key=lambda place: (place.statement, place.start), reverse=True):
            if place is not known:
                lines[place.statement] = _replaced(lines[place.statement], place, own)
        if known is None:
            lines.insert(first, f"{own} = {text}")
    return lines


def wish_of(text: str) -> str:
    """What says what an expression is: A_inv for np.linalg.inv(A), log_J for np.log(J), r for x − a."""
    found = _NAMED_AFTER.fullmatch(text)
    if found is None:
        return "r" if _DIFFERENCE.fullmatch(text) else ""
    verb, argument = found.groups()
    if verb in _BEHIND:
        return f"{argument}_{verb}"
    return f"{verb}_{argument}" if verb in _BEFORE else ""


def _largest(lines: Sequence[str]) -> tuple[str, list[Occurrence]]:
    """The longest computation that occurs twice, and where it does."""
    read = [_computations(line) for line in lines]
    written = _written([tree for tree, _ in read])
    found: dict[str, list[Occurrence]] = {}
    texts: dict[str, str] = {}
    for number, (tree, computations) in enumerate(read):
        target = tree.targets[0] if isinstance(tree, ast.Assign) else None
        plain = isinstance(target, ast.Name) and target.id not in written
        for key, (start, end), names, whole in computations:
            if (whole and not plain) or any(number <= written.get(name, -1) for name in names):
                continue
            texts.setdefault(key, _slice(lines[number], start, end))
            found.setdefault(key, []).append(Occurrence(number, start, end, whole))
    keys = [key for key, places in found.items() if len(places) > 1]
    if not keys:
        return "", []
    best = max(keys, key=lambda key: len(texts[key]))
    return texts[best], found[best]


@lru_cache(maxsize=_LARGEST)
def _computations(line: str) -> tuple[ast.stmt, list[tuple[str, tuple[int, int], set[str], bool]]]:
    """A statement, and what it computes: trees as texts, their places, names in them; is it assigned?"""
    tree = ast.parse(line).body[0]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and _is_computation(node):
            names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            assert node.end_col_offset is not None
            whole = isinstance(tree, ast.Assign) and node is tree.value
            found.append((ast.dump(node), (node.col_offset, node.end_col_offset), names, whole))
    return tree, found


def _written(trees: Sequence[ast.stmt]) -> dict[str, int]:
    """The last statement that writes to an array, or assigns it anew, by name."""
    assigned: set[str] = set()
    written: dict[str, int] = {}
    for number, tree in enumerate(trees):
        if isinstance(tree, ast.Assign) and isinstance(tree.targets[0], ast.Name):
            name = tree.targets[0].id
            if name in assigned:
                written[name] = number
            assigned.add(name)
        elif not isinstance(tree, ast.Return):
            for node in _changed(tree):
                if isinstance(node, ast.Name):
                    written[node.id] = number
    return written


def _changed(tree: ast.stmt) -> Iterator[ast.expr]:
    """What a statement that is no plain assignment writes to: result[i, i] = …, np.add.at(result, …)."""
    match tree:
        case ast.Assign([ast.Subscript(value)]) | ast.AugAssign(ast.Subscript(value)):
            yield value
        case ast.AugAssign(ast.Name() as value):
            yield value
        case ast.Expr(ast.Call(function, arguments)):
            yield from arguments[:1]
            if isinstance(function, ast.Attribute):
                yield function.value


def _is_computation(node: ast.AST) -> bool:
    """Whether something is worth a name: calls, but of no view; operations, but no multiples and shifts."""
    match node:
        case ast.Call(ast.Attribute(attr=verb)):
            return verb not in _VIEWS
        case ast.Call():
            return True
        case ast.BinOp(ast.Constant(), ast.Div(), right):
            return not _is_plain(right) or isinstance(right, ast.Name)
        case ast.BinOp(left, _, ast.Constant()) if _is_plain(left):
            return False
        case ast.BinOp(ast.Constant(), _, right) if _is_plain(right):
            return False
        case ast.BinOp():
            return True
    return False


def _is_plain(node: ast.expr) -> bool:
    """A name, or a view of what has one."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.UnaryOp)):
        node = node.operand if isinstance(node, ast.UnaryOp) else node.value
    return isinstance(node, (ast.Name, ast.Constant))


def _slice(line: str, start: int, end: int) -> str:
    return line.encode()[start:end].decode()


def _replaced(line: str, place: Occurrence, name: str) -> str:
    """The line with a name for an expression, and without brackets that held nothing else."""
    before, after = _slice(line, 0, place.start), line.encode()[place.end :].decode()
    while before.endswith("(") and after.startswith(")") and not re.search(r"[\w\])]\($", before):
        before, after = before[:-1], after[1:]
    return before + name + after
