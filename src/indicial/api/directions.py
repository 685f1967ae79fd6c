"""The directions in which a tensor is moved: one entry by itself, or as a declared symmetry lets it move.

entries     E_mn + E_nm, and E_mm        an entry together with its mirror images
projected   ½(E_mn + E_nm), and E_mm     the nearest direction in the space of such tensors
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

from indicial.calculus.structure import Structure
from indicial.ir.properties import Group, Properties, permutation_sign

Place = tuple[int, ...]


def direction(
    shape: tuple[int, ...], place: Place, properties: Properties, structure: Structure | None
) -> Any:
    """What moves when the entry at a place is to; nothing where such a tensor has zeros."""
    result = np.zeros(shape)
    images = {place: 1}
    if structure is not None:
        if properties.diagonal and len(set(place)) > 1:
            return result
        for group in properties.groups:
            images = _images(images, group)
    for image, sign in images.items():
        result[image] = sign
    return result / len(images) if structure == "projected" and images else result


def _images(images: dict[Place, int], group: Group) -> dict[Place, int]:
    """The places with all that exchanging the axes of a group makes of them, and the signs."""
    found: dict[Place, int] = {}
    for place, sign in images.items():
        for order in permutations(range(len(group.axes))):
            image = list(place)
            for axis, position in zip(group.axes, order, strict=True):
                image[axis] = place[group.axes[position]]
            own = sign * (permutation_sign(order) if group.sign < 0 else 1)
            if found.setdefault(tuple(image), own) != own:
                return {}  # an entry that is its own negative
    return found
