"""What a measurement was made on: the machine, and the versions of what took part."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from indicial import __version__

DEPENDENCIES = ("numpy", "opt_einsum", "lark")
_SHARE = 4  # of the memory, that a contestant may take
_UNKNOWN = 8 << 30  # bytes taken for the memory where the system does not tell


def description() -> dict[str, str]:
    """The processor, its cores, Python, and the packages' versions."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "indicial": __version__,
        **{package: _version(package) for package in DEPENDENCIES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory_limit() -> int:
    """A quarter of the machine's memory, in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _SHARE
    except (AttributeError, ValueError, OSError):
        return _UNKNOWN // _SHARE
