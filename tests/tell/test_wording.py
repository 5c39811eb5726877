"""Days, counts and ratios in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sitewatch.records import Probability, When
from sitewatch.tell import wording
from tests.tell.test_figures import made_pass


@pytest.mark.parametrize(
    ("span", "says"),
    [
        (When(), "on an unknown day"),
        (When.of(date(2018, 7, 20)), "20 Jul 2018"),
        (When.of(date(2019, 2, 16), date(2019, 3, 2)), "16 Feb 2019 to 2 Mar 2019"),
        (When(latest=datetime(2019, 3, 13, tzinfo=UTC)), "by 13 Mar 2019"),
        (When(earliest=datetime(2019, 3, 13, tzinfo=UTC)), "from 13 Mar 2019 on"),
        (
            When(earliest=datetime(2019, 3, 13, 9, 5, tzinfo=UTC), latest=datetime(2019, 3, 13, 9, 5, tzinfo=UTC)),
            "13 Mar 2019, 09:05 UTC",
        ),
    ],
)
def test_an_interval_is_told_as_it_is_known(span: When, says: str) -> None:
    assert wording.when(span) == says


def test_a_pass_tells_its_time_only_where_that_is_known() -> None:
    midnight = datetime(2019, 4, 7, tzinfo=UTC)
    assert wording.taken(made_pass()) == "7 Apr 2019, 09:20 UTC"
    assert wording.taken(made_pass(acquired=midnight)) == "7 Apr 2019"
    assert wording.taken(made_pass(acquired=midnight, acquired_until=midnight + timedelta(days=2))) == (
        "7 Apr 2019 to 9 Apr 2019"
    )


@pytest.mark.parametrize(
    ("value", "says"),
    [(0.004, "0.004"), (0.04, "0.04"), (0.949, "0.95"), (1.31, "1.3"), (31.4, "31"), (1234, "1,200"), (3e12, "3e+12")],
)
def test_a_ratio_has_two_figures(value: float, says: str) -> None:
    assert wording.factor(value) == says


def test_a_ratio_near_one_calls_nobody_ahead() -> None:
    assert wording.favours(1.04, "A", "B") == "about as expected if A as if B (1.0 times)"
    assert wording.favours(1.06, "A", "B") == "1.1 times as expected if A than if B"


def test_a_rate_nobody_stated_is_said_to_be_so() -> None:
    assert wording.per_cent(None) == "not stated"
    assert wording.per_cent(Probability(lo=0.6, best=0.7, hi=0.9, origin="made")) == "60–90 %"
    assert wording.per_cent(Probability(lo=0.9, best=0.9, hi=0.9, origin="made")) == "90 %"


def test_lists_and_counts() -> None:
    assert wording.joined(["a"]) == "a"
    assert wording.joined(["a", "b", "c"], last="or") == "a, b or c"
    assert wording.plural(1, "pass", "passes") == "1 pass"
    assert wording.plural(1200, "pass", "passes") == "1,200 passes"
    assert wording.spelled("test_stand_removed") == "test stand removed"


def test_numbers_hold_to_their_units() -> None:
    held = '<span class="nb">{}</span>'.format
    assert wording.tight("likely (55-80 %), 30 days") == f"likely ({held('55–80 %')}), {held('30 days')}"
    assert wording.tight("from 7 Apr 2019 on") == f"from {held('7 Apr 2019')} on"
    assert wording.tight("2018-07-25 <b>") == "2018-07-25 &lt;b&gt;"
    assert wording.sentence("the DPRK said") == "The DPRK said"


@pytest.mark.parametrize(
    ("platform", "says"),
    [
        ("sentinel-2b", "Sentinel-2B"),
        ("Sentinel-2", "Sentinel-2"),
        ("landsat-8", "landsat-8"),
        ("SENTINEL-1A", "Sentinel-1A"),
    ],
)
def test_a_satellite_is_named_as_it_is_written(platform: str, says: str) -> None:
    assert wording.craft(platform) == says


def test_a_text_to_be_quoted_ends_without_a_stop() -> None:
    assert wording.clause("Its trees were felled.") == "Its trees were felled"
