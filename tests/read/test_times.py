from __future__ import annotations

from datetime import date

import pytest

from sitewatch.read.times import times

TUESDAY = date(2018, 7, 31)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("an official said on Tuesday", "2018-07-31"),
        ("it happened on Friday", "2018-07-27"),
        ("it happened last Tuesday", "2018-07-24"),
        ("it was seen yesterday", "2018-07-30"),
        ("seen in recent weeks", "2018-06-05 to 2018-07-31"),
        ("begun late last month", "2018-06-21 to 2018-06-30"),
        ("begun earlier this month", "2018-07-01 to 2018-07-31"),
        ("over the past two weeks", "2018-07-17 to 2018-07-31"),
        ("two days ago", "2018-07-29"),
        ("two weeks ago", "2018-07-14 to 2018-07-20"),
        ("last year", "2017-01-01 to 2017-12-31"),
        ("an image of 20 July", "2018-07-20"),
        ("an image of July 20, 2016", "2016-07-20"),
        ("on 3 August", "2018-08-03"),
        ("on 3 December", "2017-12-03"),
        ("in July 2018", "2018-07-01 to 2018-07-31"),
        ("in late 2017", "2017-09-01 to 2017-12-31"),
        ("in May", "2018-05-01 to 2018-05-31"),
        ("mid-July", "2018-07-11 to 2018-07-20"),
        ("2018-02-16", "2018-02-16"),
        ("between 16 February and 2 March 2019", "2019-02-16 to 2019-03-02"),
        ("pictures of July 20 and July 22", "2018-07-20 to 2018-07-22"),
        ("20-22 July", "2018-07-20 to 2018-07-22"),
        ("since 12 June", "2018-06-12 to 2018-07-31"),
        ("until 12 June", "unknown to 2018-06-12"),
    ],
)
def test_expressions_are_intervals_reckoned_from_publication(text, told):
    ((_, when),) = times(text, TUESDAY)
    assert str(when) == told


@pytest.mark.parametrize(
    "text", ["it may march on", "on 31 June", "the May family", "7,2018 of them", "the June summit"]
)
def test_what_is_no_time_is_left_alone(text):
    assert times(text, TUESDAY) == []


def test_looking_ahead_a_weekday_is_the_next_one():
    ((_, when),) = times("it will be done on Friday", TUESDAY, forward=True)
    assert str(when) == "2018-08-03"


def test_without_a_day_of_publication_only_whole_dates_are_told():
    assert [str(when) for _, when in times("on Tuesday, on 20 July and on 22 July 2018", None)] == [
        "2018-07-20 to 2018-07-22"
    ]
    assert times("in recent weeks, on 20 July, yesterday", None) == []


def test_spans_hold_the_words():
    text = "Seen on 20 July 2018, and again in August."
    assert [text[a:b] for (a, b), _ in times(text, TUESDAY)] == ["20 July 2018", "August"]
