"""Problems of growing size: extents, length of the program, order of the derivative, number of outputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indicial.bench.engine import Variables, planned

STAGES = ("derive", "plan", "run")

Array = Any


@dataclass(frozen=True, slots=True)
class Problem:
    """A program, the variables, and the shapes of its inputs."""

    text: str
    wrt: Variables
    shapes: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Family:
    """Problems of growing size; `along` says what grows, `theory` how the running time should."""

    name: str
    title: str
    along: str
    make: Callable[[int, str], Problem]
    sizes: Mapping[str, Sequence[int]]
    theory: float | None


def _product(n: int, tag: str) -> Problem:
    text = f"L = A{tag}_ij B_jk C_ki"
    return Problem(text, (f"A{tag}", "B", "C"), dict.fromkeys((f"A{tag}", "B", "C"), (n, n)))


def _map(n: int, tag: str) -> Problem:
    return Problem(f"f_i = W{tag}_ij x_j", f"W{tag}", {f"W{tag}": (n, n), "x": (n,)})


def _decomposition(n: int, tag: str) -> Problem:
    shapes = {"T": (n, n, n), f"A{tag}": (n, 8), "B": (n, 8), "C": (n, 8)}
    return Problem(f"L = (A{tag}_ir B_jr C_kr - T_ijk)^2", (f"A{tag}", "B", "C"), shapes)


def _attention(n: int, tag: str) -> Problem:
    text = f"p_ij = softmax_j(Q{tag}_ik K_jk); O_id = p_ij V_jd; L = O_id O_id"
    names = (f"Q{tag}", "K", "V")
    return Problem(text, names, dict.fromkeys(names, (n, 16)))


def _regression(n: int, tag: str) -> Problem:
    text = f"L = sum_n(log(1 + exp(X_ni w{tag}_i)))"
    return Problem(text, f"w{tag} w{tag}", {"X": (4 * n, n), f"w{tag}": (n,)})


def _layers(n: int, tag: str) -> Problem:
    lines = [f"h{k + 1}_i = tanh(W{tag}_ij h{k}_j)" for k in range(n)]
    return Problem("\n".join([*lines, f"L = h{n}_i h{n}_i"]), f"W{tag}", {f"W{tag}": (8, 8), "h0": (8,)})


def _factors(n: int, tag: str) -> Problem:
    text = "f_i = " + " ".join([f"(x{tag}_i + a{k}_i)" for k in range(n)])
    return Problem(text, f"x{tag}", {f"x{tag}": (8,), **{f"a{k}": (8,) for k in range(n)}})


def _order(n: int, tag: str) -> Problem:
    text = f"L = sum_n(log(1 + exp(X_ni w{tag}_i)))"
    return Problem(text, " ".join([f"w{tag}"] * n), {"X": (60, 6), f"w{tag}": (6,)})


def _outputs(n: int, tag: str) -> Problem:
    names = [f"A{tag}{k}" for k in range(n)]
    text = "L = " + " ".join([f"{name}_{{i{k} i{(k + 1) % n}}}" for k, name in enumerate(names)])
    return Problem(text, tuple(names), dict.fromkeys(names, (12, 12)))


def _sizes(smoke: Sequence[int], quick: Sequence[int], full: Sequence[int]) -> dict[str, Sequence[int]]:
    return {"smoke": smoke, "quick": quick, "full": full}


FAMILIES: tuple[Family, ...] = (
    Family("scaling-product", "gradients of tr(A B C)", "extent", _product,
           _sizes((4, 8), (64, 128, 256), (128, 256, 512, 1024)), 3),
    Family("scaling-jacobian", "∂(W_ij x_j)/∂W_mn, three axes", "extent", _map,
           _sizes((4, 8), (32, 64, 128), (64, 128, 256, 512)), 3),
    Family("scaling-decomposition", "gradients of a CP decomposition", "extent", _decomposition,
           _sizes((4, 6), (16, 32, 64), (32, 64, 128, 200)), 3),
    Family("scaling-attention", "gradients of attention by queries, keys and values", "extent", _attention,
           _sizes((4, 8), (64, 128, 256), (128, 256, 512, 1024)), 2),
    Family("scaling-hessian", "the Hessian of logistic regression, four samples to a weight", "extent",
           _regression, _sizes((4, 8), (32, 64, 128), (64, 128, 256, 512)), 3),
    Family("scaling-layers", "the gradient by weights that all statements share", "statements", _layers,
           _sizes((2, 4), (10, 30, 100), (10, 30, 100, 300, 1000)), 1),
    Family("scaling-factors", "the derivative of one product by a vector in all factors", "factors", _factors,
           _sizes((2, 4), (10, 30, 100), (10, 30, 100, 300)), 1),
    Family("scaling-order", "derivatives of a logistic loss", "order", _order,
           _sizes((1, 2), (1, 2, 3), (1, 2, 3, 4, 5)), None),
    Family("scaling-outputs", "all gradients of the trace of a product of matrices", "outputs", _outputs,
           _sizes((2, 3), (4, 8, 16), (4, 8, 16, 32, 64)), 1),
)  # fmt: skip


def measure_family(number: int, size: int, seed: int, repeats: int) -> dict[str, list[float]]:
    """Seconds of each stage, each repeat with names of its own, so that no cache answers."""
    found: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for repeat in range(repeats):
        problem = FAMILIES[number].make(size, "pqrstuvwyz"[repeat % 10])
        rng = np.random.default_rng(seed)
        arrays = {name: rng.standard_normal(shape) / 4 for name, shape in problem.shapes.items()}
        made = planned(problem.text, problem.shapes, problem.wrt)
        found["derive"].append(made.derive_seconds)
        found["plan"].append(made.plan_seconds)
        made.runnable(arrays)
        start = time.perf_counter()
        made.runnable(arrays)
        found["run"].append(time.perf_counter() - start)
    return found
