"""What was reported: stories as trees, roots against reports, and where tellings drift, conflict or update."""

from __future__ import annotations

from collections.abc import Sequence

from sitewatch.records import RETELLS, Claim, Item, Lineage, Range, Relation, Story, View, roots_of, stories_of
from sitewatch.tell.cite import Citations, Json
from sitewatch.tell.wording import joined, legible, plural, tongue, when

_TIE = {"same_image": "shares its image with", "same_official": "shares its official with"}


def reports(view: View, cites: Citations) -> Json:
    """Every story with its tree; how many reports there are, and how many roots stand behind them."""
    items, lineage = view.of(Item), view.of(Lineage)
    stories = stories_of(items, lineage)
    told = [_story(s, n, lineage, view, cites) for n, s in enumerate(stories, start=1)]
    roots, groups = sum(len(s.roots) for s in stories), sum(len(s.groups) for s in stories)
    unread = [i for i in items if _unread(i)]
    return {
        "reports": len(items),
        "not_read": len(unread),
        "not_read_says": _unread_says(unread),
        "stories": len(stories),
        "roots": roots,
        "independent_roots": groups,
        "says": _counted(len(items), len(stories), roots, groups),
        "trees": told,
    }


def _unread(item: Item) -> bool:
    """Whether a report is in a language that the desk does not read; its text is kept all the same."""
    return item.language not in (None, "en")


def _unread_says(unread: Sequence[Item]) -> str:
    if not unread:
        return ""
    tongues = joined(sorted({tongue(i.language) for i in unread if i.language}))
    are = "is archived and was" if len(unread) == 1 else "are archived and were"
    return f"{plural(len(unread), 'report')} in another language ({tongues}) {are} not read."


def relations(view: View, cites: Citations) -> dict[str, list[Json]]:
    """Drifts, conflicts and updates, each with both quotes: three different things, shown as three."""
    shown: dict[str, list[Json]] = {"drift": [], "conflict": [], "update": []}
    for relation in view.of(Relation):
        shown[relation.relation].append(_relation(relation, view, cites))
    return shown


def _counted(reports: int, stories: int, roots: int, groups: int) -> str:
    if not reports:
        return "No report."
    shared = "" if groups == roots else f" that count as {groups}, since some share an image or an official"
    heads = "1 story" if stories == 1 else f"{stories} stories"
    verb = "tells" if reports == 1 else "tell"
    return f"{plural(reports, 'report')} {verb} {heads} and rest on {plural(roots, 'root')}{shared}."


def _story(story: Story, number: int, lineage: Sequence[Lineage], view: View, cites: Citations) -> Json:
    inside = set(story.items)
    edges = [e for e in lineage if e.child in inside and e.parent in inside]
    first = _first_parents(story, [e for e in edges if e.relation in RETELLS])
    children: dict[str | None, list[str]] = {}
    for member in story.items:
        edge = first.get(member)
        children.setdefault(edge.parent if edge else None, []).append(member)

    def node(member: str) -> Json:
        return {
            **_report(view.get(Item, member), cites),
            "root": member in story.roots,
            "edge": _edge(first[member], cites) if member in first else None,
            "also": [_edge(e, cites) for e in edges if _is_second(e, member, first)],
            "ties": [_tie(e, member, cites) for e in edges if e.relation in _TIE and member in (e.child, e.parent)],
            "children": [node(child) for child in children.get(member, [])],
        }

    return {
        "number": number,
        "anchor": f"story-{story.items[0][:12]}",
        "title": legible(view.get(Item, story.items[0]).title or view.get(Item, story.items[0]).text[:80]),
        "reports": len(story.items),
        "not_read": sum(_unread(view.get(Item, member)) for member in story.items),
        "roots": len(story.roots),
        "independent_roots": len(story.groups),
        "says": _counted(len(story.items), 1, len(story.roots), len(story.groups)),
        "tree": [node(top) for top in children.get(None, [])],
    }


def _first_parents(story: Story, edges: Sequence[Lineage]) -> dict[str, Lineage]:
    """The edge that each report hangs by: the one that accounts for most of it, unless that would close a ring."""
    place = {member: n for n, member in enumerate(story.items)}
    chosen: dict[str, Lineage] = {}

    def above(member: str) -> set[str]:
        seen = {member}
        while member in chosen:
            member = chosen[member].parent
            seen.add(member)
        return seen

    for edge in sorted(edges, key=lambda e: (-e.score, place[e.parent], e.id)):
        if edge.child not in chosen and edge.child not in above(edge.parent):
            chosen[edge.child] = edge
    return chosen


def _is_second(edge: Lineage, member: str, first: dict[str, Lineage]) -> bool:
    return edge.relation in RETELLS and edge.child == member and first.get(member) != edge


def _report(item: Item, cites: Citations) -> Json:
    return {
        **cites.item(item.id),
        "id": item.id,
        "outlet": cites.outlet(item.outlet),
        "headline": legible(item.title or item.text[:80]),
        "published": when(item.published) if item.published.earliest or item.published.latest else "undated",
        "byline": legible(item.byline or ""),
        "credits": [cites.outlet(c) for c in item.credit],
        "not_read": f"{tongue(item.language)}, archived, not read" if item.language and _unread(item) else None,
        "origin": legible(item.origin),
        "bytes": item.artifact,
    }


def _edge(edge: Lineage, cites: Citations) -> Json:
    return {
        "relation": edge.relation.replace("_", " "),
        "parent": cites.item(edge.parent),
        "score": edge.score,
        "share": f"{round(100 * edge.score)} %",
        "evidence": legible(edge.method),
    }


def _tie(edge: Lineage, member: str, cites: Citations) -> Json:
    other = edge.parent if edge.child == member else edge.child
    return {"says": _TIE[edge.relation], "with": cites.item(other), "evidence": legible(edge.method)}


def _relation(relation: Relation, view: View, cites: Citations) -> Json:
    return {
        "id": relation.id,
        "anchor": f"{relation.relation}-{relation.id[:12]}",
        "about": legible(relation.about),
        "says": legible(relation.says),
        "a": _side(relation.a, relation.a_value, view, cites),
        "b": _side(relation.b, relation.b_value, view, cites),
        "a_value": relation.a_value.model_dump() if relation.a_value else None,
        "b_value": relation.b_value.model_dump() if relation.b_value else None,
    }


def _side(claim: str, value: Range | None, view: View, cites: Citations) -> Json:
    """One side's quote and chain: who is said to have said it, through whom, and the reports it came down through."""
    quote = cites.quote(claim)
    keep = ("label", "anchor", "title", "text", "outlet", "published", "modality", "chain")
    item = view.get(Claim, claim).item
    lineage = [e for e in view.of(Lineage) if e.child in view and e.parent in view]
    roots = roots_of(item, lineage) if item else ()
    return {
        **{key: quote[key] for key in keep},
        "item": quote["item"],
        "roots": [cites.item(root) for root in roots if root != item],
        "also": [
            {**cites.item(i.id), "outlet": cites.outlet(i.outlet)}
            for i in _also_telling(view.get(Claim, claim), value, roots, lineage, view)
        ],
    }


def _also_telling(
    claim: Claim, value: Range | None, roots: Sequence[str], lineage: Sequence[Lineage], view: View
) -> list[Item]:
    """Retellings of the same roots in which the same figure stands for the same thing, in order of publication."""
    if value is None:
        return []
    what = {q.attribute for q in claim.quantities if (q.lo, q.hi) == (value.lo, value.hi)}
    carrying = {
        c.item
        for c in view.of(Claim)
        if any((q.lo, q.hi) == (value.lo, value.hi) and q.attribute in what for q in c.quantities)
    }
    told = [i for i in view.of(Item) if i.id in carrying and i.id != claim.item and i.id not in roots]
    told.sort(key=lambda i: (i.published.earliest is None, str(i.published.earliest), i.id))
    return [i for i in told if set(roots) & set(roots_of(i.id, lineage))]
