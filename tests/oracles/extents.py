"""The extents of a program's spaces for given arrays; those of computed subscripts follow from the others.

The reference evaluator reads extents from the axes of arrays alone. What ranges mean is tested by arrays made
without the program (`oracles.meaning`), here they are as the planner has them.
"""

import numpy as np

from indicial.planning.extents import bind


def extents_of(program, arrays):
    """The extent of every space that arrays, declarations and computed subscripts fix."""
    return bind(program, {name: np.shape(arrays[name]) for name in program.inputs if name in arrays})
