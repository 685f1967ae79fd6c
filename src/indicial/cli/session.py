"""A conversation: statements accumulate to a program, questions are asked of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from indicial.api import Derivative, Program, check, derive, parse
from indicial.cli.arrays import read_bindings, read_shapes, written_values
from indicial.cli.declared import as_declared
from indicial.cli.ranks import require_ranks
from indicial.cli.values import shown
from indicial.errors import IndicialError
from indicial.render.source.library import LIBRARIES
from indicial.syntax.einsum import is_einsum
from indicial.syntax.names import normal
from indicial.syntax.parser import parse_source

HELP = """\
f_i = W_ij x_j          a statement joins the program; one of the same name takes its place
index i: 3              a declaration, too
derive W                the derivative of the result; `derive W of f`, `derive x x`, `derive W_kl`
steps W                 how it comes about, rule by rule
latex  matrix  unicode  json  code numpy
                        other forms of the last derivative, or of another: latex x; before any, of the program
eval W=3x4 x=4          numbers of the last derivative, or of the program: from files, shapes or entries
check W=3x4 x=4         the last derivative against differences
plan W=300x400          what computing it costs
show  drop f  clear     the program; without one statement; from the beginning
help  quit

\\delta and Tab give δ; Tab completes names."""


class Quit(Exception):  # noqa: N818
    """The conversation is over."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered at one time, and what it says: the names assigned, the letters declared."""

    text: str
    says: frozenset[tuple[str, str]]


class Session:
    """Answers lines; whatever is wrong with one is an IndicialError and changes nothing."""

    def __init__(self) -> None:
        self.entries: tuple[Entry, ...] = ()
        self.last: tuple[str, Derivative] | None = None  # what was derived last, and by what
        self._verbs: Mapping[str, Callable[[str], str]] = {
            "derive": self._derive,
            **{form: self._in(form) for form in ("latex", "matrix", "unicode", "json")},
            "steps": self._steps,
            "code": self._code,
            "eval": self._eval,
            "check": self._check,
            "plan": self._plan,
            "show": lambda _: self._text,
            "drop": self._drop,
            "clear": self._clear,
            "help": lambda _: HELP,
            "quit": self._quit,
            "exit": self._quit,
        }

    def answer(self, line: str) -> str:
        """The answer to a question; nothing to a statement, which joins the program."""
        verb, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if not verb or verb.startswith("#"):
            return ""
        if verb in self._verbs and not rest.startswith("="):
            return self._verbs[verb](rest)
        self._enter(line.strip())
        return ""

    @property
    def names(self) -> list[str]:
        """The words that a line may hold besides the language's: verbs, and the program's tensors."""
        program = self._whole()
        return [*self._verbs, *(program.inputs + program.statements if program else ())]

    # ---- the program ---------------------------------------------------------------------------

    @property
    def _text(self) -> str:
        return "\n".join([entry.text for entry in self.entries])

    def _whole(self) -> Program | None:
        """The program with all of its statements as outputs: which is the result is left open."""
        says = [each for entry in self.entries for each in sorted(entry.says)]
        stated = [name for kind, name in says if kind == "statement"]
        return parse(self._text, outputs=stated) if stated else None

    @property
    def _program(self) -> Program:
        self._required()
        return parse(self._text)

    def _required(self) -> Program:
        program = self._whole()
        if program is None:
            raise IndicialError("there is no statement yet", hint="enter one: f_i = W_ij x_j")
        return program

    def _enter(self, text: str) -> None:
        if is_einsum(text):
            text = str(parse(text)).strip()
        try:
            source = parse_source(text, part=True)
        except IndicialError as error:
            raise self._with_near_verb(error, text) from error
        says = frozenset(
            [("statement", each.target.name) for each in source.statements]
            + [("index", each.index.name) for each in source.declarations]
            + [("tensor", tensor.name) for each in source.tensors for tensor in each.tensors]
            + [("function", each.name) for each in source.functions]
        )
        kept = tuple([entry for entry in self.entries if not entry.says <= says])
        self._change((*kept, Entry(text, says)))

    def _with_near_verb(self, error: IndicialError, text: str) -> IndicialError:
        """The error, with a hint where the first word is almost a question."""
        near = get_close_matches(text.split()[0], self._verbs, n=1, cutoff=0.7)
        if near and text.split()[0].isalpha():
            error.hint = f"did you mean {near[0]!r}? `help` lists the questions"
        return error

    def _change(self, entries: tuple[Entry, ...]) -> None:
        """Takes these entries, unless they are no program."""
        before, self.entries = self.entries, entries
        try:
            self._whole()
        except IndicialError:
            self.entries = before
            raise
        self.last = None

    def _drop(self, rest: str) -> str:
        names = {normal(name) for name in rest.split()}
        kept = [entry for entry in self.entries if not names & {name for _, name in entry.says}]
        if len(kept) == len(self.entries):
            raise IndicialError(f"there is no statement {rest!r} to drop", hint="`show` prints the program")
        self._change(tuple(kept))
        return ""

    def _clear(self, _rest: str) -> str:
        self.entries, self.last = (), None
        return ""

    def _quit(self, _rest: str) -> str:
        raise Quit

    # ---- derivatives ---------------------------------------------------------------------------

    def _derived(self, rest: str) -> Derivative:
        """The derivative that `W of f` names; the last one where nothing is named."""
        if not rest:
            if self.last is None:
                raise IndicialError("nothing is derived yet", hint="name the variable: derive x")
            return self.last[1]
        wrt, _, output = (f" {rest} ").partition(" of ")
        outputs = (normal(output.strip()),) if output.strip() else None
        program = self._program if outputs is None else self._required()
        found = derive(program, wrt.strip(), outputs=outputs)
        result: Derivative = found if isinstance(found, Derivative) else next(iter(found.values()))
        self.last = (wrt.strip(), result)
        return result

    def _derive(self, rest: str) -> str:
        return self._derived(rest).equation

    def _in(self, form: str) -> Callable[[str], str]:
        """A question for one form of a derivative, or of the program."""

        def answer(rest: str) -> str:
            if rest or self.last or form == "unicode":
                return str(getattr(self._derived(rest), form)())
            return str(getattr(self._program, form)())

        return answer

    def _steps(self, rest: str) -> str:
        return str(self._derived(rest).steps())

    def _code(self, rest: str) -> str:
        first, _, others = rest.partition(" ")
        library, rest = (first, others) if first in LIBRARIES else ("numpy", rest)
        subject = self._derived(rest) if rest or self.last else self._program
        return subject.source(library).rstrip("\n")

    # ---- numbers -------------------------------------------------------------------------------

    @property
    def _subject(self) -> Derivative | Program:
        return self.last[1] if self.last else self._program

    def _eval(self, rest: str) -> str:
        subject = self._subject
        return shown(subject(self._arrays(rest)))

    def _check(self, rest: str) -> str:
        if self.last is None:
            raise IndicialError("nothing is derived yet that could be checked", hint="derive x")
        wrt, derivative = self.last
        program = derivative.of
        outputs = (derivative.output,)
        chosen = program if program.outputs == outputs else parse(self._text, outputs=outputs)
        return str(check(chosen, wrt, self._arrays(rest)))

    def _plan(self, rest: str) -> str:
        return str(self._subject.plan(read_shapes(_words(rest))))

    def _arrays(self, rest: str) -> dict[str, object]:
        words = _words(rest)
        arrays, program = read_bindings(words), self._required()
        require_ranks(program, arrays, written_values(words))
        return dict(as_declared(program, arrays, written_values(words)))


def _words(rest: str) -> list[str]:
    """The words NAME=VALUE; entries may have spaces in them."""
    return re.split(r"\s+(?=[^\s=,\[\]]+=)", rest) if rest else []
