"""Stories as trees: which items tell of one thing, and which of them are roots; a projection of the lineage records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sitewatch.records.base import Sha256, Value
from sitewatch.records.reports import Item, Lineage

RETELLS = frozenset({"copy", "quote", "paraphrase", "translation"})
"""Relations in which the child has its content from the parent; the others only tie two roots together."""

_LATE = datetime.max.replace(tzinfo=UTC)


class Story(Value):
    """Items that hang together by lineage."""

    items: tuple[Sha256, ...]
    """In order of publication; undated ones last."""
    roots: tuple[Sha256, ...]
    """Items that retell no other item of the ledger."""
    groups: tuple[tuple[Sha256, ...], ...]
    """The roots again: those that share an image or an official stand in one group; a group is one independent root."""


def roots_of(item: Sha256, lineage: Iterable[Lineage]) -> tuple[Sha256, ...]:
    """The items at the end of every chain of retelling that starts at `item`; the item itself when it retells none."""
    parents: dict[str, list[str]] = {}
    for edge in lineage:
        if edge.relation in RETELLS:
            parents.setdefault(edge.child, []).append(edge.parent)
    ends, todo, seen = [], [item], {item}
    while todo:
        here = todo.pop()
        above = [p for p in parents.get(here, []) if p not in seen]
        seen.update(above)
        todo.extend(above)
        if here not in parents:
            ends.append(here)
    return tuple(sorted(ends))


def stories_of(items: Iterable[Item], lineage: Iterable[Lineage]) -> tuple[Story, ...]:
    """Group items into stories; the story with the most items comes first."""
    by_id = {i.id: i for i in items}
    edges = [e for e in lineage if e.child in by_id and e.parent in by_id]
    retelling = {e.child for e in edges if e.relation in RETELLS}
    whole = _components(by_id, [(e.child, e.parent) for e in edges])
    shared = _components(by_id, [(e.child, e.parent) for e in edges if e.relation not in RETELLS])
    group_of = {member: n for n, group in enumerate(shared) for member in group}

    def told(member: str) -> tuple[datetime, str]:
        return by_id[member].published.earliest or _LATE, member

    stories = []
    for members in whole:
        roots = members - retelling
        sharing = {group_of[m] for m in roots}
        groups = [tuple(m for m in sorted(shared[n], key=told) if m in roots) for n in sharing]
        stories.append(
            Story(
                items=tuple(sorted(members, key=told)),
                roots=tuple(sorted(roots, key=told)),
                groups=tuple(sorted(groups)),
            )
        )
    return tuple(sorted(stories, key=lambda s: (-len(s.items), told(s.items[0]))))


def _components(nodes: Mapping[str, Item], edges: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Connected components of an undirected graph."""
    home = {n: {n} for n in nodes}
    for a, b in edges:
        if home[a] is not home[b]:
            home[a] |= home[b]
            for member in home[b]:
                home[member] = home[a]
    return list({id(c): c for c in home.values()}.values())
