"""What is wrong with the shape of a case file, told in the words that stand under each field of `written`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sitewatch.case.lines import Path
from sitewatch.case.values import Wrong, show
from sitewatch.case.written import CaseTable


def read_shape(raw: dict[str, Any]) -> tuple[CaseTable | None, list[Wrong]]:
    """The tables of a case, or everything that is wrong with them one by one."""
    try:
        return CaseTable.model_validate(raw), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        # A list whose one element is wrong is called too short as well; only an empty one is.
        return None, [_wrong(detail) for detail in details if detail["type"] != "too_short" or not detail["input"]]


def _wrong(error: ErrorDetails) -> Wrong:
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "unfit":
        return Wrong(path, context["found"], context["right"])
    if kind == "missing":
        return Wrong(path, "nothing", _meaning(path))
    if kind == "extra_forbidden":
        return Wrong(path, "a key that is not known here", _known(path))
    return Wrong(path, show(error["input"]), _meaning(path))


def _known(path: Path) -> str:
    """The key that was probably meant, or all that may stand there."""
    keys = list(_tables(path[:-1])[-1].model_fields)
    near = difflib.get_close_matches(str(path[-1]), keys, n=1)
    return f"`{near[0]}`" if near else f"one of {', '.join(keys)}"


def _meaning(path: Path) -> str:
    """What belongs at a path: the words under the last field that is known on the way to it."""
    words = "the tables of a case"
    for table, part in zip(_tables(path), (part for part in path if isinstance(part, str)), strict=False):
        if part in table.model_fields:
            words = table.model_fields[part].description or words
    return words


def _tables(path: Path) -> list[type[BaseModel]]:
    """The tables from the top of the file down to a path."""
    tables: list[type[BaseModel]] = [CaseTable]
    for part in path:
        field = tables[-1].model_fields.get(part) if isinstance(part, str) else None
        tables.extend(_inside(field.annotation) if field else ())
    return tables


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    """The table that a field holds, alone or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _inside(part)
