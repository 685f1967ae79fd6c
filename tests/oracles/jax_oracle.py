"""A program as a JAX function, straight from its meaning: no simplifier, no planner, no table of partials.

Every expression becomes an array together with the indices of its axes, sorted; JAX differentiates.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from indicial.ir.abstract import spelled
from indicial.ir.indices import formals
from indicial.ir.nodes import (
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Definition,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Number,
    Operation,
    Partial,
    Position,
    Power,
)
from indicial.ir.operators import OPERATORS
from indicial.ir.reference import evaluate_definition
from indicial.ir.traversal import rename_here, stackless
from oracles.callables import callables
from oracles.extents import extents_of

jax.config.update("jax_enable_x64", True)

FUNCTIONS = {
    "exp": jnp.exp, "log": jnp.log, "log1p": jnp.log1p, "expm1": jnp.expm1, "sqrt": jnp.sqrt,
    "abs": jnp.abs, "sign": jnp.sign, "step": lambda x: (x > 0).astype(x.dtype),
    "sin": jnp.sin, "cos": jnp.cos, "tan": jnp.tan, "asin": jnp.arcsin, "acos": jnp.arccos,
    "atan": jnp.arctan, "sinh": jnp.sinh, "cosh": jnp.cosh, "tanh": jnp.tanh, "asinh": jnp.arcsinh,
    "acosh": jnp.arccosh, "atanh": jnp.arctanh, "erf": jax.scipy.special.erf,
    "erfc": jax.scipy.special.erfc, "lgamma": jax.scipy.special.gammaln,
    "digamma": jax.scipy.special.digamma, "sigmoid": jax.nn.sigmoid, "softplus": jax.nn.softplus,
    "silu": jax.nn.silu, "gelu": functools.partial(jax.nn.gelu, approximate=False),
    "relu": jax.nn.relu, "max": jnp.maximum, "min": jnp.minimum, "pow": jnp.power,
    "atan2": jnp.arctan2, "where": lambda c, a, b: jnp.where(c != 0, a, b),
    "polygamma": lambda n, x: jax.scipy.special.polygamma(int(n), x),
}  # fmt: skip


def _along_all(function):
    return lambda x, count: function(x, axis=tuple(range(x.ndim - count, x.ndim)))


ALONG = {
    "max": _along_all(jnp.max), "min": _along_all(jnp.min),
    "logsumexp": _along_all(jax.scipy.special.logsumexp), "softmax": _along_all(jax.nn.softmax),
    "log_softmax": _along_all(jax.nn.log_softmax), "cumsum": lambda x, _: jnp.cumsum(x, axis=-1),
    "norm": _along_all(lambda x, axis: jnp.sqrt(jnp.sum(x * x, axis=axis))),
    "det": lambda x, _: jnp.linalg.det(x), "logdet": lambda x, _: jnp.linalg.slogdet(x)[1],
    "inv": lambda x, _: jnp.linalg.inv(x),
    "adj": lambda x, _: jnp.linalg.det(x)[..., None, None] * jnp.linalg.inv(x),
    "chol": lambda x, _: jnp.linalg.cholesky((x + jnp.swapaxes(x, -1, -2)) / 2, symmetrize_input=False),
    "solve": lambda a, b, _: jnp.linalg.solve(a, b[..., None])[..., 0],
}  # fmt: skip
DECLARED = callables(jnp)
RELATIONS = {
    "<": jnp.less,
    "<=": jnp.less_equal,
    ">": jnp.greater,
    ">=": jnp.greater_equal,
    "==": jnp.equal,
    "!=": jnp.not_equal,
}


class _Translation:
    """The values of expressions and definitions for given arrays and extents."""

    def __init__(self, arrays, extents, held):
        self.arrays, self.extents, self.held = arrays, extents, held
        self.known = dict(held)

    def value(self, node):
        """(array, its indices, sorted) of an expression."""
        if node not in self.known:
            self.known[node] = yield self.computed(node)
        return self.known[node]

    def read(self, array, indices):
        """array[i, j, …] at indices that may repeat and stand in any order, as an array over those sorted."""
        axes = tuple(sorted(set(indices)))
        letters = {index: chr(ord("a") + k) for k, index in enumerate(axes)}
        subscripts = "".join([letters[i] for i in indices]), "".join([letters[i] for i in axes])
        return jnp.einsum("->".join(subscripts), array), axes

    def constant(self, node):
        """δ, ε, ⟨i⟩ and numbers do not vary: the loop evaluator makes them."""
        axes = tuple(sorted(node.free))
        spaces = tuple([index.space for index in axes])
        body = rename_here(node, dict(zip(axes, formals(spaces), strict=True)))
        array = evaluate_definition(Definition("", formals(spaces), body), {}, self.extents)
        return jnp.asarray(array), axes

    def spread(self, valued, axes):
        """An array over `axes`, with axes of length 1 where it lacks an index; its own are in any order."""
        array, own = valued
        ordered = jnp.transpose(array, [own.index(i) for i in axes if i in own])
        return jnp.expand_dims(ordered, [k for k, i in enumerate(axes) if i not in own])

    def full(self, valued, axes):
        """An array broadcast to the extents of all its axes."""
        return jnp.broadcast_to(self.spread(valued, axes), [self.extents[i.space] for i in axes])

    def computed(self, node):
        match node:
            case Number() | Constant() | Extent() | Position() | Delta() | Epsilon():
                return self.constant(node)
            case Access(tensor, indices):
                return self.read(self.arrays[tensor], indices)
            case Apply(definition, indices):
                array = yield self.definition(definition)
                return self.read(array, indices)
            case IndexSum(indices, body) | IndexProd(indices, body):
                array, own = yield self.value(body)
                reduce = jnp.sum if isinstance(node, IndexSum) else jnp.prod
                left = tuple([index for index in own if index not in indices])
                full = self.full((array, own), (*indices, *left))
                return reduce(full, axis=tuple(range(len(indices)))), left
            case Operation():
                return (yield self.operation(node))
            case Partial():
                return (yield self.partial(node))
        return (yield self.elementwise(node))

    def operation(self, node):
        """An operator of the table: batch axes first, then its own."""
        row, known = OPERATORS[node.operator], []
        for argument in node.arguments:
            known.append((yield self.value(argument)))
        batch = tuple(sorted({i for _, own in known for i in own if i not in node.indices}))
        arrays = [
            self.full(valued, (*batch, *row.held(position, node.indices)))
            for position, valued in enumerate(known)
        ]
        return self.read(ALONG[node.operator](*arrays, len(node.indices)), (*batch, *node.at))

    def partial(self, node):
        """∂body/∂variables by JAX: a Jacobian of the whole body, read at the variables' indices."""
        axes = tuple(sorted(node.body.free))
        names, at = [], axes
        for variable in node.variables:
            name = variable.tensor if isinstance(variable, Access) else variable.definition
            names.append(name)
            at += variable.indices
        distinct, start = list(dict.fromkeys(names)), []
        for name in distinct:
            start.append(self.arrays[name] if isinstance(name, str) else (yield self.definition(name)))

        def f(*values):
            given = dict(zip(distinct, values, strict=True))
            arrays = {name: value for name, value in given.items() if isinstance(name, str)}
            held = {name: value for name, value in given.items() if not isinstance(name, str)}
            inner = _Translation({**self.arrays, **arrays}, self.extents, {**self.held, **held})
            return inner.full(stackless(inner.value(node.body)), axes)

        for name in names:
            f = jax.jacfwd(f, argnums=distinct.index(name))
        return self.read(f(*start), at)

    def elementwise(self, node):
        if isinstance(node, Power) and isinstance(node.exponent, Number):
            array, own = yield self.value(node.base)
            exponent = node.exponent.value
            return array ** (int(exponent) if exponent.denominator == 1 else float(exponent)), own
        if isinstance(node, Call) and node.function == "polygamma":
            array, own = yield self.value(node.arguments[1])
            return FUNCTIONS["polygamma"](node.arguments[0].value, array), own
        axes = tuple(sorted(node.free))
        arrays = []
        for child in node.children:
            valued = yield self.value(child)
            arrays.append(self.spread(valued, axes))
        match node:
            case Add():
                return functools.reduce(jnp.add, arrays), axes
            case Mul():
                return functools.reduce(jnp.multiply, arrays), axes
            case Power():
                return jnp.power(*arrays), axes
            case Compare(relation, _, _):
                return RELATIONS[relation](*arrays).astype(float), axes
            case Call(function, _):
                return FUNCTIONS[function](*arrays), axes
            case Abstract(function, orders, _):
                return self.arrays[spelled(function, orders)](*arrays), axes
        raise TypeError(type(node).__name__)

    def definition(self, definition):
        """The array of a definition, an axis for each formal index."""
        if definition not in self.known:
            valued = yield self.value(definition.body)
            self.known[definition] = self.full(valued, definition.formals)
        return self.known[definition]


def function_of(program, arrays, names):
    """(f, (x, …)): the program's output as a JAX function of inputs or statements, and where they stand.

    Statements among them are independent variables: they keep their value whatever else varies.
    """
    extents = extents_of(program, arrays)
    arrays = {
        key: DECLARED.get(key, each) if callable(each) else np.asarray(each, float)
        for key, each in arrays.items()
    }
    statements = program.statements
    start = [
        arrays[name] if name in arrays else evaluate_definition(statements[name], arrays, extents)
        for name in names
    ]

    def f(*variables):
        named = dict(zip(names, variables, strict=True))
        held = {statements[name]: variable for name, variable in named.items() if name in statements}
        translation = _Translation({**arrays, **named}, extents, held)
        return stackless(translation.definition(statements[program.outputs[0]]))

    return f, [jnp.asarray(each) for each in start]


def value(program, arrays):
    """The program's output."""
    f, _ = function_of(program, arrays, ())
    return np.asarray(jax.jit(f)())


def derivative(program, arrays, *names):
    """∂ⁿ output / ∂name₁ ∂name₂ …: reverse mode first, then forward, as `jax.hessian` does."""
    distinct = list(dict.fromkeys(names))
    f, start = function_of(program, arrays, distinct)
    for step, name in enumerate(names):
        mode = jax.jacrev if step == 0 else jax.jacfwd
        f = mode(f, argnums=distinct.index(name))
    return np.asarray(jax.jit(f)(*start))
