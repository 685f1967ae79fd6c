"""Steps of single numbers as Python's own arithmetic, which is ten times as fast as arrays of no axes.

Where Python raises instead of giving what NumPy gives (1/0, exp 1000, sin ∞), the function is run again
with arrays throughout: see `Executable`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from indicial.backends.codegen import Emitter, Writer
from indicial.backends.layout import dense
from indicial.backends.values import Value
from indicial.planning.steps import Step

_MATH = ("exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
         "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "atan2")  # fmt: skip
_WRITTEN: Mapping[str, str] = {
    "abs": "abs({0})",
    "relu": "(0.0 if {0} <= 0.0 else {0})",
    "step": "(1.0 if {0} > 0.0 else 0.0)",
    "sigmoid": "1.0 / (1.0 + exp(-{0}))",
    "softplus": "log1p(exp(-abs({0}))) + (0.0 if {0} <= 0.0 else {0})",
}
_POWERS: Mapping[float, str] = {
    2.0: "{0} * {0}", 3.0: "{0} * {0} * {0}", -1.0: "1.0 / {0}", -2.0: "1.0 / ({0} * {0})",
    0.5: "sqrt({0})", -0.5: "1.0 / sqrt({0})",
}  # fmt: skip
_BINARY: Mapping[str, str] = {
    "add": "{0} + {1}", "subtract": "{0} - {1}", "multiply": "{0} * {1}", "divide": "{0} / {1}",
    "pow": "pow({0}, {1})",
}  # fmt: skip
_NESTED = 24  # brackets of an expression that is written into another
OPERATIONS = frozenset({*_BINARY, "scale", "power", "call", "compare"})
_CALLED = re.compile(rf"\b({'|'.join([*_MATH, 'pow'])})\(")


def scalar(emitter: Emitter) -> Emitter:
    """An emitter that writes a step of single numbers as an expression, and others as the given one does."""

    def emit(w: Writer, number: int, step: Step) -> Value | None:
        if w.scalars and not step.shape and not any(w.values[o].shape for o in step.operands):
            form = _form(step)
            if form is not None:
                return _expression(w, number, step, form)
        return emitter(w, number, step)

    return emit


def _form(step: Step) -> str | None:
    """The step as an expression of {0} and {1}, if it has one."""
    match step.operation:
        case "scale":
            return "-{0}" if step.parameters == -1.0 else f"{{0}} * {_literal(step.parameters)}"
        case "power":
            return _POWERS.get(step.parameters, f"pow({{0}}, {_literal(step.parameters)})")
        case "call" if step.parameters in _MATH:
            return f"{step.parameters}({', '.join(['{0}', '{1}'][: len(step.operands)])})"
        case "call":
            return _WRITTEN.get(step.parameters)
        case "compare" if step.parameters[1] == "number":
            return f"(1.0 if {{0}} {step.parameters[0]} {{1}} else 0.0)"
    return _BINARY.get(step.operation)


def _literal(number: float) -> str:
    return repr(float(number)) if math.isfinite(number) else f'float("{number}")'


def _expression(w: Writer, number: int, step: Step, form: str) -> Value:
    """A line for the expression, or none where its only reader takes the expression itself."""
    operands = [_number(w, operand) for operand in step.operands]
    for function in dict.fromkeys(_CALLED.findall(form)):
        w.function(f"math_{function}", getattr(math, function))
    text = _CALLED.sub(r"math_\1(", form).format(*operands)
    if _is_inlined(w, number) and text.count("(") <= _NESTED:
        w.numbers[number] = f"({text})"
    else:
        w.line(f"v{number} = {text}")
        w.numbers[number] = f"v{number}"
    return Value(f"v{number}", dense(()), w.dtype, scalar=True)


def _is_inlined(w: Writer, number: int) -> bool:
    """Whether one step alone reads a number, as a number and once."""
    readers = w.readers[number]
    if len(readers) != 1 or number in w.plan.outputs:
        return False
    reader = w.plan.steps[readers[0]]
    form = _form(reader) if reader.operation in OPERATIONS else None
    if form is None or reader.shape or any(w.plan.steps[operand].shape for operand in reader.operands):
        return False
    return form.count(f"{{{reader.operands.index(number)}}}") == 1


def _number(w: Writer, operand: int) -> str:
    """An operand as a Python number."""
    known = w.numbers.get(operand)
    if known is not None:
        return known
    value = w.values[operand]
    if value.constant is not None:
        found = float(value.constant)
        known = _literal(found) if math.copysign(1.0, found) > 0 else f"({_literal(found)})"
    else:
        known = f"s{operand}"
        w.line(f"{known} = {value.name}.item()")
    w.numbers[operand] = known
    return known
