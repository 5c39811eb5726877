from __future__ import annotations

import httpx

from sitewatch import doctor


def answering(status: int) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(status)))


def refusing(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def test_everything_that_is_needed_is_here():
    found = doctor.examine(client=answering(200))
    assert [f for f in found if f.mark == "missing"] == []
    assert {"Python", "numpy", "SQLite", "public catalogue"} <= {f.what for f in found}


def test_a_service_that_does_not_answer_is_silent():
    for client in (answering(503), httpx.Client(transport=httpx.MockTransport(refusing))):
        (found,) = [f for f in doctor.examine(client=client) if f.what == "public catalogue"]
        assert found.mark == "silent"


def test_a_package_of_the_wrong_version_is_missing(monkeypatch):
    monkeypatch.setattr(doctor, "version", lambda name: "0.0.1")
    found = {f.what: f for f in doctor.examine(client=answering(200))}
    assert found["numpy"].mark == "missing"
    assert "is needed" in found["numpy"].detail


def test_a_case_names_the_services_it_needs(tmp_path):
    (tmp_path / "case.toml").write_text(
        'title = "T"\n[[sites]]\nid = "a"\nname = "A"\n[[outlets]]\nid = "x"\nname = "X"\nowner = "X"\ngrade = "C"\n'
        '[[reports]]\nfeed = "https://example.org/feed"\noutlet = "x"\n'
    )
    found = [f.what for f in doctor.examine(tmp_path, client=answering(200))]
    assert "feed" in found
    assert "public catalogue" not in found
