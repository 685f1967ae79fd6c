"""Programs as trees, so that one can be written in several ways that mean the same.

tree  ::=  Text              a number or a closed factor, as it stands
        |  Leaf              a tensor at indices
        |  Trace             a tensor that repeats an index of its own, summed by itself
        |  Product           factors, of which some divide, and the letters that are summed over all of them
        |  Sum               signed terms
        |  Function          f(tree, …)
        |  Power             tree ^ exponent
        |  Operator          op_{letters}(tree, …)
        |  Comparison        tree ~ tree, as an argument of `where`
        |  Bracket           [tree ~ tree]
        |  Place             an index as a number, in a bracket
        |  Computed          a tensor at affine forms of indices
        |  Affine            such a form as a number, in a bracket
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

LETTERS = {2: "ijkl", 3: "abcf", 4: "stuv"}  # extents and the index letters that range over them
EXTENT = {letter: extent for extent, letters in LETTERS.items() for letter in letters}


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Leaf:
    name: str
    letters: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    letter: str


@dataclass(frozen=True)
class Form:
    """Σ slope · letter + entry + constant, a computed subscript; an entry is a Leaf or Computed."""

    slopes: tuple[tuple[str, int], ...] = ()
    constant: int = 0
    entry: object = None

    @property
    def plain(self):
        """The letter, if the form is nothing else."""
        alone = len(self.slopes) == 1 and not self.constant and self.entry is None
        return self.slopes[0][0] if alone and self.slopes[0][1] == 1 else None


@dataclass(frozen=True)
class Computed:
    name: str
    forms: tuple[Form, ...]

    @property
    def letters(self):
        return tuple([letter for form in self.forms for letter, _ in form.slopes])


@dataclass(frozen=True)
class Affine:
    form: Form


@dataclass(frozen=True)
class Trace:
    leaf: Leaf


@dataclass(frozen=True)
class Product:
    factors: tuple  # of (tree, divides)
    summed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sum:
    terms: tuple  # of (sign, tree)


@dataclass(frozen=True)
class Function:
    name: str
    arguments: tuple


@dataclass(frozen=True)
class Power:
    base: object
    exponent: str


@dataclass(frozen=True)
class Operator:
    name: str
    letters: str
    body: object
    other: object = None  # the right-hand side of `solve`


@dataclass(frozen=True)
class Comparison:
    relation: str
    left: object
    right: object


@dataclass(frozen=True)
class Bracket:
    comparison: Comparison


@dataclass(frozen=True)
class Statement:
    name: str
    letters: tuple[str, ...]
    body: object


def written(statements: Sequence[Statement]) -> str:
    """A program's text."""
    return "\n".join([f"{subscripted(s.name, s.letters)} = {write(s.body)}" for s in statements])


def subscripted(name, letters):
    return f"{name}_{''.join(letters)}" if letters else name


def write_form(form):
    """A computed subscript: `2*i-k+1`."""
    terms = [f"{slope:+d}*{letter}" for letter, slope in sorted(form.slopes, key=lambda item: -item[1])]
    terms = [term.replace("+1*", "+").replace("-1*", "-") for term in terms]
    entry = "" if form.entry is None else f"+{write(form.entry)}"
    constant = f"{form.constant:+d}" if form.constant or not (terms or entry) else ""
    return (entry + "".join(terms) + constant).removeprefix("+")


def grouped(tree):
    return f"({write(tree)})" if isinstance(tree, (Sum, Product)) else write(tree)


def write_small(tree) -> str:
    """A tree that holds no other, but for entries, as text."""
    match tree:
        case Text(text):
            return text
        case Leaf(name, letters):
            return subscripted(name, letters)
        case Place(letter):
            return letter
        case Computed(name, forms):
            return f"{name}[{', '.join([write_form(form) for form in forms])}]"
        case Affine(form):
            return write_form(form)
    raise TypeError(tree)


def write(tree) -> str:
    """A tree as text."""
    match tree:
        case Text() | Leaf() | Place() | Computed() | Affine():
            return write_small(tree)
        case Trace(leaf):
            return write(leaf)
        case Product(factors, _):
            behind = [False, *[divides for _, divides in factors]]  # a divisor: x_i / y_i * y_i
            signs = [
                "/ " if own else "* " if one else "" for one, (_, own) in zip(behind, factors, strict=False)
            ]
            parts = [sign + grouped(factor) for sign, (factor, _) in zip(signs, factors, strict=True)]
            return re.sub(r"(?<=[\d]) (?=[\d.])", " * ", " ".join(parts))
        case Sum(terms):
            parts = [("- " if sign < 0 else "+ ") + grouped_term(term) for sign, term in terms]
            joined = " ".join(parts)
            return joined.removeprefix("+ ") if joined.startswith("+ ") else "-" + joined.removeprefix("- ")
        case Function(name, arguments):
            return f"{name}({', '.join([write(argument) for argument in arguments])})"
        case Power(base, exponent):
            plain = isinstance(base, (Leaf, Trace, Function, Text, Operator))
            return f"{write(base) if plain else f'({write(base)})'}^{exponent}"
        case Operator(name, letters, body, other):
            arguments = write(body) if other is None else f"{write(body)}, {write(other)}"
            return f"{name}_{letters}({arguments})"
        case Comparison(relation, left, right):
            return f"{write(left)} {relation} {write(right)}"
        case Bracket(comparison):
            return f"[{write(comparison)}]"
    raise TypeError(tree)


def grouped_term(tree):
    return f"({write(tree)})" if isinstance(tree, Sum) else write(tree)


def mapped(tree, change):
    """The tree with `change` applied to each subtree, from the leaves up."""
    match tree:
        case Computed(name, forms):
            entries = [None if form.entry is None else mapped(form.entry, change) for form in forms]
            pairs = zip(forms, entries, strict=True)
            tree = Computed(name, tuple([replace(form, entry=entry) for form, entry in pairs]))
        case Trace(leaf):
            tree = Trace(mapped(leaf, change))
        case Product(factors, summed):
            tree = Product(tuple([(mapped(factor, change), divides) for factor, divides in factors]), summed)
        case Sum(terms):
            tree = Sum(tuple([(sign, mapped(term, change)) for sign, term in terms]))
        case Function(name, arguments):
            tree = Function(name, tuple([mapped(argument, change) for argument in arguments]))
        case Power(base, exponent):
            tree = Power(mapped(base, change), exponent)
        case Operator(name, letters, body, other):
            right = None if other is None else mapped(other, change)
            tree = Operator(name, letters, mapped(body, change), right)
        case Comparison(relation, left, right):
            tree = Comparison(relation, mapped(left, change), mapped(right, change))
        case Bracket(comparison):
            tree = Bracket(mapped(comparison, change))
    return change(tree)


def leaves_of(tree):
    """The leaves of a tree, in order."""
    leaves = []

    def change(node):
        leaves.extend([node] if isinstance(node, (Leaf, Computed)) else [])
        return node

    mapped(tree, change)
    return leaves


def functions_of(tree):
    """The names of the elementwise functions in a tree."""
    names = []

    def change(node):
        names.extend([node.name] if isinstance(node, Function) else [])
        return node

    mapped(tree, change)
    return names


def letters_of(tree):
    """Every index letter at a tree's leaves."""
    return {letter for leaf in leaves_of(tree) for letter in leaf.letters}


def shuffled(tree, rng):
    """The tree with its factors and terms in another order."""

    def change(node):
        if isinstance(node, Sum):
            return Sum(tuple(rng.sample(node.terms, len(node.terms))))
        if isinstance(node, Product):
            factors = rng.sample(node.factors, len(node.factors))
            first = next(k for k, (_, divides) in enumerate(factors) if not divides)
            factors.insert(0, factors.pop(first))
            return Product(tuple(factors), node.summed)
        return node

    return mapped(tree, change)


def relettered(statement, rng):
    """The statement with the letters that its left side lacks exchanged for others of the same extent."""
    exchange = {}
    for letters in LETTERS.values():
        others = [letter for letter in letters if letter not in statement.letters]
        exchange.update(zip(others, rng.sample(others, len(others)), strict=True))

    def other(letters):
        return tuple([exchange.get(letter, letter) for letter in letters])

    def moved(form):
        return replace(form, slopes=tuple([(*other(letter), slope) for letter, slope in form.slopes]))

    def change(node):
        match node:
            case Leaf(name, letters):
                return Leaf(name, other(letters))
            case Place(letter):
                return Place(*other(letter))
            case Computed(name, forms):
                return Computed(name, tuple([moved(form) for form in forms]))
            case Affine(form):
                return Affine(moved(form))
            case Product(factors, summed):
                return Product(factors, other(summed))
            case Operator(name, letters, body, right):
                return Operator(name, "".join(other(letters)), body, right)
        return node

    return replace(statement, body=mapped(statement.body, change))
