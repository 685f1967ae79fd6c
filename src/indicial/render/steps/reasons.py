"""Why a step of a derivation follows, in words: `product rule: x_j does not depend on W`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

from indicial.calculus.differential import partials_of
from indicial.calculus.pending import Reason, Rule, folded
from indicial.ir.functions import is_constant
from indicial.ir.indices import fresh
from indicial.ir.nodes import (
    Access,
    Call,
    Compare,
    Constant,
    Extent,
    Node,
    Number,
    Operation,
    Position,
    Power,
)
from indicial.ir.operators import OPERATORS
from indicial.ir.traversal import postorder, substitute


class Formula(str):
    """A part of a sentence that is a formula."""

    __slots__ = ()


Sentence = list[str]  # words, and formulas among them
_MANY = 3  # things that are listed
_LONG = 90  # characters of a rule that is written out


class Speaker(Protocol):
    """What writes the formulas of a sentence.

    said      a node with the letters of the step before
    called    the name of what a node applies, with its axes; `bare` is the name alone
    equation  what a node applies, with what it is defined as
    quotient  ∂above/∂below
    variable  what is differentiated by
    before    the step before as it was written
    held      whether something is held constant that depends on the variable
    taken     names that mean something
    """

    variable: str
    before: str
    held: bool

    @property
    def taken(self) -> Collection[str]: ...

    def said(self, node: Node) -> Formula: ...
    def called(self, node: Node) -> Formula: ...
    def bare(self, node: Node) -> Formula: ...
    def equation(self, node: Node) -> Formula: ...
    def is_derived(self, node: Node) -> bool: ...
    def quotient(self, above: Node, below: Node) -> Formula: ...


_LETTERS = ("u", "v", "w", "t", "r", *[f"u{k}" for k in range(99)])  # names of arguments in general
_CHAIN_RULES = {
    Rule.SINGLE: "single-variable chain rule through ",
    Rule.VECTOR: "vector chain rule through ",
    Rule.TOTAL: "total-derivative chain rule: through ",
}


def sentence(reason: Reason, speaker: Speaker) -> Sentence:
    """The sentence for a reason."""
    return _SENTENCES[reason.rule](reason, speaker)


def _always(words: str) -> Callable[[Reason, Speaker], Sentence]:
    return lambda reason, speaker: [words]


def _definition(reason: Reason, speaker: Speaker) -> Sentence:
    """definition of f; of what is differentiated again, ∂f/∂x from above"""
    (node,) = reason.nodes
    if speaker.is_derived(node):
        return [speaker.called(node), " from above"]
    return ["definition of ", speaker.bare(node)]


def _sum(reason: Reason, speaker: Speaker) -> Sentence:
    return ["sum rule", *_constants(reason, speaker)]


def _product(reason: Reason, speaker: Speaker) -> Sentence:
    (node,) = reason.nodes
    if sum(not _is_number(child) and not _is_subscript(child) for child in node.children) == 1:
        return ["constant factor"]
    return ["product rule", *_constants(reason, speaker)]


def _constants(reason: Reason, speaker: Speaker) -> Sentence:
    """What does not vary in a sum or product, numbers aside."""
    constants = [node for node in reason.constants if not _is_number(node) and not _is_subscript(node)]
    if not constants:
        return []
    variable = Formula(speaker.variable)
    texts = list(dict.fromkeys([Formula(speaker.said(node).removeprefix("-")) for node in constants]))
    if len(texts) > _MANY or sum(map(len, texts)) > _LONG:
        return [": the rest is held constant"] if speaker.held else [": the rest is free of ", variable]
    one = len(texts) == 1
    if speaker.held:
        return [": ", *_enumerated(texts), f" {'is' if one else 'are'} held constant"]
    return [": ", *_enumerated(texts), f" {'does' if one else 'do'} not depend on ", variable]


def _is_number(node: Node) -> bool:
    return all(each.children or isinstance(each, (Number, Constant, Extent)) for each in postorder(node))


def _is_subscript(node: Node) -> bool:
    """Whether an equation between indices only says where a tensor is read: x[i+k] is Σ_j [j = i+k] x_j."""
    equation = isinstance(node, Compare) and node.relation == "=="
    return equation and any(isinstance(each, Position) for each in postorder(node))


def _power(reason: Reason, _: Speaker) -> Sentence:
    (node,) = reason.nodes
    assert isinstance(node, Power)
    return ["exponential rule" if node.base in reason.constants else "power rule"]


def _component(reason: Reason, speaker: Speaker) -> Sentence:
    """∂W_ij/∂W_mn = δ_im δ_jn"""
    if len(reason.nodes) == 1:
        return [speaker.called(reason.nodes[0]), " by itself"]
    return [Formula(" = ".join([speaker.said(node) for node in reason.nodes]))]


def _independence(reason: Reason, speaker: Speaker) -> Sentence:
    return [speaker.called(reason.nodes[0]), " does not depend on ", Formula(speaker.variable)]


def _names(reason: Reason, speaker: Speaker) -> Sentence:
    """y_i = tanh(W_ij x_j), where the one is written for the other"""
    equations = [speaker.equation(node) for node in reason.nodes]
    if sum(map(len, equations)) > _LONG:
        return ["write ", *_enumerated([speaker.called(node) for node in reason.nodes])]
    return _enumerated(equations)


def _through(reason: Reason, speaker: Speaker) -> Sentence:
    """The chain rule, with what it leads through."""
    words = [_CHAIN_RULES[reason.rule], *_enumerated([speaker.called(node) for node in reason.nodes])]
    return [*words, ", and directly"] if reason.constants else words


def _listing(verb: str, many: str) -> Callable[[Reason, Speaker], Sentence]:
    """`contract δ_jn`, `insert ∂L/∂a_i and ∂a_i/∂W_mn`"""

    def listed(reason: Reason, speaker: Speaker) -> Sentence:
        several = dict.fromkeys([speaker.said(node) for node in reason.nodes])
        texts = sorted(several, key=speaker.before.find)  # as they stand there
        return [f"{verb} ", *(_enumerated(texts) if len(texts) <= _MANY else [many])]

    return listed


def _enumerated(items: Sequence[str]) -> Sentence:
    """a, b and c"""
    words: Sentence = []
    for position, item in enumerate(items):
        between = " and " if position == len(items) - 1 else ", "
        words += [between, item] if position else [item]
    return words


def _row(reason: Reason, speaker: Speaker) -> Sentence:
    """The rule of a function or operator, for any arguments: ∂tanh(u)/∂u = 1 − tanh(u)^2."""
    (node,) = reason.nodes
    words: Sentence = ["chain rule" if isinstance(node, Call) else f"rule of {_name(node)}"]
    general = _in_general(node, speaker.taken)
    partials = list(partials_of(general))
    own = node.children[len(node.children) - len(partials) :]
    there = {index: fresh(index.space) for index in general.bound}  # where the argument is moved
    kinks: dict[str, None] = {}
    for child, (argument, rule) in zip(own, partials, strict=True):
        if child in reason.constants:
            continue
        local = substitute(folded(rule()), there)
        quotient = speaker.quotient(general, substitute(argument, there))
        equation = Formula(f"{quotient} = {speaker.said(local)}")
        words += [", ", equation] if len(equation) <= _LONG else []
        kinks.update(dict.fromkeys(_kinks(local)))
    return [*words, *kinks]


def _name(node: Node) -> str:
    assert isinstance(node, Operation)
    return node.operator.replace("_", " ")


def _in_general(node: Node, taken: Collection[str]) -> Node:
    """A function or operator of u, v, …; conditions, and arguments that hold no tensor, stay."""
    letters = (letter for letter in _LETTERS if letter not in taken)
    if isinstance(node, Call):
        kept = [isinstance(child, Compare) or is_constant(child) for child in node.arguments]
        pairs = zip(node.arguments, kept, strict=True)
        return node.with_children(
            tuple([child if own else Access(next(letters), ()) for child, own in pairs])
        )
    assert isinstance(node, Operation)
    row = OPERATORS[node.operator]
    own = tuple([fresh(index.space) for index in node.indices])
    arguments = [Access(next(letters), row.held(k, own)) for k in range(len(node.arguments))]
    return Operation(node.operator, own, tuple(arguments), tuple([fresh(index.space) for index in node.at]))


def _kinks(local: Node) -> Iterator[str]:
    """What a derivative is where there is none."""
    parts = postorder(local)
    if any(isinstance(part, Compare) and part.relation == "==" for part in parts):
        yield ", shared equally at a tie"
    elif any(isinstance(p, Compare) or (isinstance(p, Call) and p.function == "sign") for p in parts):
        yield ", 0 at the kink"


_SENTENCES: dict[Rule, Callable[[Reason, Speaker], Sentence]] = {
    Rule.DEFINITION: _definition,
    Rule.SUM: _sum,
    Rule.PRODUCT: _product,
    Rule.POWER: _power,
    Rule.FUNCTION: _row,
    Rule.INDEX_SUM: _always("the derivative of a sum is the sum of the derivatives"),
    Rule.INDEX_PRODUCT: _always("product rule, each factor in turn"),
    Rule.OPERATOR: _row,
    Rule.COMPONENT: _component,
    Rule.INDEPENDENCE: _independence,
    Rule.SINGLE: _through,
    Rule.VECTOR: _through,
    Rule.TOTAL: _through,
    Rule.INSERTION: _listing("insert", "what stands above"),
    Rule.CONTRACTION: _listing("contract", "the deltas"),
    Rule.DISTRIBUTION: _always("multiply out"),
    Rule.SIMPLIFICATION: _always("simplify"),
    Rule.NAMES: _names,
}
