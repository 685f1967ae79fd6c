"""Operators over indices as steps of their own, so that softmax and log-sum-exp share what they compute.

m = max x (0 where that is not finite),  e = exp(x − m),  z = Σ e
softmax x = e / z,  logsumexp x = m + log z,  log_softmax x = (x − m) − log z
"""

from __future__ import annotations

from indicial.ir.nodes import Access, Apply, Node
from indicial.planning.steps import Builder

_FEW = 3  # names that say what a matrix is
EXPONENTIAL = frozenset({"softmax", "logsumexp", "log_softmax"})


def exponential(builder: Builder, name: str, value: int, count: int) -> int:
    """One of the operators above along the last axes of a value."""
    shape = builder.shape(value)
    lead, axes = len(shape) - count, tuple(range(len(shape) - count, len(shape)))
    slots = tuple([True] * lead + [False] * count)

    def along(reduced: int) -> int:
        return builder.emit("expand", (reduced,), slots, (*shape[:lead], *(1,) * count))

    top = builder.emit("amax", (value,), axes, shape[:lead])
    shifted = builder.emit("subtract", (value, along(top)), (), shape)
    weights = builder.emit("call", (shifted,), "exp", shape)
    total = builder.emit("sum", (weights,), axes, shape[:lead])
    if name == "softmax":
        return builder.emit("divide", (weights, along(total)), (), shape)
    logarithm = builder.emit("call", (total,), "log", shape[:lead])
    if name == "logsumexp":
        return builder.emit("add", (logarithm, top), (), shape[:lead])
    return builder.emit("subtract", (shifted, along(logarithm)), (), shape)


def called(argument: Node) -> str:
    """What an operator's argument is called, A, or computed from, X and C; nothing if from many."""
    if isinstance(argument, Access):
        return argument.tensor
    if isinstance(argument, Apply) and argument.definition.name:
        return argument.definition.name
    found: set[str] = set()
    seen, waiting = {argument}, [argument]
    while waiting and len(found) <= _FEW:
        node = waiting.pop()
        match node:
            case Access(name, _):
                found.add(name)
            case Apply(definition, _) if definition.name:
                found.add(definition.name)
            case Apply(definition, _):
                waiting.append(definition.body)
            case _:
                waiting += [child for child in node.children if child not in seen]
                seen.update(node.children)
    if not found or len(found) > _FEW:
        return ""
    *others, last = sorted(found)
    return f"computed from {', '.join(others)}{' and ' * bool(others)}{last}"
