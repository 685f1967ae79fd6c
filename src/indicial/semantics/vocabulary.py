"""The words of the language: functions, operators over indices, and tensors known by name."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Literal

from indicial.errors import IndicialError, NotationError, Span
from indicial.ir.abstract import split
from indicial.ir.functions import FUNCTIONS
from indicial.ir.operators import OPERATORS as TABLE
from indicial.semantics.functions import Functions, check_declared_call, check_no_tensor
from indicial.semantics.walk import indices_of, literal, preorder
from indicial.semantics.wording import listed, quote, subscripted
from indicial.syntax import tree
from indicial.syntax.names import OPERATORS

SYNONYMS = {"ln": "log"}
Special = Literal["delta", "eps", "ones", "pi"]
_SPECIAL: dict[str, Special] = {
    "δ": "delta", "delta": "delta", "ε": "eps", "eps": "eps", "epsilon": "eps", "ones": "ones",
}  # fmt: skip
_MEANING: dict[Special, str] = {
    "delta": "the Kronecker delta",
    "eps": "the Levi-Civita symbol",
    "ones": "the tensor of ones",
    "pi": "the number π",
}


def special(tensor: tree.Tensor | tree.Component) -> Special | None:
    """Which tensor known by name this is: `delta_ij`, `eps_ijk`, `ones_i` with subscripts, `pi` without."""
    if tensor.subscripts:
        return _SPECIAL.get(tensor.name)
    return "pi" if tensor.name in ("π", "pi") else None


def function_name(call: tree.Call) -> str:
    """The name under which a function stands in the table."""
    return SYNONYMS.get(call.name, call.name)


def is_function(name: str) -> bool:
    """Whether a bare name before a bracket is a call."""
    return name in FUNCTIONS or name in SYNONYMS or name == "dim"


def check_words(source: tree.Source, functions: Functions) -> None:
    """Refuse unknown functions and operators, wrong arguments, and words of the language used as tensors."""
    for statement in source.statements:
        _check_target(source.text, statement.target, functions)
        letters = frozenset([index.name for index in indices_of(statement)])
        for node in preorder(statement.value):
            match node:
                case tree.Power(base=tree.Tensor() as base, exponent=tree.Tensor() as exponent):
                    _check_upper(source.text, base, exponent, letters)
                case tree.Tensor():
                    _check_tensor(source.text, node, functions)
                case tree.Component():
                    _check_component(source.text, node)
                case tree.Call():
                    if not check_declared_call(source.text, node, functions):
                        _check_call(source.text, node, functions)
                case tree.Operator():
                    _check_operator(source.text, node)


def _error(text: str, span: Span, reason: str, hint: str | None = None) -> IndicialError:
    return NotationError(reason, source=text, span=span, hint=hint)


def _check_target(text: str, target: tree.Tensor, functions: Functions) -> None:
    role = special(target)
    if role is not None:
        reason = f"'{quote(text, target.span)}' is {_MEANING[role]} and cannot be assigned"
        raise _error(text, target.span, reason, "choose another name")
    _check_tensor(text, target, functions)


def _check_tensor(text: str, tensor: tree.Tensor, functions: Functions) -> None:
    check_no_tensor(text, tensor, functions)
    name, rank, role = tensor.name, len(tensor.subscripts), special(tensor)
    if name in FUNCTIONS or name in SYNONYMS:
        reason = f"'{name}' is a function and cannot name a tensor"
        hint = f"write {name}(…) to apply it, or choose another name for the tensor"
    elif rank and name in OPERATORS:
        reason = f"'{name}' is an operator over indices and cannot name a tensor"
        letters = [index.name for index in tensor.subscripts]
        hint = f"put what it reaches over into brackets: {subscripted(name, letters)}(…)"
    elif role == "delta" and rank != 2:
        reason = f"the Kronecker delta has two indices, not {rank}"
        hint = "write delta_ij; for more indices a product: delta_ij delta_jk"
    elif role == "eps" and rank < 2:
        reason = "the Levi-Civita symbol has two indices or more, not 1"
        hint = "write eps_ij or eps_ijk, or choose another name for the tensor"
    else:
        return
    raise _error(text, tensor.span, reason, hint)


def _check_upper(text: str, base: tree.Tensor, exponent: tree.Tensor, letters: Collection[str]) -> None:
    """A^i_j and δ_i^j: indices stand below; x_i^(j) and p^{x_i} are powers."""
    if exponent.subscripts and text[exponent.span.start - 1 : exponent.span.start] == "{":
        return
    below = [index.name for index in (*base.subscripts, *exponent.subscripts)]
    if not exponent.subscripts and exponent.name in letters:
        whole = subscripted(base.name, [*below, exponent.name])
    elif exponent.subscripts and not base.subscripts and len(exponent.name) == 1:
        whole = subscripted(base.name, [exponent.name, *below])
    else:
        return
    power = "" if exponent.subscripts else f"; a power is written ^({quote(text, exponent.span)})"
    raise _error(
        text,
        exponent.span,
        f"'{exponent.name}' stands above, where exponents stand, and reads as an index",
        f"indices stand below: {whole}{power}",
    )


def _check_component(text: str, component: tree.Component) -> None:
    name, rank, role = component.name, len(component.subscripts), special(component)
    if name in FUNCTIONS or name in SYNONYMS:
        reason = f"'{name}' is a function and cannot name a tensor"
        hint = f"write {name}(…) to apply it, or choose another name for the tensor"
    elif role == "delta" and rank != 2:
        reason = f"the Kronecker delta has two indices, not {rank}"
        hint = "write delta[i+1, j]"
    elif role in ("eps", "ones"):
        reason = f"{_MEANING[role]} takes plain indices"
        hint = f"write {name}_ijk"[: len(name) + 9 - (role == "ones") * 7]
    else:
        return
    raise _error(text, component.span, reason, hint)


def arity(operator: str) -> tuple[int | None, int]:
    """How many letters an operator has, None for any number, and how many arguments."""
    if operator == "tr":
        return 2, 1
    row = TABLE.get(operator)
    return (row.arity, len(row.holds)) if row is not None else (None, 1)


def keeps(operator: tree.Operator) -> tuple[int, ...]:
    """Which of an operator's letters are still there behind it, as positions."""
    row = TABLE.get(operator.name)
    return () if row is None else row.kept(tuple(range(len(operator.indices))))


def _check_operator(text: str, operator: tree.Operator) -> None:
    letters, arguments = arity(operator.name)
    example = {1: f"{operator.name}_i(…)", 2: f"{operator.name}_ij(A_ij)"}
    example[2] = "solve_ij(A_ij, b_j)" if operator.name == "solve" else example[2]
    if letters is not None and len(operator.indices) != letters:
        count = "one index" if letters == 1 else f"{letters} indices, those of a square matrix"
        reason = f"'{operator.name}' takes {count}, not {len(operator.indices)}"
        raise _error(text, operator.head_span, reason, f"write {example[letters]}")
    if len(operator.arguments) != arguments:
        count = "one argument" if arguments == 1 else f"{arguments} arguments"
        reason = f"'{operator.name}' takes {count}, not {len(operator.arguments)}"
        raise _error(text, operator.span, reason, f"write {example[letters or 1]}")


def _nearest(name: str, words: tuple[str, ...]) -> str | None:
    close = difflib.get_close_matches(name, words, n=3, cutoff=0.5)
    return f"did you mean {listed(close, 'or')}?" if close else None


def _check_call(text: str, call: tree.Call, functions: Functions) -> None:
    name = function_name(call)
    if name in OPERATORS and name not in FUNCTIONS:
        reason = f"'{name}' works over indices, and none is named"
        raise _error(text, call.name_span, reason, f"name them: {name}_i(…)")
    if not is_function(name):
        raise _unknown_function(text, call, functions)
    _check_arity(text, call, 2 if name == "dim" else FUNCTIONS[name].arity)
    _check_arguments(text, call)


_OTHER_WORDS = {
    "σ": "did you mean sigmoid?",
    "ψ": "did you mean digamma?",
    "Γ": "did you mean exp(lgamma(x))?",
    "log10": "write log(x) / log(10);",
    "log2": "write log(x) / log(2);",
    "grad": "write ∂g/∂x_i or D(g, x_i);",
    "diff": "write ∂g/∂x_i or D(g, x_i);",
}


def _unknown_function(text: str, call: tree.Call, functions: Functions) -> IndicialError:
    """The nearest names; a line that would declare the function."""
    name = split(call.name, ())[0]
    words = tuple(sorted({*FUNCTIONS, *SYNONYMS, *functions}))
    near = _OTHER_WORDS.get(call.name) or _nearest(call.name, words)
    near = near or f"put a space before the bracket to multiply: {name} (…);"
    if name in words:
        hint = f"only a declared function has derivatives with such names: write D({name}(x_i), x_i)"
        return _error(text, call.name_span, f"there is no function '{call.name}'", hint)
    arguments = "" if len(call.arguments) == 1 else f"({', '.join('xyzuvwabc'[: len(call.arguments)])})"
    hint = f"{near} a line of its own declares one: function {name}{arguments}"
    return _error(text, call.name_span, f"there is no function '{call.name}'", hint)


def _check_arity(text: str, call: tree.Call, arity: int) -> None:
    given = len(call.arguments)
    if given == arity:
        return
    plural = "argument" if arity == 1 else "arguments"
    examples = {"dim": "W, 0", "polygamma": "1, x", "where": "x > 0, a, b"}
    hint = f"write {call.name}({examples.get(call.name, ', '.join('xyz'[:arity]))})"
    if call.name in ("max", "min") and given == 1:
        hint = f"over the entries along an index it is an operator: {call.name}_i(…)"
    raise _error(text, call.span, f"'{call.name}' takes {arity} {plural}, not {given}", hint)


def _check_arguments(text: str, call: tree.Call) -> None:
    condition = 0 if call.name == "where" else None
    for position, argument in enumerate(call.arguments):
        if isinstance(argument, tree.Comparison) == (position == condition):
            continue
        if position == condition:
            reason, hint = "the first argument of 'where' is a comparison", "write where(x > 0, a, b)"
        else:
            reason = "a comparison stands only in where(…, a, b) and in square brackets"
            hint = "put it into square brackets, which are 1 or 0: [x > 0]"
        raise _error(text, argument.span, reason, hint)
    if call.name == "polygamma" and not _is_count(call.arguments[0]):
        reason = "the order n of polygamma(n, x) is a literal integer, 0 or more"
        raise _error(text, call.arguments[0].span, reason, "write polygamma(1, x)")
    if call.name == "dim":
        _check_dim(text, call)


def _check_dim(text: str, call: tree.Call) -> None:
    tensor, axis = call.arguments
    if not isinstance(tensor, tree.Tensor) or tensor.subscripts:
        reason = "the first argument of 'dim' is the name of a tensor, without subscripts"
        raise _error(text, tensor.span, reason, "write dim(W, 0) for the extent of the first axis of W")
    if not _is_count(axis):
        reason = "the second argument of 'dim' is a literal axis, counted from 0"
        hint = f"write dim({tensor.name}, 0) for the extent of the first axis of {tensor.name}"
        raise _error(text, axis.span, reason, hint)


def _is_count(argument: tree.Expression) -> bool:
    value = literal(argument)
    return value is not None and value.denominator == 1 and value >= 0
