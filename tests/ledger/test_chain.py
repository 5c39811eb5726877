from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewatch.errors import LedgerError
from sitewatch.ledger.chain import GENESIS, decode, identify, link, seal
from sitewatch.records import Claim, Quantity, Record, Site

NOW = datetime(2024, 5, 1, 12, 30, 15, 250000, tzinfo=UTC)


def test_a_sealed_record_comes_back_with_its_own_id_and_the_stamp() -> None:
    site = Site(slug="sohae", name="Söhae", aliases=("a", "b"))
    record, body = seal(site, NOW)
    assert record == site.model_copy(update={"recorded_at": NOW})
    assert record.id == site.id == decode(body).id
    assert json.loads(body)["kind"] == "site"


@given(name=st.text(min_size=1), aliases=st.lists(st.text()), minutes=st.integers(0, 10**6))
def test_the_id_never_depends_on_when_it_was_recorded(name: str, aliases: list[str], minutes: int) -> None:
    site = Site(slug="x", name=name, aliases=tuple(aliases))
    assert seal(site, NOW + timedelta(minutes=minutes))[0].id == site.id


def test_an_id_is_that_of_the_bytes_and_so_outlives_a_new_field() -> None:
    content = b'{"available_at":null,"kind":"site","name":"A","slug":"a","supersedes":null}'
    old = content.replace(b'"slug"', b'"recorded_at":"2024-05-01T00:00:00Z","slug"')
    assert decode(old).id == hashlib.sha256(content).hexdigest() != Site(slug="a", name="A").id


def test_words_that_look_like_the_stamp_are_not_cut_out_of_a_text() -> None:
    site = Site(slug="x", name='"recorded_at":null,')
    _, body = seal(site, NOW)
    assert identify(body, json.loads(body)["recorded_at"]) == site.id


def test_a_link_covers_what_came_before_and_the_body() -> None:
    one = link(GENESIS, b"a")
    assert one == hashlib.sha256(b"0" * 64 + b"a").hexdigest()
    assert len({one, link(GENESIS, b"b"), link(one, b"a")}) == 3


class Stranger(Record):
    kind = "stranger"


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (Stranger(), "found Stranger"),
        (Site(slug="x", name="n").model_copy(update={"name": 5}), "knows it: name"),
        (Site(slug="x", name="lone \ud800 surrogate"), "cannot be written"),
        (
            Claim(
                quote="q",
                span=(0, 1),
                modality="asserted",
                quantities=(Quantity(text="q", span=(0, 1), lo=float("inf"), hi=None, attribute="x"),),
            ),
            "cannot be written",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_what_could_not_be_read_back_is_never_written(record: Record, says: str) -> None:
    with pytest.raises(LedgerError, match=says):
        seal(record, NOW)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\xff", "no JSON"),
        (b"[1]", "no JSON object"),
        (b'{"kind":[1]}', "no JSON object with a kind"),
        (b'{"kind":"rumour"}', "unknown to this version"),
        (b'{"kind":"site","slug":"x"}', "no site as this version of Sitewatch knows it: name"),
        (b'{"kind":"site","slug":"x","name":"n","height":3}', "height"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(body: bytes, says: str) -> None:
    with pytest.raises(LedgerError, match=says):
        decode(body)
