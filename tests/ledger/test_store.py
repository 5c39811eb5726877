from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sitewatch.errors import InputError, LedgerError
from sitewatch.ledger import GENESIS, Ledger
from sitewatch.ledger.chain import link
from sitewatch.records import Brief, Fault, Item, Look, Result, Site, When, day_end, day_start

NOW = datetime(2024, 5, 1, 12, 30, 15, 250000, tzinfo=UTC)
SITES = [Site(slug=f"s{n}", name=f"Site {n}") for n in range(1200)]


def look(result: Result, day: date | None, supersedes: str | None = None) -> Look:
    return Look(
        site="sohae",
        observable="shelter",
        result=result,
        when=When.of(date(2018, 7, 20)),
        by="analyst",
        provider="p",
        publisher="q",
        available_at=day and day_end(day),
        supersedes=supersedes,
    )


def test_what_is_appended_comes_back_in_order_and_stamped(ledger: Ledger) -> None:
    new = ledger.append(SITES, now=NOW)
    assert new == [site.model_copy(update={"recorded_at": NOW}) for site in SITES]
    assert [site.id for site in ledger.view().of(Site)] == [site.id for site in SITES]
    assert ledger.view().of(Site)[7].recorded_at == NOW


def test_the_same_again_changes_nothing(ledger: Ledger) -> None:
    ledger.append(SITES, now=NOW)
    head = ledger.head
    again = [site.model_copy(update={"recorded_at": NOW + timedelta(days=9)}) for site in SITES]
    assert ledger.append(again, now=NOW + timedelta(days=1)) == []
    assert ledger.append([], now=NOW) == []
    assert ledger.head == head
    assert ledger.view().of(Site)[0].recorded_at == NOW


def test_the_same_twice_in_one_batch_is_stored_once_where_it_first_stood(ledger: Ledger) -> None:
    a, b, c = SITES[:3]
    assert [r.id for r in ledger.append([a, b, a, c, b], now=NOW)] == [a.id, b.id, c.id]
    assert [r.id for r in ledger.append([c, SITES[3], a], now=NOW)] == [SITES[3].id]
    assert [r.id for r in ledger.view().of(Site)] == [r.id for r in SITES[:4]]


def test_a_batch_is_taken_whole_or_not_at_all(ledger: Ledger) -> None:
    with pytest.raises(LedgerError):
        ledger.append([SITES[0], Site(slug="x", name="\ud800")], now=NOW)
    with sqlite3.connect(ledger.file) as raw:
        raw.execute("CREATE TRIGGER stop BEFORE INSERT ON records WHEN new.seq = 3 BEGIN SELECT RAISE(FAIL, 'no'); END")
    raw.close()
    with pytest.raises(LedgerError, match="SQLite says: no"):
        ledger.append(SITES[:5], now=NOW)
    assert len(ledger.view()) == 0


def test_now_needs_a_time_zone(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="time zone"):
        ledger.append(SITES[:1], now=datetime(2024, 1, 1))


def test_each_hash_covers_the_one_before(full: Ledger) -> None:
    with sqlite3.connect(full.file) as raw:
        rows = raw.execute("SELECT seq, kind, available_at, body, hash FROM records ORDER BY seq").fetchall()
    raw.close()
    assert [row[0] for row in rows] == [1, 2, 3, 4]
    assert rows[1][1:3] == ("artifact", "2018-07-23T23:59:59.999999Z")
    head = GENESIS
    for *_, body, stored in rows:
        assert stored == (head := link(head, body))
    assert full.head == full.view().head == head


def test_judgements_do_not_move_the_head_of_the_evidence(full: Ledger) -> None:
    evidence = full.head
    assert full.evidence_head == evidence
    sha = full.put(b"<html>")
    full.append([Brief(page=sha, data=sha, head=evidence)], now=NOW)
    assert full.evidence_head == evidence != full.head
    full.append([Fault(room="look", subject="s", reason="r", transient=True)], now=NOW)
    assert full.evidence_head == full.head


def test_an_empty_ledger_has_the_head_that_all_chains_start_from(ledger: Ledger) -> None:
    assert ledger.head == ledger.evidence_head == ledger.view().head == GENESIS
    assert ledger.verify(head=GENESIS) == []


def test_a_day_shows_what_was_available_by_its_end(ledger: Ledger) -> None:
    """A look at the 20th that was published on the 23rd is unknown on the 22nd and known on all of the 23rd."""
    ledger.append([look(Result.SEEN, date(2018, 7, 23)), look(Result.NOT_SEEN, None)], now=NOW)
    shown = {day: len(ledger.view(until=day_end(date(2018, 7, day)))) for day in (20, 22, 23, 24)}
    assert shown == {20: 0, 22: 0, 23: 1, 24: 1}
    assert len(ledger.view(until=day_start(date(2018, 7, 23)))) == 0
    assert len(ledger.view(until=day_end(date(2999, 1, 1)))) == 1, "undated is available on no day"
    assert len(ledger.view()) == 2


def test_a_correction_holds_from_the_day_on_which_it_was_available(ledger: Ledger) -> None:
    first = look(Result.SEEN, date(2018, 7, 23))
    second = look(Result.OBSCURED, date(2018, 8, 7), supersedes=first.id)
    ledger.append([first, second], now=NOW)
    before = ledger.view(until=day_end(date(2018, 8, 6)))
    assert [one.id for one in before.of(Look)] == [first.id]
    assert [one.id for one in ledger.view(until=day_end(date(2018, 8, 7))).of(Look)] == [second.id]


def test_an_undated_correction_corrects_on_no_day(ledger: Ledger) -> None:
    first = look(Result.SEEN, date(2018, 7, 23))
    ledger.append([first, look(Result.OBSCURED, None, supersedes=first.id)], now=NOW)
    assert [one.id for one in ledger.view(until=day_end(date(2020, 1, 1))).of(Look)] == [first.id]


def test_bytes_lie_beside_the_records(full: Ledger) -> None:
    item = full.view().of(Item)[0]
    assert full.get(item.artifact) == b"Der Zaun ist fort.\n"
    assert (full.file.parent / "blobs" / item.artifact[:2] / item.artifact[2:]).is_file()


def test_opening_again_finds_the_same(full: Ledger) -> None:
    with Ledger.open(full.file.parent, create=False) as again:
        assert again.head == full.head
        assert len(again.view()) == 4


def test_the_file_is_in_write_ahead_mode_and_every_commit_waits_for_the_disk(full: Ledger) -> None:
    with full._database.transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_turning_to_write_ahead_mode_waits_for_another_who_does_the_same(full: Ledger) -> None:
    """SQLite does not wait for a writer in this statement; two processes that make one ledger meet there."""
    other = sqlite3.connect(full.file, check_same_thread=False, isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.15, lambda: other.execute("COMMIT"))
    done.start()
    full._database._write_ahead()
    done.join()
    other.close()
    with full._database.transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_a_ledger_that_is_locked_for_too_long_says_so(full: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewatch.ledger.database.PATIENCE", 0.05)
    other = sqlite3.connect(full.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Ledger(full.file, full.blobs) as ledger, pytest.raises(LedgerError, match="locked; another process"):
        ledger.append(SITES[:1], now=NOW)
    with Ledger(full.file, full.blobs) as ledger:
        assert len(ledger.view()) == 4, "reading goes on meanwhile"
    other.execute("ROLLBACK")
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="locked; another process"):
        full._database._write_ahead()
    other.close()


def test_a_ledger_that_is_not_there_is_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ledger\.sqlite: there is no ledger here"):
        Ledger.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="no ledger can be kept here"):
        Ledger.open(tmp_path / "file")


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize(
    ("version", "table", "says"), [(0, True, "another program's"), (7, False, "found format 7"), (7, True, "format 7")]
)
def test_another_program_s_database_is_left_alone(
    tmp_path: Path, create: bool, version: int, table: bool, says: str
) -> None:
    file = tmp_path / "ledger.sqlite"
    with sqlite3.connect(file) as raw:
        raw.execute(f"PRAGMA user_version = {version}")
        if table:
            raw.execute("CREATE TABLE songs (name)")
    raw.close()
    before = file.read_bytes()
    with pytest.raises(LedgerError, match=says):
        Ledger.open(tmp_path, create=create)
    assert file.read_bytes() == before


@pytest.mark.parametrize("data", [b"", b"not a database, but long enough to be asked about" * 40])
def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(data)
    with pytest.raises(LedgerError, match=r"ledger\.sqlite: .*(found format 0|file is damaged)"):
        Ledger.open(tmp_path, create=False)
