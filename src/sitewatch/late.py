"""Late imports: a package names what it offers at once, and imports it when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def late(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """A package's `__getattr__`: rasters, parsers and servers take seconds to import, and `--help` must answer at once.

    Args:
        package: its `__name__`.
        homes: the package's modules, each with the public names that live in it.
    """
    home = {name: module for module, names in homes.items() for name in names}

    def attribute(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home[name]}"), name)

    return attribute
