"""On which line of a TOML file a field stands, by its dotted path; the values themselves come from tomllib."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Path = tuple[str | int, ...]
"""Keys and places in arrays, from the top: ("sites", 0, "fence", 2)."""


class Lines:
    """The line of every field of one file."""

    def __init__(self, data: bytes) -> None:
        """Read a file that tomllib has read without error."""
        self._line: dict[Path, int] = {(): 1}
        self._last: dict[Path, int] = {}
        tree = Parser(Language(tree_sitter_toml.language())).parse(data)
        for node in tree.root_node.named_children:
            if node.type == "pair":
                self._pair((), node)
            elif node.type in ("table", "table_array_element"):
                self._table(node)

    def of(self, path: Path) -> int:
        """The line, from 1, of the field; of the nearest thing around it when it is not there."""
        while path not in self._line:
            path = path[:-1]
        return self._line[path]

    def _table(self, node: Node) -> None:
        header, *pairs = (child for child in node.named_children if child.type != "comment")
        *outer, last = _keys(header)
        path: Path = ()
        for key in outer:
            path = self._inside((*path, key), header)
        path = (*path, last)
        if node.type == "table_array_element":
            self._note(path, header)
            self._last[path] = self._last.get(path, -1) + 1
            path = (*path, self._last[path])
        self._note(path, header)
        for pair in pairs:
            self._pair(path, pair)

    def _inside(self, path: Path, node: Node) -> Path:
        """The path of a table, or of the last table of an array."""
        self._note(path, node)
        return (*path, self._last[path]) if path in self._last else path

    def _pair(self, path: Path, pair: Node) -> None:
        key, value = (child for child in pair.named_children if child.type != "comment")
        for part in _keys(key):
            path = (*path, part)
            self._note(path, pair)
        self._value(path, value)

    def _value(self, path: Path, value: Node) -> None:
        inner = (child for child in value.named_children if child.type != "comment")
        if value.type == "inline_table":
            for pair in inner:
                self._pair(path, pair)
        elif value.type == "array":
            for number, element in enumerate(inner):
                self._note((*path, number), element)
                self._value((*path, number), element)

    def _note(self, path: Path, node: Node) -> None:
        self._line.setdefault(path, node.start_point[0] + 1)


def _keys(node: Node) -> Iterator[str]:
    """The parts of a key, unquoted: whatever a key may be, tomllib knows what it means."""
    table = tomllib.loads(f"{(node.text or b'').decode()} = 0")
    while isinstance(table, dict):
        ((key, table),) = table.items()
        yield key
