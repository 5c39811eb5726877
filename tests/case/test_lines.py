from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from sitewatch.case.lines import Lines, Path

TOML = """\
# a note
title = "T"  # another

[[sites]]
id = "a"
fence = [
  [1, 2],  # corner
  # nothing here
  [3, 4],
]
[[sites.zones]]
id = "z1"
[[sites.zones]]
id = "z2"

[[sites]]
id = "b"
[sites.more]
deep = 1
[[sites.zones]]
id = "z3"
zones.like.these = 5

[assumptions.hit]
A = { range = [0.1, 0.2, 0.3], "why so" = "x" }
"quoted.key".'and one' = '''
over
lines'''
["tösit".x]
y = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("sites",), 4),
        (("sites", 0, "id"), 5),
        (("sites", 0, "fence", 0), 7),
        (("sites", 0, "fence", 1, 1), 9),
        (("sites", 0, "zones", 1, "id"), 14),
        (("sites", 1), 16),
        (("sites", 1, "more", "deep"), 19),
        (("sites", 1, "zones", 0, "id"), 21),
        (("sites", 1, "zones", 0, "zones", "like", "these"), 22),
        (("assumptions", "hit", "A", "range", 2), 25),
        (("assumptions", "hit", "A", "why so"), 25),
        (("assumptions", "hit", "quoted.key", "and one"), 26),
        (("tösit", "x", "y"), 30),
    ],
)
def test_each_field_has_its_line(path: Path, line: int) -> None:
    assert Lines(TOML.encode()).of(path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [(("sites", 1, "name"), 16), (("sites", 0, "fence", 7, 0), 6), (("nothing", "like", "it"), 1), ((), 1)],
)
def test_what_is_not_there_has_the_line_of_what_is_around_it(path: Path, line: int) -> None:
    assert Lines(TOML.encode()).of(path) == line


def paths(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from paths(one, (*path, key))


@pytest.mark.parametrize("name", ["template.toml", "assumptions.toml", None])
def test_every_value_that_tomllib_reads_stands_on_the_line_that_is_told(name: str | None) -> None:
    text = (files("sitewatch.case") / name).read_text(encoding="utf-8") if name else TOML
    lines, written = Lines(text.encode()), text.splitlines()
    checked = 0
    for path, value in paths(tomllib.loads(text)):
        if isinstance(value, int | float) or (isinstance(value, str) and "\n" not in value):
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            assert shown in written[lines.of(path) - 1], path
            checked += 1
    assert checked > 10
