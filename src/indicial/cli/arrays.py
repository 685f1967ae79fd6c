"""NAME=VALUE: arrays from files, from shapes and from their entries; and back into files."""

from __future__ import annotations

import json
import math
import re
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicial.cli.sources import path_of, reason_of
from indicial.errors import BackendError, IndicialError, MemoryLimitError, ShapeError
from indicial.planning import memory

Array = NDArray[Any]

_SHAPE = re.compile(r"\d+([x×]\d+)*", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(inf|nan)", re.ASCII | re.IGNORECASE)
_UNREADABLE = (  # what damaged files make NumPy and zipfile raise
    EOFError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    ValueError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
_AXES = 32  # what every NumPy that is supported can hold
_MISTAKES = "write a file, a shape such as 3x4, a number such as 2.5, or entries such as [1,2,3]"


def read_bindings(words: Sequence[str], *, seed: int = 0, positive: bool = False) -> dict[str, Array]:
    """The arrays that the words NAME=VALUE give, by name."""
    return {name: _read_value(name, value, seed, positive) for name, value in written_values(words).items()}


def read_shapes(words: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The shapes that the words NAME=VALUE give, by name; random data are not drawn for it."""
    return {
        name: _extents(name, value) if is_shape(value) else _read_value(name, value, 0, False).shape
        for name, value in written_values(words).items()
    }


def written_values(words: Sequence[str]) -> dict[str, str]:
    """What stands behind the = of each word NAME=VALUE, by name."""
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if not (name and equals and value):
            raise IndicialError(f"{word!r} is not of the form NAME=VALUE", hint=_MISTAKES)
        if name in values:
            raise IndicialError(f"{name} is given twice", hint=f"leave one of the two {name}=… out")
        values[name] = value
    return values


def _read_value(name: str, value: str, seed: int, positive: bool) -> Array:
    if value == "scalar":
        return _random(name, (), seed, positive)
    if is_shape(value):
        return _random(name, _extents(name, value), seed, positive)
    if _NUMBER.fullmatch(value):
        return np.array(float(value))
    if value.startswith("["):
        return _entries(name, value)
    return _read_file(name, value)


def is_shape(value: str) -> bool:
    """Whether a value is the extents of random data, as 3x4 or 4 is."""
    return _SHAPE.fullmatch(value) is not None


# ---- random data -------------------------------------------------------------------------------


def _extents(name: str, value: str) -> tuple[int, ...]:
    digits = re.split("[x×]", value)
    if len(digits) > _AXES:
        raise ShapeError(f"{name}={value[:40]}… has {len(digits)} axes; an array has at most {_AXES}")
    if any(len(extent) > 18 for extent in digits):
        raise MemoryLimitError(f"{name}={value[:40]} is larger than any machine's memory")
    return tuple(int(extent) for extent in digits)


def _random(name: str, shape: tuple[int, ...], seed: int, positive: bool) -> Array:
    """Random data that depend on the seed and the name only, not on what else is given."""
    _require_memory(
        f"random data for {name}, of shape {shape},", 8 * math.prod(max(1, extent) for extent in shape)
    )
    generator = np.random.default_rng([seed, zlib.crc32(name.encode("utf-8", "surrogatepass"))])
    return np.asarray(generator.uniform(0.5, 1.5, shape) if positive else generator.standard_normal(shape))


def _require_memory(what: str, size: int) -> None:
    limit = memory.allowed()
    if size > limit:
        raise MemoryLimitError(
            f"{what} would take {_bytes(size)}; this machine allows {_bytes(limit)}",
            hint="take smaller extents",
        )


def _bytes(size: int) -> str:
    return f"{size / 2**30:,.1f} GiB" if size >= 2**30 else f"{size / 2**20:,.1f} MiB"


# ---- entries and files -------------------------------------------------------------------------


def _entries(name: str, value: str) -> Array:
    try:
        array = np.array(json.loads(value))
    except (ValueError, RecursionError) as error:
        raise BackendError(
            f"{name}={value[:60]} is no array of numbers", hint="rows of equal length, as in [[1,2],[3,4]]"
        ) from error
    if array.dtype.kind not in "biuf":
        raise BackendError(f"{name}={value[:60]} holds something that is no number")
    return array


def _read_file(name: str, value: str) -> Array:
    path, _, member = value.partition(".npz:")
    if member:
        return _load(name, f"{path}.npz", lambda file: _read_member(file, member))
    readers: dict[str, Callable[[Path], Array]] = {
        ".npy": _read_npy,
        ".npz": lambda file: _read_member(file, name),
        ".csv": _read_csv,
    }
    reader = readers.get(Path(value).suffix.lower())
    if reader is None:
        raise IndicialError(f"{name}={value[:80]} is no file that can be read, and no shape", hint=_MISTAKES)
    return _load(name, value, reader)


def _load(name: str, path: str, reader: Callable[[Path], Array]) -> Array:
    try:
        file = path_of(path)
        _require_memory(f"the file {path}", file.stat().st_size)
        return reader(file)
    except _UNREADABLE as error:
        raise BackendError(f"{name}: the file {path} cannot be read: {reason_of(error)}") from error


def _read_npy(path: Path) -> Array:
    array: Array = np.lib.format.open_memmap(path, mode="r")  # refuses pickled objects and wrong sizes
    return np.array(array)


def _read_member(path: Path, member: str) -> Array:
    with zipfile.ZipFile(path) as archive:
        stored = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
        if member not in stored and len(stored) != 1:
            raise ValueError(f"it has no member {member}; it has {', '.join(stored) or 'none at all'}")
        (only, *_) = stored.values()
        entry = stored.get(member, only)
        _require_memory(f"the member {entry.filename} of {path}", entry.file_size)
        with archive.open(entry) as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _read_csv(path: Path) -> Array:
    with path.open(encoding="utf-8-sig") as file:
        rows = [line for line in file if line.strip() and not line.lstrip().startswith("#")]
    if not rows:
        raise ValueError("it holds no numbers")
    dtype = np.complex128 if any("j" in row for row in rows) else np.float64
    return np.asarray(np.loadtxt(rows, dtype, delimiter=",", ndmin=0))


# ---- writing -----------------------------------------------------------------------------------


def require_writable_format(path: str) -> None:
    """Refuses, before anything is computed, a file whose name does not say a known format."""
    if Path(path).suffix.lower() not in (".npy", ".npz", ".csv"):
        raise IndicialError(f"{path} names no known format", hint="end the file's name in .npy, .npz or .csv")


def write_arrays(path: str, arrays: Mapping[str, Array]) -> None:
    """Writes the arrays; only an .npz archive holds more than one."""
    file = path_of(path)
    suffix = file.suffix.lower()
    if suffix != ".npz" and len(arrays) != 1:
        raise IndicialError(
            f"{path} holds one array, the result has {len(arrays)}", hint="write to a .npz file"
        )
    (first, *_) = arrays.values()
    try:
        if suffix == ".npz":
            _write_archive(file, arrays)
        elif suffix == ".npy":
            np.save(file, first, allow_pickle=False)
        else:
            _write_csv(file, np.asarray(first))
    except OSError as error:
        raise IndicialError(f"{path} cannot be written: {reason_of(error)}") from error


def _write_archive(path: Path, arrays: Mapping[str, Array]) -> None:
    """As np.savez does, but for arrays of any name: one may be called `file`."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def _write_csv(path: Path, array: Array) -> None:
    if array.ndim > 2:
        raise ShapeError(
            f"a CSV file has two axes at most, the result has {array.ndim}", hint="write to a .npy file"
        )
    if array.dtype.kind == "c":
        array = np.array([f"{z.real:.17g}{z.imag:+.17g}j" for z in array.flat]).reshape(array.shape)
    entry = "%s" if array.dtype.kind == "U" else "%.17g"
    np.savetxt(path, np.atleast_1d(array), delimiter=",", fmt=entry)
