"""Small cases drawn at random: a question, and reports and looks that bear on it."""

from datetime import date

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from weigh_records import assumed, edge, indicator, look, p, question, told

from sitewatch.records import OTHER, Modality

WIDE = assumed(hit=p(0.5, 0.85, 0.95), false=p(0.02, 0.10, 0.3), rho=p(0.2, 0.5, 0.9), visible=p(0.7, 0.9, 1.0))

THREE = ("missile", "routine", OTHER)
SIGNS = ("trailer", "crane", "fuel")


@st.composite
def cases(draw):
    """A small question and records that bear on it, in the order of the draw."""
    unit = st.floats(0.02, 0.98)
    ends = st.tuples(unit, unit, unit).map(sorted).map(lambda r: p(*r))
    indicators = [
        indicator(sign, terms=((sign,),), observables=(sign,), **{h: draw(ends) for h in THREE}) for sign in SIGNS
    ]
    records = []
    for i in range(draw(st.integers(0, 5))):
        modality = draw(st.sampled_from([Modality.ASSERTED, Modality.DENIED]))
        records.append(told(f"outlet{i}", quote=f"a {draw(st.sampled_from(SIGNS))}", modality=modality))
    for i in range(draw(st.integers(0, 4))):
        result = draw(st.sampled_from(["seen", "not_seen", "obscured"]))
        day = date(2018, 7, 1 + i)
        records.append(look(draw(st.sampled_from(SIGNS)), result, day, power=draw(ends), false=draw(ends)))
    if draw(st.booleans()) and len(records) > 1 and isinstance(records[0], tuple) and isinstance(records[1], tuple):
        records.append(edge(records[1][0], records[0][0], "same_official"))
    return question(*indicators, hypotheses=THREE, next_looks=SIGNS), records


MODEST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
