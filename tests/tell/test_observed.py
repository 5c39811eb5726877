"""What was counted and measured in the brief: values with bounds, the looks behind them, crops at one scale."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime

import pytest
from matplotlib.figure import Figure

from sitewatch.errors import LedgerError
from sitewatch.records import Crop, Look, Observation, Probability, Range, Record, Result, Site, View, When
from sitewatch.tell import brief
from sitewatch.tell.observed import CROPS, lines
from sitewatch.tell.page import Page
from sitewatch.weigh.words import lint
from tests.tell import sample

SITE = Site(slug="works", name="the works", fence=sample.FENCE)
AT = datetime(2023, 5, 3, 10, tzinfo=UTC)
WHEN = When(earliest=AT, latest=AT)
BLOBS: dict[str, bytes] = {}


def picture(wide: int, high: int = 50) -> str:
    drawn = io.BytesIO()
    Figure(figsize=(wide / 100, high / 100), dpi=100).savefig(drawn, format="png")
    sha = f"{len(BLOBS) + 1:064x}"
    BLOBS[sha] = drawn.getvalue()
    return sha


def look(observable: str = "vehicles", result: Result = Result.SEEN, **changes: object) -> Look:
    fields: dict[str, object] = {
        "available_at": AT, "site": "works", "observable": observable, "result": result, "when": WHEN, "by": "monitor",
        "provider": "Maker", "publisher": "Sitewatch monitor", "reason": "nine boxes",
    }  # fmt: skip
    return Look.model_validate({**fields, **changes})


def observation(*looks: Look, **changes: object) -> Observation:
    fields: dict[str, object] = {
        "available_at": AT, "site": "works", "what": "vehicles", "when": WHEN, "unit": "vehicles",
        "value": Range(lo=8, best=9, hi=12, origin="90 % interval from recall"), "looks": tuple(k.id for k in looks),
        "method": "a detector (model.onnx, AGPL-3.0)", "says": ("seven small ones",), "note": "Half was in shadow.",
    }  # fmt: skip
    return Observation.model_validate({**fields, **changes})


def crop(sha: str, side_m: float = 30) -> Crop:
    return Crop(picture=sha, caption="box 1", side_m=side_m, at=(15.0, 50.0))


def page(*records: Record) -> Page:
    view = View([SITE, *records], head=sample.HEAD)
    return brief(view, **{**sample._base(), "title": "Works", "blob": BLOBS.__getitem__})


def text_of(made: Page) -> str:
    bare = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]+>", "", made.html, flags=re.DOTALL)
    return " ".join(re.sub("&#39;", "'", bare).split())


def told(*records: Record) -> dict[str, object]:
    (site,) = page(*records).data["sites"]
    found: dict[str, object] = site
    return found


def test_an_observation_is_told_with_all_that_belongs_to_it() -> None:
    seen = look()
    text = text_of(page(seen, observation(seen)))
    for said in (
        "Vehicles: 9 [8, 12] vehicles, 3 May 2023, 10:00 UTC (90 % interval from recall)",
        "Seven small ones.",
        "A detector (model.onnx, AGPL-3.0).",
        "by no analyst.",
        "Half was in shadow.",
    ):
        assert said in text
    assert "by Ada." in text_of(page(seen, observation(seen, confirmed_by="Ada")))


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((9, 9, 9), "9 vehicles"),
        ((0.5, 1.234, 2000.4), "1.23 [0.5, 2,000] vehicles"),
        ((-0.04, 0, 3), "0 [-0.04, 3] vehicles"),
    ],
)
def test_the_value_has_its_bounds_and_no_more_figures_than_it_can(bounds: tuple[float, ...], said: str) -> None:
    value = Range(lo=bounds[0], best=bounds[1], hi=bounds[2], origin="made")
    assert told(look(), observation(value=value))["observations"][0]["value_says"] == said  # type: ignore[index]
    one = observation(value=value)
    assert lines("the works", [one]) == [f"{one.id[:12]} the works: Vehicles, 3 May 2023, 10:00 UTC: {said}."]


def test_the_gist_has_the_latest_of_each_thing_and_what_no_look_could_tell() -> None:
    first, second = look(), look(when=When.of(date(2023, 6, 1)))
    hidden = look("traffic", Result.OBSCURED, reason="cloud over all of it")
    early, late = observation(first), observation(second, when=When.of(date(2023, 6, 1)))
    made = page(first, second, hidden, late, early)
    by_key = {line["key"]: line for line in made.data["in_brief"]}
    assert by_key["observed works/vehicles"]["text"] == (
        "1 Jun 2023: 9 [8, 12] vehicles (90 % interval from recall); 1 earlier one below."
    )
    assert by_key["observed works/vehicles"]["anchor"] == f"observed-{late.id[:12]}"
    assert by_key["asked works/traffic"]["text"] == (
        "1 look for traffic: 1 obscured. The last, 3 May 2023, 10:00 UTC: cloud over all of it."
    )
    assert "asked works/vehicles" not in by_key
    assert [one["latest"] for one in made.data["sites"][0]["observations"]] == [True, False]
    assert "Vehicles, earlier: 1" in text_of(made)


def test_every_look_that_was_asked_is_listed_with_its_power() -> None:
    power = Probability(lo=0.4, best=0.5, hi=0.6, origin="simulated")
    seen, missed = look(p_detect=power), look(result=Result.NOT_SEEN, when=When.of(date(2023, 6, 1)), p_detect=power)
    (asked,) = told(seen, missed)["asked"]  # type: ignore[misc]
    assert asked["says"] == (
        "2 looks for vehicles: 1 seen and 1 not seen; power 40–60 % in the latest for which it is known"
    )
    assert [(k["result"], k["power"], k["false"]) for k in asked["looks"]] == [
        ("seen", "40–60 %", "not stated"), ("not_seen", "40–60 %", "not stated"),
    ]  # fmt: skip
    assert [k["result"] for k in told(look("change"), seen)["asked"][0]["looks"]] == ["seen"]  # type: ignore[index]


def test_looks_of_the_watch_and_of_analysts_are_not_told_here() -> None:
    assert told(look("change"), look(by="analyst"))["asked"] == []
    assert "What was counted and measured" not in text_of(page(look("change")))


def test_crops_share_one_scale_and_are_drawn_once_each() -> None:
    wide, narrow = picture(200), picture(100)
    made = page(look(), observation(crops=(crop(wide), crop(narrow))))
    assert re.findall(r"--across: ([\d.]+)rem", made.html) == ["17.5", "8.75"]
    assert "30 m along the longer side, one scale for all." in text_of(made)
    assert "base64" not in str(made.data)
    assert [one["picture"] for one in made.data["sites"][0]["observations"][0]["crops"]] == [wide, narrow]
    apart = page(look(), observation(crops=(crop(wide), crop(narrow, 60))))
    assert "30 to 60 m along the longer side: not at one scale." in text_of(apart)


def test_a_page_shows_so_many_crops_and_says_how_many_more_there_are() -> None:
    every = tuple(crop(picture(40, 40)) for _ in range(CROPS + 2))
    made = page(look(), observation(crops=every))
    assert made.html.count("data:image/png") == CROPS
    assert "2 more are in the ledger." in text_of(made)


def test_a_crop_that_is_no_picture_is_refused() -> None:
    BLOBS["e" * 64] = b"GIF89a" + bytes(30)
    with pytest.raises(LedgerError, match=r"e{64} of an observation is no PNG"):
        page(look(), observation(crops=(crop("e" * 64),)))


def test_an_observation_says_when_a_look_it_rests_on_was_recorded_anew() -> None:
    old = look()
    new = look(reason="ten boxes", supersedes=old.id)
    text = text_of(page(old, new, observation(old)))
    assert "no look that this brief holds" in text
    assert "1 look that it rests on was recorded anew since." in text


def test_every_link_leads_somewhere_and_every_sentence_passes_the_linter() -> None:
    seen = look()
    made = page(seen, look("traffic", Result.OBSCURED), observation(seen, crops=(crop(picture(90)),)))
    ids = set(re.findall(r'\bid="([^"]+)"', made.html))
    assert {target for target in re.findall(r'href="#([^"]+)"', made.html)} <= ids
    assert lint(text_of(made)) == []


def test_what_an_analyst_writes_cannot_change_the_page() -> None:
    evil = "<script>alert(1)</script>"
    made = page(look(), observation(what=evil, unit=evil, method=evil, says=(evil,), note=evil, confirmed_by=evil))
    assert "<script>" not in made.html
