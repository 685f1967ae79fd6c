"""Parts of a formula that the user has a name for: tanh(W_ij x_j) is y_i where y_i = tanh(W_ij x_j).

A statement is found where an expression is its body at some indices, and where a product has all of its
factors: exp(x_i) exp(x_m) / s² is p_i p_m where p_i = exp(x_i) / s. Candidates are looked up by a hash
that does not see free indices; indices are then matched, and the match is proved by putting them in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, ZERO, Add, Apply, Definition, IndexSum, Mul, Node, Number, Operation, Power
from indicial.ir.traversal import instantiate, mapped, postorder, substitute
from indicial.simplify.canonical import Simplifier
from indicial.simplify.inverses import is_operation, regular_in
from indicial.simplify.labels import coloured
from indicial.simplify.terms import Term, added, raised, split_coefficient, term_of


def blind(node: Node) -> bytes:
    """The hash of a node that does not tell its free indices apart."""
    return coloured(node, dict.fromkeys(node.free, 0))


class Recogniser:
    """Puts the names of statements where their bodies stand."""

    def __init__(self, statements: Iterable[Definition], simplify: Simplifier) -> None:
        self.simplify = simplify
        self.seen: dict[Node, bytes] = {}
        self.bodies: dict[bytes, list[Definition]] = {}
        self.products: dict[bytes, list[Definition]] = {}
        self.determinants: set[Definition] = set()
        for statement in statements:
            body = statement.body
            if not body.children or body.free != frozenset(statement.formals):
                continue  # a tensor or a number is as short as a name for it
            if is_operation(body, "det"):
                self.determinants.add(statement)
            self.bodies.setdefault(blind(body), []).append(statement)
            factors = powers(split_coefficient(body)[1])
            key = _key(factors)
            if key.children and (len(factors) > 1 or factors[key].denominator > 1):
                self.products.setdefault(blind(key), []).append(statement)

    def __call__(self, definition: Definition) -> Definition:
        """The definition with statements recognised in its body."""
        if not self.bodies:
            return definition
        body = mapped(self._with_inverses(definition.body), self._named)
        if body is definition.body:
            return definition
        return Definition(definition.name, definition.formals, self.simplify(body))

    def _with_inverses(self, body: Node) -> Node:
        """adj_ij(F_ij) is J inv_ij(F_ij) where J = det_ij(F_ij), if the body inverts F or divides by J."""
        if not self.determinants or not any(is_operation(node, "adj") for node in postorder(body)):
            return body

        def unnamed(node: Node) -> Node:
            if isinstance(node, Apply) and node.definition in self.determinants:
                return instantiate(node.definition, node.indices)
            return node

        body = self.simplify(mapped(body, unnamed))
        regular = frozenset(regular_in(body))
        return self.simplify(mapped(body, lambda node: self._inverted(node, regular)))

    def _inverted(self, node: Node, regular: Collection[tuple[Node, ...]]) -> Node:
        """J inv(F) for the adjugate of a regular F whose determinant has a name."""
        if not (isinstance(node, Operation) and node.operator == "adj" and node.arguments in regular):
            return node
        det = Operation("det", node.indices, node.arguments, ())
        if not any(each in self.determinants for each in self.bodies.get(self._blind(det), ())):
            return node
        return Mul((det, Operation("inv", node.indices, node.arguments, node.at)))

    def _named(self, node: Node) -> Node:
        if not node.children:
            return node
        for statement in self.bodies.get(self._blind(node), ()):
            names = self._proved(statement.body, node, {}, statement.formals)
            if names is not None:
                return statement(*[names[formal] for formal in statement.formals])
        return self._with_named_factors(node) if isinstance(node, (Mul, IndexSum, Power)) else node

    def _with_named_factors(self, node: Node) -> Node:
        """A product with statements in the place of factors: as they stand, else across the sums in it."""
        closed = node
        if not isinstance(node, IndexSum):
            coefficient, rest = split_coefficient(node)
            term = Term(coefficient)
            for factor in rest.factors if isinstance(rest, Mul) else (rest,):
                base, exponent = (
                    (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
                )
                term.factors[base] = added(term.factors.get(base, ZERO), exponent)
            closed = self._with_names(term) or node
        if any(isinstance(factor, IndexSum) for factor in (closed, *closed.children)):
            return self._with_names(term_of(closed)) or closed
        return closed

    def _with_names(self, term: Term) -> Node | None:
        """A product with statements in the place of factors; None if there are none to put."""
        factors = {base: e.value for base, e in term.factors.items() if isinstance(e, Number)}
        found: list[Node] = []
        for base in list(factors):
            for statement in self.products.get(self._blind(base), ()):
                while base in factors:
                    taken = self._taken(statement, base, factors)
                    if taken is None:
                        break
                    names, power = taken
                    term.coefficient /= split_coefficient(statement.body)[0] ** power
                    name = statement(*[names[formal] for formal in statement.formals])
                    found.append(Power(name, Number(Fraction(power))))
        if not found:
            return None
        left = [raised(base, Number(power)) for base, power in factors.items()]
        left += [raised(base, e) for base, e in term.factors.items() if not isinstance(e, Number)]
        product = Mul((Number(term.coefficient), *found, *left))
        return IndexSum(tuple(term.dummies), product) if term.dummies else product

    def _taken(
        self, statement: Definition, first: Node, factors: dict[Node, Fraction]
    ) -> tuple[Mapping[Index, Index], int] | None:
        """Take a statement's factors out of a product, if it has them all: its indices, and how often."""
        wanted = powers(split_coefficient(statement.body)[1])
        chosen: dict[Node, Node] = {first: _key(wanted)}
        names = self._proved(chosen[first], first, {}, statement.formals)
        if names is None or len(wanted) > len(factors):
            return None
        alike: dict[bytes, list[Node]] = {}
        for base in factors if len(wanted) > 1 else ():
            alike.setdefault(self._blind(base), []).append(base)
        for pattern in wanted:
            if pattern is not chosen[first]:
                found = self._one_of(alike.get(self._blind(pattern), ()), pattern, names, chosen, statement)
                if found is None:
                    return None
                chosen[found[0]], names = pattern, found[1]
        times = _shared_times([(wanted[pattern], factors[base]) for base, pattern in chosen.items()])
        if not times or len(names) < len(statement.formals):
            return None
        left = dict(factors)
        for base, pattern in chosen.items():
            left[base] -= wanted[pattern] * times
            if not left[base]:
                del left[base]
        factors.clear()
        factors.update(left)
        return names, times

    def _one_of(
        self,
        candidates: Iterable[Node],
        pattern: Node,
        names: Mapping[Index, Index],
        chosen: Mapping[Node, Node],
        statement: Definition,
    ) -> tuple[Node, dict[Index, Index]] | None:
        """The first candidate that a pattern is, given what some indices are, and what all are then."""
        for base in candidates:
            if base not in chosen:
                extended = self._proved(pattern, base, names, statement.formals)
                if extended is not None:
                    return base, extended
        return None

    def _blind(self, node: Node) -> bytes:
        if node not in self.seen:
            self.seen[node] = blind(node)
        return self.seen[node]

    def _proved(
        self, pattern: Node, node: Node, known: Mapping[Index, Index], formals: Sequence[Index]
    ) -> dict[Index, Index] | None:
        """What a pattern's formal indices must be for it to be the node; None if it is another."""
        names = matched(pattern, node, known, formals)
        if names is None:
            return None
        inside = {formal: index for formal, index in names.items() if formal in pattern.free}
        return names if self.simplify(substitute(pattern, inside)) is self.simplify(node) else None


def _key(factors: Mapping[Node, Fraction]) -> Node:
    """The factor by which a product is looked up: the largest, so that few others are like it."""
    return max(factors, key=lambda base: (base.size, base.digest))


def _times(wanted: Fraction, present: Fraction) -> int:
    """How often a power can be taken out of another: x^-1 twice out of x^-2, √x −1 times out of 1/√x."""
    ratio = present / wanted
    if wanted.denominator > 1:
        return ratio.numerator if ratio.denominator == 1 else 0
    return int(ratio) if ratio >= 1 else 0


def _shared_times(pairs: Sequence[tuple[Fraction, Fraction]]) -> int:
    counts = [_times(wanted, present) for wanted, present in pairs]
    if len(counts) == 1:
        return counts[0]
    return min(counts) if min(counts) > 0 else 0


def powers(node: Node) -> dict[Node, Fraction]:
    """The factors of a product without coefficient, each base with its rational exponent."""
    powers: dict[Node, Fraction] = {}
    for factor in node.factors if isinstance(node, Mul) else (node,):
        match factor:
            case Power(base, Number(exponent)):
                powers[base] = powers.get(base, Fraction(0)) + exponent
            case _:
                powers[factor] = powers.get(factor, Fraction(0)) + 1
    return powers


def matched(
    pattern: Node, node: Node, known: Mapping[Index, Index], formals: Sequence[Index]
) -> dict[Index, Index] | None:
    """Formal indices read off side by side; whether the rest agrees is for the proof to say."""
    names = dict(known)
    pairs = [(pattern, node)]
    while pairs:
        left, right = pairs.pop()
        if type(left) is not type(right) or len(left.children) != len(right.children):
            return None
        if len(left.indices_here) != len(right.indices_here):
            return None
        for one, other in zip(left.indices_here, right.indices_here, strict=True):
            if one in formals and (names.setdefault(one, other) != other or one.space != other.space):
                return None
        ours, theirs = left.children, right.children
        if isinstance(left, (Add, Mul)):
            ours, theirs = tuple(sorted(ours, key=blind)), tuple(sorted(theirs, key=blind))
        pairs.extend(zip(ours, theirs, strict=True))
    return names
