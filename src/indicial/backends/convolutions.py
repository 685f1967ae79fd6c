"""The lines of convolutions: NumPy's correlation, and products of matrices where they are long.

    y_i = Σ_k x[i+k] w_k,  i = B a + b:      y_ab = Σ_c X_ac T_cb,   X_ac = x[B a + c],   T_cb = w[c − b]

X is x itself, seen in rows that overlap. BLAS takes rows apart only: those with a mod q are one product, q of
them are all. T has the weights along its diagonals, and B − 1 zeros in a column of the length of w: at B = 16
there are few of them, and a product has several times the speed of the dot products of a correlation.
"""

from __future__ import annotations

import numpy as np

from indicial.backends.codegen import Writer
from indicial.backends.layout import Layout, dense
from indicial.backends.values import Value
from indicial.planning.steps import Step

_SHORT = 12  # weights from which NumPy's correlation is a dot product for each entry
_COUNT = 1500  # entries of the result, and …
_RATIO = 16  # … times as many as there are weights, from which products of matrices are faster
_BLOCK, _WIDE_BLOCK, _WIDE = 16, 32, 128  # B for few weights, for many, and from which there are many
_FEW, _LONG = 48, 1 << 12  # entries of a short result of long weights: dot products that leave the cache


def convolve(w: Writer, number: int, step: Step) -> Value | None:
    """Σ_k x[low + step · i + along · k] w_k, of the part of x that is read or of all."""
    array, weights = [w.values[operand] for operand in step.operands]
    _, way, _ = step.parameters
    (count,), (length,), (own,) = step.shape, weights.shape, array.shape
    if w.dtype.kind != "f" or not count or not length or not own:
        return None
    if way > 0 and length >= _SHORT and count >= max(_COUNT, _RATIO * length):
        return _rows(w, number, step)
    if way > 0 and count >= _FEW and length >= max(_LONG, _RATIO * count):
        return _columns(w, number, step)
    return _correlated(w, step)


def _correlated(w: Writer, step: Step) -> Value:
    """One correlation."""
    array, weights = [w.values[operand] for operand in step.operands]
    low, way, along = step.parameters
    (count,), (length,), (own,) = step.shape, weights.shape, array.shape
    read, taken, mode = array.name, "", "full"
    first = low + length - 1
    if low >= 0 and low + count + length - 1 <= own:
        mode = "valid"
        read += f"[{low}:{low + count + length - 1}]" if (low, count + length - 1) != (0, own) else ""
    elif (first, count) != (0, own + length - 1):
        taken = f"[{first}:{first + count}]"
    turned = weights.name + ("[::-1]" if along < 0 else "")
    name = f"v{w.number}"
    call = f"{w.function('correlate', np.correlate)}({read}, {turned}, '{mode}')"
    w.line(f"{name} = {call}{taken}{'[::-1]' if way < 0 else ''}")
    w.made_anew += (count + 2 * length) * w.dtype.itemsize
    return Value(name, dense(step.shape), w.dtype, fresh=True)


# --- as products of matrices --------------------------------------------------------------------------


def _rows(w: Writer, number: int, step: Step) -> Value:
    """A long result of short weights: overlapping rows times a band; the last one ends with the result.

    Zeros of the band meet entries of x that have no part in a result. Where one is not finite, it spoils
    what is not its own: then there is a correlation.
    """
    (count,), (length,) = step.shape, w.values[step.operands[1]].shape
    block = _block(length)
    width = length + block - 1
    read, weights = _read(w, step), w.values[step.operands[1]].name
    weights += "[::-1]" if step.parameters[2] < 0 else ""
    band = w.mostly_zero((width, block))
    diagonals = w.view(band, Layout((length, block), (block, block + 1)), "").name
    copyto, matmul = w.function("copyto", np.copyto), w.function("matmul", np.matmul)
    w.line(f"{copyto}({diagonals}, {weights}[:, None])")
    out = w.target(number, step.shape)
    sets = _apart(count, block, width)
    if count % block:
        sets.append((1, 1, count - block))
    for rows, apart, start in sets:
        left = _seen(w, read, (rows, width), apart, start).name
        right = _seen(w, out, (rows, block), apart, start).name
        w.line(f"{matmul}({left}, {band.name}, {right})")
    again = f"{w.function('correlate', np.correlate)}({read.name}, {weights}, 'valid')"
    square = f"{w.function('dot', np.dot)}({out.name}, {out.name})"
    w.line(f"if not {square} < {w.bound('n', np.inf)}: {copyto}({out.name}, {again})")
    w.made_anew += (count + length) * w.dtype.itemsize
    return out


def _columns(w: Writer, number: int, step: Step) -> Value:
    """A short result of long weights: what overlapping rows and rows of weights give, summed along a band."""
    (count,), (length,) = step.shape, w.values[step.operands[1]].shape
    block = _block(count)
    width = count + block - 1
    read, weights = _read(w, step), _weights(w, step)
    parts = list(_apart(length, block, width))
    every, band = w.scratch((len(parts), width, block)), w.scratch((width, block))
    matmul, add = w.function("matmul", np.matmul), w.function("add_reduce", np.add.reduce)
    for part, (rows, apart, start) in enumerate(parts):
        left = w.view(read, Layout((width, rows), (1, apart), read.layout.start + start), "")
        right = _seen(w, weights, (rows, block), apart, start)
        made = w.view(every, Layout((width, block), (block, 1), part * width * block), "")
        w.line(f"{matmul}({left.name}, {right.name}, {made.name})")
    w.line(f"{add}({every.name}, 0, None, {band.name})")
    out = w.target(number, step.shape)
    diagonals = w.view(band, Layout((count, block), (block, block + 1)), "")
    w.line(f"{add}({diagonals.name}, 1, None, {out.name})")
    odd = length % block
    if odd:
        tail = w.view(read, Layout((count + odd - 1,), (1,), read.layout.start + length - odd), "").name
        rest = w.view(weights, Layout((odd,), (1,), weights.layout.start + length - odd), "").name
        more = f"{w.function('correlate', np.correlate)}({tail}, {rest}, 'valid')"
        w.line(f"{w.function('add', np.add)}({out.name}, {more}, {out.name})")
        w.made_anew += count * w.dtype.itemsize
    return out


def _block(length: int) -> int:
    return _BLOCK if length < _WIDE else _WIDE_BLOCK


def _apart(count: int, block: int, width: int) -> list[tuple[int, int, int]]:
    """Whole blocks in sets whose rows do not overlap: how many, the distance between two, the first entry."""
    sets, blocks = -(-width // block), count // block
    return [(-(-(blocks - first) // sets), sets * block, first * block) for first in range(min(sets, blocks))]


def _seen(w: Writer, value: Value, shape: tuple[int, int], apart: int, start: int) -> Value:
    """Rows of a vector, so far apart."""
    return w.view(value, Layout(shape, (apart, 1), value.layout.start + start), "")


def _read(w: Writer, step: Step) -> Value:
    """The entries of x that are read, one behind the other, with zeros where there are none."""
    array = w.values[step.operands[0]]
    low, (own,) = step.parameters[0], array.shape
    count = step.shape[0] + w.values[step.operands[1]].shape[0] - 1
    inside = low >= 0 and low + count <= own
    if inside and array.base is not None and array.layout.strides == (1,):
        return w.view(array, Layout((count,), (1,), array.layout.start + low), "")
    copy = w.scratch((count,)) if inside else w.mostly_zero((count,))
    start, stop = max(low, 0), min(low + count, own)
    place = w.view(copy, Layout((max(stop - start, 0),), (1,), start - low), "")
    w.line(f"{w.function('copyto', np.copyto)}({place.name}, {array.name}[{start}:{stop}])")
    return copy


def _weights(w: Writer, step: Step) -> Value:
    """The weights along memory, in the order in which they meet x."""
    weights, along = w.values[step.operands[1]], step.parameters[2]
    if along > 0 and weights.base is not None and weights.layout.strides == (1,):
        return weights
    copy = w.scratch(weights.shape)
    turned = "[::-1]" if along < 0 else ""
    w.line(f"{w.function('copyto', np.copyto)}({copy.name}, {weights.name}{turned})")
    return copy
