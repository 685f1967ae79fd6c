"""Random expressions that keep to the rules of index notation, as trees.

The rule that keeps a tree legal: an index that is not bound is *linear* in what stands below the product
that sums it, at most once in each product there, and no product below sums it or any bound letter.
"""

from dataclasses import replace

from oracles.along import Along
from oracles.leaves import POSITIVE, SIGNED
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

STATEMENTS = list("PQRS")

SMOOTH = ["sin", "cos", "tanh", "atan", "sigmoid", "softplus", "erf", "gelu", "silu", "asinh", "erfc"]


class Maker(Along):
    """Makes the expressions of one program.

    The arguments that most methods share:

    linear  unbound letters, each of which must occur, at most once in a product
    plain   bound letters, each of which must occur
    bound   all letters that are never summed here
    taken   the letters that no product below may sum
    """

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
