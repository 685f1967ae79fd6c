"""What running a plan costs, counted step by step."""

from math import prod

from indicial.planning.steps import VIEWS

FREE = VIEWS | {"number", "positions", "epsilon", "output"}


def flops(plan):
    """Multiplications and additions of matrix products, and one for each element of anything else."""
    return sum(_of_step(plan, step) for step in plan.steps if step.operation not in FREE)


def _of_step(plan, step):
    if step.operation == "matmul":
        batch, rows, _, _ = step.parameters
        inner = plan.steps[step.operands[0]].shape[batch + rows :]
        return 2 * prod(step.shape) * prod(inner)
    if step.operation in ("sum", "prod"):
        return prod(plan.steps[step.operands[0]].shape)
    return prod(step.shape)
