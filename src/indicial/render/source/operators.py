"""Operators over indices: reductions, and functions of matrices whose axes stand last."""

from __future__ import annotations

from collections.abc import Sequence

from indicial.render.pieces import Slot
from indicial.render.source.code import Bond, Code, aligned, permuted, union
from indicial.render.source.contraction import along, reduced
from indicial.render.source.surroundings import Surroundings


def reduction(operator: str, code: Code, slots: Sequence[Slot], around: Surroundings) -> Code:
    """A reduction along axes, by name."""
    if operator == "norm" and 2 < len(slots) < len(code.axes) and around.library.name != "torch":
        squared = reduced("sum", Code(f"{code.within(Bond.ATOM)}**2", code.axes), slots, around.library)
        return Code(around.say(around.library.functions["sqrt"], squared.text), squared.axes)
    if operator == "norm" and len(slots) == len(code.axes):
        return Code(around.library.filled(around.library.reduce[operator], [code.text], axis="", keep=""))
    if operator == "logsumexp" and "logsumexp" not in around.library.reduce:
        return logsumexp(code, slots, around)
    if operator == "logsumexp" and around.library.name == "torch" and len(slots) == len(code.axes):
        axis = f", dim={tuple(range(len(slots)))}"  # it has no default
        return Code(around.library.filled(around.library.reduce[operator], [code.text], axis=axis, keep=""))
    return reduced(operator, code, slots, around.library)


def logsumexp(code: Code, slots: Sequence[Slot], around: Surroundings) -> Code:
    """top + log Σ exp(x − top) with the largest entries as top."""
    whole = around.named(code)
    top = around.named(reduced("top", whole, slots, around.library))
    below = aligned(top, whole.axes, around.library)
    rest = reduced("sum", Code(f"np.exp({whole.text} - {below.text})", whole.axes), slots, around.library)
    return Code(f"{top.text} + np.log({rest.text})", top.axes, Bond.SUM)


def softmax(operator: str, code: Code, slots: Sequence[Slot], around: Surroundings) -> Code:
    """exp(x − top) over its sum, with the largest entries as top; or the logarithm of that."""
    library = around.library
    whole = around.named(code)
    top = along("top", whole, slots, library)
    less = f"{whole.text} - {top.text}"
    if operator == "log_softmax":
        shifted = around.named(Code(less, whole.axes, Bond.SUM))
        total = along("sum", Code(f"np.exp({shifted.text})", whole.axes), slots, library)
        return Code(f"{shifted.text} - np.log({total.text})", whole.axes, Bond.SUM)
    raised = around.named(Code(f"np.exp({less})", whole.axes), "e")
    total = along("sum", raised, slots, library)
    return Code(f"{raised.text} / {total.text}", whole.axes, Bond.PRODUCT)


def of_matrix(operator: str, code: Code, slots: Sequence[Slot], keeps: bool, around: Surroundings) -> Code:
    """det, inv, …: the matrix axes stand last."""
    batch = [slot for slot in code.axes if slot not in slots]
    order = [code.axes.index(slot) for slot in (*batch, *slots)]
    matrix = permuted(code, order, around.library)
    if operator == "chol":
        matrix = symmetric(matrix, around)
    text = around.library.filled(around.library.linear[operator], [matrix.text])
    return Code(text, matrix.axes if keeps else tuple(batch))


def symmetric(code: Code, around: Surroundings) -> Code:
    """½ (A + Aᵀ), which is what is factored."""
    whole = around.named(code)
    rank = len(whole.axes)
    turned = permuted(whole, [*range(rank - 2), rank - 1, rank - 2], around.library)
    return Code(f"({whole.text} + {turned.text}) / 2", whole.axes, Bond.PRODUCT)


def solution(
    codes: Sequence[Code], slots: Sequence[Slot], wish: Sequence[Slot], around: Surroundings
) -> Code:
    """solve: what is no axis of the system is a batch axis of both sides."""
    matrix, right = codes
    row, column = slots
    batch = tuple([slot for slot in union([matrix.axes, right.axes], wish) if slot not in slots])
    left = aligned(matrix, (*batch, row, column), around.library)
    if not batch or (len(batch) == 1 and batch[0] not in matrix.axes):
        order = [right.axes.index(slot) for slot in (column, *batch)]
        text = around.library.filled(
            around.library.linear["solve"], [left.text, permuted(right, order, around.library).text]
        )
        return Code(text, (row, *batch))
    sides = aligned(right, (*batch, column), around.library)
    text = around.library.filled(
        around.library.linear["solve"], [left.text, f"{sides.within(Bond.ATOM)}[..., None]"]
    )
    return Code(f"{text}[..., 0]", (*batch, row))
