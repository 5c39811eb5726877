"""The brief as a page and as data: what it says, what it links to, what it refuses, and that it loads nothing."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser

import pytest

from sitewatch import records
from sitewatch.errors import LedgerError
from sitewatch.records import (
    Brief,
    Claim,
    Fault,
    Item,
    LeaveOut,
    Lineage,
    Modality,
    NextLook,
    Quantity,
    Range,
    Ratio,
    Record,
    Relation,
    State,
    View,
    When,
    day_end,
)
from sitewatch.tell import brief
from sitewatch.tell.page import POLICY, Page
from sitewatch.weigh.words import lint
from tests.sentences import said_on
from tests.tell import sample

DAYS = (date(2018, 7, 25), date(2018, 8, 10), date(2019, 3, 10))


class Parsed(HTMLParser):
    """Tags, ids, links and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            del self._inside[len(self._inside) - 1 - self._inside[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if "style" not in self._inside:
            self.text += data

    @property
    def ids(self) -> list[str]:
        return [a["id"] for _, a in self.tags if a.get("id")]

    def all(self, attribute: str) -> list[str]:
        return [a[attribute] for _, a in self.tags if a.get(attribute)]


@pytest.fixture(scope="module")
def yard() -> Page:
    return sample.told_yard()


@pytest.fixture(scope="module")
def forest() -> Page:
    return sample.told_forest()


@pytest.fixture(params=["yard", "forest", *DAYS], ids=str)
def page(request: pytest.FixtureRequest) -> Page:
    if isinstance(request.param, date):
        return sample.told_yard(request.param)
    return request.getfixturevalue(request.param)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# --- the page loads nothing, and every link leads somewhere -------------------------------------------------------


def test_no_element_of_the_page_loads_anything(page: Page) -> None:
    parsed = Parsed(page.html)
    tags = {tag for tag, _ in parsed.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form", "base", "video", "audio", "source"}
    assert all(src.startswith("data:image/png;base64,") for src in parsed.all("src"))
    assert not parsed.all("srcset")
    assert all(not name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    assert "url(" not in page.html
    assert "@import" not in page.html
    policies = [a["content"] for tag, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [POLICY]
    assert POLICY.startswith("default-src 'none'")


def test_every_link_leads_to_one_place_of_the_page(page: Page) -> None:
    parsed = Parsed(page.html)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert parsed.all("href")
    assert [href for href in parsed.all("href") if href.removeprefix("#") not in parsed.ids] == []
    for owner in parsed.all("aria-labelledby"):
        assert owner in parsed.ids


def test_markup_in_a_report_stays_text(yard: Page) -> None:
    parsed = Parsed(yard.html)
    assert "<script>alert('x')</script>" in parsed.text
    assert '<img src=http://evil.example/x.png onerror="alert(1)">' in parsed.text
    assert not [tag for tag, _ in parsed.tags if tag in ("script", "img")]
    assert "Rockets <b>leave</b> the yard" in parsed.text
    assert not [tag for tag, _ in parsed.tags if tag == "trailer"]


@pytest.mark.parametrize(
    ("origin", "linked"),
    [("https://news.example/a?b=1&c=2", True), ("javascript:alert(1)", False), ("data:text/html,x", False)],
)
def test_only_web_addresses_become_links(origin: str, linked: bool) -> None:
    made = sample.yard()
    records = [
        r.model_copy(update={"origin": origin}) if isinstance(r, Item) and r.outlet == "paper-a" else r
        for r in made.records
        if not isinstance(r, Claim) and r.kind not in ("lineage", "relation")
    ]
    told = brief(View(records, head=sample.HEAD), **sample._base())
    assert (origin in Parsed(told.html).all("href")) is linked
    assert origin in Parsed(told.html).text


def test_control_characters_never_reach_the_page() -> None:
    told = sample.told_yard(title="a\x00b\x1bc")
    assert "a\ufffdb\ufffdc" in told.html
    assert "\x00" not in told.html


def test_same_input_gives_the_same_bytes(yard: Page, forest: Page) -> None:
    assert sample.told_yard().html == yard.html
    assert sample.told_forest().html == forest.html
    assert json.dumps(sample.told_yard().data) == json.dumps(yard.data)


def test_data_is_plain_json_with_a_schema(page: Page) -> None:
    assert json.loads(json.dumps(page.data, allow_nan=False)) == page.data
    assert page.data["schema"] == "sitewatch.brief/1"


# --- judgement --------------------------------------------------------------------------------------------------


def test_the_ratio_comes_first_with_both_rivals_named(yard: Page) -> None:
    text = flat(Parsed(yard.html).text)
    ratio = (
        "The evidence is 1.3 times as expected if A, “Rockets are being assembled in the yard”, "
        "than if B, “The yard's ordinary traffic goes on”."
    )
    assert ratio in text
    assert "5–95 %: 1.1–1.5; outer bound 0.82–2.2" in text
    assert text.index(ratio) < text.index("roughly even chance (25–50 %)")
    assert "The evidence cannot tell A from B" in text


def test_the_naive_product_stands_beside_it_as_a_warning(yard: Page) -> None:
    text = flat(Parsed(yard.html).text)
    assert "would have made the evidence 31 times as expected if A than if B" in text
    assert yard.data["judgements"][0]["ratio"]["naive"] == 31.4


def test_a_ratio_below_one_is_turned_so_that_the_favoured_side_leads() -> None:
    turned = Ratio(
        first="assembly", second="routine", best=0.2, lo=0.1, hi=0.25, corner_lo=0.05, corner_hi=0.5, naive=0.001,
        cannot_tell=False,
    )  # fmt: skip
    made = sample.yard()
    ratio = sample.told_yard(assessments=[sample.assessment(made, ratios=(turned,))]).data["judgements"][0]["ratio"]
    assert (ratio["first"], ratio["second"]) == ("routine", "assembly")
    assert ratio["best"] == pytest.approx(5)
    assert (ratio["lo"], ratio["hi"]) == (pytest.approx(4), pytest.approx(10))
    assert (ratio["corner_lo"], ratio["corner_hi"]) == (pytest.approx(2), pytest.approx(20))
    assert ratio["in_words"] == "5.0 times as expected if B than if A"
    assert ratio["naive_in_words"] == "1,000 times as expected if B than if A"


def test_other_never_takes_the_headline_from_two_named_rivals() -> None:
    pairs = [("assembly", "routine", 1.1), ("assembly", "other", 0.1), ("routine", "other", 0.09)]
    ratios = tuple(
        Ratio(first=a, second=b, best=x, lo=x, hi=x, corner_lo=x, corner_hi=x, naive=x, cannot_tell=False)
        for a, b, x in pairs
    )
    told = sample.told_yard(assessments=[sample.assessment(sample.yard(), ratios=ratios)]).data["judgements"][0]
    assert {told["ratio"]["first"], told["ratio"]["second"]} == {"assembly", "routine"}
    assert len(told["other_ratios"]) == 2
    assert told["leave_out"][0]["in_words"] == "1.2 times as expected if A than if Other"


def _pairs(**best: float) -> tuple[Ratio, ...]:
    """Ratios of assembly against routine, assembly against other, routine against other."""
    pairs = {"ar": ("assembly", "routine"), "ao": ("assembly", "other"), "ro": ("routine", "other")}
    return tuple(
        Ratio(first=a, second=b, best=best[k], lo=best[k], hi=best[k], corner_lo=best[k], corner_hi=best[k],
              naive=best[k], cannot_tell=False)
        for k, (a, b) in pairs.items()
    )  # fmt: skip


def _weighed(**changes: object) -> Page:
    return sample.told_yard(assessments=[sample.assessment(sample.yard(), **changes)])


@pytest.mark.parametrize(
    ("best", "says"),
    [
        ({"ar": 8.3, "ao": 1.32, "ro": 0.16}, "It cannot tell A from Other (1.3 times)."),
        ({"ar": 12, "ao": 2.7, "ro": 0.23}, "It is 2.7 times as expected if A than if Other."),
        ({"ar": 3, "ao": 0.1, "ro": 0.03}, "It is 10 times as expected if Other than if A."),
        ({"ar": 3, "ao": 9, "ro": 3}, None),
    ],
)
def test_a_rival_outside_the_headline_that_is_nearer_is_named_below_it(best: dict[str, float], says: str) -> None:
    told = _weighed(ratios=_pairs(**best))
    text, gist = flat(Parsed(told.html).text), told.data["in_brief"][0]["text"]
    assert [r["says"] for r in told.data["judgements"][0]["rivals"]] == ([says] if says else [])
    if says:
        assert text.index("than if B, “The yard's ordinary traffic goes on”.") < text.index(f". {says} 5–95 %")
        assert gist.endswith(says)
    else:
        assert "Other" not in gist


def test_a_rival_that_the_weighing_flags_is_named_however_far_its_best_value() -> None:
    far, flagged, last = _pairs(ar=3, ao=9, ro=3)
    told = _weighed(ratios=(far, flagged.model_copy(update={"cannot_tell": True}), last))
    assert told.data["judgements"][0]["rivals"][0]["says"] == "It cannot tell A from Other (9.0 times)."


def test_a_part_that_carries_all_is_said_to() -> None:
    cuts = (
        LeaveOut(without="the only watch", best=1.0, flips=False),
        LeaveOut(without="a look", best=1.2, flips=False),
    )
    told = _weighed(leave_out=cuts, ratios=_pairs(ar=8.3, ao=1.3, ro=0.16))
    text = flat(Parsed(told.html).text)
    assert [cut["leaves_nothing"] for cut in told.data["judgements"][0]["leave_out"]] == [True, False]
    assert "the only watchwithout it nothing is left to tell them apartnone" in text
    assert "Nothing tells A from Other without the only watch" in text
    assert "no single part" not in text.lower()
    alike = _weighed(leave_out=cuts, ratios=_pairs(ar=1.01, ao=1.02, ro=1.01))
    assert "nothing is left to tell them apart" not in alike.html


def test_shop_talk_is_put_in_plain_words(page: Page) -> None:
    text = flat(Parsed(page.html).text)
    for jargon in ("3 dB", "turns round", "on this view of the evidence", "question trailer", "commitment test-site"):
        assert jargon not in text
    assert "too close to call (under 3 dB)" not in page.html


def test_weighings_own_sentences_are_put_in_plain_words_too() -> None:
    look = NextLook(indicator="fuel", gain_bits=0.21, text="Fuel trucks come: a further watch, 0.21 bits")
    told = _weighed(next_looks=(look,), cannot_tell=("X; the order turns round inside that range.",))
    assert told.data["next_looks"][0]["of"][0]["text"] == (
        "Fuel trucks come: a further watch; expected gain 0.21 bits (1 bit would settle an even question)"
    )
    assert told.data["cannot_tell"][0]["of"] == ["X; the order of the two reverses inside that range."]
    assert told.data["in_brief"][0]["label"] == "Question: What does the covered trailer tell?"


def test_posteriors_stand_in_words_and_numbers_over_the_grid_of_priors(yard: Page) -> None:
    rows = yard.data["judgements"][0]["posteriors"]
    assert [row["label"] for row in rows] == ["all alike", "A 10 %, B 80 %, Other 10 %"]
    assert rows[1]["posterior"]["routine"]["says"] == "likely to very likely (76–84 %)"
    assert rows[1]["posterior"]["other"]["says"] == "the evidence cannot tell (2–60 %)"


def test_indicators_say_what_they_add_and_open_their_quotes(yard: Page) -> None:
    first, second, last = yard.data["judgements"][0]["drivers"]
    assert (first["indicator"], second["indicator"], last["indicator"]) == ("covered", "fuel", "steady")
    assert first["in_words"] == "1.3 times as expected if A than if B"
    assert [ref["label"] for ref in first["claims"]] == ["Q1", "Q2"]
    assert second["favours"] == "routine"
    assert second["looks"][0]["label"] == "L1"
    assert last["in_words"] == "weighs nothing between the two"


def test_contrary_evidence_names_what_speaks_against_and_what_all_hangs_on(yard: Page) -> None:
    lines = [line["text"] for line in yard.data["contrary"][0]["of"]]
    assert lines[0] == "Fuel trucks come (not seen): 1.3 times as expected if B than if A"
    assert lines[1] == "The order of A and B reverses without the wire's root"


def test_a_question_without_evidence_says_so() -> None:
    made = sample.yard()
    silent = sample.assessment(made).drivers[0]
    told = sample.told_yard(assessments=[sample.assessment(made, drivers=(silent,))])
    assert "No evidence bears on this question yet" in told.html
    assert told.data["in_brief"][0]["text"].startswith("No evidence bears yet on whether “Rockets")


def test_no_sentence_hedges_without_a_number(page: Page) -> None:
    assert lint(said_on(page.html)) == []


# --- quotes -----------------------------------------------------------------------------------------------------


def test_each_quote_stands_in_its_context_with_offsets_item_and_hash(yard: Page) -> None:
    quotes = {q["label"]: q for q in yard.data["quotes"]}
    item = sample.yard().items["wire"]
    start, end = quotes["Q1"]["span"]
    assert item.text[start:end] == quotes["Q1"]["text"] == "could not show what a covered trailer carried"
    assert quotes["Q1"]["before"] + quotes["Q1"]["text"] + quotes["Q1"]["after"] == item.text
    assert quotes["Q1"]["item_id"] == item.id
    assert quotes["Q1"]["bytes"] == item.artifact
    assert "<mark>could not show what a covered trailer carried</mark>" in yard.html
    assert f"Characters {start} to {end}" in flat(Parsed(yard.html).text)


def test_a_long_context_is_cut_at_words() -> None:
    made = sample.yard()
    long = "word " * 100 + sample.TEXTS["wire"] + " word" * 100
    item = made.items["wire"].model_copy(update={"text": long})
    at = long.index("Vehicles")
    claim = made.claims["trailer"].model_copy(update={"item": item.id, "quote": "Vehicles", "span": (at, at + 8)})
    told = brief(
        View([*sample._yard_case(), item, claim], head=sample.HEAD), **sample._base()
        | {"assessments": [sample.assessment(made, drivers=(_cites(made, claim),))]},
    )  # fmt: skip
    quote = told.data["quotes"][0]
    assert quote["before"].startswith("… word word")
    assert quote["after"].endswith("word …")
    assert len(quote["before"]) < 240


def _cites(made: sample.Yard, claim: Claim) -> object:
    return sample.assessment(made).drivers[1].model_copy(update={"claims": (claim.id,)})


def test_a_quote_that_does_not_stand_at_its_offsets_is_refused() -> None:
    made = sample.yard()
    moved = made.claims["trailer"].model_copy(update={"span": (1, 46)})
    view = View([*sample._yard_case(), made.items["wire"], moved], head=sample.HEAD)
    weighed = sample.assessment(made, drivers=(_cites(made, moved),))
    with pytest.raises(LedgerError, match="does not stand at characters 1 to 46"):
        brief(view, **sample._base() | {"assessments": [weighed]})


def test_a_judgement_from_another_view_is_refused() -> None:
    view = View(sample._yard_case(), head=sample.HEAD)
    with pytest.raises(LedgerError, match="given the same view"):
        brief(view, **sample._base() | {"assessments": [sample.assessment(sample.yard())]})
    with pytest.raises(LedgerError, match='the question "trailer"'):
        brief(View([], head=sample.HEAD), **sample._base() | {"assessments": [sample.assessment(sample.yard())]})
    with pytest.raises(LedgerError, match='the commitment "test-site"'):
        brief(View([], head=sample.HEAD), **sample._base() | {"findings": [sample.finding(DAYS[0])]})


# --- reports ----------------------------------------------------------------------------------------------------


def test_reports_are_counted_as_stories_and_roots(yard: Page) -> None:
    told = yard.data["reports"]
    assert (told["reports"], told["stories"], told["roots"], told["independent_roots"]) == (4, 1, 2, 1)
    assert "4 reports tell 1 story and rest on 2 roots that count as 1" in told["says"]
    paper, wire = told["trees"][0]["tree"]
    assert (paper["outlet"], wire["outlet"]) == ("Paper B", "Wire A")
    assert paper["root"] is wire["root"] is True
    assert [c["outlet"] for c in wire["children"]] == ["Copy C", "Bold D"]
    assert wire["children"][0]["edge"]["evidence"] == "98 % of its 3-grams stand in the parent; credit line (WA)"
    assert paper["ties"][0]["says"] == "shares its official with"


def test_drift_and_conflict_show_both_quotes_with_their_chains(yard: Page) -> None:
    drift, conflict = yard.data["drifts"][0], yard.data["conflicts"][0]
    assert drift["a"]["text"] == "could not show what a covered trailer carried"
    assert (drift["a"]["modality"], drift["b"]["modality"]) == ("unknown", "asserted")
    assert drift["a"]["chain"] == ["an official"]
    assert conflict["says"] == "55 against 54 remains"
    assert conflict["b"]["roots"][0]["title"].startswith("Wire A")
    text = flat(Parsed(yard.html).text)
    assert text.count("“A trailer carried rockets out of the yard”") == 1
    assert "“Count of remains: 55”" in text


def _number(item: Item, words: str, count: int) -> Claim:
    """A claim of a count of remains."""
    start = item.text.index(words)
    span = (start, start + len(words))
    counted = Quantity(text=words, span=span, lo=count, hi=count, attribute="remain")
    return Claim(
        item=item.id, quote=words, span=span, modality=Modality.ASSERTED, quantities=(counted,),
        available_at=item.available_at,
    )  # fmt: skip


def test_a_conflict_names_the_retellings_of_the_same_figure() -> None:
    made = sample.yard()
    wire, paper = made.items["wire"], made.items["paper"]
    bold, copy = made.items["bold"], made.items["copy"]
    figures = ((wire, "Count of remains: 55", 55), (copy, "Vehicles went", 55), (bold, "54 boxes", 54))
    says = [_number(*figure) for figure in figures]
    other = _number(paper, "One or two", 2)
    value = [Range(lo=n, best=n, hi=n, origin="text") for n in (55, 2)]
    conflict = Relation(
        relation="conflict", a=says[0].id, b=other.id, about="remains handed over", says="55 against 2",
        a_value=value[0], b_value=value[1], available_at=bold.available_at,
    )  # fmt: skip
    kept = [r for r in made.records if r.kind != "relation"]
    told = brief(View([*kept, *says, other, conflict], head=sample.HEAD), **sample._base())
    side = told.data["conflicts"][0]["a"]
    assert [i["title"].split(",")[0] for i in side["also"]] == ["Copy C"]  # Bold D retells it with another figure
    assert told.data["conflicts"][0]["b"]["also"] == []
    text = flat(Parsed(told.html).text)
    assert "also told by Copy C" in text
    assert re.search(r"<h3[^>]*>Remains handed over</h3>", told.html)


def test_a_report_in_another_language_is_said_to_be_unread() -> None:
    made = sample.yard()
    paper = made.items["paper"]
    french = paper.model_copy(update={"language": "fr"})
    english = made.items["copy"].model_copy(update={"language": "en"})
    kept: list[Record] = [
        r
        for r in made.records
        if not isinstance(r, Claim | Relation | Lineage) and r.id not in (paper.id, made.items["copy"].id)
    ]
    told = brief(View([*kept, french, english], head=sample.HEAD), **sample._base())
    text = flat(Parsed(told.html).text)
    assert told.data["reports"]["not_read"] == 1
    assert "1 report in another language (French) is archived and was not read." in text
    assert "Rockets being built (French, archived, not read)" in text
    assert text.count("archived, not read") == 2  # in the tree and in the list of all reports
    assert "was not read." in told.data["in_brief"][-1]["text"]


def test_lineage_that_runs_in_a_ring_still_makes_a_tree() -> None:
    made = sample.yard()
    back = next(r for r in made.records if r.kind == "lineage" and r.relation == "copy")
    ring = back.model_copy(update={"child": back.parent, "parent": back.child, "score": 0.5})
    view = View([*made.records, ring], head=sample.HEAD)
    trees = brief(view, **sample._base()).data["reports"]["trees"]

    def count(nodes: list[dict]) -> int:
        return sum(1 + count(n["children"]) for n in nodes)

    assert count(trees[0]["tree"]) == 4


# --- commitments and days ---------------------------------------------------------------------------------------


def test_three_days_give_three_briefs() -> None:
    pages = [sample.told_yard(day) for day in DAYS]
    assert len({p.html for p in pages}) == 3
    found = [(p.data["commitments"][0]["finding"], p.data["commitments"][0]["progress"]) for p in pages]
    assert found == [("consistent", 1), ("consistent", 2), ("reversed", 2)]
    for page in pages:
        text = flat(Parsed(page.html).text)
        assert text.lower().count("the clause names no site") >= 2
        assert text.lower().count("the obligor never confirmed it") >= 2
    assert "As of 25 Jul 2018, end of day UTC" in flat(Parsed(pages[0].html).text)
    assert "Progress 1 of 3: begun." in flat(Parsed(pages[0].html).text)
    assert "had come to 2 of 3 (well under way) before it was reversed" in flat(Parsed(pages[2].html).text)


def test_looks_tell_who_published_and_when(yard: Page) -> None:
    look = next(k for k in yard.data["sites"][0]["looks"] if k["observable"] == "superstructure_removed")
    assert (look["when"], look["published_says"], look["publisher"]) == ("20 Jul 2018", "23 Jul 2018", "an institute")
    assert (look["power"], look["false"]) == ("80–95 %", "1–8 %")


def test_undated_records_are_held_back_and_said(yard: Page) -> None:
    assert [r["text"] for r in yard.data["held_back"]] == [
        "dormant: seen, 20 Aug 2018, an institute; day of publication unknown"
    ]
    dated = sample.told_yard(DAYS[2], held_back=sample.LOOKS)
    assert len(dated.data["held_back"]) == 1
    assert sample.told_yard(DAYS[2]).data["held_back"] == []


def test_what_was_not_yet_taken_is_no_part_of_an_earlier_day() -> None:
    undated = [sample._yard_look(name, day, None) for name, day in (("early", DAYS[0]), ("late", date(2018, 7, 26)))]
    open_look = undated[0].model_copy(update={"observable": "unplaced", "when": When()})
    report = sample.yard().items["wire"].model_copy(update={"available_at": None})
    held = [*undated, open_look, report]
    told = sample.told_yard(DAYS[0], held_back=held)
    assert [r["text"].split(":")[0] for r in told.data["held_back"]] == ["early"]
    assert len(sample.told_yard(held_back=held).data["held_back"]) == 5  # and the undated look of the view itself


def test_a_test_without_a_day_tells_the_days_of_its_looks() -> None:
    found = sample.finding(date(2019, 12, 31))
    blank = [
        records.Test(
            observable="foundations_removed", progress=3, result="not_seen", when=when, power=None, looks=looks
        )
        for when, looks in ((None, (sample.LOOKS[0].id,)), (When(), tuple(k.id for k in sample.LOOKS)), (None, ()))
    ]
    told = sample.told_yard(findings=[found.model_copy(update={"tests": tuple(blank)})])
    assert [t["when"] for t in told.data["commitments"][0]["tests"]] == [
        "20 Jul 2018", "20 Jul 2018 to 2 Mar 2019, 4 looks", None,
    ]  # fmt: skip


# --- what changed, and the way back -----------------------------------------------------------------------------


def _earlier(evidence: tuple[str, ...]) -> Brief:
    return Brief(page="1" * 64, data="2" * 64, head="3" * 64, evidence=evidence)


def test_what_changed_since_the_last_brief() -> None:
    then, now = sample.told_yard(DAYS[0]), sample.told_yard(DAYS[1])
    told = sample.told_yard(DAYS[1], previous=_earlier((*then.evidence, "alert gone/1: it was there")))
    changed = told.data["changed"]
    assert [line["key"] for line in changed["other"]] == ["commitment test-site"]
    assert "progress 1 of 3" in changed["other"][0]["before"]
    assert "progress 2 of 3" in changed["other"][0]["text"]
    assert changed["gone"] == [{"key": "alert gone/1", "text": "it was there"}]
    assert changed["same"] == 2
    assert "no longer told" in told.html
    same = sample.told_yard(DAYS[1], previous=_earlier(now.evidence))
    assert "Nothing: all 3 judgements stand" in flat(Parsed(same.html).text)
    assert "This is the first brief" in then.html


def test_a_case_file_that_moved_alone_is_said_to_have() -> None:
    then = sample.told_yard(config="d" * 64)
    said = "The case file changed: its assumptions or questions, not the evidence."
    moved = sample.told_yard(previous=_earlier(then.evidence))
    assert said in flat(Parsed(moved.html).text)
    assert moved.data["changed"]["same"] == 3
    same = sample.told_yard(previous=_earlier(sample.told_yard().evidence))
    grown = sample.told_yard(previous=_earlier(sample.told_yard(DAYS[1], config="d" * 64).evidence))
    old = sample.told_yard(previous=_earlier(tuple(x for x in then.evidence if not x.startswith("of "))))
    for page in (same, grown, old):
        assert said not in flat(Parsed(page.html).text)
        assert not page.data["changed"]["gone"]


def test_the_head_is_named_for_what_it_covers(yard: Page) -> None:
    text = flat(Parsed(yard.html).text)
    assert "Evidence head" not in text
    assert text.count("Ledger head") == 2
    assert "The ledger head covers every record that stood when this brief was told" in text


def test_the_appendix_says_how_to_recompute(yard: Page) -> None:
    assert yard.data["appendix"]["verify"] == f"sitewatch verify case.toml --head {sample.HEAD}"
    assert sample.told_yard(DAYS[0]).data["appendix"]["replay"] == "sitewatch asof case.toml 2018-07-25"
    spaced = sample.told_yard(case_file="my case/case.toml").data["appendix"]["verify"]
    assert spaced.startswith("sitewatch verify 'my case/case.toml' ")
    assert yard.html.count(sample.HEAD) >= 3
    assert sample.told_yard(head="9" * 64).data["head"] == "9" * 64
    text = flat(Parsed(yard.html).text)
    assert sample.CONFIG in text
    assert "seed 1, 4,000 draws" in text


def test_assumptions_and_grades_stand_with_their_reasons(yard: Page) -> None:
    assert yard.data["assumptions"]["rates"][2]["says"] == "30–90 %"
    grades = {s["name"]: (s["grade"], s["reports"]) for s in yard.data["sources"]}
    assert grades["Wire A"] == ("B", 1)
    assert sample.told_yard(assumptions=None).data["assumptions"] is None


def test_an_empty_ledger_gives_an_honest_page() -> None:
    told = brief(View([], head=sample.HEAD), **sample._base() | {"title": "Empty"})
    assert "Nothing to judge yet" in told.html
    assert told.evidence == ()
    assert told.data["head"] == sample.HEAD


# --- from above -------------------------------------------------------------------------------------------------


def test_an_alert_tells_its_window_its_edges_and_what_clouds_hid(forest: Page) -> None:
    alert = forest.data["sites"][0]["alerts"][0]
    assert alert["onset"]["says"] == (
        "between 18 Mar 2019 (last clear look without it) and 17 Apr 2019 (first clear look with it)"
    )
    assert alert["onset"]["days"] == 30
    assert [(p["status"], p["reason"]) for p in alert["hidden_between"]] == [
        ("obscured", "4 % of the ring is clear; 30 % are needed"),
        ("refused", "the pass lies 1.8 pixels off the reference"),
    ]
    assert alert["hidden_says"] == "2 passes in that window could not see the region (1 obscured and 1 refused)."
    assert [s["state"] for s in alert["history"]] == ["possible", "probable"]
    assert "statistic reached 112 where the limit is 40" in alert["surely"]
    assert "false-alarm rate of this site was not measured" in alert["surely"]
    assert forest.html.count('<img src="data:image/png;base64,') == 4
    assert "contains modified Copernicus Sentinel data" in forest.html


def test_an_edge_known_only_by_its_day_still_opens_its_pass() -> None:
    made = sample.forest()
    day = {p.id: {"acquired": p.acquired.replace(hour=0, minute=0, second=0)} for p in made.passes}
    passes = [
        p.model_copy(update={**day[p.id], "acquired_until": p.acquired.replace(hour=23, minute=59)})
        for p in made.passes
    ]
    swap = {old.id: new.id for old, new in zip(made.passes, passes, strict=True)}
    looks = [r.model_copy(update={"pass_id": swap[r.pass_id]}) for r in made.records if r.kind == "look"]
    alert = made.alert.model_copy(
        update={
            "looks_used": tuple(swap[i] for i in made.alert.looks_used), "looks_missed": (),
            "before": swap[made.alert.before], "after": None,
        }
    )  # fmt: skip
    told = brief(View([made.records[0], *passes, *looks, alert], head=sample.HEAD), **sample._base()).data
    onset = told["sites"][0]["alerts"][0]["onset"]
    assert [ref["label"] for ref in onset["looks"]] == ["P27", "P30"]
    assert [p["status"] for p in told["sites"][0]["alerts"][0]["hidden_between"]] == ["obscured", "refused"]


def test_an_alert_without_an_earlier_clear_look_says_so() -> None:
    made = sample.forest()
    opened = made.alert.model_copy(
        update={"onset": made.alert.onset.model_copy(update={"earliest": None}), "before": None}
    )
    view = View([r for r in made.records if r.kind != "alert"] + [opened], head=sample.HEAD)
    told = brief(view, **sample._base()).data["sites"][0]["alerts"][0]
    assert told["onset"]["says"].endswith("no earlier clear look is on record")
    assert told["onset"]["days"] is None


def test_a_measured_false_alarm_rate_stands_beside_the_alert() -> None:
    made = sample.forest()
    rate = Range(lo=0.02, best=0.1, hi=0.3, origin="24 placebo fences")
    view = View([*made.records[:-1], made.alert.model_copy(update={"false_alarms": rate})], head=sample.HEAD)
    told = brief(view, **sample._base() | {"blob": made.blobs.__getitem__}).data["sites"][0]["alerts"][0]
    assert "false alarms at this site: 0.10 [0.02, 0.30] a year (24 placebo fences)" in told["surely"]


def test_an_alert_says_why_its_first_look_is_older_than_its_flag(forest: Page) -> None:
    assert forest.data["sites"][0]["alerts"][0]["onset"]["afterwards"] is None
    made = sample.forest()
    later = made.passes[32]
    flagged = made.alert.model_copy(update={"first_flag": later.acquired})
    view = View([*made.records[:-1], flagged], head=sample.HEAD)
    text = flat(Parsed(brief(view, **sample._base() | {"blob": made.blobs.__getitem__}).html).text)
    assert (
        "The first look with it is found afterwards, from the place's own series; "
        "the monitor flagged it on 17 May 2019, once three looks agreed." in text
    )
    assert "Confirmed needs a second, independent sensor or an analyst." in text


def test_a_possible_alert_is_said_to_be_pending() -> None:
    made = sample.forest()
    possible = made.alert.model_copy(update={"history": made.alert.history[:1]})
    view = View([*made.records[:-1], possible], head=sample.HEAD)
    told = brief(view, **sample._base() | {"blob": made.blobs.__getitem__, "as_of": date(2019, 12, 31)})
    pending = "pending: it counts once two further clear looks agree"
    assert pending in flat(Parsed(told.html).text)
    assert told.data["in_brief"][0]["text"].endswith(pending)


def test_only_faults_that_stand_are_told_and_none_of_an_earlier_day() -> None:
    reasons = [("it did not answer", True), ("came on a later try, after: it did not answer", False)]
    reasons += [("no pass covers the fence", False)]
    view = View([Fault(room="look", subject=r, reason=r, transient=t) for r, t in reasons], head=sample.HEAD)
    assert [f["reason"] for f in brief(view, **sample._base()).data["faults"]] == [reasons[0][0], reasons[2][0]]
    earlier = brief(view, **sample._base() | {"as_of": DAYS[0]})
    assert earlier.data["faults"] == []
    assert "What could not be had" not in earlier.html


def test_what_could_not_be_had_is_told() -> None:
    fault = Fault(room="look", subject="catalogue a for site stand", reason="it did not answer", transient=True)
    told = brief(View([fault], head=sample.HEAD), **sample._base())
    text = flat(Parsed(told.html).text)
    assert "catalogue a for site stand: it did not answer (tried again on the next run)" in text


def test_coverage_counts_the_watch_and_its_longest_gaps(forest: Page) -> None:
    site = forest.data["sites"][0]
    assert len(site["passes"]) == 40
    assert site["coverage"]["says"] == (
        "21 passes since 1 Jan 2019: 14 clear, 6 obscured and 1 refused; 19 earlier passes for its history"
    )
    gaps = "30 days (18 Mar 2019 to 17 Apr 2019), 20 days (17 Jan 2019 to 6 Feb 2019) and 20 days"
    assert site["coverage"]["gaps_says"].startswith(gaps)


def test_coverage_tells_what_would_have_been_missed_what_comes_next_and_how_old_the_last_look_is(forest: Page) -> None:
    text = flat(Parsed(forest.html).text)
    assert "As of 27 Jul 2019, the last clear look is 11 days old (16 Jul 2019). Longest times without one: 30" in text
    assert "An event of 10, 30 or 60 days at a random time of the watch would have met no clear look" in text
    assert "Sentinel-2A every 10 days (40 passes, on 100 % of the due days)" in text
    due = [(p["when"], p["platform"]) for p in forest.data["sites"][0]["coverage"]["next"]]
    assert due[0] == ("5 Aug 2019, 09:20 UTC", "Sentinel-2A")
    assert len(due) == 4


def test_coverage_that_was_not_computed_leaves_the_counts() -> None:
    told = sample.told_forest(coverage=[])
    assert told.data["sites"][0]["coverage"]["clear"] == 14
    assert "Next pass" not in told.html
    assert "the last clear look is" not in told.html


def test_many_alerts_keep_the_page_small_enough_to_send() -> None:
    made = sample.forest()
    more = [made.alert.model_copy(update={"number": n}) for n in range(2, 9)]
    gone = made.alert.history[-1].model_copy(update={"state": State.WITHDRAWN})
    withdrawn = made.alert.model_copy(update={"number": 9, "history": (*made.alert.history, gone)})
    view = View([*made.records, *more, withdrawn], head=sample.HEAD, until=day_end(date(2020, 1, 1)))
    told = brief(view, **sample._base() | {"blob": made.blobs.__getitem__})
    assert told.html.count('<img src="data:image/png;base64,') == 6 * 4
    assert "No figure: the page shows figures of the first alerts only." in told.html
    assert "No figure: the alert was withdrawn." in told.html
    assert len(told.html) < 3_000_000


def test_bytes_that_are_no_chip_are_refused() -> None:
    made = sample.forest()
    with pytest.raises(LedgerError, match="cannot be read as a GeoTIFF"):
        brief(View(made.records, head=sample.HEAD), **sample._base() | {"blob": lambda _: b"not a chip"})
