"""Matrix expressions as text: in the language that is read (`2*A*x`), or as on paper (`2 A x`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby

from indicial.render.matrix.algebra import as_product, transposed
from indicial.render.matrix.form import (
    COLUMN,
    IDENTITY,
    MATRIX,
    ONES,
    Call,
    EntryPower,
    Entrywise,
    Form,
    Kronecker,
    Product,
    Sum,
    Symbol,
    Transposed,
)
from indicial.render.matrix.style import PLAIN, Level, Style, Written

_CONSTANT: tuple[tuple[Form, ...], ...] = ((ONES,), (IDENTITY,))
_FEW = 3  # transposes in a bracket that is turned though it saves nothing: (x − 𝟏 uᵀ)ᵀ
_BRACKETS = 3  # what a pair of brackets and a sign behind it count


def text_of(form: Form, style: Style = PLAIN) -> str:
    """The text as it is read back, or in another style."""
    return style.finished(written(form, style).signed)


@lru_cache(maxsize=1 << 12)
def cost(form: Form) -> tuple[int, int, str]:
    """How long a form is: names count most, then brackets, signs and transposes alike."""
    text = re.sub(r"vector\(1\)(?= [+-] )", "·", text_of(form)).replace("vector(1)", "1")
    words = len(re.findall(r"\w+", text))
    signs = len(re.findall(r"[*/+\-^'()]", text))
    return 3 * words + signs, text.count("("), text


@lru_cache(maxsize=1 << 12)
def written(form: Form, style: Style) -> Written:
    """A form with what holds it together."""
    match form:
        case Symbol(name):
            return Written(style.name(name))
        case Transposed(of):
            return _transposed(of, style)
        case Call():
            return _call(form, style)
        case Entrywise(powers):
            return _entries(powers, style)
        case EntryPower(base, exponent):
            entries = bool({MATRIX, COLUMN} & {base.shape, exponent.shape})
            return style.power(written(base, style), written(exponent, style), entries)
        case Sum():
            return _sum(form, style)
        case Kronecker(left, right):
            return style.kronecker(written(left, style), written(right, style))
    return _product(form, style)


def _transposed(of: Form, style: Style) -> Written:
    if isinstance(of, Call) and of.word == "inv":
        return style.inverse(written(of.arguments[0], style), turned=True)
    return style.transposed(written(of, style))


def _call(form: Call, style: Style) -> Written:
    if form.word == "inv":
        return style.inverse(written(form.arguments[0], style), turned=False)
    return style.call(form.word, [written(argument, style).signed for argument in form.arguments])


def _sum(form: Sum, style: Style) -> Written:
    """A sum, or the transpose of a sum where that takes fewer signs: (X B + B X)ᵀ."""
    plain = _terms(form, style)
    other = transposed(form)
    if form.shape.columns and isinstance(other, Sum):
        back = _terms(other, style)
        worth = _BRACKETS if form.shape == MATRIX else 1
        if style.transposes(plain.text) > style.transposes(back.text) + worth:
            return Written(f"({back.text}){style.transpose}", Level.POSTFIX, back.negative)
    return plain


def _terms(form: Sum, style: Style) -> Written:
    """What is added stands first, constants before all; of negative terms the sign stands in front."""
    pairs = [(written(term, style), as_product(term).chain in _CONSTANT) for term in form.terms]
    pairs.sort(key=lambda pair: (pair[0].negative, not pair[1], pair[0].text))
    parts = [part for part, _ in pairs]
    turned = all(part.negative for part in parts)
    text = parts[0].text
    for part in parts[1:]:
        text += (" - " if part.negative != turned else " + ") + part.text
    return Written(f"({text})", Level.ATOM, True) if turned else Written(text, Level.SUM)


# --- powers ---------------------------------------------------------------------------------------------


def _raised(base: Form, exponent: Fraction, style: Style) -> Written:
    """base^exponent of a scalar, or entry by entry."""
    if exponent == 1:
        return written(base, style)
    if exponent == Fraction(1, 2):
        return style.root(written(base, style))
    return style.raised(written(base, style), exponent, base.shape)


def _names_first(power: tuple[Form, Fraction]) -> tuple[bool, str]:
    """Factors whose order is free: names in alphabetical order, then the others as they come."""
    base = power[0]
    return not isinstance(base, Symbol), base.name if isinstance(base, Symbol) else ""


def _entries(powers: Sequence[tuple[Form, Fraction]], style: Style) -> Written:
    powers = sorted(powers, key=_names_first)
    above = [_raised(base, exponent, style) for base, exponent in powers if exponent > 0]
    below = [_raised(base, -exponent, style) for base, exponent in powers if exponent < 0]
    if len(above) == 1 and not below:
        return above[0]
    texts = [part.within(Level.POSTFIX) for part in above] or ["1"]
    text = style.entry_times.join(texts)
    for part in below:
        text += style.entry_over + part.within(Level.POSTFIX)
    return Written(text, Level.ENTRIES)


def _matrix_powers(chain: Sequence[Form], style: Style) -> Iterator[Written]:
    """The factors of a chain; equal ones side by side are a power."""
    for form, group in groupby(chain):
        count = len(list(group))
        if count == 1:
            yield _factor(form, style)
            continue
        bare = form.of if isinstance(form, Transposed) else form
        inverted = isinstance(bare, Call) and bare.word == "inv"
        base = bare.arguments[0] if isinstance(bare, Call) and inverted else bare
        yield style.matrix_power(written(base, style), -count if inverted else count, bare is not form)


def _factor(form: Form, style: Style) -> Written:
    """A factor of a chain; one in brackets is (y − t)ᵀ rather than (yᵀ − tᵀ)."""
    plain = written(form, style)
    if not isinstance(form, (Sum, Entrywise)) or plain.level <= Level.POSTFIX or plain.negative:
        return plain
    back = written(transposed(form), style)
    signs = style.transposes(plain.text) - style.transposes(back.text) - 1
    if back.negative or signs < 0 or (signs == 0 and not 1 < style.transposes(plain.text) < _FEW):
        return plain
    return Written(f"({back.text}){style.transpose}", Level.POSTFIX)


# --- products -------------------------------------------------------------------------------------------


def _product(form: Product, style: Style) -> Written:
    """number · scalars · chain / divisors"""
    form = _turned(form)
    value, chain = abs(form.coefficient), form.chain
    powers = sorted(form.scalars, key=_names_first)
    above = [_raised(base, exponent, style) for base, exponent in powers if exponent > 0]
    below = [_raised(base, -exponent, style) for base, exponent in powers if exponent < 0]
    body = _chain(chain, style)
    front = [str(value.numerator)] if value.numerator != 1 or not (above or body) else []
    alone = not front and len(above) + len(body) == 1
    level = Level.PRODUCT
    if alone:
        (only,) = [*above, *body]
        if not below and value.denominator == 1:
            return Written(only.text, only.level, only.negative != (form.coefficient < 0))
        text = only.within(Level.SUM if style.bars else Level.PRODUCT)
    elif not above and len(body) == 1 and body[0].level == Level.ENTRIES:
        text, level = style.times.join([*front, body[0].text]), Level.ENTRIES
    else:
        lone = len(above) == 1 and not body
        scalars = [part.within(Level.PRODUCT if lone else Level.POSTFIX) for part in above]
        text = style.times.join([*front, *scalars, *[part.within(Level.POSTFIX) for part in body]])
    number = [str(value.denominator)] if value.denominator != 1 else []
    alone = style.bars and len(number) + len(below) == 1
    divisors = [*number, *[part.within(Level.SUM if alone else Level.POSTFIX) for part in below]]
    if divisors:
        text = f"({text})" if level == Level.ENTRIES and not style.bars else text
        text, level = style.quotient(text, divisors), Level.PRODUCT
    whole = not (above or body or divisors)
    return Written(text, Level.ATOM if whole else level, form.coefficient < 0)


def _turned(form: Product) -> Product:
    """-2 (a - b) as 2 (b - a); -(a - b) (a - b)ᵀ stays as it is."""
    if form.coefficient > 0:
        return form
    for position, part in enumerate(form.chain):
        other = None if transposed(part) in form.chain else _negated(part)
        if other is not None:
            chain = (*form.chain[:position], other, *form.chain[position + 1 :])
            return Product(-form.coefficient, form.scalars, chain)
    for position, (base, exponent) in enumerate(form.scalars):
        other = _negated(base) if exponent == 1 else None
        if other is not None:
            scalars = (*form.scalars[:position], (other, exponent), *form.scalars[position + 1 :])
            return Product(-form.coefficient, scalars, form.chain)
    return form


def _negated(form: Form) -> Form | None:
    """−f without a sign in front: of a difference, or of one among factors entry by entry."""
    if isinstance(form, Sum) and any(term.coefficient < 0 for term in form.terms):
        return Sum(tuple([Product(-term.coefficient, term.scalars, term.chain) for term in form.terms]))
    if isinstance(form, Entrywise):
        for position, (base, exponent) in enumerate(form.powers):
            other = _negated(base) if exponent == 1 else None
            if other is not None:
                return Entrywise((*form.powers[:position], (other, exponent), *form.powers[position + 1 :]))
    if isinstance(form, Call) and form.word == "diag":
        inner = _negated(form.arguments[0])
        return None if inner is None else Call("diag", (inner,), form.shape)
    return None


def _chain(chain: Sequence[Form], style: Style) -> list[Written]:
    """The factors; (B A)' where that takes fewer signs than A' B'."""
    turned = sum(isinstance(form, Transposed) for form in chain)
    square = len(chain) > 1 and chain[0].shape.rows and chain[-1].shape.columns
    if square and turned - (len(chain) - turned) > _BRACKETS:
        back = [transposed(form) for form in reversed(chain)]
        inner = style.times.join([part.within(Level.POSTFIX) for part in _matrix_powers(back, style)])
        return [Written(f"({inner}){style.transpose}", Level.POSTFIX)]
    return list(_matrix_powers(chain, style))
