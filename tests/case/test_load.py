from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sitewatch.case import CaseError, Link, load_case
from sitewatch.errors import InputError
from sitewatch.records import Form, Look, Place, Probability, Result, When, day_end


def test_a_whole_case_gives_its_records(folder: Path) -> None:
    case = load_case(folder)
    data = (folder / "case.toml").read_bytes()
    assert (case.folder, case.file, case.data) == (folder, folder / "case.toml", data)
    assert case.config == hashlib.sha256(data).hexdigest()
    assert (case.title, case.about) == ("A case", None)
    assert len(case.records) == 2 + 1 + 2 + 2 + 3 + 1 + 1
    assert len({record.id for record in case.records}) == len(case.records)
    assert load_case(folder / "case.toml") == case


def test_sites_have_closed_fences_and_are_the_gazetteer(folder: Path) -> None:
    sohae, plant = load_case(folder).sites
    assert sohae.fence[0] == sohae.fence[-1] == (124.70, 39.65)
    assert len(sohae.fence) == 5
    assert [(zone.id, len(zone.fence)) for zone in sohae.zones] == [("stand", 4)]
    assert (sohae.watch_from, plant.fence, plant.watch_from) == (date(2018, 1, 1), (), None)
    assert load_case(folder).places == (
        Place(site="sohae", name="Sohae", aliases=("Tongchang-ri",), nature="launch site"),
        Place(site="plant", name="A plant that only analysts look at"),
    )


def test_a_catalogue_is_for_all_sites_with_a_fence_and_keeps_its_path_as_written(folder: Path) -> None:
    (catalogue,) = load_case(folder).catalogues
    assert (catalogue.folder, catalogue.url, catalogue.sites) == ("stac", None, ("sohae",))
    assert catalogue.bands == ("blue", "green", "red", "nir")


def test_sources_have_dated_grades_and_intakes_their_outlet(folder: Path) -> None:
    case = load_case(folder)
    wire, daily = case.sources
    assert [grade.letter for grade in wire.grades] == ["B"]
    assert [daily.grade_on(date(year, 1, 2)).letter for year in (2017, 2018)] == ["C", "D"]
    assert [(i.form, i.where, i.outlet) for i in case.intakes] == [
        ("folder", "reports", None),
        ("feed", "https://news.example.org/feed", "daily-b"),
    ]
    assert {record.available_at for record in (*case.sources, *case.intakes, *case.sites)} == {None}


def test_looks_come_from_the_table_with_the_line_they_stand_on(folder: Path) -> None:
    first, second, third = load_case(folder).looks
    assert first == Look(
        site="sohae",
        observable="shelter_razed",
        result=Result.SEEN,
        when=When.of(date(2018, 7, 20)),
        by="analyst",
        provider="DigitalGlobe",
        publisher="38 North",
        resolution_m=0.5,
        p_detect=Probability(lo=0.8, best=0.85, hi=0.9, origin="stated at looks/sohae.csv:2"),
        p_false=Probability(lo=0.01, best=0.03, hi=0.05, origin="stated at looks/sohae.csv:2"),
        note="Gone,\nall of it",
        row="looks/sohae.csv:2",
        available_at=day_end(date(2018, 7, 23)),
    )
    assert (second.row, second.provider, second.redistributable) == ("looks/sohae.csv:4", "not stated", True)
    assert second.when == When.of(date(2018, 2, 16), date(2018, 3, 2))
    assert (third.when.earliest, third.when.latest) == (datetime(2018, 8, 1, tzinfo=UTC), None)
    assert (third.result, third.available_at) == (Result.OBSCURED, None)


def test_a_blank_power_takes_the_stated_default_and_says_so_or_is_none(folder: Path) -> None:
    first, second, _ = load_case(folder).looks
    assert second.p_detect == Probability(
        lo=0.5, best=0.8, hi=0.95, origin="the case's stated default for looks/sohae.csv"
    )
    assert second.p_false is None
    assert first.p_detect is not None
    assert first.p_detect.hi == 0.9


def test_the_other_explanation_is_always_there(folder: Path) -> None:
    (question,) = load_case(folder).questions
    assert [hypothesis.id for hypothesis in question.hypotheses] == ["built", "idle", "other"]
    (trailer,) = question.indicators
    other = trailer.likelihood["other"]
    assert (other.lo, other.best, other.hi) == (0.05, 0.5, 0.95)
    assert "default" in other.origin
    assert trailer.likelihood["built"].origin == "stated in the case"
    assert trailer.terms == (("covered", "trailer"), ("trailer", "shrouded"))


def test_an_other_explanation_of_the_case_s_own_is_kept(folder: Path) -> None:
    file = folder / "case.toml"
    own = '[[questions.hypotheses]]\nid = "other"\ntext = "Something else."\n[[questions.indicators]]'
    text = file.read_text().replace("[[questions.indicators]]", own)
    file.write_text(text.replace("likelihood.built", "likelihood.other = [0.1, 0.2, 0.3]\nlikelihood.built"))
    (question,) = load_case(folder).questions
    assert [h.text for h in question.hypotheses] == ["They are.", "They are not.", "Something else."]
    assert question.indicators[0].likelihood["other"].best == 0.2


def test_a_commitment_is_a_test_with_its_caveats(folder: Path) -> None:
    (pledge,) = load_case(folder).commitments
    assert pledge.form is Form.REPORTED_BY_OTHER_PARTY
    assert pledge.available_at == day_end(date(2018, 6, 13))
    assert pledge.made == When.of(date(2018, 6, 12))
    assert (pledge.confirmed_by_obligor, pledge.names_site) == (False, False)
    assert [(s.progress, s.any_of, s.all_of) for s in pledge.steps] == [
        (1, ("shelter_razed",), ()),
        (3, (), ("stand_gone", "foundations_gone")),
    ]


def test_a_commitment_is_known_from_the_day_it_was_made_unless_another_is_given(folder: Path) -> None:
    file = folder / "case.toml"
    file.write_text(file.read_text().replace("available = 2018-06-13\n", ""))
    assert load_case(folder).commitments[0].available_at == day_end(date(2018, 6, 12))


def test_links_are_the_analyst_s_own_words(folder: Path) -> None:
    link = Link("reports/b.txt", "reports/a.txt", "same_official", "Both quote the same briefing.")
    assert load_case(folder).links == (link,)


def test_assumptions_are_the_package_s_where_the_case_states_none(folder: Path) -> None:
    assumed = load_case(folder).assumptions
    assert (assumed.visible.best, assumed.visible.origin) == (0.8, "stated in the case")
    assert (assumed.hit["A"].hi, assumed.hit["A"].origin) == (0.99, "checked against ten years of corrections")
    assert assumed.hit["B"].origin.startswith("assumption")
    assert (assumed.seed, assumed.samples) == (7, 4000)


def test_ids_do_not_depend_on_where_the_case_lies(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    moved = tmp_path_factory.mktemp("elsewhere") / "case"
    shutil.copytree(folder, moved)
    assert [record.id for record in load_case(moved).records] == [record.id for record in load_case(folder).records]


def test_a_byte_order_mark_and_windows_line_ends_are_no_error(folder: Path) -> None:
    before = [record.id for record in load_case(folder).records]
    for name in ("case.toml", "looks/sohae.csv"):
        data = (folder / name).read_bytes().replace(b"\n", b"\r\n")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + data)
    after = load_case(folder)
    assert [record.id for record in after.sites] == before[:2]
    assert [look.row for look in after.looks] == ["looks/sohae.csv:2", "looks/sohae.csv:4", "looks/sohae.csv:5"]


def test_a_case_that_is_not_there_is_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"case\.toml: case: found No such file .* `sitewatch new DIR` writes one"):
        load_case(tmp_path)
    with pytest.raises(CaseError, match=r"absent\.toml"):
        load_case(tmp_path / "absent.toml")
