"""The commands of LaTeX that are read, by what they stand for."""

from __future__ import annotations

import difflib

from indicial.ir.functions import FUNCTIONS
from indicial.syntax.names import GREEK, OPERATORS
from indicial.syntax.refusals import INFINITE

LETTERS = {command: letter for command, letter in GREEK.items() if command != "eps"} | {
    "ell": "l", "imath": "i", "jmath": "j", "varPi": "Π", "varSigma": "Σ", "varPhi": "Φ", "hbar": "hbar",
}  # fmt: skip

BOLD = frozenset({"mathbf", "boldsymbol", "bm", "symbf", "symbfit", "pmb", "vec", "textbf"})
SCRIPT = frozenset({"mathcal", "mathscr", "mathfrak", "mathbb", "mathds"})
UPRIGHT = frozenset({"mathrm", "text", "textrm", "mbox", "textnormal", "mathsf", "textsf", "operatorname"})
STYLES = BOLD | SCRIPT | UPRIGHT | {"mathit", "mathnormal", "mathtt", "textit", "underline", "operatorname*"}
ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
    "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "acute": "acute", "grave": "grave",
}  # fmt: skip

_OTHER_NAMES = {
    "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arsinh": "asinh",
    "arccosh": "acosh", "arcosh": "acosh", "arctanh": "atanh", "artanh": "atanh", "sgn": "sign",
    "trace": "tr", "lse": "logsumexp", "logsoftmax": "log_softmax", "swish": "silu", "heaviside": "step",
}  # fmt: skip
CALLS = {name: name for name in (*FUNCTIONS, *OPERATORS)} | _OTHER_NAMES
# A Greek letter directly before a bracket, as papers and `Derivative.latex` write them.
GREEK_CALLS = {"sigma": "sigmoid", "psi": "digamma"}

FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"})
SUMS = {"sum": "∑", "∑": "∑", "prod": "∏", "∏": "∏"}
PARTIALS = frozenset({"∂", r"\partial"})
RELATIONS = {
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=",
    "neq": "!=", "lt": "<", "gt": ">",
}  # fmt: skip
EQUALS = frozenset({"coloneqq", "equiv", "triangleq", "doteq"})
SIGNS = {"cdot": "·", "times": "*", "ast": "*", "div": "/", "colon": ":"}
SEPARATORS = frozenset({"implies", "Rightarrow", "Longrightarrow", "therefore", "iff", "Leftrightarrow"})
REMARKS = frozenset({"text", "mbox", "textrm", "textnormal"})
CONNECTIVES = frozenset({"where", "with", "and", "so", "then", "hence", "thus"})
IGNORED = frozenset(
    {
        "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag", "mathstrut",
        "strut", "allowbreak", "hfill", "noindent", "par", "left", "right", "big", "Big", "bigg", "Bigg",
    }
)  # fmt: skip
IGNORED_WITH_ARGUMENT = frozenset(
    {"label", "tag", "tag*", "phantom", "hphantom", "vphantom", "hspace", "vspace"}
)
ENVIRONMENTS = frozenset(
    {
        "equation", "align", "aligned", "gather", "gathered", "multline", "multlined", "split", "eqnarray",
        "alignat", "alignedat", "flalign", "displaymath", "math", "dmath", "subequations",
    }
)  # fmt: skip
TRANSPOSES = frozenset({"top", "intercal", "dagger", "transpose", "trans", "T"})

MATRICES = 'a formula of matrices without indices is read with notation="matrix"'
_INDICES = "write the indices in the other order: A_ji for the transpose of A_ij"
_PRODUCT = "write the factors with their indices: A_{ij} B_{jk}"
_DOTS = r"write the sum with its index: \sum_j x_j, over the whole axis"
REFUSED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(sorted(TRANSPOSES), ("index notation has no transpose sign", _INDICES)),
    **dict.fromkeys(
        ("otimes", "oplus", "wedge", "bullet", "star"),
        ("index notation has no sign for this product", f"{_PRODUCT}; {MATRICES}"),
    ),
    **dict.fromkeys(
        ("odot", "circ"),
        (
            "index notation has no sign for this product",
            f"leave it out between factors with indices, a_i b_i is component by component; {MATRICES}",
        ),
    ),
    **dict.fromkeys(
        ("dots", "ldots", "cdots", "dotsc", "dotsb"), ("nothing can stand for what is left out", _DOTS)
    ),
    "infty": INFINITE,
    "nabla": (
        "index notation has no nabla",
        r"write the derivative with its indices: \frac{\partial f}{\partial x_i}",
    ),
    **dict.fromkeys(
        ("|", "lVert", "rVert", "Vert"),
        (
            "double bars do not say over which index",
            f"write norm_i(x_i) with the index of the components; {MATRICES}",
        ),
    ),
    **dict.fromkeys(("langle", "rangle"), ("angle brackets do not say over which index", "write a_i b_i")),
    **dict.fromkeys(
        ("int", "iint", "oint"), ("an integral is no sum over an index", r"a sum over an axis is \sum_j")
    ),
    "in": (
        "a sum runs over a whole axis, not over a set",
        r"write a condition: \sum_{i < j}, or [i < j] behind the sum",
    ),
    "lim": ("there are no limits here", "write the expression that it tends to"),
    **dict.fromkeys(
        ("pm", "mp"), ("a sign of two meanings", "write two statements, one with + and one with -")
    ),
    **dict.fromkeys(
        ("approx", "sim", "propto", "simeq", "cong", "to", "rightarrow", "mapsto", "leftarrow", "gets"),
        ("a statement has = alone", "name the result and write = before its formula"),
    ),
    "over": (r"\over is not read", r"write \frac{a}{b}"),
    "middle": ("nothing is read between delimiters of its own", "take it out"),
    "binom": ("binomials are not read", "write them with lgamma"),
    "argmax": ("the place of a maximum is an index, and has no derivative", r"write \max_j for the maximum"),
    "argmin": ("the place of a minimum is an index, and has no derivative", r"write \min_j for the minimum"),
}

KNOWN = sorted(
    {
        *LETTERS, *STYLES, *ACCENTS, *FRACTIONS, *RELATIONS, *SIGNS, "sum", "prod", "partial", "sqrt",
        "begin", "end", "left", "right", "prime", "exp", "log", "ln", "sin", "cos", "tan", "sinh", "cosh",
        "tanh", "max", "min", "det", "tr", "arcsin", "arccos", "arctan", "quad", "qquad", "lvert", "rvert",
    }
)  # fmt: skip


def nearest(command: str) -> str:
    """The hint of an unknown command: the one that is read and looks most like it."""
    close = difflib.get_close_matches(command, KNOWN, n=1, cutoff=0.6)
    if close:
        return rf"did you mean \{close[0]}?"
    return rf"a function of another name is \operatorname{{{command}}}, a tensor \mathrm{{{command}}}"
