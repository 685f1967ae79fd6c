"""The errors of the summation rule: the reason in the language of indices, the places, and a fix."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from indicial.errors import NotationError, Note, Span
from indicial.ir.operators import OPERATORS
from indicial.semantics.walk import index_names, tensors
from indicial.semantics.wording import listed, quote, replaced, subscripted, unused_letter
from indicial.syntax import tree

Occurrence = tree.IndexName | tree.Tensor
Places = Mapping[str, Sequence[Occurrence]]


def check_left_side(source: tree.Source, statement: tree.Statement) -> None:
    """A letter stands once on the left side."""
    target = statement.target
    letters: dict[str, tree.IndexName] = {}
    for index in target.subscripts:
        if index.name in letters:
            other = _new_letter(source, index.name)
            left = [one.name if one is not index else other for one in target.subscripts]
            deltas = f"{subscripted('delta', (index.name, other))} {_factor(source.text, statement.value)}"
            raise NotationError(
                f"index '{index.name}' stands twice on the left side",
                source=source.text,
                span=index.span,
                notes=(Note(letters[index.name].span, "first here"),),
                hint=f"write a diagonal with a delta: {subscripted(target.name, left)} = {deltas}",
            )
        letters[index.name] = index


def check_operator(
    source: tree.Source, operator: tree.Operator, bound: Mapping[str, int], free: Places
) -> None:
    """The letters of an operator differ, are not bound around it, and occur in its argument."""
    seen: set[str] = set()
    for index in operator.indices:
        name = subscripted(operator.name, [one.name for one in operator.indices])
        if index.name in seen:
            raise NotationError(
                f"index '{index.name}' stands twice in {name}",
                source=source.text,
                span=index.span,
                hint=f"write it once: {subscripted(operator.name, dict.fromkeys(_names(operator)))}(…)",
            )
        seen.add(index.name)
        if bound[index.name]:
            raise _bound_twice(source, operator, index, free.get(index.name, ()))
        if index.name not in free:
            argument = _factor(source.text, operator.arguments[0])
            hint = f"leave it out, or count it with ones: {name}(ones_{index.name} {argument})"
            other = [letter for letter in free if letter.lower() == index.name.lower()]
            if other:
                letters = [other[0] if one == index.name else one for one in _names(operator)]
                hint = f"'{other[0]}' is another letter: write {subscripted(operator.name, letters)}(…)"
            raise NotationError(
                f"index '{index.name}' of {name} does not occur in what the operator reaches over",
                source=source.text,
                span=index.span,
                hint=hint,
            )


def check_arguments(source: tree.Source, operator: tree.Operator, free: Sequence[Collection[str]]) -> None:
    """Each argument of an operator with several has the letters that are its own, and not the others."""
    letters = _names(operator)
    row = OPERATORS[operator.name]
    for position, (argument, found) in enumerate(zip(operator.arguments, free, strict=True)):
        own = row.held(position, tuple(letters))
        for letter in letters:
            if (letter in own) != (letter in found):
                name, order = subscripted(operator.name, letters), ("first", "second")[position]
                verb = "does not occur" if letter in own else "has no place"
                example = f"A_{''.join(letters)}, b_{''.join(row.held(1, tuple(letters)))}"
                raise NotationError(
                    f"index '{letter}' of {name} {verb} in its {order} argument",
                    source=source.text,
                    span=argument.span,
                    hint=f"write {name}({example})",
                )


def _names(operator: tree.Operator) -> list[str]:
    return [index.name for index in operator.indices]


def _bound_twice(
    source: tree.Source, operator: tree.Operator, index: tree.IndexName, places: Sequence[Occurrence]
) -> NotationError:
    other = _new_letter(source, index.name)
    rewritten = replaced(source.text, operator.span, [index, *places], other)
    if rewritten is None:
        letters = [other if name == index.name else name for name in _names(operator)]
        rewritten = f"{subscripted(operator.name, letters)}(…)"
    return NotationError(
        f"index '{index.name}' is already bound around this '{operator.name}', which would use it up",
        source=source.text,
        span=index.span,
        hint=f"use another letter inside: {rewritten}",
    )


def loose_index(source: tree.Source, statement: tree.Statement, loose: Places) -> NotationError:
    """Rule 3: a letter that is neither summed nor on the left side."""
    first = min([place for places in loose.values() for place in places], key=lambda place: place.span.start)
    term = _term_at(statement.value, first.span)
    inside = {
        letter: [place for place in places if term.start <= place.span.start < term.end]
        for letter, places in loose.items()
    }
    letters = sorted(
        [letter for letter in inside if inside[letter]], key=lambda one: inside[one][0].span.start
    )
    target = statement.target
    left = [index.name for index in target.subscripts] + letters
    primed = next((each.name for each in target.subscripts if each.name.rstrip("'") in letters), None)
    if primed is not None and len(target.subscripts) == 1:
        meant = subscripted(f"{target.name}{'prime' * primed.count(chr(39))}", [primed.rstrip("'")])
    else:
        meant = ""
    once = "occurs only once in this term"
    if len(inside[first.name]) > 1:
        once = "repeats in no product of this term"
    return NotationError(
        f"index '{first.name}' {once} and is not on the left side, so nothing says what to do with it",
        source=source.text,
        span=first.span,
        hint=f"the index on the left side is {primed}; a name with a prime is written {meant} = …"
        if meant
        else f"write {subscripted('sum', letters)}({quote(source.text, term)}), or put {listed(letters)} "
        f"on the left side: {subscripted(target.name, left)} = …{_as_position(source.text, letters, first)}",
    )


def _as_position(text: str, letters: Sequence[str], place: Occurrence) -> str:
    """The offer of a declaration, for z[t] with a t that may be meant as a number."""
    opening = text.rfind("[", 0, place.span.start)
    if len(letters) > 1 or opening < max(text.rfind("_", 0, place.span.start), 0):
        return ""
    if not text[opening - 1 : opening].isalnum():
        return ""
    return f"; a position that is given as a number is declared: tensor {letters[0]}: integer"


def _term_at(value: tree.Expression, span: Span) -> Span:
    if isinstance(value, tree.Sum):
        for term in value.terms:
            if term.value.span.start <= span.start < term.value.span.end:
                return term.value.span
    return value.span


def missing_on_the_right(
    source: tree.Source, statement: tree.Statement, missing: Sequence[tree.IndexName]
) -> NotationError:
    """Rule 5: letters of the left side that no term has."""
    target, index = quote(source.text, statement.target.span), missing[0]
    ones = " ".join([f"ones_{each.name}" for each in missing])
    return NotationError(
        f"index '{index.name}' is on the left side, but no term on the right has it",
        source=source.text,
        span=index.span,
        hint="say that the value is the same along it: "
        f"{target} = {ones} {_factor(source.text, statement.value)}",
    )


def summed_and_free(
    source: tree.Source,
    product: tree.Product | tree.Power | tree.Derivative,
    letter: str,
    scope: Span,
    places: Sequence[Occurrence],
) -> NotationError:
    """Rule 4: a letter summed implicitly inside one factor and free in another."""
    free = min(places, key=lambda place: place.span.start)
    inside = [place for place in _places(source, letter) if scope.start <= place.span.start < scope.end]
    other = _new_letter(source, letter)
    rewritten = replaced(source.text, scope, inside, other) or f"the sum over '{other}'"
    if isinstance(product, tree.Derivative):
        return NotationError(
            f"index '{letter}' is summed inside what is differentiated, and free in the denominator",
            source=source.text,
            span=free.span,
            notes=(Note(scope, f"'{letter}' is summed here"),),
            hint=f"write another letter for the one or for the other: {rewritten}",
        )
    operator = subscripted("sum", letter)
    return NotationError(
        f"index '{letter}' is summed inside one factor and free in another factor of the same product",
        source=source.text,
        span=free.span,
        notes=(Note(scope, f"'{letter}' is summed here"),),
        hint=f"write {operator}({quote(source.text, product.span)}) for one sum over the product, "
        f"or another letter for the inner sum: {rewritten}",
    )


def _places(source: tree.Source, letter: str) -> list[Occurrence]:
    """Where a letter is written, bare letters of conditions included."""
    subscripts = [index for index in index_names(source) if index.name == letter]
    bare = [
        tensor
        for tensor in _tensors(source)
        if isinstance(tensor, tree.Tensor) and tensor.name == letter and not tensor.subscripts
    ]
    return [*subscripts, *bare]


def _tensors(source: tree.Source) -> list[tree.Tensor | tree.Component]:
    return [tensor for statement in source.statements for tensor in tensors(statement.value)]


def _new_letter(source: tree.Source, near: str) -> str:
    taken = [*[index.name for index in index_names(source)], *[tensor.name for tensor in _tensors(source)]]
    return unused_letter(near, frozenset(taken))


def _factor(text: str, expression: tree.Expression) -> str:
    """The text of an expression as a factor: in brackets where it needs them."""
    words = quote(text, expression.span)
    if isinstance(expression, tree.Operator):
        return f"({words})" if expression.sign else words
    closed = (
        tree.Number, tree.Tensor, tree.Group, tree.Call, tree.Iverson, tree.Power, tree.Derivative,
    )  # fmt: skip
    return words if isinstance(expression, closed) else f"({words})"
