"""Sums of exponentials written out by hand, as the operators that evaluate them without overflow.

    log(1 + exp u) = softplus(u)              exp(u)^t / (1 + exp u)^k = σ(u)^t σ(−u)^(k−t),  t ≤ k
    log Σ_i exp u_i = logsumexp_i(u_i)        exp(u_i) / Σ_j exp u_j   = softmax_i(u_i)
    log(1 + u) = log1p(u)                     exp(u) − 1               = expm1(u)
    1 − σ(u) = σ(−u)                                      log σ(u) = −softplus(−u)
    log softmax_i(u_i) = log_softmax_i(u_i)

They are recognised in canonical bodies, also where the differentiator made them, and stay as they are
in formulas: only the plan has them.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from indicial.ir.indices import Index
from indicial.ir.nodes import MINUS_ONE, ONE, Add, Call, IndexSum, Mul, Node, Number, Operation, Power
from indicial.ir.traversal import substitute
from indicial.simplify.canonical import Simplifier
from indicial.simplify.terms import factors_in, split_coefficient

Factors = dict[Node, Fraction]  # base to exponent


@lru_cache(maxsize=1 << 12)
def _canonical(node: Node) -> Node:
    """The form in which equal arguments are one node, whatever order their factors stand in."""
    return Simplifier()(node)


def factors_of(node: Node) -> Factors:
    """A product as powers with literal exponents, numbers among them; products in it taken apart."""
    found: Factors = {}
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Mul):
            pending.extend(reversed(current.factors))
            continue
        base, exponent = power_of(current)
        _multiply(found, base, exponent)
    return found


def power_of(factor: Node) -> tuple[Node, Fraction]:
    """A factor as a base and its literal exponent."""
    if isinstance(factor, Power) and isinstance(factor.exponent, Number):
        return factor.base, factor.exponent.value
    return factor, Fraction(1)


def product_of(factors: Factors) -> Node:
    """The product again, without what became 1."""
    nodes = [base if e == 1 else Power(base, Number(e)) for base, e in factors.items() if e and base != ONE]
    return nodes[0] if len(nodes) == 1 else Mul(tuple(nodes)) if nodes else ONE


def stable_call(node: Call) -> Node:
    """log of 1 + exp u, of Σ exp u, of a probability, or of 1 + u."""
    if node.function != "log":
        return node
    (argument,) = node.arguments
    if isinstance(argument, Operation) and argument.operator == "softmax":
        return Operation("log_softmax", argument.indices, argument.arguments, argument.at)
    if isinstance(argument, Call) and argument.function == "sigmoid":
        return negative(Call("softplus", (negative(argument.arguments[0]),)))
    inner = logistic_argument(argument)
    if inner is not None:
        return Call("softplus", (inner,))
    if _is_sum_of_exponentials(argument):
        return log_sum_exp(argument)
    rest = _without(argument, Fraction(1))
    return Call("log1p", (rest,)) if rest is not None else node


def stable_sum(node: Node) -> Node:
    """exp u − 1, 1 − exp u and 1 − σ(u)"""
    rest = _without(node, Fraction(-1))
    if isinstance(rest, Call) and rest.function == "exp":
        return Call("expm1", rest.arguments)
    sign, rest = split_coefficient(_without(node, ONE.value) or ONE)
    if sign == -1 and isinstance(rest, Call) and rest.function == "exp":
        return Mul((MINUS_ONE, Call("expm1", rest.arguments)))
    if sign == -1 and isinstance(rest, Call) and rest.function == "sigmoid":
        return Call("sigmoid", (negative(rest.arguments[0]),))
    return node


def _without(node: Node, number: Fraction) -> Node | None:
    """What is added to a number in a sum of two."""
    if isinstance(node, Add) and len(node.terms) == 2 and Number(number) in node.terms:
        return next(term for term in node.terms if term != Number(number))
    return None


def logistic_argument(node: Node) -> Node | None:
    """u, of 1 + exp u."""
    rest = _without(node, Fraction(1))
    return rest.arguments[0] if isinstance(rest, Call) and rest.function == "exp" else None


def _is_sum_of_exponentials(node: Node) -> bool:
    return isinstance(node, IndexSum) and isinstance(node.body, Call) and node.body.function == "exp"


def is_exponential(node: Node) -> bool:
    """Whether a body is exp u, Σ exp u or 1 + exp u: what must stand in sight of its users."""
    plain = isinstance(node, Call) and node.function == "exp"
    return plain or _is_sum_of_exponentials(node) or logistic_argument(node) is not None


def is_probability(body: Node) -> bool:
    """Whether a body is σ(u) or softmax(u), which may be 0 in numbers where their logarithms are finite."""
    return (isinstance(body, Operation) and body.operator == "softmax") or (
        isinstance(body, Call) and body.function == "sigmoid"
    )


def log_sum_exp(node: Node) -> Node:
    """log of Σ exp u."""
    assert isinstance(node, IndexSum)
    assert isinstance(node.body, Call)
    return Operation("logsumexp", node.indices, node.body.arguments, ())


def stable_product(node: Node) -> Node:
    """Quotients by 1 + exp u and by Σ exp u: every exponential finds a divisor that bounds it.

    First each divisor becomes a bounded factor by itself, 1/(1 + exp u) = σ(−u) and 1/Σ exp u =
    exp(−logsumexp u); then exp v takes such a factor: exp v · σ(−v) = σ(v), and exp v · exp(−logsumexp u)
    = softmax.
    """
    if not any(_matters(factor) for factor in (node.factors if isinstance(node, Mul) else (node,))):
        return node
    factors = factors_of(node)
    changed = _bounded(factors)
    for base in [each for each in factors if isinstance(each, Call) and each.function == "exp"]:
        changed |= _absorbed(factors, base)
    changed |= _pushed(factors)
    return product_of(factors) if changed else node


def _matters(factor: Node) -> bool:
    """Whether a factor may be an exponential, or what bounds one."""
    if isinstance(factor, Power):
        factor = factor.base
        if isinstance(factor, (Add, IndexSum)):
            return True
    return isinstance(factor, Mul) or (isinstance(factor, Call) and factor.function in ("exp", "sigmoid"))


def _bounded(factors: Factors) -> bool:
    """Divisors as bounded factors; whether there were some."""
    changed = False
    for base, exponent in list(factors.items()):
        if exponent >= 0 or exponent.denominator != 1:
            continue
        inner = logistic_argument(base)
        if inner is None and not _is_sum_of_exponentials(base):
            continue
        del factors[base]
        bound = Call("sigmoid", (negative(inner),)) if inner is not None else _inverse_of_sum(base)
        _multiply(factors, bound, -exponent)
        changed = True
    return changed


def _inverse_of_sum(total: Node) -> Node:
    """1 / Σ exp u as exp(−logsumexp u)."""
    return Call("exp", (Mul((MINUS_ONE, log_sum_exp(total))),))


def _absorbed(factors: Factors, exponential: Call) -> bool:
    """exp v joined with the factors that bound it; whether there were some."""
    changed = False
    while (have := factors.get(exponential, Fraction(0))) >= 1 and have.denominator == 1:
        bounds = [base for base, exponent in factors.items() if exponent >= 1 and _is_bound(base)]
        found = next(((each, new) for each in bounds if (new := _joined(exponential, each))), None)
        if found is None:
            break
        bound, new = found
        _multiply(factors, bound, Fraction(-1))
        _multiply(factors, exponential, Fraction(-1))
        _multiply(factors, new, Fraction(1))
        changed = True
    return changed


def _joined(exponential: Node, bound: Node) -> Node | None:
    """The product of exp v with a factor that bounds it, as one operator."""
    assert isinstance(bound, Call)
    assert isinstance(exponential, Call)
    (inner,) = exponential.arguments
    if bound == exponential:
        return None
    if bound.function == "sigmoid":
        opposite = _canonical(bound.arguments[0]) == _canonical(negative(inner))
        return Call("sigmoid", (inner,)) if opposite else None
    sign, total = split_coefficient(bound.arguments[0])
    if sign != -1 or not isinstance(total, Operation) or total.operator != "logsumexp":
        return None
    at = _place(total, inner)
    return None if at is None else Operation("softmax", total.indices, total.arguments, at)


def _pushed(factors: Factors) -> bool:
    """Bounds multiplied into a sum whose terms have the exponentials that they bound."""
    for base, exponent in list(factors.items()):
        if not (isinstance(base, Add) and exponent == 1):
            continue
        wanted = [
            each for each, power in factors.items() if power >= 1 and _is_bound(each) and _wanted(base, each)
        ]
        if wanted:
            bound = wanted[0]
            _multiply(factors, bound, Fraction(-1))
            del factors[base]
            terms = tuple([stable_product(Mul((bound, *factors_in(term)))) for term in base.terms])
            _multiply(factors, Add(terms), Fraction(1))
            _pushed(factors)
            return True
    return False


def _wanted(total: Add, bound: Node) -> bool:
    """Whether some term of a sum has an exponential that a factor bounds."""
    for term in total.terms:
        for base, power in factors_of(term).items():
            plain = isinstance(base, Call) and base.function == "exp" and power >= 1
            if plain and not _is_bound(base) and _joined(base, bound) is not None:
                return True
    return False


def bounded_in_front(node: Node) -> Node:
    """σ a + σ b = σ (a + b) for factors that bound an exponential, so that one outside finds them."""
    if not isinstance(node, Add):
        return node
    parts = [factors_of(term) for term in node.terms]
    common = {f: min([part.get(f, Fraction(0)) for part in parts]) for f in parts[0] if is_sought(f)}
    common = {f: power for f, power in common.items() if power >= 1}
    if not common:
        return node
    for part in parts:
        for factor, power in common.items():
            _multiply(part, factor, -power)
    rest = stable_sum(Add(tuple([product_of(part) for part in parts])))
    _multiply(common, rest, Fraction(1))
    return product_of(common)


def is_sought(node: Node) -> bool:
    """Whether a factor is an exponential or what bounds one."""
    return _is_bound(node) or (isinstance(node, Call) and node.function == "exp")


def _is_bound(node: Node) -> bool:
    """Whether a factor is what a divisor 1 + exp u or Σ exp u has become."""
    if not isinstance(node, Call):
        return False
    if node.function == "sigmoid":
        return True
    if node.function != "exp":
        return False
    sign, total = split_coefficient(node.arguments[0])
    return sign == -1 and isinstance(total, Operation) and total.operator == "logsumexp"


def negative(node: Node) -> Node:
    """−u"""
    coefficient, rest = split_coefficient(node)
    if coefficient == -1:
        return rest
    return Mul((Number(-coefficient), *(rest.factors if isinstance(rest, Mul) else (rest,))))


def _multiply(factors: Factors, base: Node, power: Fraction) -> None:
    total = factors.pop(base, Fraction(0)) + power
    if total:
        factors[base] = total


def _place(total: Operation, term: Node) -> tuple[Index, ...] | None:
    """The indices at which an operator's argument is the given term, if there are such."""
    wanted = _canonical(term)
    places: list[tuple[Index, ...]] = [()]
    for dummy in total.indices:
        spaces = [index for index in sorted(term.free) if index.space == dummy.space]
        places = [(*place, index) for place in places for index in spaces][:64]
    for place in places:
        names = dict(zip(total.indices, place, strict=True))
        if _canonical(substitute(total.arguments[0], names)) == wanted:
            return place
    return None
