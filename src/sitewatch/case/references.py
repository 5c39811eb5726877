"""What one part of a case says of another: ids that must be known, and stand once.

These checks read the file as tomllib gives it, so that they find what they can beside a part that is wrong in itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sitewatch.case.lines import Path
from sitewatch.case.settling import check_settling
from sitewatch.case.values import Wrong, show
from sitewatch.records import OTHER

_ONE_OF = {
    "catalogues": ("url", "folder"),
    "hotspots": ("table", "tables"),
    "outlets": ("grade", "grades"),
    "reports": ("folder", "file", "feed", "url"),
}
# Keys of which a table has exactly one.


def check_references(raw: dict[str, Any]) -> Iterator[Wrong]:
    """Everything that is wrong between the parts of a case."""
    checks: dict[str, Callable[[dict[str, Any], Path, dict[str, Any]], Iterator[Wrong]] | None] = {
        "sites": _site,
        "catalogues": _catalogue,
        "hotspots": _hotspots,
        "roads": _roads,
        "vehicle_kinds": _kind,
        "outlets": None,
        "reports": _report,
        "questions": _question,
        "commitments": _commitment,
    }
    for section, check in checks.items():
        yield from check_once(raw, (section,))
        for path, table in tables(raw, section):
            yield from _one_key(path, table, _ONE_OF.get(section, ()))
            if check is not None:
                yield from check(raw, path, table)


def tables(parent: dict[str, Any], section: str, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The tables of an array with their paths, as far as there are any."""
    found = parent.get(section)
    for number, table in enumerate(found if isinstance(found, list) else ()):
        if isinstance(table, dict):
            yield (*path, section, number), table


def ids(parent: dict[str, Any], section: str) -> list[str]:
    """The ids that the tables of an array give themselves."""
    return [table["id"] for _, table in tables(parent, section) if isinstance(table.get("id"), str)]


def check_once(parent: dict[str, Any], path: Path) -> Iterator[Wrong]:
    """Ids of the tables of an array that stand twice."""
    *outer, section = path
    seen: set[str] = set()
    for at, table in tables(parent, str(section), tuple(outer)):
        id = table.get("id")
        if isinstance(id, str) and id in seen:
            yield Wrong((*at, "id"), f"{show(id)} a second time", f"an id that no other of the {section} has")
        elif isinstance(id, str):
            seen.add(id)


def _one_key(path: Path, table: dict[str, Any], keys: Sequence[str]) -> Iterator[Wrong]:
    given = [key for key in keys if key in table]
    if len(given) > 1:
        yield Wrong((*path, given[1]), f"{' and '.join(given)} together", f"only one of {', '.join(keys)}")
    elif keys and not given:
        yield Wrong((*path, keys[0]), "nothing", f"one of {', '.join(keys)}")


def check_known(path: Path, table: dict[str, Any], key: str, known: Iterable[str], what: str) -> Iterator[Wrong]:
    """An id, or a list of them, that must be one of those known."""
    value = table.get(key)
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(one, str) and one not in known:
            at = (*path, key, number) if isinstance(value, list) else (*path, key)
            yield Wrong(at, f"{show(one)}, which is no {what}", _meant(one, known))


def _meant(word: str, known: Iterable[str]) -> str:
    known = sorted(set(known))
    near = difflib.get_close_matches(word, known, n=1)
    return f"{show(near[0])}" if near else f"one of {', '.join(known) or '(there is none yet)'}"


def _site(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    yield from check_once(table, (*path, "zones"))
    fenced = {"fence", "fence_file"} & table.keys()
    serving = [c for _, c in tables(raw, "catalogues") if _serves(c, table.get("id"))]
    heat = [one for _, one in tables(raw, "hotspots") if _serves(one, table.get("id"))]
    if fenced and (serving or heat) and "watch_from" not in table:
        passes = f"catalogue {show(serving[0].get('id'))} is searched for passes" if serving else "hotspots are counted"
        right = f"the first watched day, such as 2018-01-01: {passes}"
        yield Wrong((*path, "watch_from"), "nothing", f"{right} of the site, and those before that day are its history")
    if "fence" in table:
        yield from _one_key(path, table, ("fence", "fence_file"))


def _serves(catalogue: dict[str, Any], site: object) -> bool:
    """Whether a catalogue or a file of hotspots is for a site, given that the site has a fence."""
    listed = catalogue.get("sites")
    return "sites" not in catalogue or (isinstance(listed, list) and site in listed)


def _catalogue(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    """A catalogue is searched for sites with a fence only; hotspots are counted for such alone."""
    yield from check_known(path, table, "sites", ids(raw, "sites"), "site of the case")
    fenced = [site.get("id") for _, site in tables(raw, "sites") if {"fence", "fence_file"} & site.keys()]
    if "sites" not in table and not fenced:
        yield Wrong((*path, "sites"), "no site with a fence", "a `fence` or `fence_file` in one of the [[sites]]")
    listed = table.get("sites")
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if one in ids(raw, "sites") and one not in fenced:
            yield Wrong((*path, "sites", number), f"{show(one)}, a site without a fence", "a site with a fence")


def _hotspots(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    yield from _catalogue(raw, path, table)
    given = table.get("tables")
    listed = given if isinstance(given, list) else []
    for number, one in enumerate(listed):
        if one in listed[:number]:
            yield Wrong((*path, "tables", number), f"{show(one)} a second time", "each file once")
    fenced = [site.get("id") for _, site in tables(raw, "sites") if {"fence", "fence_file"} & site.keys()]
    mine = [id for id in fenced if _serves(table, id)]
    for at, other in tables(raw, "hotspots"):
        if at < path and (both := [id for id in mine if _serves(other, id)]):
            right = "one of the [[hotspots]] for a site, all its files in `tables`; `sites` says which it is for"
            yield Wrong((*path, "sites"), f"site {show(both[0])}, which has its hotspots from another table", right)
            break
    if "clouds" in table and len(mine) > 1:
        right = "one site: a cloud series is of one place; name it, and give each other site [[hotspots]] of its own"
        yield Wrong((*path, "sites"), f"{len(mine)} sites with one series of clouds", right)


def _roads(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    yield from check_known(path, table, "site", ids(raw, "sites"), "site of the case")
    fenced = [site.get("id") for _, site in tables(raw, "sites") if {"fence", "fence_file"} & site.keys()]
    site = table.get("site")
    if site in ids(raw, "sites") and site not in fenced:
        yield Wrong((*path, "site"), f"{show(site)}, a site without a fence", "a site with a fence")
    if site in fenced and any(other.get("site") == site for at, other in tables(raw, "roads") if at < path):
        right = "one of the [[roads]] for a site; put all its roads into one file"
        yield Wrong((*path, "site"), f"site {show(site)}, which has its roads from another table", right)


def _kind(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    named = [(at, one.get("name")) for at, one in tables(raw, "vehicle_kinds")]
    if len(named) == 1:
        right = "two kinds or more: a length speaks for one only against another"
        yield Wrong((*path, "name"), f"{show(table.get('name'))} alone", right)
    if any(at < path and isinstance(name, str) and name == table.get("name") for at, name in named):
        yield Wrong((*path, "name"), f"{show(table.get('name'))} a second time", "each kind once")


def _report(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    yield from check_known(path, table, "outlet", ids(raw, "outlets"), "outlet of the case")
    if {"feed", "url"} & table.keys() and "outlet" not in table:
        yield Wrong((*path, "outlet"), "nothing", "the id of the outlet that publishes the feed or page")


def _commitment(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    yield from check_known(path, table, "site", ids(raw, "sites"), "site of the case")


def _question(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    yield from check_known(path, table, "site", ids(raw, "sites"), "site of the case")
    yield from check_once(table, (*path, "hypotheses"))
    yield from check_once(table, (*path, "indicators"))
    yield from check_known(path, table, "next_looks", ids(table, "indicators"), "indicator of the question")
    named = [id for id in dict.fromkeys(ids(table, "hypotheses")) if id != OTHER]
    if (
        "hypotheses" in table
        and len(list(tables(table, "hypotheses"))) == len(ids(table, "hypotheses"))
        and len(named) < 2
    ):
        right = f'two rival explanations or more; "{OTHER}" is added to them'
        yield Wrong((*path, "hypotheses"), f"{len(named)} named", right)
    for at, indicator in tables(table, "indicators", path):
        yield from _likelihood(at, indicator, named)
    yield from check_settling(path, table, list(tables(table, "hypotheses", path)))


def _likelihood(path: Path, indicator: dict[str, Any], named: Sequence[str]) -> Iterator[Wrong]:
    """Each named hypothesis has a likelihood, and no other word has."""
    likelihood = indicator.get("likelihood")
    if not isinstance(likelihood, dict):
        return
    for key in likelihood:
        yield from check_known((*path, "likelihood"), {key: key}, key, [*named, OTHER], "hypothesis of the question")
    for missing in (id for id in named if id not in likelihood):
        right = f"[low, best, high] of P({indicator.get('id')} | {missing})"
        yield Wrong((*path, "likelihood", missing), "nothing", right)
