"""By what a question is settled: a day, and for each hypothesis what would count as its being true; both or neither."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sitewatch.case.lines import Path
from sitewatch.case.values import Wrong, show
from sitewatch.records import OTHER


def check_settling(
    path: Path, question: dict[str, Any], hypotheses: Sequence[tuple[Path, dict[str, Any]]]
) -> Iterator[Wrong]:
    """What is wrong with the `resolves` of a question and the `true_if` of its hypotheses, as the file has them."""
    stated = [(at, table["true_if"]) for at, table in hypotheses if "true_if" in table]
    if "resolves" not in question and stated:
        right = "the day from which it can be told which hypothesis is true: one of them has `true_if`"
        yield Wrong((*path, "resolves"), "nothing", right)
    if "resolves" in question:
        for at, table in hypotheses:
            if "true_if" not in table and table.get("id") != OTHER:
                right = "a sentence on what would count as its being true: the question has `resolves`"
                yield Wrong((*at, "true_if"), "nothing", right)
    for number, (at, said) in enumerate(stated):
        if isinstance(said, str) and any(_plain(said) == _plain(other) for _, other in stated[:number]):
            right = "a sentence of its own: one thing cannot tell two hypotheses apart"
            yield Wrong((*at, "true_if"), f"{show(said)} a second time", right)


def _plain(said: object) -> object:
    """A sentence whatever its capitals and blanks."""
    return " ".join(said.split()).casefold() if isinstance(said, str) else said
