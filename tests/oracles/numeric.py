"""Derivatives by differences: central with Richardson extrapolation, and complex step.

A function here takes an array and gives an array; Jacobians have the axes of the value, then those of
the argument. Directions are arrays of the argument's shape.
"""

import numpy as np

STEP = 2.0**-6
COMPLEX_STEP = 1e-30


def richardson(difference, step, levels=4):
    """The limit at step 0 of a difference whose error is a series in step², by Neville's scheme."""
    row = [difference(step)]
    for level in range(1, levels):
        new = [difference(step / 2**level)]
        for order, old in enumerate(row, start=1):
            new.append(new[-1] + (new[-1] - old) / (4**order - 1))
        row = new
    return row[-1]


def directional(f, x, u, step=STEP):
    """d/dt f(x + t u) at t = 0, by central differences."""
    return richardson(lambda h: (f(x + h * u) - f(x - h * u)) / (2 * h), step)


def second_directional(f, x, u, w, step=4 * STEP):
    """d²/ds dt f(x + s u + t w) at s = t = 0, by central differences."""

    def difference(h):
        same = f(x + h * (u + w)) + f(x - h * (u + w))
        crossed = f(x + h * (u - w)) + f(x - h * (u - w))
        return (same - crossed) / (4 * h * h)

    return richardson(difference, step)


def complex_directional(f, x, u):
    """d/dt f(x + t u) at t = 0 to full precision, for a function that is holomorphic around x."""
    return f(x + 1j * COMPLEX_STEP * u).imag / COMPLEX_STEP


def jacobian(f, x, along=directional):
    """∂f/∂x, a component of x at a time, each by `along`."""
    x = np.asarray(x, float)
    columns = []
    for position in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[position] = 1
        columns.append(along(f, x, unit))
    stacked = np.stack(columns, axis=-1) if columns else np.zeros((*np.shape(f(x)), 0))
    return stacked.reshape(stacked.shape[:-1] + x.shape)


def complex_jacobian(f, x):
    """∂f/∂x by complex step."""
    return jacobian(f, x, complex_directional)


def second_jacobian(f, x):
    """∂²f/∂x∂x, a pair of components at a time."""
    return jacobian(lambda y: jacobian(f, y), x)


def applied(jacobian_array, *directions):
    """J u: the last axes of a Jacobian contracted with directions, the last direction first."""
    for direction in reversed(directions):
        jacobian_array = np.tensordot(jacobian_array, direction, axes=np.ndim(direction))
    return jacobian_array


def assert_close(got, want, rtol=1e-7, what=""):
    """Same shape, and no component off by more than `rtol` of the largest one (or of 1)."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, f"{what}: shape {got.shape}, expected {want.shape}"
    scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
    assert np.all(np.isfinite(want)), f"{what}: the oracle itself is not finite"
    worst = float(np.max(np.abs(got - want), initial=0.0))
    assert worst <= rtol * scale, (
        f"{what}: off by {worst:.3g} at scale {scale:.3g}\ngot\n{got}\nexpected\n{want}"
    )
