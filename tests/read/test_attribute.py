from __future__ import annotations

import subprocess
import sys
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewatch.read import claims
from sitewatch.records import Modality
from tests.read.texts import DAY, PLACES, SOURCES, item

REPORT = """PORTVILLE, July 31 (Daily B) - Two cranes stand at Northport, a senior official told Daily B on Monday.

The work began on 20 July, the official said. It goes on day and night. "We counted at least a dozen trucks," she added.

Wire A has reported that the stand will be taken down. A spokesman for the ministry declined to comment.
"""


def drawn(text, **options):
    return claims(text, places=PLACES, **({"published": DAY} | options))


def test_every_claim_is_bound_to_its_characters():
    report = item(REPORT, outlet="daily-b")
    found = claims(REPORT, published=None, places=PLACES, item=report, sources=SOURCES)
    assert len(found) == 6
    for claim in found:
        assert REPORT[slice(*claim.span)] == claim.quote
        assert claim.item == report.id
        assert claim.available_at == report.available_at
        for start, end in (*claim.source_spans, *claim.cue_spans, *claim.content_spans):
            assert claim.span[0] <= start < end <= claim.span[1]
    own = [c for c in found if not (c.source_spans or c.cue_spans or c.content_spans)]
    assert [c.quote for c in own] == ["It goes on day and night."]


def test_numbers_times_and_places_of_a_claim():
    first, second, third, fourth, *_ = drawn(REPORT)
    assert [(q.lo, q.attribute) for q in first.quantities] == [(2, "crane")]
    assert first.places == second.places == third.places == fourth.places == ("northport",)
    assert str(second.time) == "2018-07-20"
    assert str(first.time) == "unknown to unknown"  # Monday is when it was said
    assert [(q.lo, q.hi) for q in fourth.quantities] == [(12, None)]


def test_a_time_in_a_relative_clause_is_not_the_claims():
    (found,) = drawn("The plant makes the missiles that were flown last year.")
    assert found.time.earliest is None


def test_the_day_of_what_an_image_shows_is_the_images_day():
    (found,) = drawn("An image of 20 July shows that the roof is gone.")
    assert str(found.time) == "2018-07-20"


def test_a_place_is_forgotten_after_a_few_sentences_but_the_site_is_still_the_site():
    away = "Rain fell in the town. People stayed at home. Buses ran very late. There were few shops. Nobody went out."
    found = drawn(f"A crane stands at Northport now. {away} The site was quiet by then.")
    assert [bool(c.places) for c in found] == [True, True, True, True, False, True]


def test_own_voice_beside_what_others_say_in_one_sentence():
    found = drawn("Officials said the gate was shut, but two trucks left the yard.")
    assert [bool(c.cue_spans) for c in found] == [False, True]


def test_questions_and_scraps_are_no_claims():
    assert drawn("Was the gate shut on Monday? No more. Photo: Daily B") == []


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "   ", "!?", "“", '"', "§ 3", "a", "Les camions ont été vus à la porte de l'usine et dans la ville."],
)
def test_nothing_is_drawn_from_nothing_or_from_another_language(text):
    assert drawn(text) == []


def test_without_a_day_relative_times_stay_open():
    (found,) = drawn("Trucks came to the gate on Tuesday.", published=None)
    assert found.time.earliest is None


def test_a_day_is_taken_from_the_item():
    text = "Trucks came to the gate on Tuesday."
    (found,) = claims(text, published=None, places=None, item=item(text, published=date(2018, 8, 1)))
    assert str(found.time) == "2018-07-31"


@given(
    st.text(alphabet=st.sampled_from("“”\"'‘’().,;:-– \nabcTheofficialssaidthat0123456789\u200b\u202e한"), max_size=200)
)
@settings(max_examples=60, deadline=None)
def test_any_text_gives_exact_quotes(text):
    for claim in drawn(text):
        assert text[slice(*claim.span)] == claim.quote


def test_planned_things_look_ahead():
    (found,) = drawn("The two states will take down the stand on Friday.")
    assert (found.modality, str(found.time)) == (Modality.PLANNED, "2018-08-03")


def test_twenty_short_reports_take_under_three_seconds():
    drawn(REPORT)
    began = time.perf_counter()
    for _ in range(20):
        drawn(REPORT)
    assert time.perf_counter() - began < 3


def test_importing_the_room_loads_no_model():
    code = "import sys, sitewatch.read; assert not {'spacy', 'httpx', 'trafilatura', 'feedparser'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
