from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from sitewatch.errors import InputError, ServiceError
from sitewatch.look import search
from sitewatch.look.catalog import nothing_found
from tests import servers
from tests.look import skies

DAYS = [datetime(2018, 6, day, 9, 20, tzinfo=UTC) for day in (11, 1, 21)]
CORE = "https://api.stacspec.org/v1.0.0/"
CONFORMS = [CORE + part for part in ("core", "item-search", "collections", "ogcapi-features")]


def items():
    return [skies.item(f"pass-{when:%d}", {"blue": "b.tif"}, when=when) for when in DAYS]


def ids(found):
    return [one.ids for one in found]


class Api:
    """A minimal STAC API: what it says to a search is a test's to choose."""

    def __init__(self, search: servers.Answer, url: str = "") -> None:
        self.search, self.url = search, url

    def __call__(self, method: str, path: str, wanted: str | None) -> servers.Answer:
        if path.startswith("/search"):
            return self.search
        if path == f"/collections/{skies.COLLECTION}":
            return told(skies.collection() | {"links": []})
        if path == "/collections":
            return told({"collections": [skies.collection() | {"links": []}], "links": []})
        if path.startswith("/collections/"):
            return servers.Answer(b'{"code": "NotFound"}', 404)
        links = [
            {"rel": "search", "href": f"{self.url}/search", "method": "POST"},
            {"rel": "data", "href": "/collections"},
        ]
        root = {"type": "Catalog", "stac_version": "1.0.0", "id": "api", "description": "made up", "links": links}
        return told(root | {"conformsTo": CONFORMS})


def told(content):
    return servers.Answer(json.dumps(content).encode())


def page(*found, links=()):
    features = [one.to_dict(include_self_link=False) for one in found]
    return told({"type": "FeatureCollection", "features": features, "links": list(links)})


def ask(url, folder, **changes):
    naps = []
    found = search(skies.catalogue(url=url, **changes), skies.site(), folder=folder, sleep=naps.append, timeout=0.5)
    return found, naps


# --- A folder


def test_a_folder_gives_its_passes_in_order_of_time(tmp_path):
    skies.write_folder(tmp_path / "stac", items())
    found = search(skies.catalogue(), skies.site(), folder=tmp_path)
    assert ids(found) == [("pass-01",), ("pass-11",), ("pass-21",)]
    assert found[0].credit.provider == "Maker"
    assert found[0].credit.licence == "CC-BY-4.0"
    assert found[0].items[0].assets["blue"].get_absolute_href() == str(tmp_path / "stac" / "b.tif")


def test_only_the_days_asked_for_count_with_both_ends(tmp_path):
    skies.write_folder(tmp_path / "stac", items())
    asked = skies.catalogue(since=date(2018, 6, 11), until=date(2018, 6, 21))
    found = search(asked, skies.site(), folder=tmp_path)
    assert ids(found) == [("pass-11",), ("pass-21",)]
    assert ids(search(skies.catalogue(since=date(2018, 6, 12)), skies.site(), folder=tmp_path)) == [("pass-21",)]


def test_the_case_may_state_licence_and_attribution(tmp_path):
    skies.write_folder(tmp_path / "stac", items())
    found = search(skies.catalogue(licence="free", attribution="contains X"), skies.site(), folder=tmp_path)
    assert (found[0].credit.licence, found[0].credit.attribution) == ("free", "contains X")


def test_no_pass_over_the_fence_is_an_empty_list_with_words_for_it(tmp_path):
    skies.write_folder(tmp_path / "stac", items())
    far = skies.site(slug="far", fence=skies.square(300_000, 5_300_000, 100))
    assert search(skies.catalogue(), far, folder=tmp_path) == []
    words = nothing_found(skies.catalogue(), far)
    assert "site far: no pass of collection sentinel-2-l2a in catalogue s2 (folder stac) covers the fence" in words
    assert "between 2015-01-01 and today" in words


def test_an_item_that_cannot_be_read_is_left_out_with_a_sentence_and_the_others_are_found(tmp_path):
    soon = skies.item("soon", {}, when=DAYS[0], published="soon")
    timeless, vague = skies.item("timeless", {}), skies.item("vague", {})
    timeless.datetime = vague.datetime = None
    timeless.properties |= {"start_datetime": None, "end_datetime": None}
    vague.properties |= {"start_datetime": "spring", "end_datetime": "summer"}
    torn, empty = skies.item("torn", {}), skies.item("empty", {})
    torn.geometry = {"type": "Polygon", "coordinates": [[[20.0, 45.0], ["east", 45.0], [20.0, 46.0]]]}
    empty.geometry = {"type": "Polygon", "coordinates": []}
    old = skies.item("old", {}, when=DAYS[0] - timedelta(days=3000), published="soon")
    skies.write_folder(tmp_path / "stac", [*items(), soon, timeless, vague, torn, empty, old])
    refused = []
    found = search(skies.catalogue(), skies.site(), folder=tmp_path, refused=refused)
    assert ids(found) == [("pass-01",), ("pass-11",), ("pass-21",)]
    assert ids(search(skies.catalogue(), skies.site(), folder=tmp_path)) == ids(found)
    words = {
        "empty": "its geometry encloses nothing",
        "soon": "its published is 'soon', which is no time",
        "timeless": "it has no datetime, and no start_datetime and end_datetime in its place",
        "torn": "its geometry is no outline",
        "vague": "its start_datetime or end_datetime is no time",
    }
    for told, (id, why) in zip(refused, words.items(), strict=True):
        assert told.startswith(f"item {id} of catalogue s2: {why}")
        assert told.endswith("it is left out; ask the catalogue's keeper to mend it")


def test_a_folder_never_asks_the_network(tmp_path):
    with servers.serve(lambda *_: told({})) as server:
        link = {"rel": "item", "href": f"{server.url}/item.json"}
        skies.write_folder(tmp_path / "stac", items(), links=[link])
        with pytest.raises(InputError, match=r"catalogue s2.*a link of its folder leads to http.*must be relative"):
            search(skies.catalogue(), skies.site(), folder=tmp_path)
        assert server.asked == []


def test_a_folder_without_a_catalogue_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"catalogue s2: .*stac holds no catalog.json"):
        search(skies.catalogue(), skies.site(), folder=tmp_path)


@pytest.mark.parametrize("content", ["{not json", "[]", '{"type": "Feature"}', "\x00\xff"])
def test_a_broken_file_is_named(tmp_path, content):
    skies.write_folder(tmp_path / "stac", items())
    (tmp_path / "stac" / "pass-11.json").write_text(content)
    with pytest.raises(InputError, match=r"catalogue s2: .*pass-11\.json is not readable as STAC \([A-Z]\w+: "):
        search(skies.catalogue(), skies.site(), folder=tmp_path)


def test_a_link_to_a_file_that_is_gone_is_named(tmp_path):
    skies.write_folder(tmp_path / "stac", items())
    (tmp_path / "stac" / "pass-11.json").unlink()
    with pytest.raises(InputError, match=r"pass-11\.json is not readable as STAC \(FileNotFoundError"):
        search(skies.catalogue(), skies.site(), folder=tmp_path)


def test_an_unknown_collection_names_those_there_are(tmp_path):
    skies.write_folder(tmp_path / "stac", items())
    with pytest.raises(InputError, match=r"no collection landsat; right would be one of: sentinel-2-l2a"):
        search(skies.catalogue(collection="landsat"), skies.site(), folder=tmp_path)


# --- A real API


def test_a_real_api_gives_the_same_passes_as_the_folder(tmp_path):
    skies.write_folder(tmp_path / "stac", items())
    listed = [one.to_dict(include_self_link=False) | {"links": []} for one in items()]
    with servers.stac_api(skies.collection(), listed, tmp_path) as url:
        found, naps = ask(url, tmp_path, since=date(2018, 6, 2))
    assert ids(found) == [("pass-11",), ("pass-21",)]
    assert found[0].credit.provider == "Maker"
    assert naps == []


# --- An API that fails


def test_a_catalogue_that_is_down_is_named_after_three_tries(tmp_path):
    url = f"http://127.0.0.1:{servers.free_port()}"
    naps = []
    with pytest.raises(ServiceError, match=rf"catalogue s2 at {url}, asked 3 times: it did not answer") as error:
        search(skies.catalogue(url=url), skies.site(), folder=tmp_path, sleep=naps.append)
    assert naps == [2.0, 4.0]
    assert "try again later" in str(error.value)


def test_a_catalogue_that_hangs_is_given_up(tmp_path):
    with servers.serve(lambda *_: servers.Answer(hang=True)) as server:
        with pytest.raises(ServiceError, match=r"asked 3 times: it did not answer .*timed out"):
            ask(server.url, tmp_path)
        assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("answer", "words", "asked"),
    [
        (servers.HTML, "it answered HTML: '<!DOCTYPE html>.*Sign in", 3),
        (servers.Answer(b'{"type": "Catalog", "id'), "it answered text that is not JSON", 3),
        (servers.Answer(b"\xff\xfe", content_type="text/plain"), "it did not answer|not JSON", 3),
        (servers.Answer(b"{}"), "it answered JSON that is not a STAC API's", 3),
        (servers.Answer(b"[1, 2]"), "it answered JSON that is not a STAC API's", 3),
        (servers.Answer(b"upstream died", 502), "it answered with HTTP status 502: 'upstream died'", 3),
        (servers.Answer(b"slow down", 429), "HTTP status 429", 3),
        (servers.Answer(b"who are you", 401), "asked once: it answered with HTTP status 401", 1),
    ],
)
def test_a_wrong_answer_is_told_in_words(tmp_path, answer, words, asked):
    with servers.serve(lambda *_: answer) as server:
        with pytest.raises(ServiceError, match=f"catalogue s2 at {server.url}.*{words}"):
            ask(server.url, tmp_path)
        assert len(server.asked) == asked


def test_a_wrong_answer_to_the_search_alone_is_told_too(tmp_path):
    api = Api(servers.HTML)
    with servers.serve(api) as server:
        api.url = server.url
        with pytest.raises(ServiceError, match="it answered HTML"):
            ask(server.url, tmp_path)


def test_a_passing_fault_costs_one_pause_and_loses_nothing(tmp_path):
    api = Api(page(*items()))
    left = [servers.Answer(b"busy", 503)]
    with servers.serve(lambda *request: left.pop() if left else api(*request)) as server:
        api.url = server.url
        found, naps = ask(server.url, tmp_path)
    assert ids(found) == [("pass-01",), ("pass-11",), ("pass-21",)]
    assert naps == [2.0]


def test_what_the_server_does_not_filter_is_filtered_here(tmp_path):
    other = skies.item("other-collection", {})
    other.collection_id = "landsat"
    late = skies.item("late", {}, when=DAYS[2] + timedelta(days=300))
    api = Api(page(other, late, *items(), items()[0]))
    with servers.serve(api) as server:
        api.url = server.url
        found, _ = ask(server.url, tmp_path, until=date(2018, 12, 31))
    assert ids(found) == [("pass-01",), ("pass-11",), ("pass-21",)]


def test_a_server_that_repeats_its_last_page_for_ever_is_left(tmp_path):
    api = Api(page())
    with servers.serve(api) as server:
        api.url = server.url
        api.search = page(*items(), links=[{"rel": "next", "href": f"{server.url}/search?page=2", "method": "GET"}])
        found, _ = ask(server.url, tmp_path)
        assert ids(found) == [("pass-01",), ("pass-11",), ("pass-21",)]
        assert sum("search" in line for line in server.asked) == 2


def test_an_api_without_the_collection_names_those_it_has(tmp_path):
    api = Api(page())
    with servers.serve(api) as server:
        api.url = server.url
        with pytest.raises(InputError, match=r"no collection landsat; right would be one of: sentinel-2-l2a"):
            ask(server.url, tmp_path, collection="landsat")
