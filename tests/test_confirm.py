"""`confirm` at the command line: an analyst's word on an observation, and the commitment that it tests."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from sitewatch.ledger import Ledger
from sitewatch.records import Look, Observation, Range, Result, When, day_end
from sitewatch.verbs import Bench
from tests.pairs import ROOF, collection, compared, feature, finished, kept, made, refused, said, sitewatch

WORD = ["--by", "A. Analyst", "--reason", "the roof is off"]


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    return finished(tmp_path_factory)


@pytest.fixture
def case(done, tmp_path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "mine"))


def one(case: Path, what: str) -> Observation:
    return next(seen for seen in kept(case, Observation) if seen.what == what)


def hall(case: Path) -> Observation:
    return one(case, "hall: progress of removal")


def read(case: Path) -> dict[str, Look]:
    return {look.observable: look for look in kept(case, Look) if look.by == "analyst"}


def confirmed(case: Path, *options: str) -> dict[str, Any]:
    return said("confirm", case, hall(case).id[:8], *WORD, *options)


def finding(case: Path) -> dict[str, Any]:
    for verb in ("weigh", "tell"):
        status, _, err = sitewatch(verb, case)
        assert status == 0, err
    told: dict[str, Any] = json.loads((case / "brief.json").read_text())["commitments"][0]
    return told


def test_every_part_is_confirmed_as_proposed_and_the_progress_follows(case):
    before = hall(case)
    assert confirmed(case)["new"] == {"look": 6, "observation": 1}
    now = hall(case)
    assert (now.supersedes, now.confirmed_by, now.review.verdict) == (before.id, "A. Analyst", "confirmed")
    assert (now.value.lo, now.value.best, now.value.hi) == (3, 3, 3)
    assert now.says[-1] == (
        "as confirmed, removal is at stage 3 (nothing stands above the foundations); removed: roof, west wall"
    )
    assert now.available_at > before.available_at
    seen = {name for name, look in read(case).items() if look.result is Result.SEEN}
    assert seen == {"roof_removed", "west_wall_removed"}
    assert read(case)["roof_intact"].result is Result.NOT_SEEN


def test_a_confirmed_state_with_power_meets_the_step_of_a_commitment(case):
    assert finding(case)["finding"] == "not assessable"
    confirmed(case, "--state", "roof=removed", "--p-detect", "0.7,0.85,0.95", "--p-false", "0.01,0.02,0.05")
    look = read(case)["roof_removed"]
    assert (look.p_detect.best, look.p_detect.origin, look.p_false.hi) == (0.85, "stated by A. Analyst", 0.05)
    assert look.available_at == hall(case).available_at
    told = finding(case)
    assert (told["finding"], told["progress"]) == ("consistent", 1)
    assert "A. Analyst" in told["why"]


def test_without_a_power_the_state_tests_nothing_and_that_is_said(case):
    told = confirmed(case, "--state", "roof=removed")
    assert "look: roof_removed, seen; no power is stated for it, so it tests nothing: give --p-detect" in told["notes"]
    assert finding(case)["finding"] == "indeterminate"
    confirmed(case, "--state", "roof=removed", "--p-detect", "0.7,0.85,0.95")  # the same word, now with its power
    assert finding(case)["finding"] == "consistent"


def test_a_state_overrules_the_proposal_and_leaves_the_other_parts_open(case):
    confirmed(case, "--state", "ROOF=partly_removed")
    now = hall(case)
    roof, wall = now.parts
    assert (roof.state, roof.proposed, roof.confirmed_by) == ("partly removed", "removed", "A. Analyst")
    assert (wall.state, wall.confirmed_by) == ("removed", None)
    assert (now.value.best, now.value.hi) == (1, 2)
    assert now.says[0] == (
        "roof: partly removed, by A. Analyst, where the comparison proposed removed: the roof is off"
    )  # fmt: skip
    assert {name: look.result for name, look in read(case).items()} == {
        "roof_partly_removed": Result.SEEN, "roof_removed": Result.NOT_SEEN, "roof_intact": Result.NOT_SEEN
    }  # fmt: skip
    said("confirm", case, now.id, "--by", "B. Reader", "--reason", "seen", "--state", "west wall=not assessable")
    assert [part.confirmed_by for part in hall(case).parts] == ["A. Analyst", "B. Reader"]
    assert read(case)["west_wall_removed"].result is Result.NOT_ASSESSABLE


def test_a_later_word_takes_the_place_of_the_earlier_one_and_of_its_looks(case):
    confirmed(case, "--state", "roof=removed", "--p-detect", "0.7,0.85,0.95")
    said("confirm", case, hall(case).id, "--by", "B. Reader", "--reason", "it stands", "--state", "roof=intact")
    looks = read(case)
    assert {name: (look.result, look.publisher) for name, look in looks.items()} == {
        "roof_intact": (Result.SEEN, "B. Reader"), "roof_removed": (Result.NOT_SEEN, "B. Reader"),
        "roof_partly_removed": (Result.NOT_SEEN, "B. Reader"),
    }  # fmt: skip
    said("confirm", case, hall(case).id, *WORD, "--reject")
    now = hall(case)
    assert (now.review.verdict, now.confirmed_by, read(case)) == ("rejected", None, {})
    assert {part.confirmed_by for part in now.parts} == {None}
    with Ledger.open(case / "ledger", create=False) as ledger:
        assert len([seen for seen in ledger.view().every(Observation) if seen.what == now.what]) == 4


def test_the_same_word_twice_adds_nothing(case):
    confirmed(case)
    again = confirmed(case)
    assert again["new"] == {}
    assert "confirmed by A. Analyst already, with the same words" in again["notes"][0]


def test_the_word_stands_while_the_comparison_is_the_same_and_falls_when_it_is_not(case):
    confirmed(case)
    rejected = one(case, "new structures")
    said("confirm", case, rejected.id[:6], "--by", "A. Analyst", "--reason", "a yard", "--reject")
    shutil.rmtree(case / "ledger" / "done")
    assert compared(case, "--parts", case / "parts.geojson")["new"] == {}
    assert hall(case).confirmed_by == "A. Analyst"
    (case / "parts.geojson").write_text(collection(feature("hall", "roof", ROOF)))
    told = compared(case, "--parts", case / "parts.geojson")
    assert "the word of A. Analyst on “hall: progress of removal” stands no longer" in told["notes"]
    assert (hall(case).confirmed_by, read(case)) == (None, {})
    assert one(case, "new structures").review.verdict == "rejected"


def test_any_observation_can_be_confirmed_and_the_brief_says_by_whom_and_why(case):
    said("confirm", case, one(case, "removed structures").id[:4], *WORD)
    said("confirm", case, one(case, "new structures").id[:10], "--by", "B. Reader", "--reason", "a yard.", "--reject")
    assert read(case) == {}
    finding(case)
    told = {seen["what"]: seen for seen in json.loads((case / "brief.json").read_text())["sites"][0]["observations"]}
    assert told["removed structures"]["confirmed_by"] == "A. Analyst"
    assert told["new structures"]["review"] | {"when": ""} == {
        "by": "B. Reader", "verdict": "rejected", "reason": "a yard", "when": ""
    }  # fmt: skip
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (case / "brief.html").read_text()))
    assert re.search(r"Rejected by B\. Reader, .*?: a yard\.", page)
    assert "rejected by B. Reader" in page.split("What was seen from above")[0]


def test_a_count_without_parts_is_confirmed_as_any_other(tmp_path):
    case = made(tmp_path / "mine")
    with Bench.open(case) as bench:
        count = Observation(
            available_at=day_end(bench.clock().date().replace(year=2018)), site="yard", what="vehicles", when=When(),
            value=Range.exactly(3, "boxes"), unit="vehicles", looks=(), method="a detector",
        )  # fmt: skip
        bench.keep([count])
    said("confirm", case, count.id[:6], *WORD)
    (now,) = kept(case, Observation)
    assert (now.supersedes, now.confirmed_by, now.value) == (count.id, "A. Analyst", count.value)


# --- Wrong input


def test_an_unknown_or_ambiguous_id_is_refused_with_the_candidates(case):
    before = hall(case)
    confirmed(case)
    old = refused("confirm", case, before.id[:8], *WORD)
    assert f"there are: {hall(case).id[:12]} yard: hall: progress of removal, 2018-07-20; right would be" in old
    unknown = refused("confirm", case, "zzzz", *WORD)
    assert all(seen.id[:12] in unknown for seen in kept(case, Observation))
    short = refused("confirm", case, hall(case).id[:2], *WORD)
    assert "no observation that stands" in short


def test_two_ids_with_one_beginning_are_both_named(tmp_path):
    case = made(tmp_path / "mine")
    assert "the case holds none yet" in refused("confirm", case, "abcd", *WORD)
    found: dict[str, Observation] = {}
    with Bench.open(case) as bench:
        for n in range(5000):
            count = Observation(
                site="yard", what=f"thing {n}", when=When(), value=Range.exactly(n, "boxes"), unit="things", looks=(),
                method="counted",
            )  # fmt: skip
            if count.id[:4] in found:
                twins = [found[count.id[:4]], count]
                break
            found[count.id[:4]] = count
        bench.keep(twins)
    told = refused("confirm", case, twins[0].id[:4], *WORD)
    assert "the beginning of several observations" in told
    assert all(one.id[:12] in told for one in twins)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--state", "door=removed"], "found 'door=removed'; hall has the parts roof, west wall"),
        (["--state", "roof=gone"], "right would be PART=STATE with one of intact, partly removed, removed, not assess"),
        (["--state", "roof=removed", "--state", "Roof=intact"], "Roof is told twice"),
        (["--state", "roof=removed", "--reject"], "a rejected observation has no states"),
        (["--p-detect", "0.9,0.8,0.95"], "--p-detect: found 0.9, 0.8, 0.95; right would be lowest, best and highest"),
        (["--p-false", "half"], "--p-false: found 'half'"),
    ],
)
def test_wrong_words_are_refused(case, options, why):
    assert why in refused("confirm", case, hall(case).id, *WORD, *options)
    assert hall(case).review is None


def test_a_word_has_a_name_and_a_reason_and_states_need_parts(case):
    id = one(case, "new structures").id
    assert "--by: found nothing" in refused("confirm", case, id, "--by", " ", "--reason", "x")
    assert "--reason: found nothing" in refused("confirm", case, id, "--by", "A", "--reason", "")
    assert "new structures has no parts" in refused("confirm", case, id, *WORD, "--state", "roof=removed")
