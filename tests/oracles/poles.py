"""Random programs of poles behind brackets, which keep what is infinite out of the numbers.

Two letters at equal values are a pole of every difference here, and each term with a pole has a bracket
that excludes them. Brackets, poles and what they meet are spread over factors, sums and statements.
"""

import random

import numpy as np

EXTENT = 4
_RNG = np.random.default_rng(5)
ARRAYS = {"A": _RNG.normal(size=(EXTENT, EXTENT)), "x": np.array([0.31, 1.07, 1.9, -0.73])}
APART = ["[{a} < {b}]", "[{a} != {b}]", "[{b} < {a}]", "[{b} >= {a} + 1]"]
BRACKETS = [
    *APART, "[{a} <= {b}]", "[{a} >= 1]", "[{a} == {b}]", "[{a} + {b} > 2]", "[2*{a} > {b}]", "[{a} <= 2]",
    "[x_{a} > x_{b}]", "[x_{a} > 0]",
]  # fmt: skip
POLES = ["(x_{a} - x_{b})^(-1)", "(x_{a} - x_{b})^(-2)", "log(abs(x_{a} - x_{b}))", "sqrt((x_{a} - x_{b})^2)"]
PLAIN = [
    "x_{a}", "x_{b}", "A_{a}{b}", "A_{b}{a}", "sin(x_{a})", "delta_{a}{b}", "x_{a}^2", "exp(x_{a} x_{b})",
    "(x_{a} - x_{b})", "max(x_{a}, x_{b})", "where({a} < {b}, x_{a}, x_{b}^2)", "(x_{a} + [{a} < {b}])",
]  # fmt: skip
SHIFTED = ["[{a} >= 1] x[{a}-1]", "[{a} < 3] x[{a}+1]", "[{a} < 2] x[{a}+2]"]


def _some(rng, forms, a, b, least=1):
    return [rng.choice(forms).format(a=a, b=b) for _ in range(rng.randint(least, 2))]


def _term(rng, a, b):
    if rng.random() < 0.2:
        return " ".join(
            [*_some(rng, SHIFTED, a, b)[:1], *_some(rng, PLAIN, a, b), *_some(rng, BRACKETS, a, b, 0)]
        )
    factors = [*_some(rng, BRACKETS, a, b, 0), *_some(rng, PLAIN, a, b)]
    if rng.random() < 0.6:
        factors += [*_some(rng, POLES, a, b), *_some(rng, APART, a, b)[:1]]
    return " ".join(
        [*([rng.choice(["2", "1/2"])] * (rng.random() < 0.2)), *rng.sample(factors, len(factors))]
    )


def _sum(rng, a, b):
    return rng.choice([" + ", " - "]).join([_term(rng, a, b) for _ in range(rng.randint(1, 3))])


def pole_program(seed):
    """The program of a seed, a text of one to three statements over `ARRAYS`."""
    rng = random.Random(seed)
    pair, mask = _sum(rng, "i", "j"), rng.choice(BRACKETS).format(a="i", b="j")
    other, apart = rng.choice(PLAIN).format(a="i", b="j"), rng.choice(APART).format(a="i", b="j")
    return rng.choice(
        [
            f"E = sum_ij({pair})",
            f"E_i = sum_j({pair})",
            f"u_i = sum_j({pair}); E = sum_i(u_i^2 x_i)",
            f"v_ij = {pair}; E = sum_ij({mask} v_ij {other} + {mask} v_ji)",
            f"v_ij = {pair}; E_ij = {mask} (v_ij + v_ji) {other}",
            f"v_ij = {pair}; u_i = sum_j({mask} v_ij {other}); E = sum_i(u_i sum_k({_term(rng, 'i', 'k')}))",
            f"E = sum_ijk({_term(rng, 'i', 'j')} {_term(rng, 'j', 'k')})",
            f"E = sum_i(sum_j({pair})^2 + [x_i > 0] x_i)",
            f"v_ij = {pair}; E = sum_i(prod_j(1 + {mask} v_ij / 10))",
            f"v_ij = {pair}; E = sum_i(logsumexp_j({mask} v_ij / 5))",
            f"w_ij = {apart} {other}; q_ij = w_ij w_ji + w_ij; E = sum_ij(q_ij log(abs(x_i - x_j)) x_j)",
            f"w_ij = {apart} {other}; E = sum_ij({mask} w_ij / norm_k(x_i A_ik - x_j A_jk))",
            f"v_ij = where({apart[1:-1]}, {other} / (x_i - x_j), x_j); E = sum_ij(v_ij {other})",
        ]
    )
