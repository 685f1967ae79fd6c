"""Random leaves of expressions: tensors, at computed places or not, and functions of tensors."""

import itertools
import random
from dataclasses import dataclass, field, replace

from oracles.trees import EXTENT, Comparison, Computed, Form, Function, Leaf, Power, Text

NAMES = ["".join(name) for name in itertools.product("ABCEFGHKLMNUVWXYZxyzwuvgh", ["", "1", "2"])]
NAMES.sort(key=len)

SIGNED = "signed"  # ±[0.5, 1.5]: away from 0
POSITIVE = "positive"  # [0.5, 1.5]
SMALL = "small"  # [−0.3, 0.3]
SPREAD = "spread"  # multiples of 0.15, no two the same


@dataclass(frozen=True)
class Positions:
    """Whole numbers below a count, which are positions on an axis of so many entries."""

    count: int


OF_SIGNED = ["exp", "expm1", "sinh", "cosh", "relu", "abs", "sign", "step", "sin"]
OF_POSITIVE = ["log", "sqrt", "log1p", "lgamma", "digamma", "ln"]
OF_SMALL = ["tan", "asin", "acos", "atanh", "exp"]


@dataclass
class Leaves:
    """Makes the leaves of one program; inputs come into being as they are used."""

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

    def some(self, items, most):
        """A few of the items."""
        items = list(items)
        return self.rng.sample(items, self.rng.randint(0, min(most, len(items))))

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

    # --- whole leaves ---------------------------------------------------------------------------------------

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
