"""What can be differentiated or computed: a text, a Program or a Derivative, and how a text becomes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Union

from indicial.api.derivative import Derivative
from indicial.api.operands import has_ellipsis, ranks_of
from indicial.api.program import Program
from indicial.errors import NotationError
from indicial.semantics.operands import check_are_ranks
from indicial.syntax.names import normal

Source = Union[str, Program, Derivative]


@lru_cache(maxsize=256)
def _parsed(
    text: str, outputs: tuple[str, ...] | None, ranks: tuple[int, ...] | None, notation: str
) -> Program:
    return Program.from_text(text, outputs, ranks, notation)


def parse(
    text: str,
    *,
    outputs: Sequence[str] | None = None,
    ranks: Sequence[int] | None = None,
    notation: str = "index",
) -> Program:
    """Read a program in index notation, an einsum string such as "ij,j->i", or with `notation="matrix"`
    a program in matrix notation.

    `outputs` names the statements asked for; without it the output is the last
    one or, where another uses that, the only one that none uses. `ranks` are those of
    an einsum string's operands, needed where it has an ellipsis. Raises ParseError for what is not in the
    language and NotationError for what breaks a rule of index notation.
    """
    if not isinstance(text, str):
        raise NotationError(
            f"a program is a text, not a {type(text).__name__}", hint='write "f_i = W_ij x_j"'
        )
    return _parsed(text, output_names(outputs), check_are_ranks(ranks), notation)


def output_names(outputs: Sequence[str] | None) -> tuple[str, ...] | None:
    """The names of statements as the program has them."""
    if outputs is None:
        return None
    if isinstance(outputs, (tuple, list)) and outputs and all(isinstance(name, str) for name in outputs):
        return tuple([normal(name) for name in outputs])
    raise NotationError("outputs is a tuple of names of statements", hint='write outputs=("f", "g")')


def program_of(
    source: Source, notation: str = "index", outputs: Sequence[str] | None = None
) -> Program | Derivative:
    """What is to be differentiated or computed; a text is read."""
    if isinstance(source, (Derivative, Program)):
        return source
    return parse(source, outputs=outputs, notation=notation)


def ranked(program: Source, arrays: Sequence[object], named: Mapping[str, object]) -> Source:
    """The program; an einsum string with an ellipsis is read with the ranks of its arrays."""
    if isinstance(program, str) and has_ellipsis(program):
        return parse(program, ranks=ranks_of(program, arrays, named))
    return program


def order_zero(program: Program, output: str) -> Derivative:
    """A statement as its own derivative of order 0."""
    return Derivative(program, output, (), program.meaning.statements[output])


def require_scalar(source: Program | Derivative) -> None:
    """Refuse a gradient of what is no scalar."""
    several = isinstance(source, Program) and len(source.outputs) > 1
    letters = source.indices if isinstance(source, Derivative) else source.meaning.axes[source.outputs[0]]
    if several or letters:
        name = source.output if isinstance(source, Derivative) else source.outputs[0]
        raise NotationError(
            f"a gradient needs a scalar output, but {name!r} has "
            + ("company: there are several outputs" if several else f"the indices {', '.join(letters)}"),
            hint="use jacobian, or sum the output to a scalar",
        )
