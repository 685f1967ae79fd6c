"""Writes what indicial plans for each case into pins.json; refuses where that is more than is written there.

    python benchmarks/pins.py [--accept]

--accept writes a higher figure too: for a change that is worth it, to be said in the change's message.
"""

import argparse
import json
import sys
from pathlib import Path

from indicial.bench.pins import pins, raised
from indicial.bench.suite import cases

FILE = Path(__file__).with_name("pins.json")


def main() -> int:
    """The exit status: 1 where something is planned to cost more."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accept", action="store_true")
    options = parser.parse_args()
    found = pins(cases().instances)
    old = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    worse = raised(old, found)
    print(*worse, sep="\n")
    if worse and not options.accept:
        return 1
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
