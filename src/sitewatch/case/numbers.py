"""What is wrong between the tables of how many there are, and the records of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sitewatch.case.counted import BalanceTable, CountTable, DeclarationTable, TallyTable, TermTable
from sitewatch.case.fields import Written
from sitewatch.case.lines import Path
from sitewatch.case.references import check_known, check_once, ids, tables
from sitewatch.case.values import STATED, Wrong, show
from sitewatch.records import Balance, Declaration, Estimate, Tallied, When, day_end
from sitewatch.records.counts import Term, same_words

SECTIONS = ("declarations", "counts", "balances", "tallies")


def check_numbers(raw: dict[str, Any]) -> Iterator[Wrong]:
    """Sites, declarations and parts that must be known, scopes that must be shared, and parts that go round."""
    for section in SECTIONS:
        yield from check_once(raw, (section,))
        for path, table in tables(raw, section):
            yield from check_known(path, table, "site", ids(raw, "sites"), "site of the case")
    for path, table in tables(raw, "counts"):
        yield from check_known(path, table, "against", ids(raw, "declarations"), "declaration of the case")
        yield from _against(raw, path, table)
    for path, table in tables(raw, "tallies"):
        yield from check_known(path, table, "parts", ids(raw, "tallies"), "tally of the case")
        yield from _parts(raw, path, table)


def _against(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    """A count is held against a declaration of the same thing, scope and place only."""
    declared = next((d for _, d in tables(raw, "declarations") if d.get("id") == table.get("against")), None)
    if "against" not in table or declared is None:
        return
    for name in ("what", "scope", "site"):
        mine, its = table.get(name), declared.get(name)
        if not all(isinstance(one, str | None) for one in (mine, its)) or same_words(mine) == same_words(its):
            continue
        if its is None and name != "site":
            continue  # the declaration lacks what it needs, which is told there
        found = "nothing" if mine is None else f"{show(mine)}, which is not that of {show(declared['id'])}"
        same = f"{show(its)}, as declared" if its is not None else "nothing, as declared"
        right = f"{same}; or no `against`: numbers of different scope are never compared"
        yield Wrong((*path, name), found, right)


def _parts(raw: dict[str, Any], path: Path, table: dict[str, Any]) -> Iterator[Wrong]:
    parts = table.get("parts")
    listed = parts if isinstance(parts, list) else []
    if "number" not in table and not listed and not _is_part(raw, table.get("id")):
        right = "a number, or parts that it is the sum of, or another tally that it is a part of"
        yield Wrong((*path, "number"), "nothing, and no sum that could tell it", right)
    for number, part in enumerate(listed):
        if part in listed[:number]:
            yield Wrong((*path, "parts", number), f"{show(part)} a second time", "each part once")
        elif circle := _circle(raw, table.get("id"), part):
            right = "parts that do not hold the whole: a tally is no part of itself"
            yield Wrong((*path, "parts", number), f"{show(part)}, which goes round: {' > '.join(circle)}", right)


def _is_part(raw: dict[str, Any], id: object) -> bool:
    wholes = (whole.get("parts") for _, whole in tables(raw, "tallies"))
    return any(id in parts for parts in wholes if isinstance(parts, list))


def _circle(raw: dict[str, Any], whole: object, part: object) -> list[str]:
    """The way from a whole through one of its parts back to it; nothing where there is none."""
    inside = {t["id"]: t.get("parts") for _, t in tables(raw, "tallies") if isinstance(t.get("id"), str)}
    ways, seen = [[whole, part]], set()
    while ways:
        way = ways.pop()
        if way[-1] == whole:
            return [str(slug) for slug in way]
        if way[-1] in seen or not isinstance(way[-1], str):
            continue
        seen.add(way[-1])
        further = inside.get(way[-1])
        ways += [[*way, one] for one in (further if isinstance(further, list) else ())]
    return []


# --- Records


def declarations(written: Iterable[DeclarationTable]) -> tuple[Declaration, ...]:
    """The declarations of a case."""
    return tuple(
        Declaration(
            **_told(table, "id", "made", "available"),
            slug=table.id,
            made=When.of(table.made),
            available_at=day_end(table.available or table.made),
        )
        for table in written
    )


def estimates(written: Iterable[CountTable]) -> tuple[Estimate, ...]:
    """The counts of a case."""
    return tuple(_estimate(table) for table in written)


def _estimate(table: CountTable) -> Estimate:
    power = table.power
    if power and power.origin == STATED and table.why:
        power = power.model_copy(update={"origin": table.why})
    return Estimate(
        **_told(table, "id", "acquired", "published", "power", "against"),
        slug=table.id,
        power=power,
        when=table.acquired or When(),
        available_at=table.published and day_end(table.published),
    )


def balances(written: Iterable[BalanceTable]) -> tuple[Balance, ...]:
    """The material balances of a case."""
    return tuple(_balance(table) for table in written)


def _balance(table: BalanceTable) -> Balance:
    quantity = table.significant_quantity
    return Balance(
        slug=table.id,
        what=table.what,
        site=table.site,
        unit=table.unit,
        period=When.of(table.first, table.last),
        beginning=_term(table.beginning, "at the beginning"),
        receipts=tuple(_term(term, "receipt") for term in table.receipts),
        shipments=tuple(_term(term, "shipment") for term in table.shipments),
        ending=_term(table.ending, "at the end"),
        significant_quantity=quantity and quantity.value,
        quantity_source=quantity and quantity.source,
        by=table.by,
        available_at=day_end(table.available),
    )


def _term(term: TermTable, what: str) -> Term:
    return Term(what=term.what or what, value=term.value, sd=term.sd)


def tallies(written: Iterable[TallyTable]) -> tuple[Tallied, ...]:
    """The tallies of a case."""
    return tuple(
        Tallied(**_told(table, "id", "available"), slug=table.id, available_at=day_end(table.available))
        for table in written
    )


def _told(table: Written, *without: str) -> dict[str, Any]:
    """The fields of a table that its record has too."""
    return {name: value for name, value in table if name not in without}
