"""Writes the derivatives on docs/LANGUAGE.md: `python docs/language.py` after a change.

A block ```indicial holds programs behind `>>>` (further lines behind `...`) and below each a line for
every derivative asked for, `wrt: equation` or `wrt (structure): equation`; what stands behind the colon is
worked out here.
"""

import re
from pathlib import Path

import indicial as ix

PAGE = Path(__file__).with_name("LANGUAGE.md")
BLOCK = re.compile(r"^```indicial\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INDENT = "    "


def worked_out(page: str) -> str:
    """The page with the equations that indicial gives now."""
    return BLOCK.sub(lambda found: f"```indicial\n{_block(found[1])}```", page)


def _block(text: str) -> str:
    lines: list[str] = []
    program: list[str] = []
    for line in text.splitlines():
        if line.startswith(">>> "):
            program = [line[4:]]
        elif line.startswith("... "):
            program.append(line[4:])
        elif line.startswith(INDENT):  # a further line of an equation, which is worked out anew
            continue
        elif line:
            asked = line.split(":")[0]
            wrt, structure = re.fullmatch(r"(.*?)(?: \((\w+)\))?", asked).groups()
            equation = ix.derive("\n".join(program), wrt=wrt, structure=structure).equation
            line = f"{asked}: {equation}".replace("\n", f"\n{INDENT}")
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(worked_out(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
