"""Jacobians times vectors of random programs: against the Jacobians, against JAX, and against each other."""

import numpy as np
import pytest
from oracles.numeric import applied, assert_close
from properties.programs import SEEDS, direction, made, meaning, some_programs, start, value, variables

import indicial as ix


def held(seed):
    """Up to three variables of a seed's program, one of them an intermediate where there is one."""
    names = made(seed).wrt[:2] + made(seed).wrt[-1:]
    return tuple(dict.fromkeys(names))


def directions(seed, names):
    return {name: direction(seed + k, start(seed, name)) for k, name in enumerate(names)}


@some_programs
def test_products_with_the_jacobian(seed):
    names = variables(seed, 1)
    if not names:
        pytest.skip("every derivative of this order is large")
    (name,) = names
    text, arrays = made(seed).text, made(seed).arrays
    jacobian = ix.jacobian(text, name)(arrays)
    u, v = direction(seed, value(seed)), direction(seed + 1, start(seed, name))
    told = f"{text}\nby {name}"
    assert_close(ix.jvp(text, name)(arrays, v), applied(jacobian, v), 1e-11, told)
    pulled = ix.vjp(text, name)(arrays, u)
    assert_close(pulled, np.tensordot(u, jacobian, axes=u.ndim), 1e-11, told)


@some_programs
def test_tangents_and_cotangents_are_dual(seed):
    text, arrays, names = made(seed).text, made(seed).arrays, held(seed)
    if not names:
        pytest.skip("the program has no variable")
    tangents, u = directions(seed, names), direction(seed, value(seed))
    pushed = ix.jvp(text, names)(arrays, tangents)
    pulled = ix.vjp(text, names)(arrays, u)
    assert list(pulled) == list(names)
    want = sum([np.vdot(pulled[name], tangents[name]) for name in names])
    size = sum([np.abs(pulled[name] * tangents[name]).sum() for name in names])
    assert abs(np.vdot(u, pushed) - want) <= 1e-10 * max(1.0, size), text


@pytest.mark.parametrize("seed", SEEDS[::9])
def test_products_against_jax(seed):
    jax = pytest.importorskip("jax", reason="JAX is the second oracle")
    jax_oracle = pytest.importorskip("oracles.jax_oracle", reason="JAX is the second oracle")
    text, arrays, names = made(seed).text, made(seed).arrays, held(seed)
    f, at = jax_oracle.function_of(meaning(seed), arrays, names)
    tangents, u = directions(seed, names), direction(seed, value(seed))
    moving = [jax.numpy.asarray(np.asarray(each, float)) for each in tangents.values()]
    _, pushed = jax.jvp(f, at, moving)
    _, pull = jax.vjp(f, *at)
    assert_close(ix.jvp(text, names)(arrays, tangents), pushed, 1e-9, text)
    got = ix.vjp(text, names)(arrays, u)
    for name, want in zip(names, pull(jax.numpy.asarray(u, float)), strict=True):
        assert_close(got[name], want, 1e-9, f"{text}\nby {name}")


@some_programs
def test_curvature_of_a_scalar(seed):
    name = next((n for n in made(seed).wrt if n in made(seed).arrays and start(seed, n).size <= 24), None)
    if name is None:
        pytest.skip("every Hessian is large")
    arrays = made(seed).arrays
    output = ix.parse(made(seed).text).outputs[0]
    letters = ix.parse(made(seed).text).meaning.axes[output]
    total = f"{output}_{{{' '.join(letters)}}}" if letters else output
    text = f"{made(seed).text}\ntotal = sum_{{{' '.join(letters)}}}({total})" if letters else made(seed).text
    v = direction(seed, start(seed, name))
    want = applied(ix.hessian(text, name)(arrays), v)
    assert_close(ix.hvp(text, name)(arrays, v), want, 1e-10, f"{text}\nby {name}")
