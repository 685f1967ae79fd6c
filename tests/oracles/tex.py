"""What TeX asks of a formula, as far as it can be said without TeX."""

import re

_TOKEN = re.compile(r"\\(?:left|right|begin|end)(?![a-zA-Z])|\\.|[{}]", re.DOTALL)
_CLOSES = {"}": "{", r"\right": r"\left", r"\end": r"\begin"}


def unbalanced(latex: str) -> str:
    """The rest of a formula from the first place where a group, a bracket or an environment is not paired."""
    opened: list[tuple[str, int]] = []
    for found in _TOKEN.finditer(latex):
        token = found[0]
        if token in ("{", r"\left", r"\begin"):
            opened.append((token, found.start()))
        elif token in _CLOSES and (not opened or opened.pop()[0] != _CLOSES[token]):
            return latex[found.start() :]
    return latex[opened[-1][1] :] if opened else ""
