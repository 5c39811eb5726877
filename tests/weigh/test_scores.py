"""Scores of forecasts: the formulas, what counts as one trial, and the guard that says when there is too little."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewatch.records import Forecast, Posterior, Probability, Resolution, Terms, View
from sitewatch.weigh.scores import CLIP, Trial, brier, by_band, clipped, murphy, score, tell_apart

SETTLED = date(2020, 6, 1)
TERMS = Terms(resolves=SETTLED, true_if={"yes": "It is shown.", "no": "It is denied.", "other": "Neither."})
SHA = "a" * 64


def posterior(chances, prior=None):
    prior = prior or dict.fromkeys(chances, 1 / len(chances))
    return Posterior(prior=prior, posterior={h: Probability.exactly(p, "test") for h, p in chances.items()})


def forecast(question, yes, *, day=date(2020, 5, 1), terms=TERMS, hour=9):
    rest = (1 - yes) / 2
    skewed = posterior({"yes": 0.98, "no": 0.01, "other": 0.01}, {"yes": 0.5, "no": 0.25, "other": 0.25})
    return Forecast(
        available_at=datetime(day.year, day.month, day.day, hour, tzinfo=UTC), question=question, made=day, terms=terms,
        rows=(skewed, posterior({"yes": yes, "no": rest, "other": rest})), assessment=SHA,
    )  # fmt: skip


def resolution(question, hypothesis="yes", *, on=SETTLED, terms=TERMS, **more):
    return Resolution(
        available_at=datetime(2020, 6, 2, tzinfo=UTC), question=question, hypothesis=hypothesis, on=on, evidence="Seen",
        by="an analyst", terms=terms, **more,
    )  # fmt: skip


def scored(*records):
    return score(View(records, head=SHA))


# --- the formulas


def test_telling_70_from_80_takes_119():
    assert tell_apart(0.70, 0.80) == 119
    assert tell_apart(0.80, 0.70) == 109


def test_telling_apart_has_the_power_that_it_promises():
    """With exact binomial chances, 119 tell .80 from .70 four times in five at no more than one in twenty by chance."""
    n = tell_apart(0.70, 0.80)

    def at_least(k, p):
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))

    limit = next(k for k in range(n + 1) if at_least(k, 0.70) <= 0.055)
    assert at_least(limit, 0.80) == pytest.approx(0.80, abs=0.03)


def test_the_scores_of_one_question_by_hand():
    told = scored(forecast("gate", 0.6), resolution("gate"))
    assert told.brier == pytest.approx((0.4**2 + 0.2**2 + 0.2**2) / 3)
    assert told.log == pytest.approx(-math.log(0.6))
    assert told.brier_even == pytest.approx(2 / 9)
    assert told.log_even == pytest.approx(math.log(3))


def test_a_miss_said_with_certainty_is_clipped():
    told = scored(forecast("gate", 1.0), resolution("gate", "no"))
    assert told.log == pytest.approx(-math.log(CLIP))
    assert clipped(1.0) == 1 - CLIP


TRIALS = st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 5)), min_size=1, max_size=40)


def trials_of(drawn):
    whole = sum(weight for *_, weight in drawn)
    return [Trial(f"q{n}", p, happened, weight / whole) for n, (p, happened, weight) in enumerate(drawn)]


@given(TRIALS)
@settings(deadline=None)
def test_the_parts_add_up_to_the_score(drawn):
    parts = murphy(trials_of(drawn))
    whole = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert whole == pytest.approx(brier(trials_of(drawn)), abs=1e-12)


@given(st.lists(st.tuples(st.sampled_from([0.03, 0.3, 0.7, 0.97]), st.booleans()), min_size=1, max_size=40))
@settings(deadline=None)
def test_with_one_value_in_a_band_nothing_is_hidden_in_it(drawn):
    parts = murphy(trials_of([(*one, 1.0) for one in drawn]))
    assert parts.within == pytest.approx(0, abs=1e-12)
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0


@given(st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_the_score_is_proper(p, said):
    """Who believes p does best, on the average, by saying p."""
    honest, other = (brier([Trial("q", s, True, p), Trial("q", s, False, 1 - p)]) for s in (p, said))
    assert honest <= other + 1e-12


# --- what counts as a trial


def test_each_question_weighs_the_same_however_often_it_was_forecast():
    daily = [forecast("daily", 0.9, day=date(2020, 1, 1) + timedelta(days=n)) for n in range(20)]
    both = [resolution("daily", "no"), resolution("once")]
    told = scored(*daily, forecast("once", 0.9), *both)
    assert told.log == pytest.approx((-math.log(0.05) - math.log(0.9)) / 2)
    assert [q.forecasts for q in told.questions] == [20, 1]
    assert told.scored == 2
    (band,) = [b for b in told.bands if b.word == "very likely"]
    assert (band.questions, band.happened) == (2, 0.5)


def test_the_last_forecast_of_a_day_counts():
    told = scored(forecast("gate", 0.2, hour=8), forecast("gate", 0.7, hour=17), resolution("gate"))
    assert told.log == pytest.approx(-math.log(0.7))
    assert told.questions[0].forecasts == 1


def test_nothing_said_on_the_day_that_settles_it_or_later_is_a_forecast():
    late = [forecast("gate", 0.99, day=SETTLED), forecast("gate", 0.99, day=date(2020, 7, 1))]
    told = scored(*late, resolution("gate", on=date(2020, 8, 1)))
    assert (told.scored, told.brier, told.questions[0].forecasts) == (0, None, 0)


def test_what_was_said_on_other_terms_is_counted_and_not_scored():
    moved = TERMS.model_copy(update={"resolves": date(2021, 1, 1)})
    told = scored(forecast("gate", 0.2, terms=moved), forecast("gate", 0.7), resolution("gate"))
    assert told.log == pytest.approx(-math.log(0.7))
    assert told.questions[0].other_terms == 1


def test_a_question_without_a_resolution_is_not_scored():
    assert scored(forecast("gate", 0.9)).questions == ()


def test_a_resolution_that_takes_anothers_place_is_the_one_that_counts():
    first = resolution("gate", "no")
    told = scored(forecast("gate", 0.7), first, resolution("gate", reason="It was a mistake.", supersedes=first.id))
    assert [q.hypothesis for q in told.questions] == ["yes"]
    assert told.log == pytest.approx(-math.log(0.7))


@given(st.permutations(range(8)))
@settings(deadline=None)
def test_the_order_of_questions_changes_nothing(order):
    pairs = [(forecast(f"q{n}", n / 8), resolution(f"q{n}", "yes" if n % 2 else "no")) for n in range(8)]
    straight, turned = (scored(*[r for n in o for r in pairs[n]]) for o in (range(8), order))
    assert turned.brier == pytest.approx(straight.brier)
    assert turned.murphy.model_dump() == pytest.approx(straight.murphy.model_dump())
    assert Counter((b.word, b.questions) for b in turned.bands) == Counter(
        (b.word, b.questions) for b in straight.bands
    )


# --- the guard


def band_of(p, came_true, n):
    """A band of `n` questions, each said with p."""
    (band,) = by_band([Trial(f"q{i}", p, i < came_true, 1 / n) for i in range(n)])
    return band


def test_below_the_number_it_takes_nothing_is_said_of_a_band():
    assert tell_apart(0.75, 0.65) == band_of(0.75, 9, 10).needed == 125
    assert band_of(0.75, 0, 124).verdict == "too few to tell"
    assert band_of(0.75, 0, 125).verdict == "overconfident"


@pytest.mark.parametrize(
    ("p", "came_true", "verdict"),
    [
        (0.7, 140, "as often as said"),
        (0.7, 100, "overconfident"),
        (0.7, 180, "underconfident"),
        (0.3, 100, "overconfident"),
        (0.3, 20, "underconfident"),
        (0.5, 140, "underconfident"),
        (0.5, 60, "underconfident"),
    ],
)
def test_overconfident_is_said_farther_from_one_half_than_it_happened(p, came_true, verdict):
    assert band_of(p, came_true, 200).verdict == verdict


@pytest.mark.parametrize(("p", "came_true", "verdict"), [(0.4, 160, "overconfident"), (0.8, 60, "overconfident")])
def test_a_share_on_the_other_side_of_one_half_is_overconfident(p, came_true, verdict):
    assert band_of(p, came_true, 200).verdict == verdict


def test_the_whole_is_guarded_too():
    records = [r for n in range(119) for r in (forecast(f"q{n}", 0.7), resolution(f"q{n}"))]
    assert scored(*records).enough
    assert not scored(*records[2:]).enough
    assert scored().needed == 119
