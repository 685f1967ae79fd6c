"""Formulas of the literature that have no closed form worth writing down: Jacobians by complex step."""

import numpy as np
import pytest
from oracles.formulas import FORMULAS
from oracles.numeric import assert_close, complex_directional, complex_jacobian

import indicial as ix

# Bundle adjustment: a point X, seen by a camera at C turned by r, with focal length f, principal point o and
# radial distortion k, is measured at m with weight w (number 93).
REPROJECTION = """
index a: 1..2
t = norm_i(r_i); u_i = r_i / t; v_i = X_i - C_i
z_i = v_i cos(t) + eps_ijk u_j v_k sin(t) + u_i (u_j v_j) (1 - cos(t))
p_a = z[a-1] / z[2]
s = p_a p_a
e_a = w (f p_a (1 + k[0] s + k[1] s^2) + o_a - m_a)
g = 1 - w^2
"""
CAMERA = {"r": 3, "C": 3, "f": (), "o": 2, "k": 2, "X": 3, "w": ()}
# Hand tracking: bones T move the points x of a skin with weights W, between which barycentric
# coordinates u place the measured points y on triangles i, j, k (number 94).
SKINNING = """
z_va = W_vb T_bac x_vc
r_na = y_na - (u[n, 0] z[i[n], a] + u[n, 1] z[j[n], a] + (1 - u[n, 0] - u[n, 1]) z[k[n], a])
"""


def test_the_block_of_bundle_adjustment():
    rng = np.random.default_rng(3)
    arrays = {name: rng.uniform(0.5, 1.5, shape) for name, shape in CAMERA.items()}
    arrays |= {"m": rng.uniform(-1, 1, 2), "C": arrays["C"] - 3}
    sizes = [np.size(arrays[name]) for name in CAMERA]
    start = np.concatenate([np.ravel(arrays[name]) for name in CAMERA])
    residuals = ix.parse(REPROJECTION, outputs=("e", "g"))

    def stacked(values):
        parts = np.split(values, np.cumsum(sizes)[:-1])
        given = {name: part.reshape(np.shape(arrays[name])) for name, part in zip(CAMERA, parts, strict=True)}
        value = residuals({**arrays, **given})
        return np.append(value["e"], value["g"])

    want = np.stack([complex_directional(stacked, start, unit) for unit in np.eye(len(start))], axis=1)
    blocks = ix.derive(residuals, wrt=tuple(CAMERA))(arrays)
    rows = [
        np.hstack([np.reshape(blocks[output][name], (-1, np.size(arrays[name]))) for name in CAMERA])
        for output in ("e", "g")
    ]
    assert want.shape == (3, 15)
    assert_close(np.vstack(rows), want, 1e-11)


@pytest.mark.parametrize("name", ["T", "x", "u"])
def test_hand_tracking(name):
    rng = np.random.default_rng(4)
    shapes = {"W": (7, 4), "T": (4, 3, 3), "x": (7, 3), "u": (5, 2), "y": (5, 3)}
    arrays = {key: rng.uniform(0.2, 1, shape) for key, shape in shapes.items()}
    arrays |= {key: rng.integers(0, 7, 5) for key in "ijk"}
    residuals = ix.parse(SKINNING)

    want = complex_jacobian(lambda each: residuals({**arrays, name: each}), arrays[name])
    if name == "u":  # a row has two entries that are not 0
        assert not want.swapaxes(1, 2)[np.arange(5)[:, None] != np.arange(5)].any()


def test_every_number_of_the_list_is_here():
    """Those behind 93 need whole programs of chemistry; number 38 needs eigenvalues."""
    numbers = {int("".join(filter(str.isdecimal, formula["number"]))) for formula in FORMULAS}
    assert numbers == set(range(1, 93)) - {38}
