"""Functions that random programs declare, with derivatives: φ(x) = sin x, ψ(x, y) = sin x · exp(y/2)."""

import numpy as np

from indicial.ir.abstract import spelled

ARGUMENTS = {"phi": "phi", "psi": "psi(x, y)"}  # as a `function` line has them
ORDER = 4


def callables(library):
    """φ, ψ and their derivatives, of a library's sin and exp, by the names that a program has for them."""

    def wave(order):
        return lambda x: library.sin(x + order * np.pi / 2)

    def damped(first, second):
        return lambda x, y: library.sin(x + first * np.pi / 2) * library.exp(y / 2) / 2**second

    made = {spelled("φ", (order,)): wave(order) for order in range(ORDER + 1)}
    orders = [(first, second) for first in range(ORDER + 1) for second in range(ORDER + 1 - first)]
    return made | {spelled("ψ", each): damped(*each) for each in orders}


NUMPY = callables(np)
DECLARED = {"phi": NUMPY["φ"], "psi": NUMPY["ψ"]}
