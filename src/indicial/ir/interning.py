"""Hash-consing: a value is known by its digest, a hash of its contents.

Equal values are one object, equality is immediate, and orders that follow digests are the same in every
process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar, dataclass_transform
from weakref import WeakValueDictionary

from indicial.ir.indices import Index

T = TypeVar("T")
_TABLE: WeakValueDictionary[bytes, Any] = WeakValueDictionary()


@lru_cache(maxsize=1 << 14)
def _encode_index(index: Index) -> bytes:
    return f"i{index.serial}|{index.space.tensor}|{index.space.axis};".encode()


def _encode(value: object) -> bytes:
    if isinstance(value, Interned):
        return value.digest
    if isinstance(value, Index):
        return _encode_index(value)
    if isinstance(value, tuple):
        return b"(%d:" % len(value) + b"".join([_encode(item) for item in value])
    if isinstance(value, Fraction):  # in hexadecimal, which has no limit on digits
        return f"{value.numerator:x}/{value.denominator:x};".encode()
    return f"{value};".encode()


def digest_of(tag: str, *fields: object) -> bytes:
    """The hash of a tag and of fields: nodes, indices, strings, numbers and tuples of them."""
    return hashlib.blake2b(tag.encode() + b"".join([_encode(f) for f in fields]), digest_size=16).digest()


class _Interning(type):
    """Calls `cls(*fields)` and returns the value that already has these fields, if there is one."""

    def __call__(cls, *fields: Any) -> Any:
        digest = digest_of(cls.__name__, *fields)
        value = _TABLE.get(digest)
        if value is None:
            value = super().__call__(*fields)
            set_slot = object.__setattr__
            set_slot(value, "digest", digest)
            set_slot(value, "_hash", hash(digest))
            value._complete(set_slot)
            value = _TABLE.setdefault(digest, value)
        return value


class Interned(metaclass=_Interning):
    """Base of what is one object for each content."""

    __slots__ = ("__weakref__", "_hash", "digest")

    digest: bytes
    _hash: int

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Interned) and self.digest == other.digest)

    def _complete(self, set_slot: Callable[[object, str, object], None]) -> None:
        """Fill the slots that follow from the fields, once for each content."""


@dataclass_transform(frozen_default=True, eq_default=False)
def interned(cls: type[T]) -> type[T]:
    """A frozen, slotted dataclass that compares by digest."""
    return dataclass(frozen=True, slots=True, eq=False, repr=False)(cls)
