from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitewatch.errors import LedgerError
from sitewatch.ledger import Damage, Ledger
from sitewatch.ledger.chain import GENESIS, link
from sitewatch.records import Artifact, Brief, Grid, Item, Pass, Record, Site

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def alter(ledger: Ledger, sql: str, *values: Any) -> None:
    raw = sqlite3.connect(ledger.file)
    with raw:
        raw.execute(sql, values)
    raw.close()


def column(ledger: Ledger, name: str, seq: int) -> Any:
    raw = sqlite3.connect(ledger.file)
    value = raw.execute(f"SELECT {name} FROM records WHERE seq = ?", (seq,)).fetchone()[0]  # noqa: S608
    raw.close()
    return value


def numbers(damage: list[Damage]) -> list[int | None]:
    return [one.seq for one in damage]


def test_a_whole_ledger_has_no_damage(full: Ledger) -> None:
    assert full.verify() == []
    assert full.verify(head=full.head) == []
    assert full.verify(head=full.head.upper()) == []


@pytest.mark.parametrize("seq", [1, 4])
def test_every_changed_byte_of_a_body_is_found_and_blamed_on_its_record_alone(full: Ledger, seq: int) -> None:
    body = column(full, "body", seq)
    for place in range(len(body)):
        alter(full, "UPDATE records SET body = ? WHERE seq = ?", flip(body, place, 1), seq)
        found = full.verify()
        assert set(numbers(found)) == {seq}, f"byte {place}"
        assert {one.id for one in found} == {column(full, "id", seq)}
    alter(full, "UPDATE records SET body = ? WHERE seq = ?", body, seq)
    assert full.verify() == []


@given(seq=st.integers(1, 4), name=st.sampled_from(["body", "hash", "id", "kind", "available_at"]), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_any_changed_byte_of_any_column_is_found(full: Ledger, seq: int, name: str, data: st.DataObject) -> None:
    whole = column(full, name, seq)
    if whole is None:
        return
    raw = whole if isinstance(whole, bytes) else whole.encode()
    place, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128]))
    value = "?" if name == "body" else "CAST(? AS TEXT)"
    alter(full, f"UPDATE records SET {name} = {value} WHERE seq = ?", flip(raw, place, bit), seq)  # noqa: S608
    try:
        found = full.verify()
        assert seq in numbers(found)
        assert all(one.seq == seq for one in found if one.blob is None)
        with pytest.raises(LedgerError, match=f"record {seq} "):
            full.view()
    finally:
        alter(full, f"UPDATE records SET {name} = ? WHERE seq = ?", whole, seq)  # noqa: S608
    assert full.verify() == []


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE records SET id = upper(id) WHERE seq = 2", "its id is"),
        ("UPDATE records SET kind = 'pass' WHERE seq = 2", "its kind is 'pass', its body says 'artifact'"),
        (
            "UPDATE records SET available_at = NULL WHERE seq = 2",
            "its available_at is None, its body says '2018-07-23T",
        ),
        ("UPDATE records SET hash = id WHERE seq = 2", "its body or its hash is not what was written"),
        ("UPDATE records SET body = 12 WHERE seq = 2", "another type"),
        ("UPDATE records SET body = 'text' WHERE seq = 2", "another type"),
        ("UPDATE records SET hash = x'00' WHERE seq = 2", "another type"),
    ],
)
def test_a_changed_column_is_named(full: Ledger, sql: str, says: str) -> None:
    alter(full, sql)
    found = full.verify()
    assert any(says in one.what and one.seq == 2 for one in found)
    assert {one.seq for one in found if not one.what.startswith(str(full.file))} == {2}


def test_a_record_cut_out_of_the_middle_leaves_a_gap(full: Ledger) -> None:
    alter(full, "DELETE FROM records WHERE seq = 2")
    (found,) = full.verify()
    assert found.seq == 2
    assert "record 2 is missing; record 3 cannot be tied" in found.what
    alter(full, "DELETE FROM records WHERE seq = 3")
    assert [one.what[:26] for one in full.verify()] == ["records 2 to 3 are missing"]


def test_a_record_cut_out_and_the_rest_numbered_anew_breaks_the_chain(full: Ledger) -> None:
    alter(full, "DELETE FROM records WHERE seq = 2")
    alter(full, "UPDATE records SET seq = seq - 1 WHERE seq > 2")
    assert numbers(full.verify()) == [2]


def test_a_number_that_cannot_be_is_found(full: Ledger) -> None:
    alter(full, "UPDATE records SET seq = 0 WHERE seq = 1")
    assert any("where record 1 should stand, there is one numbered 0" in one.what for one in full.verify())


def test_two_records_that_changed_places_are_found(full: Ledger) -> None:
    for old, new in ((1, 9), (4, 1), (9, 4)):
        alter(full, "UPDATE records SET seq = ? WHERE seq = ?", new, old)
    assert {1, 4} <= set(numbers(full.verify()))


def test_a_cut_tail_is_found_by_the_head_that_a_brief_printed(full: Ledger) -> None:
    head = full.head
    alter(full, "DELETE FROM records WHERE seq = 4")
    assert full.verify() == []
    (found,) = full.verify(head=head)
    assert head in found.what
    assert "tail was cut" in found.what


def test_an_earlier_head_is_still_in_the_chain(full: Ledger) -> None:
    head = full.head
    full.append([Site(slug="later", name="Later")], now=NOW)
    assert full.verify(head=head) == []


def test_a_chain_that_was_written_anew_holds_but_for_the_head(full: Ledger) -> None:
    """Whoever can write the file can also chain it again; only a head printed elsewhere tells."""
    head, link_of = full.head, GENESIS
    alter(full, "DELETE FROM records WHERE seq = 1")
    alter(full, "UPDATE records SET seq = seq - 1")
    for seq in (1, 2, 3):
        link_of = link(link_of, column(full, "body", seq))
        alter(full, "UPDATE records SET hash = ? WHERE seq = ?", link_of, seq)
    assert full.verify() == []
    assert len(full.verify(head=head)) == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"kind":"rumour","recorded_at":null,"supersedes":null}', "unknown to this version"),
        (b'{"kind":"site","name":"N","recorded_at":null,"supersedes":null}', "no site as this version"),
        (b"{", "no JSON"),
    ],
)
def test_a_record_that_no_longer_parses_is_damage_even_when_the_chain_holds(
    ledger: Ledger, body: bytes, says: str
) -> None:
    sql = "INSERT INTO records VALUES (1, 'x', 'forecast', NULL, ?, ?)"
    alter(ledger, sql, body, link(GENESIS, body))
    found = ledger.verify()
    assert says in found[0].what
    assert (found[0].seq, found[0].kind, found[0].id) == (1, "forecast", "x")
    with pytest.raises(LedgerError, match=says):
        ledger.view()


def named(ledger: Ledger) -> dict[str, Record]:
    """One record for each field that names a blob, by the blob's bytes."""
    shas = {text: ledger.put(text.encode()) for text in ("artifact", "item", "chip", "page", "data")}
    item = {"text": "", "origin": "x", "title": None, "outlet": "x", "published": {}}
    grid = Grid(crs="EPSG:32635", transform=(10, 0, 0, 0, -10, 0), shape=(1, 1))
    flown = {"site": "s", "sensor": "optical", "platform": "p", "provider": "p", "acquired": NOW, "catalogue": "c"}
    brief = Brief(page=shas["page"], data=shas["data"], head=GENESIS)
    return {
        "artifact": Artifact(sha256=shas["artifact"], size=8, media_type="text/plain", origin="x"),
        "item": Item(artifact=shas["item"], **item),
        "chip": Pass(chip=shas["chip"], items=("i",), bands=("red",), grid=grid, **flown),
        "page": brief,
        "data": brief,
    }


@pytest.mark.parametrize("harm", ["missing", "changed", "cut"])
@pytest.mark.parametrize("which", ["artifact", "item", "chip", "page", "data"])
def test_a_blob_that_is_missing_or_changed_is_named_with_its_record(ledger: Ledger, which: str, harm: str) -> None:
    records = named(ledger)
    ledger.append(records.values(), now=NOW)
    (path,) = (p for p in (ledger.file.parent / "blobs").rglob("*") if p.is_file() and p.read_bytes() == which.encode())
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(flip(path.read_bytes(), 2, 1) if harm == "changed" else path.read_bytes()[:-1])
    (found,) = ledger.verify()
    assert found.blob == str(path)
    assert (found.kind, found.id) == (records[which].kind, records[which].id)
    assert ("is missing" if harm == "missing" else "has changed") in found.what
    assert f"record {found.seq} ({found.kind} {found.id}): {path}: " in str(found)


@pytest.mark.slow
def test_a_changed_byte_anywhere_in_the_file_is_found_or_harmless(full: Ledger, tmp_path: Path) -> None:
    """Free space and counters may change without harm; whatever is read must be what was written, or be refused."""
    survey(full, tmp_path, random.Random(5))  # noqa: S311


def test_a_changed_byte_somewhere_in_the_file_is_found_or_harmless(full: Ledger, tmp_path: Path) -> None:
    survey(full, tmp_path, random.Random(7), 250)  # noqa: S311


def survey(full: Ledger, tmp_path: Path, chance: random.Random, tries: int | None = None) -> None:
    data = full.file.read_bytes()
    assert not full.file.with_name("ledger.sqlite-wal").exists(), "all of it must stand in the one file"
    used = [place for place, byte in enumerate(data) if byte]
    copy = tmp_path / "copy"
    shutil.copytree(full.file.parent, copy)
    whole = read(copy)
    harmless = 0
    places = [*range(100), *(chance.sample(used, tries) if tries else used)]
    for place in places:
        for stale in ("ledger.sqlite-wal", "ledger.sqlite-shm"):
            (copy / stale).unlink(missing_ok=True)
        (copy / "ledger.sqlite").write_bytes(flip(data, place, 1 << chance.randrange(8)))
        found = damage_of(copy)
        if not found:
            harmless += 1
            assert read(copy) == whole, f"byte {place} changed what is read, and verify holds"
    assert harmless < len(places) / 4


def damage_of(folder: Path) -> list[str]:
    """What verification says, be it as damage or as an error of the ledger; nothing else may be raised."""
    try:
        with Ledger.open(folder, create=False) as ledger:
            return [str(one) for one in ledger.verify()]
    except LedgerError as error:
        return [str(error)]


def read(folder: Path) -> tuple[str, list[tuple[str, Record]]]:
    with Ledger.open(folder, create=False) as ledger:
        view = ledger.view()
        return view.head, [(one.id, one) for kind in (Site, Artifact, Item) for one in view.of(kind)]


@pytest.mark.parametrize("cut", [lambda size: size // 2, lambda size: 4096, lambda size: 100, lambda size: size - 1])
def test_a_truncated_file_is_found(full: Ledger, cut: Callable[[int], int]) -> None:
    data = full.file.read_bytes()
    full.file.write_bytes(data[: cut(len(data))])
    assert damage_of(full.file.parent)


def test_pages_of_rubbish_are_reported_with_what_can_still_be_read(full: Ledger) -> None:
    data = full.file.read_bytes()
    full.file.write_bytes(data[:4096] + b"\xa5" * 4096 + data[8192:])
    found = full.verify()
    assert any("ledger.sqlite" in one.what for one in found)
    with pytest.raises(LedgerError, match=r"ledger\.sqlite"):
        full.view()


def flip(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
