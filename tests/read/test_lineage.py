from __future__ import annotations

import csv
import random
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from sitewatch.read import claims, fingerprint, trace
from sitewatch.read.fingerprint import SMALL
from sitewatch.records import Item, roots_of
from tests.read.texts import PLACES, SOURCES, item

STORY = """Two cranes and at least 12 trucks stand at the gate of the Northport plant, a senior official said on Monday.

The official, who has seen pictures of 20 July, said that work on the roof began after the Portville talks and has
not stopped since. "We see that the gate is busy, but we cannot see through the roof," he said.

The ministry in Portville declined to comment. The plant made engines for the Falcon rocket until 2016.
"""
SPUN = """Two derricks and at least 12 lorries wait at the door of the Northport factory, a senior figure said Monday.

The figure, who has viewed images of 20 July, said that labour on the ceiling started after the Portville meetings
and has not ceased since. "We observe that the door is crowded, but we cannot look through the ceiling," he said.

The department in Portville refused to speak. The factory built motors for the Falcon missile until 2016.
"""
OTHER = """A second plant near Northport was shut on Monday, workers said. Its gate was locked and 3 trucks were parked
inside.

The ministry in Portville said that 40 people had lost their work. The plant made shoes until 2016, and before that
furniture for schools. A union said that it would go to court.
"""


def later(hours):
    return datetime(2018, 7, 31, 8, tzinfo=UTC) + timedelta(hours=hours)


def wire(text=STORY, **options):
    return item(text, **({"outlet": "wire-a", "published": later(0)} | options))


def edges(*items):
    return {(e.child, e.parent): e for e in trace(items, SOURCES)}


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        (STORY, "copy"),
        (STORY + "\n(Wire A)\n", "copy"),
        ("\n\n".join(STORY.split("\n\n")[:2]), "copy"),
        ("\n\n".join(reversed(STORY.split("\n\n"))), "copy"),
        (SPUN, "paraphrase"),
    ],
    ids=["verbatim", "credited", "cut", "turned round", "spun"],
)
def test_a_copy_is_linked_to_what_it_copies(text, relation):
    root, child = wire(), item(text, published=later(3))
    (edge,) = trace([child, root], SOURCES)
    assert (edge.child, edge.parent, edge.relation) == (child.id, root.id, relation)
    assert edge.available_at == child.available_at
    assert edge.score >= 0.5
    assert "published before" in edge.method


def test_a_report_on_the_same_place_is_no_copy():
    assert trace([wire(), item(OTHER, published=later(3))], SOURCES) == []


def test_a_rewritten_report_that_credits_the_other_is_a_paraphrase():
    text = """Work goes on at the Northport plant, where cranes and trucks were seen, Wire A reported on Tuesday.

An official told the agency that the roof work had begun after the talks in Portville."""
    root, child = wire(), item(text, published=later(20))
    (edge,) = trace([root, child], SOURCES)
    assert (edge.relation, edge.parent) == ("paraphrase", root.id)
    assert "it credits Wire A" in edge.method


def test_a_report_of_its_own_that_quotes_another_in_passing_is_a_root():
    text = """A diplomat denied on Tuesday that the plant at Northport is at work.

"There is no such work," he told The Gazette.

He would not say when visitors may come. Wire A had reported on cranes, trucks and the roof of the plant."""
    assert trace([wire(), item(text, published=later(20))], SOURCES) == []


def test_a_credit_to_an_outlet_that_told_something_else_is_no_link():
    text = (
        "The football club of Portville has a new coach, Wire A reported. He is 44 and won two cups with his last club."
    )
    assert trace([wire(), item(text, published=later(5))], SOURCES) == []


def test_of_two_parents_the_root_is_taken():
    root, first, second = wire(), item(STORY, published=later(2)), item(STORY, outlet="daily-b", published=later(4))
    found = edges(second, first, root)
    assert set(found) == {(first.id, root.id), (second.id, root.id)}
    assert roots_of(second.id, found.values()) == (root.id,)


def test_where_the_times_do_not_tell_the_credit_does():
    child = item(STORY + "\n(Wire A)\n", published=date(2018, 7, 31))
    root = wire(published=date(2018, 7, 31))
    (edge,) = trace([child, root], SOURCES)
    assert (edge.child, edge.parent) == (child.id, root.id)
    assert "the credit does" in edge.method


@pytest.mark.parametrize("published", [None, date(2018, 7, 31)])
def test_where_neither_time_nor_credit_tells_the_fuller_text_comes_first(published):
    cut = item("\n\n".join(STORY.split("\n\n")[:2]), published=published)
    whole = item(STORY, outlet="daily-b", published=published)
    (edge,) = trace([cut, whole], ())
    assert edge.child == cut.id
    assert "neither time nor credit" in edge.method
    assert (edge.available_at is None) is (published is None)


def test_a_copy_of_the_first_version_is_a_child_of_the_last():
    child, last = item(STORY + "(Wire A)", published=later(1)), wire(published=later(9))
    (edge,) = trace([child, last], SOURCES)
    assert (edge.child, edge.parent) == (child.id, last.id)
    assert "dated later" in edge.method


def test_nobody_copies_from_who_credits_him_nor_from_days_to_come():
    assert trace([item(STORY + "(Wire A)", published=later(1)), wire(published=later(100))], SOURCES) == []


def test_a_loose_likeness_long_after_is_a_standing_passage():
    half = STORY.split("\n\n")[2] + OTHER
    assert trace([wire(), item(half, published=later(24 * 60))], SOURCES) == []


def test_nothing_and_one():
    assert trace([], SOURCES) == trace([wire()], SOURCES) == []


def test_a_text_in_another_language_is_neither_linked_nor_claimed_from():
    text = """Deux grues et 12 camions sont à la porte de l'usine de Northport, selon Wire A, et les images du 20 July
ne se lisent pas par le toit. Le Falcon est fait dans une usine qui est au nord de Portville. (Wire A)"""
    child = item(text, published=later(3))
    assert (child.language, child.credit) == ("fr", ("wire-a",))
    assert trace([wire(), child, item(text, outlet="daily-b", published=later(5))], SOURCES) == []
    assert claims(child.text, published=None, places=PLACES, item=child, sources=SOURCES) == []
    assert claims(child.text, published=None, places=PLACES) == []


def test_names_that_all_have_are_no_evidence():
    root, child = wire(), item(STORY + "\n(Wire A)\n", published=later(3))
    others = [
        item(f"Report {n} is on the Northport plant.", outlet="gazette", published=later(900 + n)) for n in range(9)
    ]
    (edge,) = [e for e in trace([root, child, *others], SOURCES) if e.child == child.id]
    shown = edge.method.split("both have ")[1].split(";")[0].split(", ")
    assert {"12", "20", "falcon"} <= set(shown)
    assert not {"july", "monday", "northport", "wire"} & set(shown)


# --- real reports on one war, with copies made from them


@pytest.fixture(scope="module")
def reports(shared):
    """Real reports of fifteen outlets, dated; many are on one event."""
    with (shared / "text" / "syria_reports.csv").open(encoding="utf-8", errors="replace") as file:
        rows = [row for row in csv.DictReader(file) if len(row["article_content"].split()) >= 80]
    return [
        item(row["article_content"], outlet=row["source"], published=datetime.strptime(row["date"], "%m/%d/%Y").date())
        for row in rows
    ]


def copied(report: Item, text: str) -> Item:
    """A report of another outlet, a day later."""
    return item(text, outlet="gazette", published=report.published.earliest.date() + timedelta(days=1))


def cut(text: str, rng: random.Random) -> str:
    words = text.split()
    start = rng.randrange(len(words) // 2)
    return " ".join(words[start : start + len(words) // 2])


def spun(text: str, rng: random.Random, share: float, words: list[str]) -> str:
    """Other words in the place of a share of those that are neither names, numbers nor small words."""

    def swap(match: re.Match[str]) -> str:
        word = match.group()
        return word if word in SMALL or rng.random() > share else rng.choice(words)

    return re.sub(r"\b[a-z]{3,}\b", swap, text)


@pytest.mark.parametrize(
    ("kind", "floor"), [("verbatim", 0.99), ("cut", 0.97), ("spun 0.3", 0.97), ("spun 0.6", 0.97), ("spun 1.0", 0.95)]
)
def test_copies_of_real_reports_are_found(reports, kind, floor):
    rng = random.Random(5)  # noqa: S311  seeded, so that the test draws the same each time
    words = [w for r in reports for w in re.findall(r"\b[a-z]{4,}\b", r.text) if w not in SMALL]
    roots = rng.sample(reports, 60)
    made = {"verbatim": lambda t: t, "cut": lambda t: cut(t, rng)}
    change = made.get(kind) or (lambda t: spun(t, rng, float(kind.split()[-1]), words))
    found = [bool(trace((copied(root, change(root.text)), root), ())) for root in roots]
    assert sum(found) / len(found) >= floor


def test_other_reports_on_the_same_days_are_not_linked(reports):
    """Pairs by different outlets within three days, chosen by day alone; real copies of one agency are among them."""
    rng = random.Random(7)  # noqa: S311
    near = [
        (a, b)
        for n, a in enumerate(reports)
        for b in reports[n + 1 :]
        if a.outlet != b.outlet and abs(a.published.earliest - b.published.earliest) <= timedelta(days=3)
    ]
    false = [bool(trace(pair, ())) for pair in rng.sample(near, 800)]
    assert sum(false) / len(false) <= 0.02


def test_reports_far_apart_are_never_linked(reports):
    rng = random.Random(9)  # noqa: S311
    pairs = [rng.sample(reports, 2) for _ in range(800)]
    far = [p for p in pairs if abs(p[0].published.earliest - p[1].published.earliest) > timedelta(days=30)]
    linked = sum(bool(trace(pair, ())) for pair in far)
    assert linked / len(far) <= 0.005


def test_many_items_are_searched_by_hashes(reports):
    prints = [fingerprint.fingerprint(r) for r in reports[:150]]
    prints += [fingerprint.fingerprint(copied(r, r.text)) for r in reports[:50]]
    hashed = set(fingerprint.candidates(prints, few=10))
    exact = set(fingerprint.candidates(prints))
    assert {(n, 150 + n) for n in range(50)} <= hashed & exact
    assert len(hashed) < len(exact)
