from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from sitewatch.read import Agreement, Conflict, Drift, Update, claims, compare
from sitewatch.read.match import Words, sides
from sitewatch.records import Claim, Lineage
from tests.read.texts import PLACES, SOURCES, item


def told(text, outlet, hours=0.0):
    when = datetime(2018, 7, 31, 8, tzinfo=UTC) + timedelta(hours=hours)
    return item(text, outlet=outlet, published=when)


def related(*items, child=None):
    """Relations of some reports; the last one retells the first where `child` says so."""
    found = [c for i in items for c in claims(i.text, published=None, places=PLACES, item=i, sources=SOURCES)]
    lineage = []
    if child:
        lineage = [
            Lineage(child=items[-1].id, parent=items[0].id, relation="paraphrase", score=1, method="by the test")
        ]
    return compare(found, items=items, lineage=lineage, places=PLACES)


def kinds(found):
    return [(type(r).__name__, r.about) for r in found]


ROOT = "Officials said that one or two new missiles may be under construction at Hill Nine. "


def test_two_roots_with_other_numbers_conflict():
    a = told("The North handed over 54 sets of remains at Northport on Friday, an official said.", "wire-a")
    b = told("Fifty-five cases of remains were handed over by the North at Northport, officers said.", "daily-b", 2)
    (found,) = related(a, b)
    assert isinstance(found, Conflict)
    assert (found.a.item, found.b.item, found.about) == (a.id, b.id, "remains")
    record = found.record()
    assert (record.relation, record.a, record.b) == ("conflict", found.a.id, found.b.id)
    assert (record.a_value.best, record.b_value.best) == (54, 55)
    assert record.available_at == b.available_at
    assert "54 sets of remains" in record.says
    assert "Fifty-five cases of remains" in record.says


def test_remains_and_boxes_of_them_are_one_measure():
    a = told("A plane flew out 54 sets of remains from Northport, an official said.", "wire-a")
    b = told("A plane flew out the remains of soldiers in 55 boxes from Northport, officers said.", "daily-b", 2)
    assert kinds(related(a, b)) == []
    c = told("A plane flew out remains and 54 boxes with them from Northport, an official said.", "wire-a")
    assert kinds(related(c, b)) == [("Conflict", "boxes")]


def test_two_roots_with_values_that_can_both_be_so_agree():
    a = told("At least a dozen trucks stand at Northport, an official said.", "wire-a")
    b = told("Some 14 trucks stand at the gate of Northport, workers said.", "daily-b", 2)
    (found,) = related(a, b)
    assert isinstance(found, Agreement)
    assert found.record() is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Twelve trucks stand at Northport, an official said.", "Nine trucks stand at Hill Nine, an officer said."),
        ("Twelve trucks stood at Northport on 2 July.", "Nine trucks stood at Northport on 20 July."),
        ("Twelve trucks stand at the gate of Northport.", "Nine trucks were bought by a farmer near Northport."),
        (
            "Two thirds of the west wall of the hall at Northport are gone.",
            "Three walls of the hall at Northport are gone.",
        ),
        ("The two leaders met at Northport in June.", "The three leaders met at Northport in June."),
    ],
    ids=["place", "time", "scope", "unit", "given"],
)
def test_another_scope_is_no_conflict(a, b):
    assert related(told(a, "wire-a"), told(b, "daily-b", 2)) == []


def test_an_open_range_does_not_conflict_with_a_value_inside():
    a = told("More than 7,600 soldiers are still missing after the war.", "wire-a")
    b = told("7,697 soldiers are still missing after the war.", "daily-b", 2)
    assert kinds(related(a, b)) == [("Agreement", "soldiers")]


def test_what_is_told_through_the_other_outlet_is_no_second_root():
    a = told("Two missiles are under construction at Hill Nine, an official said.", "wire-a")
    b = told("Wire A had reported that three missiles are under construction at Hill Nine.", "daily-b", 9)
    assert related(a, b) == []


def test_a_denial_conflicts_with_what_it_denies():
    a = told(ROOT, "wire-a")
    b = told("A diplomat denied that new missiles are under construction at Hill Nine.", "daily-b", 9)
    (found,) = related(a, b)
    assert (type(found), found.about) == (Conflict, "denial")


def test_one_chain_that_counts_anew_is_an_update():
    a = told("We count 119 silos in the field near Northport.", "daily-b")
    b = told("We now count 144 silos in the field near Northport.", "daily-b", 72)
    (found,) = related(a, b)
    assert isinstance(found, Update)
    assert (found.a.item, found.b.item) == (a.id, b.id)
    assert found.record().relation == "update"


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("New missiles are under construction at Hill Nine, officials said.", "hedge"),
        ("At least five new missiles may be under construction at Hill Nine, officials said.", "number"),
        ("Three new missiles may be under construction at Hill Nine, officials said.", "number"),
        ("One or two new missiles may be under construction at Hill Nine, a nuclear test site.", "nature"),
    ],
)
def test_a_retelling_that_says_more_than_its_root_has_drifted(text, about):
    root, child = told(ROOT, "wire-a"), told(text, "daily-b", 5)
    found = [r for r in related(root, child, child=True) if isinstance(r, Drift)]
    assert about in [r.about for r in found]
    assert all((r.a.item, r.b.item) == (root.id, child.id) for r in found)
    assert all(r.record().relation == "drift" for r in found)


@pytest.mark.parametrize(
    "text",
    [
        ROOT,
        "At Hill Nine, a missile factory, one or two new missiles may be under construction, the officials said.",
        "It is not clear whether one or two new missiles are under construction at Hill Nine.",
        "Officials may meet at Hill Nine on Friday.",
    ],
)
def test_a_true_retelling_has_not_drifted(text):
    assert related(told(ROOT, "wire-a"), told(text, "daily-b", 5), child=True) == []


def test_a_date_that_moved():
    root = told("An image of 22 July 2018 shows the engine stand at Northport without its upper part.", "wire-a")
    child = told("The engine stand at Northport without its upper part, in an image of 22 July 2016.", "daily-b", 5)
    (found,) = related(root, child, child=True)
    assert (found.about, "2016-07-22" in found.says) == ("date", True)


def test_a_part_that_became_the_whole():
    root = told("At the engine stand of Northport the upper part is partly down.", "wire-a")
    child = told("The engine stand at Northport has been completely destroyed.", "daily-b", 5)
    assert ("Drift", "extent") in kinds(related(root, child, child=True))


def test_an_assessment_that_is_still_told_as_somebodys_is_no_drift():
    root = told("We believe that the work on the roof of Northport is a first step.", "wire-a")
    child = told("The work on the roof of Northport is a first step, Wire A said.", "daily-b", 5)
    assert related(root, child, child=True) == []
    bare = told("The work on the roof of Northport is a first step.", "daily-b", 5)
    assert kinds(related(root, bare, child=True)) == [("Drift", "hedge")]


def test_claims_of_undated_items_give_undated_relations():
    root = item(ROOT, outlet="wire-a", published=None)
    child = item("New missiles are under construction at Hill Nine, officials said.", outlet="daily-b", published=None)
    (found,) = [r for r in related(root, child, child=True) if r.about == "hedge"]
    assert found.record().available_at is None


SEEN = (
    "On 20 July 2018 the steel frame of the engine test stand at Northport is partly down.\n\n"
    "On 22 July 2018 the crane is still there. The frame of the test stand is gone and part of its base is cut away.\n"
)


def test_a_date_is_set_against_the_sentence_that_tells_the_same_state():
    child = told("The engine test stand at Northport without its steel frame, on 22 July 2016.", "daily-b", 5)
    (found,) = [r for r in related(told(SEEN, "wire-a"), child, child=True) if r.about == "date"]
    assert "Wire A dates it 2018-07-22" in found.says


def test_an_extent_is_set_against_the_latest_state_of_the_thing():
    child = told("The engine test stand at Northport has been completely demolished.", "daily-b", 5)
    (found,) = [r for r in related(told(SEEN, "wire-a"), child, child=True) if r.about == "extent"]
    assert "part of its base" in found.a.quote


def test_reports_that_retell_each_other_are_one_root():
    a = told("The North handed over 54 sets of remains at Northport on Friday, an official said.", "wire-a")
    b = told("Fifty-five cases of remains were handed over by the North at Northport, officers said.", "daily-b", 2)
    said = [c for i in (a, b) for c in claims(i.text, published=None, places=PLACES, item=i, sources=SOURCES)]
    circle = [
        Lineage(child=x.id, parent=y.id, relation="paraphrase", score=1, method="by the test")
        for x, y in ((a, b), (b, a))
    ]
    found = compare(said, items=(a, b), lineage=circle, places=PLACES)
    assert all(isinstance(r, Drift) and r.a.item == a.id for r in found)


def test_the_search_for_like_claims_finds_what_comparing_all_finds():
    nouns = "crane truck gate roof wall stand hall road mine fence tower shed".split()
    rng = random.Random(3)  # noqa: S311
    texts = [" ".join(rng.sample(nouns, rng.randint(1, 6))).capitalize() + " stand there now." for _ in range(60)]
    items = [told(t, "wire-a") for t in texts]
    made = [Claim(item=i.id, quote=t, span=(0, len(t)), modality="asserted") for i, t in zip(items, texts, strict=True)]
    among = sides(made, {i.id: i for i in items}, {i.id: frozenset((i.id,)) for i in items})
    words = Words(among)
    brute = [(n, m) for n, a in enumerate(among[:20]) for m, b in enumerate(among) if words.overlap(a, b) >= 0.3]
    assert list(words.alike(among[:20], among, 0.3)) == brute
    assert 20 < len(brute) < 20 * len(among)


def test_outlets_are_told_by_their_names():
    a = told("The North handed over 54 sets of remains at Northport on Friday, an official said.", "wire-a")
    b = told("Fifty-five cases of remains were handed over by the North at Northport, officers said.", "daily-b", 2)
    (found,) = related(a, b)
    assert "from Daily B" in found.says
    assert "Wire A (an official) has" in found.says


def test_nothing_to_compare():
    assert compare([], items=[], lineage=[]) == []
