"""How an answer moved, as the brief tells it: the pair of the headline, what came, the steps of the chart."""

import itertools
import math
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewatch.records import Cause, Curve, CurveDay, Ratio, View
from sitewatch.tell.cite import Citations
from sitewatch.tell.judged import judgements
from sitewatch.tell.moved import lines, step_chart, told
from sitewatch.weigh import lint
from tests.tell import sample
from tests.tell.test_page import Parsed

YARD = sample.yard()
VIEW = View(YARD.records, head=sample.HEAD)
FIRST = date(2018, 7, 20)


def one(after, best, *causes, wide=1.2):
    """A day of the yard's curve: assembly over routine, and what came; each cause is its kind, ids and move."""
    ends = {"lo": best / wide, "best": best, "hi": best * wide, "corner_lo": best / 9, "corner_hi": best * 9}
    ratio = Ratio(first="assembly", second="routine", **ends, naive=best, cannot_tell=0.5 < best < 2)
    return CurveDay(
        day=FIRST + timedelta(days=after),
        ratios=(ratio,),
        causes=tuple(
            Cause(kind=kind, ids=ids, moved={"assembly": math.log(by), "routine": 0.0, "other": 0.0})
            for kind, ids, by in causes
        ),
    )


WIRE, COPY = (("report", (YARD.items[name].id,)) for name in ("wire", "copy"))
LOOK = ("look", (sample.LOOKS[0].id,))
LOOK_SAYS = "look of 20 Jul 2018, an institute: superstructure removed, seen"
CURVE = Curve(
    question="trailer",
    days=(
        one(0, 3.0, (*WIRE, 3.0)),
        one(1, 3.0, (*COPY, 1.0)),
        one(2, 3.0, ("watch", ("a" * 64,), 1.0)),
        one(3, 0.3, (*LOOK, 0.1)),
    ),
)


def answer(**changes):
    cites = Citations(VIEW)
    (judged,) = judgements([sample.assessment(YARD, **changes)], VIEW, cites, sample.say)
    return judged, cites


@pytest.fixture(scope="module")
def page():
    return sample.told_yard(curves=[CURVE])


def test_the_curve_stands_with_its_question_and_faces_as_the_headline_does(page):
    (judged,) = page.data["judgements"]
    curve = judged["curve"]
    assert (curve["first"], curve["second"]) == (judged["ratio"]["first"], judged["ratio"]["second"])
    assert [d["best"] for d in curve["days"]] == [3.0, 3.0, 3.0, 0.3]
    assert [d["day"] for d in curve["days"]] == ["2018-07-20", "2018-07-21", "2018-07-22", "2018-07-23"]
    assert curve["says"].startswith("4 days brought evidence. It moved most on 23 Jul 2018, 10 times towards B")
    assert curve["says"].endswith(f"; what pulled that way most: {LOOK_SAYS}.")


def test_a_curve_turns_with_the_headline():
    turned = Ratio(first="assembly", second="routine", best=0.2, lo=0.1, hi=0.5, corner_lo=0.05, corner_hi=0.9,
                   naive=0.2, cannot_tell=False)  # fmt: skip
    judged, cites = answer(ratios=(turned,))
    curve = told(CURVE, judged, cites)
    assert curve["first"] == "routine"
    assert curve["days"][0]["best"] == pytest.approx(1 / 3)
    assert (curve["days"][0]["lo"], curve["days"][0]["hi"]) == pytest.approx((1 / 3.6, 1 / 2.5))
    assert curve["days"][0]["in_words"] == "3.0 times as expected if A than if B"
    assert curve["days"][0]["range"] == "5–95 %: 2.5–3.6"
    assert curve["days"][3]["came"][0]["moves"] == "10.0 times towards B"


def test_days_of_passes_that_move_nothing_are_counted_and_a_copy_is_told(page):
    curve = page.data["judgements"][0]["curve"]
    assert [d["shown"] for d in curve["days"]] == [True, True, False, True]
    assert curve["steady_says"] == "1 further day moved nothing between the two."
    text = Parsed(page.html).text
    assert "Moved nothing between the two: report of 21 Jul 2018, 11:05 UTC, Copy C" in text
    assert "22 Jul 2018" not in text[text.index("What came on each day") : text.index("1 further day moved")]


def test_what_came_leads_to_the_report_and_the_look(page):
    came = [c for d in page.data["judgements"][0]["curve"]["days"] for c in d["came"] if c["kind"] != "watch"]
    ids = Parsed(page.html).ids
    assert len(came) == 3
    for cause in came:
        assert cause["anchor"] in ids
        assert cause["label"]


def test_a_look_that_was_corrected_since_is_told_without_a_link():
    judged, cites = answer()
    mended = sample.LOOKS[0].model_copy(update={"supersedes": sample.LOOKS[0].id, "note": "mended"})
    later = Citations(View([*YARD.records, mended], head=sample.HEAD))
    assert told(CURVE, judged, cites)["days"][3]["came"][0]["anchor"]
    cause = told(CURVE, judged, later)["days"][3]["came"][0]
    assert (cause["anchor"], cause["label"]) == (None, None)
    assert cause["says"] == LOOK_SAYS


def test_no_curve_no_chart():
    bare = sample.told_yard()
    assert bare.data["judgements"][0]["curve"] is None
    assert "How it came to that" not in bare.html
    judged, cites = answer()
    assert told(Curve(question="trailer", days=()), judged, cites) is None
    assert told(CURVE, {**judged, "ratio": None}, cites) is None


def test_its_sentences_pass_the_linter_and_its_lines_say_the_same(page):
    text = Parsed(page.html).text
    assert lint(text[text.index("How it came to that") : text.index("What that makes of what")]) == []
    judged, cites = answer()
    text = lines({**judged, "curve": told(CURVE, judged, cites)})
    assert lint("\n".join(text)) == []
    assert "  2018-07-20  3.0 times as expected if A than if B (5–95 %: 2.5–3.6)" in text
    assert text[-1] == "  1 further day moved nothing between the two."
    assert lines({**judged, "curve": None})[1:] == ["  no day brought evidence on it"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.floats(-40, 40), st.floats(0, 3)), min_size=1, max_size=8))
def test_the_steps_lie_in_the_chart_and_in_order(days):
    after, rows = 0, []
    for gap, log, wide in days:
        after += gap
        best = math.exp(log)
        rows.append({"day": str(FIRST + timedelta(days=after)), "lo": best / math.exp(wide), "best": best,
                     "hi": best * math.exp(wide)})  # fmt: skip
    chart = step_chart({"days": rows})
    steps = chart["steps"]
    assert (steps[0]["x"], steps[-1]["right"]) == (0, 100)
    assert steps[0]["best"] == chart["one"]
    for left, right in itertools.pairwise(steps):
        assert left["right"] == right["x"] >= left["x"]
        assert left["best"] == right["from"]
    for step in steps:
        assert 14 <= step["hi"] <= step["best"] <= step["lo"] <= chart["bottom"]
    heights = [level["y"] for level in chart["levels"]]
    assert heights == [chart["bottom"], chart["one"], 14]
