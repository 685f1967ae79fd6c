"""How matrix expressions are put together.

What is built is in normal form: no product in a product, transposes pushed to the names, equal terms merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from indicial.render.matrix.form import (
    COLUMN,
    IDENTITY,
    MATRIX,
    ONE,
    ONES,
    ROW,
    SCALAR,
    Call,
    EntryPower,
    Entrywise,
    Form,
    Kronecker,
    Product,
    Shape,
    Sum,
    Symbol,
    Transposed,
)  # fmt: skip

_SYMMETRIC_WORDS = ("inv", "adj")  # of a transpose the transpose


def number(value: Fraction | int) -> Form:
    """A number."""
    return Product(Fraction(value), (), ())


def as_product(form: Form) -> Product:
    """The form as a product, perhaps of one."""
    if isinstance(form, Product):
        return form
    return Product(ONE, ((form, ONE),), ()) if form.shape == SCALAR else Product(ONE, (), (form,))


def product(*forms: Form) -> Form:
    """f g …; what is a scalar goes to the front."""
    coefficient = ONE
    scalars: dict[Form, Fraction] = {}
    chain: list[Form] = []
    for form in map(as_product, map(_positive, forms)):
        coefficient *= form.coefficient
        own = dict(form.scalars)
        if form.chain and form.shape == SCALAR:
            own[Product(ONE, (), form.chain)] = ONE
        else:
            chain.extend(form.chain)
        for scalar, exponent in own.items():
            scalars[scalar] = scalars.get(scalar, Fraction(0)) + exponent
    left = tuple([(scalar, exponent) for scalar, exponent in scalars.items() if exponent])
    return _plain(Product(coefficient, left, _shortened(chain)))


def _positive(form: Form) -> Form:
    """A sum of nothing but negative terms with its sign in front."""
    if isinstance(form, Sum) and all(term.coefficient < 0 for term in form.terms):
        positive = Sum(tuple([Product(-term.coefficient, term.scalars, term.chain) for term in form.terms]))
        return Product(-ONE, *(((positive, ONE),), ()) if form.shape == SCALAR else ((), (positive,)))
    return form


def _plain(form: Product) -> Form:
    """A product of one factor as that factor."""
    if form.coefficient == 1:
        if not form.scalars and len(form.chain) == 1:
            return form.chain[0]
        if not form.chain and len(form.scalars) == 1 and form.scalars[0][1] == 1:
            return form.scalars[0][0]
    return form


def _shortened(chain: list[Form]) -> tuple[Form, ...]:
    """The chain without identities, and without a matrix beside its inverse."""
    result: list[Form] = []
    for form in chain:
        if form == IDENTITY or (form == Kronecker(IDENTITY, IDENTITY) and len(chain) > 1):
            continue
        if result and MATRIX in (result[-1].shape, form.shape) and _inverse(result[-1]) == form:
            result.pop()
            continue
        place = len(result)
        while place and isinstance(form, Symbol | Transposed) and _commute(form, result[place - 1]):
            place -= 1
        result.insert(place, form)
    return tuple(result) if result or not chain else (IDENTITY,)


def _commute(one: Form, other: Form) -> bool:
    """Whether `other` is the inverse or the adjugate of a power of `one`: these commute."""
    if isinstance(one, Transposed):
        return isinstance(other, Transposed) and _commute(one.of, other.of)
    return (
        isinstance(one, Symbol)
        and isinstance(other, Call)
        and other.word in _SYMMETRIC_WORDS
        and set(as_product(other.arguments[0]).chain) == {one}
    )


def _inverse(form: Form) -> Form:
    if isinstance(form, Transposed):
        return transposed(_inverse(form.of))
    return form.arguments[0] if isinstance(form, Call) and form.word == "inv" else inverse(form)


def inverse(form: Form) -> Form:
    """f⁻¹"""
    return Call("inv", (form,), MATRIX)


def transposed(form: Form) -> Form:
    """fᵀ, the transposes pushed to the names."""
    match form:
        case _ if form.shape == SCALAR or form == IDENTITY:
            return form
        case Transposed(of):
            return of
        case Product(coefficient, scalars, chain):
            return Product(coefficient, scalars, tuple([transposed(each) for each in reversed(chain)]))
        case Entrywise(powers):
            return Entrywise(tuple([(transposed(each), exponent) for each, exponent in powers]))
        case EntryPower(base, exponent):
            return EntryPower(transposed(base), transposed(exponent))
        case Sum(terms):
            return Sum(tuple([as_product(transposed(term)) for term in terms]))
        case Kronecker(left, right):
            return Kronecker(transposed(left), transposed(right))
        case Call():
            return _transposed_call(form)
    return Transposed(form)


def _transposed_call(form: Call) -> Form:
    if form.word == "diag" and form.shape == MATRIX:
        return form
    if form.word in _SYMMETRIC_WORDS:
        inner = transposed(form.arguments[0])
        if inner == form.arguments[0] or same(inner, form.arguments[0]):
            return form
    elif form.word not in _NOT_ENTRYWISE and all(_is_transposed(each) for each in form.arguments):
        return Call(form.word, tuple([transposed(each) for each in form.arguments]), form.shape.transposed)
    return Transposed(form)


def _is_transposed(form: Form) -> bool:
    """Whether the transpose of a form is a shorter one."""
    return form.shape == SCALAR or isinstance(form, Transposed)


_NOT_ENTRYWISE = frozenset(
    {"diag", "inv", "adj", "chol", "solve", "softmax", "log_softmax", "cumsum", "vec", "comm"}
)


def same(one: Form, other: Form) -> bool:
    """Whether two forms are equal up to the order of the terms of a sum or of factors entry by entry."""
    match one, other:
        case Sum(terms), Sum(others):
            return frozenset(terms) == frozenset(others)
        case Entrywise(powers), Entrywise(others_):
            return frozenset(powers) == frozenset(others_)
    return one == other


def entrywise(*forms: Form) -> Form:
    """f ⊙ g ⊙ … of forms of one shape."""
    front: list[Form] = []
    powers: dict[Form, Fraction] = {}
    for form in forms:
        if isinstance(form, Product) and (form.coefficient != 1 or form.scalars):
            front.append(Product(form.coefficient, form.scalars, ()))
            form = _plain(Product(ONE, (), form.chain))
        for base, exponent in form.powers if isinstance(form, Entrywise) else ((form, ONE),):
            powers[base] = powers.get(base, Fraction(0)) + exponent
    left = {base: exponent for base, exponent in powers.items() if exponent and base != ONES}
    if not left:
        return product(*front, forms[0] if forms[0] == ONES else filled(forms[0].shape))
    only = (
        next(iter(left)) if len(left) == 1 and set(left.values()) == {ONE} else Entrywise(tuple(left.items()))
    )
    return product(*front, only)


def filled(shape: Shape) -> Form:
    """Ones in a shape."""
    column: list[Form] = [ONES] if shape.rows else []
    row: list[Form] = [Transposed(ONES)] if shape.columns else []
    return product(*column, *row)


def power(form: Form, exponent: Fraction) -> Form:
    """f^exponent, entry by entry."""
    if exponent == 1:
        return form
    if form.shape != SCALAR:
        if isinstance(form, Entrywise) and exponent.denominator == 1:
            return Entrywise(tuple([(base, own * exponent) for base, own in form.powers]))
        return Entrywise(((form, exponent),))
    whole = as_product(form)
    if exponent.denominator == 1 and not whole.chain and (whole.coefficient or exponent > 0):
        scalars = tuple([(base, own * exponent) for base, own in whole.scalars])
        return _plain(Product(whole.coefficient ** int(exponent), scalars, ()))
    return Product(ONE, ((form, exponent),), ())


def added(forms: Iterable[Form]) -> Form:
    """f + g + …, equal terms merged."""
    terms: dict[Form, Product] = {}
    shape = SCALAR
    for form in forms:
        shape = form.shape
        for term in form.terms if isinstance(form, Sum) else (as_product(form),):
            monomial = Product(ONE, tuple(sorted(term.scalars, key=repr)), term.chain)
            known = terms.get(monomial)
            total = term.coefficient + (known.coefficient if known is not None else 0)
            terms[monomial] = Product(total, term.scalars, term.chain)
    left = tuple([term for term in terms.values() if term.coefficient])
    if not left:
        return zero(shape)
    return Sum(left) if len(left) > 1 else _plain(left[0])


def zero(shape: Shape) -> Form:
    """Nothing but zeros."""
    if shape == SCALAR:
        return number(0)
    named = Symbol("matrix(0)" if shape == MATRIX else "vector(0)", MATRIX if shape == MATRIX else COLUMN)
    return Transposed(named) if shape == ROW else named


def kronecker(left: Form, right: Form) -> Form:
    """f ⊗ g; a scalar goes to the front."""
    if SCALAR in (left.shape, right.shape):
        return product(left, right)
    one, other = as_product(left), as_product(right)
    front = [Product(each.coefficient, each.scalars, ()) for each in (one, other)]
    bare = [_plain(Product(ONE, (), each.chain)) for each in (one, other)]
    return product(*front, Kronecker(*bare))


def diagonal(form: Form) -> Form:
    """The diagonal matrix of a vector."""
    whole = as_product(form)
    bare = _plain(Product(ONE, (), whole.chain))
    inner = IDENTITY if bare == ONES else Call("diag", (bare,), MATRIX)
    return product(Product(whole.coefficient, whole.scalars, ()), inner)


def total(form: Form) -> Form:
    """The sum of all entries; that of a diagonal is a trace."""
    whole = as_product(form)
    front, chain = Product(whole.coefficient, whole.scalars, ()), whole.chain
    if len(chain) > 1 and chain[-1] == ONES:
        chain = chain[:-1]
    if len(chain) > 1 and chain[0] == Transposed(ONES):
        chain = chain[1:]
    bare = _plain(Product(ONE, (), chain))
    if isinstance(bare, Call) and bare.word == "diag" and bare.shape == COLUMN:
        return product(front, trace(bare.arguments[0]))
    return product(front, Call("sum", (bare,), SCALAR))


def trace(form: Form) -> Form:
    """tr f"""
    whole = as_product(form)
    bare = _plain(Product(ONE, (), whole.chain))
    return product(Product(whole.coefficient, whole.scalars, ()), Call("tr", (bare,), SCALAR))
