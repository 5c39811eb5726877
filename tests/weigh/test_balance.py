"""Material balance: against draws of its errors, and at its limit."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewatch.records import Balance, When
from sitewatch.records.counts import Term
from sitewatch.weigh.balance import close


def balance(beginning, receipts, shipments, ending, quantity=None) -> Balance:
    terms = [Term(what="x", value=value, sd=sd) for value, sd in (beginning, *receipts, *shipments, ending)]
    split = 1 + len(receipts)
    return Balance(
        slug="b",
        what="plutonium",
        unit="kg",
        period=When.of(date(2020, 1, 1), date(2020, 12, 31)),
        beginning=terms[0],
        receipts=tuple(terms[1:split]),
        shipments=tuple(terms[split:-1]),
        ending=terms[-1],
        significant_quantity=quantity,
        by="the operator",
    )


def test_what_is_missing_and_its_error():
    found = close(balance((120, 0.3), [(640, 1.2)], [(630.5, 0.9)], (124, 0.3), 8.0))
    assert found.muf == pytest.approx(5.5)
    assert found.sigma == pytest.approx(np.sqrt(0.09 + 1.44 + 0.81 + 0.09))
    assert found.beyond
    assert found.p_false == pytest.approx(0.0027, abs=1e-5)
    drawn = np.abs(8 + found.sigma * np.random.default_rng(1).standard_normal(200_000)) > found.limit
    assert found.p_detect == pytest.approx(drawn.mean(), abs=0.003)


@pytest.mark.parametrize(("ending", "muf", "beyond"), [(7.0, 3.0, False), (6.999, 3.001, True), (13.5, -3.5, True)])
def test_the_limit_is_three_standard_deviations_either_way(ending, muf, beyond):
    found = close(balance((10, 1), [], [], (ending, 0)))
    assert (found.muf, found.beyond, found.p_detect) == (pytest.approx(muf), beyond, None)


def test_a_significant_quantity_of_nothing_much_is_noticed_as_often_as_a_false_alarm():
    found = close(balance((10, 1), [], [], (10, 1), 1e-9))
    assert found.p_detect == pytest.approx(found.p_false)


@given(st.permutations([(5.0, 0.1), (7.0, 0.5), (0.3, 0.02)]))
def test_the_order_of_the_terms_changes_nothing(receipts):
    found = close(balance((10, 1), receipts, [], (20, 1)))
    assert found.muf == pytest.approx(2.3)
    assert found.sigma == pytest.approx(np.sqrt(2 + 0.01 + 0.25 + 0.0004))


def test_a_balance_without_errors_is_refused():
    with pytest.raises(ValueError, match="no term has an error"):
        close(balance((10, 0), [], [], (9, 0)))
