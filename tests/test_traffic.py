"""What `look` keeps of a site's road: a look for each pass, a count, a rate by its own past, and nothing twice."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from typer.testing import CliRunner

from sitewatch.cli import app
from sitewatch.errors import InputError
from sitewatch.ledger import Ledger
from sitewatch.look import cover
from sitewatch.records import Artifact, Look, Observation, Pass, Result, Site, day_end
from sitewatch.tell import brief
from sitewatch.verbs import Bench, verify_case
from sitewatch.verbs.outcome import Outcome
from sitewatch.verbs.traffic import OBSERVABLE, follow_traffic
from sitewatch.verbs.traffic_told import COUNTED, RATE
from sitewatch.weigh import say
from tests import roads

NOW = datetime(2021, 6, 1, tzinfo=UTC)
PAST = tuple(range(0, 100, 10))
RECENT = (165, 170, 175)


@cache
def chip(lorries, seed, cloud=0.0, bands=roads.BANDS, scl=True):
    return roads.chip(lorries, seed, cloud=cloud, bands=bands, scl=scl)


def quiet_then_busy():
    """Ten passes with one lorry, then a clouded one, then three with three."""
    made = [(day, chip(1, n % 4)) for n, day in enumerate(PAST)]
    made += [(160, chip(1, 0, cloud=0.9))]
    return made + [(day, chip(3, n)) for n, day in enumerate(RECENT)]


def follow(folder, made, now=NOW):
    """One run over passes, its outcome, and all that stands after it."""
    with Bench.open(folder, clock=lambda: now) as bench:
        outcome = Outcome("look")
        held = {p.items for p in bench.ledger.view().of(Pass)}
        for day, data in made:
            record = roads.passed(data, day)
            bench.ledger.put(data)
            if record.items not in held:
                bench.add([record], Outcome("look"))
        days = {f"made-{day}" for day, _ in made}
        passes = [p for p in bench.ledger.view().of(Pass) if p.items[0] in days]
        follow_traffic(bench, passes, outcome)
        return outcome, bench.ledger.view()


def by_what(view):
    return {one.what: one for one in view.of(Observation)}


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    folder = roads.write_case(tmp_path_factory.mktemp("road"))
    outcome, view = follow(folder, quiet_then_busy())
    return folder, outcome, view


@pytest.fixture
def folder(tmp_path):
    return roads.write_case(tmp_path)


def test_each_pass_is_a_look_with_its_result_and_reason(followed):
    _, _, view = followed
    looks = sorted(view.of(Look), key=lambda k: k.when.earliest)
    assert {(k.observable, k.by, k.site) for k in looks} == {(OBSERVABLE, "monitor", "yard")}
    assert [k.result for k in looks] == [Result.SEEN] * 10 + [Result.OBSCURED] + [Result.SEEN] * 3
    assert looks[0].reason == "1 vehicle seen moving; 100% of the road was seen"
    assert "of the road" in looks[10].reason
    passes = {p.id: p for p in view.of(Pass)}
    assert all(k.available_at == passes[k.pass_id].available_at for k in looks)


def test_power_is_told_from_the_day_on_which_it_was_measured(followed):
    _, _, view = followed
    looks = sorted(view.of(Look), key=lambda k: k.when.earliest)
    assert [k.p_detect is None for k in looks] == [True] * 3 + [False] * 7 + [True] + [False] * 3
    assert looks[3].p_detect.lo < looks[3].p_detect.best <= looks[3].p_detect.hi
    assert "simulated: 60 lorries" in looks[3].p_detect.origin
    assert all(k.p_false is None for k in looks)


def test_the_count_and_the_rate_rest_on_their_looks(followed):
    _, outcome, view = followed
    told = by_what(view)
    days = {k.id: (k.when.earliest - roads.START).days for k in view.of(Look)}
    count, rate = told[COUNTED], told[RATE]
    assert [days[id] for id in count.looks] == list(RECENT)
    assert (count.value.lo, count.value.best, count.value.hi, count.unit) == (3, 3, 3, "vehicles a pass")
    assert [days[id] for id in rate.looks] == [*PAST, *RECENT]
    assert 1 < rate.value.lo < 3 < rate.value.hi
    assert rate.value.best == pytest.approx(3, rel=0.25)
    assert rate.available_at == roads.passed(b"", RECENT[-1]).available_at
    assert any("1 of 4 passes of these 60 days" in line for line in count.says)
    assert "made up" not in (count.note or "")
    assert "3 vehicles a pass" in " ".join(outcome.notes)
    assert count.confirmed_by is None


def test_the_road_of_the_clearest_recent_pass_is_drawn_at_one_scale(followed):
    folder, _, view = followed
    count = by_what(view)[COUNTED]
    assert len({crop.side_m for crop in count.crops}) == 1
    assert all("seen moving" in crop.caption and "roads.geojson" in crop.caption for crop in count.crops)
    held = {one.sha256: one for one in view.of(Artifact)}
    assert all(held[crop.picture].attribution == "made-up pixels" for crop in count.crops)
    with Ledger.open(folder / "ledger", create=False) as ledger:
        assert all(ledger.get(crop.picture).startswith(b"\x89PNG") for crop in count.crops)
    assert verify_case(folder).damage == ()


def test_the_second_run_searches_nothing_and_the_same_again_says_the_same(folder, monkeypatch):
    _, first = follow(folder, quiet_then_busy()[:3])
    (folder / "ledger" / "done" / "traffic-yard").unlink()
    again, view = follow(folder, quiet_then_busy()[:3])
    assert dict(again.new) == {}
    assert [k.id for k in view.of(Look)] == [k.id for k in first.of(Look)]
    monkeypatch.setattr("sitewatch.verbs.traffic.follow_road", lambda *_, **__: pytest.fail("searched again"))
    third, _ = follow(folder, quiet_then_busy()[:3])
    assert dict(third.new) == {}


def test_a_new_pass_supersedes_the_count_and_leaves_the_old_looks(folder):
    _, first = follow(folder, quiet_then_busy()[:2])
    outcome, view = follow(folder, quiet_then_busy()[:3])
    (before,), (after,) = first.of(Observation), view.of(Observation)
    assert dict(outcome.new) == {"look": 1, "observation": 1, "artifact": 1}
    assert {k.id for k in first.of(Look)} < {k.id for k in view.of(Look)}
    assert (after.supersedes, len(before.looks), len(after.looks)) == (before.id, 2, 3)


def test_a_pass_that_goes_is_taken_out_again(folder):
    _, first = follow(folder, quiet_then_busy()[:2])
    follow(folder, quiet_then_busy()[:3])
    outcome, view = follow(folder, quiet_then_busy()[:2])
    assert outcome.new["retraction"] == 1
    assert [one.looks for one in view.of(Observation)] == [one.looks for one in first.of(Observation)]


def test_an_earlier_day_knows_only_its_looks(followed):
    folder, _, _ = followed
    with Bench.open(folder, clock=lambda: NOW) as bench:
        view = bench.ledger.view(day_end((roads.START + timedelta(days=45)).date()))
        assert len([k for k in view.of(Look) if k.observable == OBSERVABLE]) == 5
        assert view.of(Observation) == ()


def test_a_short_past_tells_no_rate_and_says_so(folder):
    _, view = follow(folder, [(day, chip(3, n)) for n, day in enumerate(RECENT)])
    assert set(by_what(view)) == {COUNTED}
    says = by_what(view)[COUNTED].says
    assert any(line.startswith("No rate against the past is told: ") for line in says)
    assert any(line.startswith("With what power a vehicle is seen here was not measured") for line in says)


def test_an_empty_road_is_seen_and_nothing_on_it(folder):
    _, view = follow(folder, [(day, chip(0, n)) for n, day in enumerate(RECENT)])
    (count,) = view.of(Observation)
    assert {k.result for k in view.of(Look)} == {Result.NOT_SEEN}
    assert (count.value.lo, count.value.hi) == (0, 0)
    assert [crop.caption.partition("; ")[0] for crop in count.crops] == [
        "28 Jun 2020, 10:00 UTC: no vehicle seen moving"
    ]


def test_passes_that_never_saw_the_road_leave_looks_and_a_word(folder):
    outcome, view = follow(folder, [(0, chip(1, 0, cloud=0.9)), (5, chip(1, 1, cloud=1.0))])
    assert view.of(Observation) == ()
    assert {k.result for k in view.of(Look)} == {Result.OBSCURED}
    assert outcome.notes == ["the yard: no pass saw enough of its road to count traffic (2 tried)"]


def test_what_cannot_be_searched_is_a_look_with_its_reason(folder):
    bare, unscreened = chip(1, 0, bands=("red",)), chip(1, 0, scl=False)
    with Bench.open(folder, clock=lambda: NOW) as bench:
        for data in (bare, unscreened):
            bench.ledger.put(data)
        passes = [
            roads.passed(bare, 0, bands=("red",)),
            roads.passed(unscreened, 5),
            roads.passed(unscreened, 7, sensor="landsat"),
            roads.passed(unscreened, 9, site="elsewhere"),
        ]
        bench.add(passes, Outcome("look"))
        follow_traffic(bench, passes, Outcome("look"))
        looks = sorted(bench.ledger.view().of(Look), key=lambda k: k.when.earliest)
    assert [k.result for k in looks] == [Result.NOT_ASSESSABLE] * 2
    assert "no blue, green" in looks[0].reason
    assert "no scl" in looks[1].reason


def test_a_case_without_the_road_takes_all_of_it_back(folder):
    follow(folder, quiet_then_busy()[:3])
    roads.write_case(folder, roads="")
    _, view = follow(folder, quiet_then_busy()[:3])
    assert (view.of(Look), view.of(Observation)) == ((), ())
    roads.write_case(folder)
    _, view = follow(folder, quiet_then_busy()[:3])
    assert len(view.of(Look)) == 3
    assert len(view.of(Observation)) == 1


def test_the_watch_neither_counts_nor_takes_back_looks_at_the_road(followed):
    _, _, view = followed
    (site,) = view.of(Site)
    told = cover(
        site.model_copy(update={"watch_from": date(2020, 1, 1)}), view.of(Pass), view.of(Look), date(2020, 8, 1)
    )
    assert (told.clear, told.last_clear) == (0, None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (roads.geojson().replace('"LineString"', '"Point"'), "geometry is 'Point'"),
        ('{"type": "FeatureCollection", "features": []}', "holds no road"),
        (roads.geojson(width="wide"), "width: found 'wide'"),
        (roads.geojson().replace("50.0", "10.0"), "none of the 1 roads lies on the site's grid"),
        (json.dumps(json.loads(roads.geojson()) | {"crs": {"properties": {"name": "EPSG:25833"}}}), "EPSG:25833"),
    ],
)
def test_a_file_that_is_no_road_of_the_site_is_refused(folder, text, found):
    (folder / "roads.geojson").write_text(text)
    with pytest.raises(InputError) as error:
        follow(folder, quiet_then_busy()[:1])
    assert found in str(error.value)
    assert "roads of site yard" in str(error.value)


def test_look_watches_the_site_and_its_road_and_keeps_both(folder):
    roads.write_case(folder, watch="watch_from = 2020-01-20")
    with Bench.open(folder, clock=lambda: NOW) as bench:
        for day, data in quiet_then_busy()[:3]:
            bench.ledger.put(data)
            bench.add([roads.passed(data, day)], Outcome("look"))
        first = bench.look()
        (folder / "ledger" / "done" / "watch-yard").unlink()
        again = bench.look()
        view = bench.ledger.view()
    assert first.new["look"] == 6
    assert dict(again.new) == {}
    assert sorted(k.observable for k in view.of(Look)) == ["change"] * 3 + [OBSERVABLE] * 3


def test_the_command_line_tells_what_was_counted_and_what_is_wrong(folder):
    with Bench.open(folder) as bench:
        for day, data in quiet_then_busy()[:2]:
            bench.ledger.put(data)
            bench.add([roads.passed(data, day)], Outcome("look"))
    roads.write_case(folder, watch="watch_from = 2020-01-20")
    told = CliRunner().invoke(app, ["look", str(folder), "--json"])
    assert told.exit_code == 0
    assert "the yard: Vehicles seen moving on the road, 5 Jan 2020" in json.loads(told.stdout)["notes"][-1]
    (folder / "roads.geojson").write_text(roads.geojson(width="wide"))
    wrong = CliRunner().invoke(app, ["look", str(folder)])
    assert wrong.exit_code == 2
    assert "roads of site yard" in wrong.stderr
    (folder / "roads.geojson").write_text("{}")
    assert "a GeoJSON FeatureCollection" in CliRunner().invoke(app, ["look", str(folder)]).stderr


def test_the_brief_shows_the_count_the_rate_and_the_looks(followed):
    folder, _, view = followed
    with Ledger.open(folder / "ledger", create=False) as ledger:
        page = brief(
            view, title="A yard", about="", case_file="case.toml", config="0" * 64, engine="x", assessments=[],
            findings=[], blob=ledger.get, say=say,
        )  # fmt: skip
    (site,) = page.data["sites"]
    assert [one["what"] for one in site["observations"]] == [COUNTED, RATE]
    assert {p["status"] for p in site["passes"]} == {"not judged"}
    (asked,) = site["asked"]
    assert asked["says"].startswith("14 looks for traffic: 13 seen and 1 obscured; power ")
    keys = [line["key"] for line in page.data["in_brief"]]
    assert f"observed yard/{COUNTED}" in keys
    assert f"observed yard/{RATE}" in keys
    assert page.html.count("data:image/png") == len(by_what(view)[COUNTED].crops)
    assert "simulated lorries" in page.html
