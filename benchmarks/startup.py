"""What a user waits for before any numbers: the import, a derivative, the whole command.

    python benchmarks/startup.py [--repeats 21] [--json FILE]

Each figure is a median, with the quartiles beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from machine import description

import indicial as ix

IMPORT = """
import time
import numpy
start = time.perf_counter()
import indicial
print(time.perf_counter() - start)
"""

COMMAND = (sys.executable, "-m", "indicial", "derive", "f_i = W_ij x_j", "--wrt", "W")
NET = "z{n}_i = W{n}_ij x{n}_j + b{n}_i; a{n}_i = max(0, z{n}_i); L{n} = (a{n}_i - y{n}_i)^2"


def import_over_numpy() -> float:
    """Seconds to import indicial once NumPy is there, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    return float(done.stdout)


def text_to_derivative(serial: int) -> float:
    """Seconds from the text of a small net, never seen before, to its Derivative by the weights."""
    text = NET.format(n=serial)
    start = time.perf_counter()
    ix.derive(text, wrt=f"W{serial}")
    return time.perf_counter() - start


def whole_command() -> float:
    """Seconds from starting the command to its end."""
    start = time.perf_counter()
    subprocess.run(COMMAND, capture_output=True, check=True)
    return time.perf_counter() - start


def bare_python() -> float:
    """Seconds that Python takes to import NumPy and end: what no command can be quicker than."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy"], capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> int:
    """Prints a line for each figure, in milliseconds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=21, choices=range(3, 1000), metavar="N")
    parser.add_argument("--json", metavar="FILE", help="write everything measured to FILE")
    options = parser.parse_args()

    text_to_derivative(0)  # builds the grammar
    whole_command()  # compiles what has not been
    measurements = {
        "import over NumPy's": [import_over_numpy() for _ in range(options.repeats)],
        "text to derivative, warm": [text_to_derivative(serial) for serial in range(1, options.repeats + 1)],
        "whole command": [whole_command() for _ in range(options.repeats)],
        "Python with NumPy alone": [bare_python() for _ in range(options.repeats)],
    }
    machine = description()
    print(", ".join(f"{key} {value}" for key, value in machine.items()))
    results: dict[str, Any] = {}
    for name, samples in measurements.items():
        low, middle, high = statistics.quantiles(samples, n=4)
        results[name] = {"median": middle, "quartiles": [low, high], "samples": samples}
        print(f"{name:<26} {middle * 1e3:>8.1f} ms   ({low * 1e3:.1f} to {high * 1e3:.1f})")
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine, "figures": results}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
