"""What `peers.py` measures: each derivative in index notation, in JAX, and written by hand in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .base import Rng, Workload
from .convolutions import channels_gradients, convolution_gradients
from .decompositions import (
    chain,
    cp_gradients,
    factorisation_hessian,
    factorisation_structured,
    tucker_gradients,
)
from .maps import linear_map, linear_map_structured, quadratic_hessian, two_sided
from .networks import attention_gradients, attention_jacobian, embedding_gradient, layer_norm, two_layers
from .pointwise import elementwise, neo_hooke, scalar_program
from .probabilities import log_sum_exp_hessian, mixture, softmax_hessian
from .regression import logistic_hessian, logistic_product, logistic_third

WORKLOADS: tuple[Callable[[Rng], Iterator[Workload]], ...] = (
    linear_map, linear_map_structured, two_sided, logistic_hessian, logistic_product, logistic_third,
    factorisation_hessian, factorisation_structured, quadratic_hessian,
    log_sum_exp_hessian, two_layers, cp_gradients, tucker_gradients, attention_gradients, attention_jacobian,
    neo_hooke, chain, mixture, elementwise, layer_norm, softmax_hessian, convolution_gradients,
    channels_gradients, embedding_gradient, scalar_program,
)  # fmt: skip
