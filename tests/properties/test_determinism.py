"""The same text gives the same formulas and the same plans in every process."""

import os
import subprocess
import sys
from pathlib import Path

PATH = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
PRINT = """
import indicial as ix
from oracles.generators import random_program
for seed in range(25):
    program = random_program(seed)
    for name in program.wrt[:2]:
        derived = ix.derive(program.text, wrt=name)
        print(derived.equation, derived.latex(), derived.definition.digest.hex(), sep="\\n")
"""


def test_formulas_are_the_same_under_every_hash_seed():
    printed = set()
    for seed in ("0", "1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": PATH, "PYTHONUTF8": "1"}
        command = [sys.executable, "-c", PRINT]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1
    assert "∂" in printed.pop()
