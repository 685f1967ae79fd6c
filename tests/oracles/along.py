"""Random operators of the table: along letters of their own, or letters of their surroundings."""

from abc import ABC, abstractmethod

from oracles.leaves import POSITIVE, SPREAD, Leaves
from oracles.trees import EXTENT, LETTERS, Function, Leaf, Operator, Product, Sum, Text


class Along(Leaves, ABC):
    """Makes operators whose arguments are expressions of any kind, in the words of `oracles.making.Maker`."""

    @abstractmethod
    def expression(self, linear, plain, bound, taken, depth):
        """A tree of any kind."""

    @abstractmethod
    def operator(self, linear, plain, bound, taken, depth):
        """A sum, product or mean over a letter of its own, which is possible nearly everywhere."""

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
