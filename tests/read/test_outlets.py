from __future__ import annotations

import pytest

from sitewatch.read.outlets import credited, whole_credits
from tests.read.texts import SOURCES


@pytest.mark.parametrize(
    ("text", "byline", "whole"),
    [
        ("PORTVILLE, July 3 (Wire A) - Trucks came.", None, True),
        ("Trucks came. (WA)", None, True),
        ("Trucks came.\nSource: Wire A", None, True),
        ("Trucks came.", "Staff and Wire A", True),
        ("Trucks came, according to Wire A.", None, False),
        ("Trucks came, an official told Wire A.", None, False),
        ("Wire A has reported that trucks came.", None, False),
        ("Trucks came, it said via Wire A.", None, False),
    ],
)
def test_credits_are_found(text, byline, whole):
    assert credited(text, byline, SOURCES, "gazette") == ("wire-a",)
    assert bool(whole_credits(text, byline, SOURCES)) is whole


def test_an_outlet_does_not_credit_itself_and_a_bare_mention_is_no_credit():
    assert credited("PORTVILLE (Wire A) - Trucks came.", None, SOURCES, "wire-a") == ()
    assert credited("The staff of Wire A went home.", None, SOURCES, "gazette") == ()


def test_credits_stand_in_order_of_mention():
    text = "Daily B reported that trucks came. It was confirmed by Wire A."
    assert credited(text, "Gazette", SOURCES, "gazette") == ("daily-b", "wire-a")
