"""The walk over an expression that prints it, sums and products; a vocabulary says with which signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from indicial.ir.indices import Space
from indicial.ir.nodes import (
    Add,
    Compare,
    Definition,
    Node,
    Partial,
    number,
)  # fmt: skip
from indicial.ir.program import Program
from indicial.ir.traversal import Stackless, stackless
from indicial.render.affine import (
    solve,
)
from indicial.render.factors import Factors
from indicial.render.flattening import Factor, count_freed, flattened, join_powers, multiplied_out, present
from indicial.render.letters import Letters
from indicial.render.ordering import in_reading_order, note_names
from indicial.render.pieces import UNNAMED, Level, Piece, Scope, Slot, joined
from indicial.render.products import Members, composed
from indicial.render.vocabulary import Vocabulary, signed
from indicial.simplify.facts import Facts
from indicial.simplify.known import facts_of
from indicial.simplify.recognise import blind


class Writer(Factors):
    """Prints definitions of a program.

    `names` are the names of the anonymous definitions; `as_written` keeps factors and terms in the order
    in which they stand. `slots` lists all indices printed so far, and
    `anchored` holds those that stand on the axis of a tensor, which gives them their extent, or on an ε,
    whose rank is the extent of the spaces in `ranked`.
    """

    def __init__(
        self,
        program: Program,
        vocabulary: Vocabulary,
        names: Mapping[Definition, str],
        as_written: bool = False,
    ) -> None:
        self.program = program
        self.vocabulary = vocabulary
        self.names = names
        self.as_written = as_written
        self.letters = Letters(program, frozenset(names.values()))
        self.leaves: dict[Node, tuple[str, ...]] = {}
        self.slots: list[Slot] = []
        self.anchored: set[Slot] = set()
        self.ranked: set[Space] = set()
        self.tensors: dict[str, None] = {}
        self.facts = facts_of(program) if program.inside else Facts()
        self.declared: frozenset[Slot] = frozenset()  # indices that have a line of their own

    def body(
        self,
        definition: Definition,
        letters: Sequence[str],
        taken: Sequence[str] = (),
        complete: bool = True,
        origins: Sequence[Node] = (),
    ) -> str:
        """The right side of a definition. Where `complete`, it names every index of the left side.

        `origins` are the smallest values that the letters mean, if not 0.
        """
        pairs = enumerate(zip(definition.formals, letters, strict=True))
        slots = {formal: Slot(formal.space, letter, rank) for rank, (formal, letter) in pairs}
        for slot, origin in zip(slots.values(), origins, strict=False):
            slot.origin = origin
        for slot in slots.values():
            self.declare(slot)
        self.declared = frozenset() if complete else frozenset(slots.values())
        self.slots.extend(slots.values())
        scope = Scope(slots, frozenset((*letters, *taken)))
        note_names(definition.body, self.leaves, self.definition_name)
        missing = [
            slots[formal].letter for formal in definition.formals if formal not in definition.body.free
        ]
        ones = self.vocabulary.ones(missing) if complete and missing else None
        return signed(stackless(self.expression(definition.body, scope, ones)))

    def definition_name(self, definition: Definition) -> str:
        """The user's name of a definition, or the one invented for it."""
        return definition.name or self.names[definition]

    # --- scopes ---------------------------------------------------------------------------------------

    def expression(self, node: Node, scope: Scope, ones: str | None = None) -> Stackless[Piece]:
        """A scope: a sum, or a product of any number of factors."""
        node = multiplied_out(node)
        if isinstance(node, Add) and ones is None:
            return self.sum(node, scope)
        return self.product(node, scope, ones)

    def sum(self, node: Add, scope: Scope) -> Stackless[Piece]:
        """a + b − c: what is added stands first, numbers before all."""
        terms: list[Piece] = []
        waiting: list[Node] = [node]
        while waiting:
            current = waiting.pop()
            if isinstance(current, Add):
                waiting.extend(reversed(current.terms) if self.as_written else current.terms)
            else:
                terms.append((yield self.product(current, scope)))
        held = {slot for term in terms if not term.zero for slot in term.counts}
        terms = [term for term in terms if not term.zero or not held.issuperset(term.counts)]
        if not terms:
            return Piece("0", numeric=True)
        if len(terms) == 1:
            return terms[0]
        negative = sum(term.negative for term in terms)
        mirror = self.summed(terms, turned=True) if negative else None
        whole = joined(self.summed(terms), terms, Level.SUM)
        unit = any(term.text == "1" for term in terms)
        return replace(whole, mirror=mirror, even=2 * negative == len(terms), unit=unit)

    def summed(self, terms: Sequence[Piece], turned: bool = False) -> str:
        """Terms with their signs, or with all signs turned.

        A sign ∑_i comes behind terms that sum i without one: it may seem to reach over them.
        """
        implied = frozenset[str]().union(*[term.implied for term in terms])

        def key(term: Piece) -> tuple[bool, bool, bool, str]:
            late = not term.reaching.isdisjoint(implied)
            return late, term.negative != turned, not term.numeric, "" if self.as_written else term.text

        first, *others = sorted(terms, key=key)
        signs = [" - " if term.negative != turned else " + " for term in others]
        head = ("-" if first.negative != turned else "") + first.text
        return head + "".join([sign + term.text for sign, term in zip(signs, others, strict=True)])

    def product(self, node: Node, scope: Scope, ones: str | None = None) -> Stackless[Piece]:
        """A product over which some indices are summed."""
        flat = flattened(node, scope, self.literal)
        if not self.as_written:
            join_powers(flat)
        before = present(flat)
        solve(flat, self.facts)
        count_freed(flat, before, scope, self.literal)
        dummies: list[Slot] = []
        choose = self.letters.chooser(scope.taken)

        def meet(slot: Slot) -> None:
            self.give(slot, choose(slot.space))
            dummies.append(slot)

        factors = self.in_order(flat.factors, meet)
        divisors = self.in_order(flat.divisors, meet)
        inside = replace(scope.inside(dummies), known=scope.known.union(_brackets(factors)))
        seen, free = len(self.tensors), [slot for index in node.free for slot in scope.slots[index].named]
        loose = [slot for slot in free if slot not in self.anchored]
        above: tuple[Piece, ...] = yield self.written(factors, inside)
        below: tuple[Piece, ...] = yield self.written(divisors, inside)
        closed = [
            piece for piece, factor in zip(above, factors, strict=True) if isinstance(factor.node, Partial)
        ]
        if ones:
            above = (*above, Piece(ones))
        if flat.coefficient == 0 or any(piece.text == "0" and piece.numeric for piece in above):
            self.anchored.difference_update(loose)  # what stands there is not written after all
            while len(self.tensors) > seen:
                self.tensors.popitem()
            return self.zero(node, scope, ones)
        above = tuple([piece for piece in above if not (piece.text == "1" and piece.numeric)])
        members = Members(above, below)
        places = [place for place, piece in enumerate(above) if any(piece is each for each in closed)]
        return composed(flat.coefficient, members.with_scopes(places), dummies, self.vocabulary)

    def zero(self, node: Node, scope: Scope, ones: str | None) -> Piece:
        """0, times ones over the indices that are free in what vanishes."""
        free = dict.fromkeys([slot for index in node.free for slot in scope.slots[index].named])
        slots = sorted(free, key=lambda slot: slot.rank)
        factors = [self.vocabulary.ones([slot.letter for slot in slots])] if slots else []
        pieces = [Piece(text, counts=dict.fromkeys(slots, 1)) for text in factors]
        above = (*pieces, Piece(ones)) if ones else tuple(pieces)
        whole = composed(Fraction(0), Members(above, ()), (), self.vocabulary)
        return replace(whole, zero=True)

    def in_order(self, factors: Sequence[Factor], meet: Callable[[Slot], None]) -> list[Factor]:
        """The factors in the order in which they are to be read; `meet` gives a dummy its letter."""
        if not self.as_written:
            return in_reading_order(factors, self.leaves, meet)
        for factor in factors:
            for slot in factor.slots:
                if slot.rank == UNNAMED:
                    meet(slot)
        return list(factors)

    def give(self, slot: Slot, letter: str) -> None:
        """Call an index by a letter from here on."""
        slot.letter, slot.rank = letter, len(self.slots)
        self.slots.append(slot)
        self.declare(slot)

    def declare(self, slot: Slot) -> None:
        """A letter whose line gives a range counts from its smallest value."""
        if slot.letter in self.program.lowest:
            slot.origin = number(self.program.lowest[slot.letter])

    def written(self, factors: Sequence[Factor], around: Scope) -> Stackless[tuple[Piece, ...]]:
        """The factors of a product, which has letters and brackets of its own.

        Of two sums that differ in their indices alone neither takes in a minus sign: −r_a r_b with r = x − u.
        """
        pieces: list[Piece] = []
        sums = [factor.node for factor in factors if isinstance(factor.node, Add)]
        alike = Counter(map(blind, sums if len(sums) > 1 else ()))
        for factor in factors:
            scope = replace(factor.scope, taken=around.taken, known=around.known)
            piece: Piece = yield self.factor(factor.node, scope)
            twin = factor.node in sums and alike[blind(factor.node)] > 1
            pieces.append(replace(piece, mirror=None) if twin else piece)
        return tuple(pieces)

    def literal(self, space: Space) -> int | None:
        """The extent of a space, if that is to be printed as a number."""
        return None if space in self.program.symbols else self.program.declared.get(space)


def _brackets(factors: Sequence[Factor]) -> list[Node]:
    """The conditions among some factors that have no dummies, which mean something else elsewhere."""
    brackets = [factor.node for factor in factors if isinstance(factor.node, Compare)]
    return [bracket for bracket in brackets if all(index.serial >= 0 for index in bracket.free)]
