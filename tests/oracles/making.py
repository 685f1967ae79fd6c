"""Random expressions that keep to the rules of index notation, as trees.

The rule that keeps a tree legal: an index that is not bound is *linear* in what stands below the product
that sums it, at most once in each product there, and no product below sums it or any bound letter.
"""

import itertools
import random
from dataclasses import dataclass, field, replace

from oracles.trees import (
    EXTENT,
    LETTERS,
    Affine,
    Bracket,
    Comparison,
    Computed,
    Form,
    Function,
    Leaf,
    Operator,
    Place,
    Power,
    Product,
    Statement,
    Sum,
    Text,
    Trace,
    letters_of,
)

NAMES = ["".join(name) for name in itertools.product("ABCEFGHKLMNUVWXYZxyzwuvgh", ["", "1", "2"])]
NAMES.sort(key=len)
STATEMENTS = list("PQRS")

SIGNED = "signed"  # ±[0.5, 1.5]: away from 0
POSITIVE = "positive"  # [0.5, 1.5]
SMALL = "small"  # [−0.3, 0.3]
SPREAD = "spread"  # multiples of 0.15, no two the same


@dataclass(frozen=True)
class Positions:
    """Whole numbers below a count, which are positions on an axis of so many entries."""

    count: int


SMOOTH = ["sin", "cos", "tanh", "atan", "sigmoid", "softplus", "erf", "gelu", "silu", "asinh", "erfc"]
OF_SIGNED = ["exp", "expm1", "sinh", "cosh", "relu", "abs", "sign", "step", "sin"]
OF_POSITIVE = ["log", "sqrt", "log1p", "lgamma", "digamma", "ln"]
OF_SMALL = ["tan", "asin", "acos", "atanh", "exp"]


@dataclass
class Maker:
    """Makes the expressions of one program; inputs come into being as they are used.

    The arguments that most methods share:

    linear  unbound letters, each of which must occur, at most once in a product
    plain   bound letters, each of which must occur
    bound   all letters that are never summed here
    taken   the letters that no product below may sum
    """

    rng: random.Random
    tensors: dict = field(default_factory=dict)  # name -> (extents, kind)
    made: dict = field(default_factory=dict)  # name of a statement -> extents
    sized: list = field(default_factory=list)  # names of inputs with axes that a statement uses
    computed: bool = False  # whether there are computed subscripts and declared functions
    lowest: dict = field(default_factory=dict)  # the smallest values of letters, by extent

    def tensor(self, extents, kind):
        """The name of an input of these extents."""
        wanted = (tuple(extents), kind)
        known = [name for name, own in self.tensors.items() if own == wanted]
        unused = [name for name in NAMES if name not in self.tensors]
        if known and (not unused or self.rng.random() < 0.6):
            return self.rng.choice(known)
        self.tensors[unused[0]] = wanted
        return unused[0]

    def leaf(self, letters, kind=SIGNED):
        """A tensor over the letters in some order."""
        letters = tuple(self.rng.sample(list(letters), len(letters)))
        return Leaf(self.tensor([EXTENT[letter] for letter in letters], kind), letters)

    # --- computed subscripts ------------------------------------------------------------------------------

    def values(self, letter):
        """The smallest and the largest value of a letter."""
        low = self.lowest.get(EXTENT[letter], 0)
        return low, low + EXTENT[letter] - 1

    def affine(self, letters):
        """Σ slope · letter, with its smallest and its largest value."""
        slopes = [(letter, self.rng.choice([1, 1, 1, 2, -1, -2, 3])) for letter in letters]
        ends = [sorted([slope * value for value in self.values(letter)]) for letter, slope in slopes]
        return Form(tuple(slopes)), sum(low for low, _ in ends), sum(high for _, high in ends)

    def subscript(self, letters):
        """A form of letters that stays inside an axis, and the extent of the axis."""
        if len(letters) == 1 and self.rng.random() < 0.3:
            return Form(((letters[0], 1),)), EXTENT[letters[0]]
        if self.rng.random() < 0.25:
            count = self.rng.choice([2, 3, 4])
            constant = self.rng.choice([0, 0, 1])
            return Form((), constant, self.entries(letters, count)), count + constant
        form, low, high = self.affine(letters)
        constant = self.rng.choice([0, 0, 1]) - low
        if Form(form.slopes, constant).plain:
            return Form(form.slopes), EXTENT[letters[0]]
        return replace(form, constant=constant), high + constant + self.rng.choice([1, 1, 2])

    def entries(self, letters, count):
        """Positions on an axis, as entries of a tensor of whole numbers, perhaps of positions again."""
        if len(letters) == 1 and self.rng.random() < 0.25:
            inner = self.leaf(letters, Positions(3))
            return Computed(self.tensor([3], Positions(count)), (Form((), 0, inner),))
        return self.leaf(letters, Positions(count))

    def reading(self, letters, kind=SIGNED):
        """A tensor over the letters, at computed places as often as not."""
        if not self.computed or self.rng.random() < 0.5 or len(letters) > 4:
            return self.leaf(letters, kind)
        letters, axes = self.rng.sample(list(letters), len(letters)), []
        while letters:
            count = 2 if len(letters) > 1 and self.rng.random() < 0.35 else 1
            axes.append(self.subscript(letters[:count]))
            letters = letters[count:]
        if not axes or self.rng.random() < 0.15:
            extent = self.rng.choice([2, 3])
            axes.append((Form((), self.rng.randrange(-extent, extent)), extent))
        self.rng.shuffle(axes)
        return Computed(self.tensor([extent for _, extent in axes], kind), tuple([form for form, _ in axes]))

    def statement_reading(self, letters):
        """A statement made before, at computed places over just these letters; None if none fits."""
        for name in self.rng.sample(sorted(self.made), len(self.made)):
            order = self.rng.sample(list(letters), len(letters))
            extents = self.made[name]
            if len(extents) >= len(order) and extents:
                order += [None] * (len(extents) - len(order))
                self.rng.shuffle(order)
                forms = [self.within(one, extent) for one, extent in zip(order, extents, strict=True)]
                if None not in forms:
                    return Computed(name, tuple(forms))
        return None

    def within(self, letter, extent):
        """A form of one letter, or of none, inside an axis; None if there is none."""
        if letter is None:
            return Form((), self.rng.randrange(-extent, extent))
        if self.rng.random() < 0.4:
            return Form((), 0, self.entries([letter], extent))
        slope = self.rng.choice([1, 1, -1])
        low, high = sorted([slope * value for value in self.values(letter)])
        if high - low >= extent:
            return None
        form = Form(((letter, slope),), self.rng.randint(-low, extent - 1 - high))
        return None if form.plain and EXTENT[letter] != extent else form

    def statement_leaf(self, letters):
        """A statement made before over just these letters, or a tensor."""
        if self.computed and self.rng.random() < 0.5:
            return self.statement_reading(letters) or self.reading(letters)
        for name in self.rng.sample(sorted(self.made), len(self.made)):
            for _ in range(4):
                order = self.rng.sample(list(letters), len(letters))
                if tuple([EXTENT[letter] for letter in order]) == self.made[name]:
                    return Leaf(name, tuple(order))
        return self.leaf(letters)

    def some(self, items, most):
        """A few of the items."""
        items = list(items)
        return self.rng.sample(items, self.rng.randint(0, min(most, len(items))))

    def expression(self, linear, plain, bound, taken, depth):
        """A tree of any kind."""
        linear, plain = list(linear), list(plain)
        makers = [
            self.sum,
            self.product,
            self.product,
            self.product,
            self.function,
            self.operator,
            self.along,
        ]
        if depth <= 0 or self.rng.random() < 0.12:
            return self.small(linear, plain)
        return self.rng.choice(makers)(linear, plain, bound, taken, depth)

    def small(self, linear, plain):
        """A tensor, or an elementwise function of tensors."""
        letters, rng = linear + plain, self.rng
        if not letters and rng.random() < 0.4:
            return Text(rng.choice(["2", "1/2", "0.3", "pi"]))
        diagonal = letters + [letter for letter in plain if rng.random() < 0.15]
        choice = rng.random()
        if choice < 0.3:
            return self.statement_leaf(letters)
        if self.computed and choice < 0.4:
            return self.abstract(letters)
        if choice < 0.6 and len(diagonal) <= 4:
            return self.reading(diagonal)
        if choice < 0.7:
            return Function(rng.choice(OF_SIGNED), (self.reading(letters),))
        if choice < 0.8:
            return Function(rng.choice(OF_POSITIVE), (self.reading(letters, POSITIVE),))
        if choice < 0.85:
            return Function(rng.choice(OF_SMALL), (self.reading(letters, SMALL),))
        if choice < 0.9:
            return Power(self.leaf(letters, POSITIVE), rng.choice(["(1/2)", "(-1)", "1.5", "(-1/2)"]))
        if choice < 0.92:
            return Function("polygamma", (Text("1"), self.leaf(letters, POSITIVE)))
        return self.pair(letters)

    def abstract(self, letters):
        """A declared function of tensors."""
        if self.rng.random() < 0.5:
            return Function("phi", (self.reading(letters),))
        return Function("psi", (self.leaf(letters), self.leaf(letters)))

    def pair(self, letters):
        """A function of two tensors, away from its kinks."""
        name = self.rng.choice(["max", "min", "pow", "atan2", "where"])
        a, p, s = self.leaf(letters), self.leaf(letters, POSITIVE), self.leaf(letters, SMALL)
        if name in ("max", "min"):
            return Function(name, (a, self.rng.choice([s, Text("0"), Text("1/4")])))
        if name == "pow":
            return Function(name, (p, a))
        if name == "atan2":
            return Function(name, (a, p))
        return Function(name, (self.comparison(a), p, s))

    def comparison(self, signed):
        """A relation that holds or not, whatever small change is made."""
        return Comparison(self.rng.choice([">", "<", ">=", "<=", "!="]), signed, Text("0"))

    def sum(self, linear, plain, bound, taken, depth):
        """Terms of which the first has every letter and the others some: they are broadcast."""
        count = self.rng.randint(2, 3)
        terms = [(1, self.expression(linear, plain, bound, taken, depth - 1))]
        for _ in range(count - 1):
            fewer = self.some(linear, 4), self.some(plain, 4)
            term = self.expression(
                *(fewer if self.rng.random() < 0.5 else (linear, plain)), bound, taken, depth - 1
            )
            terms.append((self.rng.choice([1, -1]), term))
        self.rng.shuffle(terms)
        return Sum(tuple(terms))

    def product(self, linear, plain, bound, taken, depth):
        """Factors that share the letters out; a new letter stands in two of them and is summed."""
        rng = self.rng
        available = [letter for letter in EXTENT if letter not in taken]
        summed = self.some(available, 2)
        shares = [([], []) for _ in range(rng.randint(2, 3))]
        for letter in linear:
            rng.choice(shares)[0].append(letter)
        for letter in plain:
            for share in rng.sample(shares, rng.choice([1, 1, 2])):
                share[1].append(letter)
        for letter in summed:
            for share in rng.sample(shares, 2 if rng.random() < 0.85 else len(shares)):
                share[0].append(letter)
        squares = [[] if share[0] or rng.random() < 0.75 else self.some(available, 1) for share in shares]
        below = taken.union(summed, *squares)
        factors = [
            (self.factor(*share, square, bound, below, depth - 1), False)
            for share, square in zip(shares, squares, strict=True)
        ]
        factors += self.extras(summed, plain, below.union(*[letters_of(factor) for factor, _ in factors]))
        rng.shuffle(factors)
        first = next(k for k, (_, divides) in enumerate(factors) if not divides)
        factors.insert(0, factors.pop(first))
        return Product(tuple(factors), tuple(dict.fromkeys(sum(squares, summed))))

    def factor(self, linear, plain, square, bound, taken, depth):
        """A factor; one with a letter to itself is a square, which stands for two of them."""
        if square:
            return Power(self.expression(square, plain, bound, taken, depth), "2")
        return self.expression(linear, plain, bound, taken, depth)

    def extras(self, summed, plain, used):
        """Now and then a delta, an epsilon, a bracket, a trace, a number or a divisor."""
        rng, factors = self.rng, []
        letters = summed + plain
        if self.computed and letters:
            factors += self.conditions(letters)
        if rng.random() < 0.25:
            pairs = [(a, b) for a in letters for b in letters if a < b and EXTENT[a] == EXTENT[b]]
            factors += [(Leaf("delta", rng.choice(pairs)), False)] if pairs else []
        if rng.random() < 0.4:
            for extent in (2, 3):
                own = [letter for letter in letters if EXTENT[letter] == extent]
                if len(own) >= extent:
                    factors.append((Leaf("eps", tuple(rng.sample(own, extent))), False))
        if rng.random() < 0.1 and letters:
            factors.append((Bracket(self.comparison(self.leaf([rng.choice(letters)]))), False))
        if rng.random() < 0.1 and len(letters) > 1:
            places = [Place(letter) for letter in rng.sample(letters, 2)]
            factors.append((Bracket(Comparison(rng.choice(["<", "<=", "==", "!="]), *places)), False))
        if rng.random() < 0.15:
            trace = [letter for letter in EXTENT if letter not in used]
            if trace:
                letter = rng.choice(trace)
                tensor = Trace(self.leaf([letter, letter]))
                factors.append((Power(tensor, "2") if rng.random() < 0.5 else tensor, False))
        if rng.random() < 0.2:
            factors.append((self.number(), False))
        if rng.random() < 0.2:
            factors.append((self.divisor(self.some(plain, 2)), True))
        return factors

    def conditions(self, letters):
        """Now and then a delta or a bracket over forms, and a reading that runs out beside its guard."""
        rng, factors = self.rng, []
        letter = rng.choice(letters)
        low, high = self.values(letter)
        form = replace(self.affine(self.some(letters, 2))[0], constant=rng.randint(-1, 2))
        if rng.random() < 0.2 and form.slopes and not form.plain:
            factors.append((Computed("delta", (form, Form(((letter, 1),)))), False))
        if rng.random() < 0.2 and form.slopes:
            relation = rng.choice(["<", "<=", ">", ">=", "!="])
            factors.append((Bracket(Comparison(relation, Affine(form), Place(letter))), False))
        if rng.random() < 0.2:
            step = rng.choice([-1, 1])
            relation, end = (">", low) if step < 0 else ("<", high)
            shifted = Form(((letter, 1),), step - low)
            if not shifted.plain:
                guard = Bracket(Comparison(relation, Place(letter), Text(str(end))))
                reading = Computed(self.tensor([EXTENT[letter]], SIGNED), (shifted,))
                factors += [(guard, False), (reading, False)]
        return factors

    def number(self):
        """A number, or the extent of an axis."""
        extent = [f"dim({self.rng.choice(self.sized)}, 0)"] if self.sized else []
        return Text(self.rng.choice(["2", "1/3", "0.5", "pi", *extent]))

    def divisor(self, plain):
        """Something that stays away from 0."""
        tensor = self.leaf(plain, POSITIVE)
        return self.rng.choice([tensor, Sum(((1, Text("1")), (1, Power(tensor, "2"))))])

    def function(self, linear, plain, bound, taken, depth):
        """A smooth function of anything."""
        argument = self.expression(linear, plain, bound, taken, depth - 1)
        names = [*SMOOTH, *["phi"] * 4] if self.computed else SMOOTH
        return Function(self.rng.choice(names), (argument,))

    def operator(self, linear, plain, bound, taken, depth):
        """A sum, product or mean over a letter of its own."""
        free = [letter for letter in EXTENT if letter not in bound and letter not in linear]
        if not free:
            return self.small(linear, plain)
        letter = self.rng.choice(free)
        name = self.rng.choice(["sum", "sum", "prod", "mean"])
        body = self.expression(linear, [*plain, letter], bound | {letter}, taken | {letter}, depth - 1)
        return Operator(name, letter, body)

    def along(self, linear, plain, bound, taken, depth):
        """An operator of the table; the letters that it keeps are among those that must occur."""
        kept = self.rng.choice(["", "", "softmax", "log_softmax", "cumsum", "matrix", "solve"])
        if kept == "matrix":
            made = self.matrix_function(linear, plain, bound, taken, depth)
        elif kept == "solve":
            made = self.solution(linear, plain, bound, taken, depth)
        elif kept:
            made = self.keeping(kept, linear, plain, bound, taken, depth)
        else:
            made = self.reducing(linear, plain, bound, taken, depth)
        return made or self.operator(linear, plain, bound, taken, depth)

    def keeping(self, name, linear, plain, bound, taken, depth):
        """A softmax or a running sum over letters of its surroundings."""
        letters = self.rng.sample(linear + plain, len(linear + plain))[: 1 if name == "cumsum" else 2]
        if not letters:
            return None
        rest = [letter for letter in linear if letter not in letters]
        own = [*plain, *[letter for letter in linear if letter in letters]]
        return Operator(
            name, "".join(letters), self.expression(rest, own, bound.union(letters), taken, depth - 1)
        )

    def reducing(self, linear, plain, bound, taken, depth):
        """An operator that uses up one or two letters of its own."""
        letters = self.some([x for x in EXTENT if x not in bound | taken and x not in linear], 2)
        name = self.rng.choice(["max", "min", "logsumexp", "norm", "det", "logdet", "tr"])
        if name in ("det", "logdet", "tr"):
            pair = self.square(bound | taken | set(linear))
            return pair and Operator(
                name, "".join(pair), self.matrix(pair, linear, plain, bound, taken, depth)
            )
        if not letters:
            return None
        if name in ("max", "min"):
            few = len(linear + plain + letters) <= 3
            return (
                Operator(name, "".join(letters), self.leaf(linear + plain + letters, SPREAD)) if few else None
            )
        inner = bound.union(letters), taken.union(letters)
        body = self.expression(linear, [*plain, *letters], *inner, depth - 1)
        if name == "norm":  # away from 0
            body = Sum(((1, Text("2")), (1, Function("sin", (body,)))))
        return Operator(name, "".join(letters), body)

    def square(self, used):
        """Two letters of one small extent that are not in use."""
        pairs = [[x for x in LETTERS[extent] if x not in used] for extent in (2, 3)]
        pairs = [letters for letters in pairs if len(letters) > 1]
        return self.rng.sample(self.rng.choice(pairs), 2) if pairs else None

    def matrix(self, pair, linear, plain, bound, taken, depth):
        """A matrix over a pair of letters whose diagonal outweighs the rest."""
        inner = bound.union(pair), taken.union(pair)
        free = [x for x in EXTENT if x not in inner[0] | inner[1] and x not in linear]
        if not linear and not plain and free and self.rng.random() < 0.5:
            first = self.leaf([pair[0], free[0]], POSITIVE)
            second = Leaf(first.name, tuple([pair[1] if x == pair[0] else x for x in first.letters]))
            square, size = Product(((first, False), (second, False)), (free[0],)), "3"
        else:
            plain = [*plain, *[letter for letter in pair if letter not in plain]]
            square = Function("sin", (self.expression(linear, plain, *inner, depth - 1),))
            size = "5"
        return Sum(((1, square), (1, Product(((Text(size), False), (Leaf("delta", tuple(pair)), False))))))

    def pair_of(self, linear, plain):
        """Two letters of one small extent among those that must occur."""
        letters = [x for x in linear + plain if EXTENT[x] < 4]
        pairs = [(a, b) for a in letters for b in letters if a != b and EXTENT[a] == EXTENT[b]]
        return self.rng.choice(pairs) if pairs else None

    def matrix_function(self, linear, plain, bound, taken, depth):
        """An inverse, adjugate or Cholesky factor over two letters of its surroundings."""
        pair = self.pair_of(linear, plain)
        if pair is None:
            return None
        rest = [[x for x in letters if x not in pair] for letters in (linear, plain)]
        name = self.rng.choice(["inv", "adj", "chol"])
        return Operator(name, "".join(pair), self.matrix(pair, *rest, bound, taken, depth))

    def solution(self, linear, plain, bound, taken, depth):
        """The solution of a system over a letter of its surroundings."""
        rows = [x for x in linear + plain if EXTENT[x] < 4]
        row = self.rng.choice(rows) if rows else None
        used = bound | taken | set(linear)
        columns = [x for x in LETTERS[EXTENT[row]] if x not in used] if row else []
        if not columns:
            return None
        pair = (row, self.rng.choice(columns))
        rest = [[x for x in letters if x != row] for letters in (linear, plain)]
        of_matrix = [self.some(letters, 1) for letters in rest]
        left = [x for x in rest[0] if x not in of_matrix[0]], [x for x in rest[1] if x not in of_matrix[1]]
        matrix = self.matrix(pair, *of_matrix, bound, taken, depth)
        inner = bound.union(pair), taken.union(pair)
        right = self.expression(left[0], [*left[1], pair[1]], *inner, depth - 1)
        return Operator("solve", "".join(pair), matrix, right)

    def statement(self, name, letters, depth):
        """A statement over the letters that mostly uses one made before."""
        bound = frozenset(letters)
        body = self.expression([], list(letters), bound, bound, depth)
        if self.made and self.rng.random() < 0.8:
            earlier = self.use(self.rng.choice(sorted(self.made)), letters)
            body = Sum(((1, earlier), (1, body)))
        return Statement(name, tuple(letters), body)

    def use(self, name, bound):
        """A product with an earlier statement in it, over bound letters and some that it sums."""
        letters, summed = [], []
        for extent in self.made[name]:
            fits = [letter for letter in LETTERS[extent] if letter in bound and letter not in letters]
            new = [letter for letter in LETTERS[extent] if letter not in bound and letter not in letters]
            pick = self.rng.choice(fits if fits and self.rng.random() < 0.6 else new)
            letters.append(pick)
            summed += [pick] if pick in new else []
        leaf = Leaf(name, tuple(letters))
        factor = Function(self.rng.choice(SMOOTH), (leaf,)) if self.rng.random() < 0.5 else leaf
        return Product(((factor, False), (self.leaf(summed), False)), tuple(summed))
