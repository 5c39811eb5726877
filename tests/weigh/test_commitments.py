"""Findings: the replay of a pledge of 2018, and each branch of the rule."""

from datetime import date, timedelta

import pytest
from weigh_records import HEAD, alert, assumed, blob, look, p, view

from sitewatch.records import Commitment, FindingWord, Form, Observation, Range, Result, Review, Step, When, day_end
from sitewatch.weigh import find

SITE = "sohae"
PLEDGE = date(2018, 6, 12)


def pledge(**changes):
    base = {
        "available_at": day_end(PLEDGE),
        "slug": "engine-site",
        "clause": "a major missile engine testing site will be destroyed",
        "obligor": "DPRK",
        "form": Form.REPORTED_BY_OTHER_PARTY,
        "made": When.of(PLEDGE),
        "confirmed_by_obligor": False,
        "names_site": False,
        "site": SITE,
        "steps": (
            Step(progress=1, any_of=("superstructure_partly_down", "shelter_razed")),
            Step(progress=2, any_of=("base_cut",), all_of=("tanks_removed", "walls_off")),
            Step(progress=3, all_of=("foundations_removed", "gantry_removed")),
        ),
        "reversed_by": ("rebuilding", "normal_operations"),
        "contradicted_by": ("engine_test",),
    }
    return Commitment(**(base | changes))


def seen(observable, first, last=None, **more):
    return look(observable, more.pop("result", "seen"), first, last, site=SITE, publisher="38 North", **more)


SOHAE = (
    seen("bunker_roof_flat", date(2018, 3, 14), published=date(2018, 10, 10)),
    seen("superstructure_partly_down", date(2018, 7, 20), published=date(2018, 7, 23)),
    seen("shelter_razed", date(2018, 7, 20), published=date(2018, 7, 23)),
    seen("superstructure_gone", date(2018, 7, 22), published=date(2018, 7, 23)),
    seen("base_cut", date(2018, 8, 3), published=date(2018, 8, 7)),
    seen("foundations_removed", date(2018, 8, 3), published=date(2018, 8, 7), result="not_seen"),
    seen("gantry_removed", date(2018, 8, 3), published=date(2018, 8, 7), result="not_seen"),
    look("dormant", when=When.of(date(2018, 8, 15)), site=SITE, available_at=None),
    seen("rebuilding", date(2019, 2, 16), date(2019, 3, 2), published=date(2019, 3, 5)),
    seen("normal_operations", date(2019, 3, 6), published=date(2019, 3, 7)),
)


def found(*records, until=None, given=None, **changes):
    known = view(*records, until=day_end(until) if until else None)
    provenance = {"evidence_head": HEAD, "engine": "sitewatch test", "config": blob("config")}
    return find(pledge(**changes), known, given or assumed(), **provenance)


@pytest.mark.parametrize(
    ("day", "word", "progress"),
    [
        (date(2018, 6, 20), FindingWord.NOT_ASSESSABLE, 0),
        (date(2018, 7, 25), FindingWord.CONSISTENT, 1),
        (date(2018, 8, 10), FindingWord.CONSISTENT, 2),
        (date(2018, 12, 31), FindingWord.CONSISTENT, 2),
        (date(2019, 3, 10), FindingWord.REVERSED, 2),
    ],
)
def test_the_pledge_of_sohae_day_by_day(day, word, progress):
    finding = found(*SOHAE, until=day)
    assert (finding.finding, finding.progress) == (word, progress)
    assert "The clause names no site." in finding.caveats
    assert "The obligor never confirmed it." in finding.caveats


def test_a_reversal_tells_how_far_it_had_come():
    finding = found(*SOHAE, until=date(2019, 3, 10))
    assert "It had come to “well under way”" in finding.why
    assert "rebuilding (2019-02-16 to 2019-03-02, 38 North)" in finding.why
    assert finding.available_at == day_end(date(2019, 3, 7))


def test_a_confirmed_clause_that_names_its_site_has_no_caveats():
    assert found(confirmed_by_obligor=True, names_site=True, form=Form.LEGALLY_BINDING).caveats == ()


def test_conditions_are_said_each_time():
    assert "It was made on conditions: experts observe." in found(conditions=("experts observe",)).caveats


def test_all_of_needs_every_one():
    tanks, walls = (seen(name, date(2018, 8, 3)) for name in ("tanks_removed", "walls_off"))
    assert (found(tanks).finding, found(tanks).progress) == (FindingWord.INDETERMINATE, 0)
    assert (found(tanks, walls).finding, found(tanks, walls).progress) == (FindingWord.CONSISTENT, 2)


def test_what_was_gone_before_the_pledge_is_no_progress_and_is_said():
    early = seen("shelter_razed", date(2018, 5, 26))
    finding = found(early)
    assert (finding.finding, finding.progress) == (FindingWord.NOT_ASSESSABLE, 0)
    assert "Already seen before the pledge, so it counts for no progress: shelter razed (2018-05-26, 38 North)." in (
        finding.caveats
    )
    again = found(early, seen("shelter_razed", date(2018, 7, 20)))
    assert (again.finding, again.progress) == (FindingWord.CONSISTENT, 1)
    assert len([c for c in again.caveats if c.startswith("Already seen")]) == 1


def test_a_look_that_may_lie_before_the_pledge_is_no_progress_and_is_said():
    finding = found(seen("shelter_razed", date(2018, 6, 1), date(2018, 6, 30)))
    assert finding.progress == 0
    assert any(c.startswith("Taken perhaps before the pledge") for c in finding.caveats)


@pytest.mark.parametrize("last", [None, date(2018, 6, 20)])
def test_a_look_of_the_day_of_the_pledge_may_be_from_before_it(last):
    finding = found(seen("shelter_razed", PLEDGE, last))
    assert (finding.finding, finding.progress) == (FindingWord.NOT_ASSESSABLE, 0)
    assert any(c.startswith("Taken perhaps before the pledge") for c in finding.caveats)
    assert found(seen("shelter_razed", PLEDGE + timedelta(days=1))).progress == 1


def test_undated_looks_are_left_out_and_said():
    finding = found(seen("shelter_razed", date(2018, 7, 20), available_at=None))
    assert finding.progress == 0
    assert any(c.startswith("Published on no known day and so left out: shelter razed") for c in finding.caveats)


@pytest.mark.parametrize("power", [0.3, None])
def test_consistent_without_power_is_indeterminate(power):
    finding = found(seen("shelter_razed", date(2018, 7, 20), power=power))
    assert (finding.finding, finding.progress) == (FindingWord.INDETERMINATE, 0)
    assert "No look had the power of 50%" in finding.why
    assert next(t for t in finding.tests if t.observable == "shelter_razed").result is Result.NOT_ASSESSABLE


def test_what_contradicts_a_pledge_is_not_consistent_with_it():
    finding = found(SOHAE[1], seen("engine_test", date(2018, 9, 1)))
    assert (finding.finding, finding.progress) == (FindingWord.NOT_CONSISTENT, 1)
    assert found(seen("engine_test", date(2018, 5, 1))).finding is FindingWord.NOT_ASSESSABLE


def test_a_sign_of_reversal_needs_progress_before_it():
    assert found(seen("rebuilding", date(2019, 3, 1))).finding is FindingWord.INDETERMINATE
    earlier = found(seen("rebuilding", date(2018, 7, 1)), seen("shelter_razed", date(2018, 7, 20)))
    assert (earlier.finding, earlier.progress) == (FindingWord.CONSISTENT, 1)


def test_progress_after_a_reversal_is_progress_again():
    records = (*SOHAE, seen("tanks_removed", date(2019, 9, 1)))
    assert found(*records).finding is FindingWord.CONSISTENT


MISSED = tuple(
    seen(name, date(2018, 9, 5), result="not_seen") for name in ("superstructure_partly_down", "shelter_razed")
)


def test_nothing_seen_is_indeterminate_until_the_deadline_and_not_consistent_after_it():
    assert found(*MISSED).finding is FindingWord.INDETERMINATE
    assert found(*MISSED, deadline=date(2018, 9, 30)).finding is FindingWord.INDETERMINATE
    late = found(*MISSED, deadline=date(2018, 9, 1))
    assert (late.finding, late.progress) == (FindingWord.NOT_CONSISTENT, 0)
    assert "by 2018-09-01" in late.why


def test_one_way_left_unlooked_at_leaves_it_open_after_the_deadline():
    assert found(MISSED[0], deadline=date(2018, 9, 1)).finding is FindingWord.INDETERMINATE


def test_half_done_after_the_deadline_is_not_consistent():
    gone = seen("gantry_removed", date(2018, 9, 5), result="not_seen")
    finding = found(*SOHAE[:6], gone, deadline=date(2018, 9, 1))
    assert (finding.finding, finding.progress) == (FindingWord.NOT_CONSISTENT, 2)


def test_only_obscured_looks_are_not_assessable():
    finding = found(seen("shelter_razed", date(2018, 7, 20), result="obscured"))
    assert finding.finding is FindingWord.NOT_ASSESSABLE
    assert "could see" in finding.why
    assert next(t for t in finding.tests if t.observable == "shelter_razed").result is Result.OBSCURED


def test_what_no_look_can_test_says_why():
    finding = found(*SOHAE, not_assessable="It happens indoors")
    assert (finding.finding, finding.progress, finding.why) == (FindingWord.NOT_ASSESSABLE, 0, "It happens indoors.")


def test_each_observable_has_its_test():
    finding = found(*SOHAE)
    tests = {t.observable: t for t in finding.tests}
    assert tests["base_cut"].progress == 2
    assert tests["base_cut"].when == When.of(date(2018, 8, 3))
    assert tests["base_cut"].power.best == 0.9
    assert tests["gantry_removed"].result is Result.NOT_SEEN
    assert tests["gantry_removed"].when is None
    assert tests["engine_test"].result is Result.NOT_ASSESSABLE
    assert tests["rebuilding"].progress == 0
    assert len(tests) == 10


def test_looks_at_another_site_do_not_count():
    assert found(look("shelter_razed", site="elsewhere")).finding is FindingWord.NOT_ASSESSABLE


CHANGE = {"steps": (Step(progress=1, any_of=("change",)),)}


def passes(result, *days, power=None):
    monitor = {"by": "monitor", "site": SITE, "publisher": "Sitewatch monitor", "power": power, "false": None}
    return tuple(look("change", result, day, **monitor) for day in days)


def raised(state, onset, last=None, *, clear=None):
    """An alert whose change came between the last clear look and `onset`, and that took its last step on `last`."""
    made = alert(state, day=last or onset, site=SITE)
    change = When(earliest=day_end(clear or onset - timedelta(days=5)), latest=day_end(onset))
    return made.model_copy(update={"onset": change})


JULY = tuple(date(2018, 7, day) for day in (5, 10, 15))


@pytest.mark.parametrize("state", ["probable", "confirmed", "ended"])
def test_the_monitor_has_seen_from_the_onset_of_an_alert_that_stands(state):
    finding = found(*passes("seen", *JULY), raised(state, JULY[0], JULY[2]), **CHANGE)
    assert (finding.finding, finding.progress) == (FindingWord.CONSISTENT, 1)
    assert "change (came 2018-06-30 to 2018-07-05; 3 passes, Sitewatch monitor)" in finding.why


def test_what_the_monitor_counts_stands_by_its_own_power_and_not_by_that_of_its_watch():
    counted = {"by": "monitor", "site": SITE, "publisher": "Sitewatch monitor", "false": None}
    step = {"steps": (Step(progress=1, any_of=("traffic",)),)}
    able = tuple(look("traffic", "seen", day, power=0.9, **counted) for day in JULY)
    finding = found(*able, raised("possible", JULY[0]), **step)
    assert (finding.finding, finding.progress) == (FindingWord.CONSISTENT, 1)
    assert "traffic (2018-07-05 to 2018-07-15, 3 passes, Sitewatch monitor)" in finding.why
    for power in (0.2, None):
        finding = found(*(look("traffic", "seen", day, power=power, **counted) for day in JULY), **step)
        assert finding.progress == 0


def test_what_an_analyst_rejected_tests_nothing():
    counted = look(
        "traffic", "seen", JULY[0], power=0.9, by="monitor", site=SITE, publisher="Sitewatch monitor", false=None
    )
    step = {"steps": (Step(progress=1, any_of=("traffic",)),)}

    def told(what, verdict):
        return Observation(
            available_at=counted.available_at, site=SITE, what=what, when=counted.when, unit="vehicles",
            value=Range(lo=1, best=2, hi=3, origin="made up"), looks=(counted.id,), method="made up",
            review=Review(by="Ana", verdict=verdict, reason="shadows", at=day_end(JULY[1])) if verdict else None,
        )  # fmt: skip

    assert found(counted, told("vehicles", None), **step).progress == 1
    assert found(counted, told("vehicles", "rejected"), **step).progress == 0
    assert found(counted, told("vehicles", "rejected"), told("roofs", "confirmed"), **step).progress == 1


def test_a_withdrawn_alert_is_not_seen():
    finding = found(*passes("seen", *JULY), raised("withdrawn", JULY[0], JULY[2]), **CHANGE)
    assert (finding.finding, finding.progress) == (FindingWord.INDETERMINATE, 0)
    assert "Looked for in time and not seen: change (2018-07-05 to 2018-07-15, 3 passes" in finding.why
    assert finding.tests[0].result is Result.NOT_SEEN


def test_a_later_withdrawn_alert_is_not_seen_although_another_alert_ended_before_the_pledge():
    early = raised("ended", date(2018, 5, 1), date(2018, 6, 1))
    finding = found(*passes("seen", *JULY), early, raised("withdrawn", JULY[0], JULY[2]), **CHANGE)
    assert (finding.finding, finding.progress) == (FindingWord.INDETERMINATE, 0)
    assert finding.tests[0].result is Result.NOT_SEEN


def test_a_possible_alert_counts_neither_way():
    late = {**CHANGE, "deadline": date(2018, 7, 1)}
    for result in ("seen", "not_seen"):
        finding = found(*passes(result, *JULY), raised("possible", JULY[2]), **late)
        assert (finding.finding, finding.progress) == (FindingWord.INDETERMINATE, 0)
        assert "An alert is pending; it counts once two further clear looks agree: change (" in finding.why
        assert finding.tests[0].result is Result.NOT_ASSESSABLE
        assert len(finding.tests[0].looks) == 3


def test_a_change_from_before_the_pledge_is_no_progress_however_long_it_stands():
    finding = found(*passes("seen", *JULY), raised("probable", date(2018, 6, 1)), **CHANGE)
    assert (finding.finding, finding.progress) == (FindingWord.NOT_ASSESSABLE, 0)
    assert any(c.startswith("Already seen before the pledge") for c in finding.caveats)
    astride = raised("probable", date(2018, 6, 20), clear=date(2018, 6, 1))
    finding = found(*passes("seen", *JULY), astride, **CHANGE)
    assert finding.progress == 0
    assert any(c.startswith("Taken perhaps before the pledge") for c in finding.caveats)


def test_a_newer_change_counts_beside_one_from_before_the_pledge():
    alerts = raised("probable", date(2018, 6, 1)), raised("probable", JULY[1])
    finding = found(*passes("seen", *JULY), *alerts, **CHANGE)
    assert (finding.finding, finding.progress) == (FindingWord.CONSISTENT, 1)
    assert "2 passes" in finding.why


def test_a_change_that_still_stands_does_not_put_off_its_reversal():
    undoing = {**CHANGE, "reversed_by": ("rebuilding",)}
    records = (*passes("seen", *JULY), raised("probable", JULY[0]), seen("rebuilding", date(2018, 7, 12)))
    assert found(*records, **undoing).finding is FindingWord.REVERSED


def test_a_change_that_came_before_the_progress_is_no_reversal_of_it():
    undoing = {"reversed_by": ("change",)}
    done = seen("shelter_razed", date(2018, 7, 8))
    before = found(done, *passes("seen", *JULY), raised("probable", JULY[0]), **undoing)
    assert before.finding is FindingWord.CONSISTENT
    after = found(done, *passes("seen", *JULY), raised("probable", JULY[2]), **undoing)
    assert after.finding is FindingWord.REVERSED


def test_a_pass_that_missed_a_standing_change_is_too_weak_to_deny_it():
    early = raised("probable", date(2018, 6, 1))
    finding = found(*passes("not_seen", JULY[0]), early, deadline=date(2018, 7, 1), **CHANGE)
    assert finding.finding is FindingWord.INDETERMINATE
    assert finding.tests[0].result is Result.NOT_ASSESSABLE


@pytest.mark.parametrize(("power", "word"), [(0.8, FindingWord.NOT_CONSISTENT), (0.3, FindingWord.INDETERMINATE)])
def test_the_passes_of_a_watch_are_one_finding_with_the_power_of_the_watch(power, word):
    given, late = assumed(detect=p(power)), {**CHANGE, "deadline": date(2018, 7, 1)}
    one, many = (found(*passes("not_seen", *days), given=given, **late) for days in (JULY[:1], JULY))
    assert one.finding is many.finding is word
    assert one.tests[0].power == many.tests[0].power == p(power)
    assert many.why.count("change") == 1
    assert "3 passes" in many.why


def test_a_measured_power_of_the_watch_stands_before_the_assumed_one():
    looks = (*passes("not_seen", JULY[0], power=0.95), *passes("not_seen", JULY[1], power=0.6))
    assert found(*looks, *passes("not_seen", JULY[2]), **CHANGE).tests[0].power == p(0.6)
