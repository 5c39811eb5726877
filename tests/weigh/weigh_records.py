"""Short ways to build the records that weigh reads."""

from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import count

from sitewatch.records import (
    Alert,
    AlertState,
    Assumptions,
    Claim,
    Grade,
    Holder,
    Hypothesis,
    Indicator,
    Item,
    Lineage,
    Look,
    Modality,
    Probability,
    Question,
    Region,
    Result,
    Source,
    State,
    View,
    When,
    day_end,
    day_start,
)
from sitewatch.weigh import assess

SITE = "sanumdong"
HEAD = sha256(b"head").hexdigest()
_serial = count()


def blob(name):
    return sha256(str(name).encode()).hexdigest()


def p(lo, best=None, hi=None, origin="stated for the test"):
    best = lo if best is None else best
    return Probability(lo=lo, best=best, hi=best if hi is None else hi, origin=origin)


def assumed(hit=None, false=None, rho=None, visible=None, detect=None, alarm=None, samples=400, seed=7):
    letters = "ABCDEF"
    return Assumptions(
        hit=dict.fromkeys(letters, hit or p(0.85)),
        false=dict.fromkeys(letters, false or p(0.10)),
        shared=rho or p(0.5),
        visible=visible or p(0.9),
        monitor_detect=detect or p(0.8),
        monitor_false=alarm or p(0.05),
        samples=samples,
        seed=seed,
    )


def outlet(slug, owner=None, letter="B", since=None):
    return Source(
        slug=slug, name=slug.title(), owner=owner or slug, grades=(Grade(since=since, letter=letter, why="x"),)
    )


def item(outlet, day=date(2018, 7, 31), text="Vehicles at Sanumdong.", dated=True):
    when = When.of(day) if dated else When()
    number = next(_serial)
    return Item(
        available_at=day_end(day) if dated else None,
        artifact=blob(number),
        text=text,
        origin=f"reports/{outlet}-{number}.txt",
        title=None,
        outlet=outlet,
        published=when,
    )


def claim(of, quote="a covered trailer was seen", modality=Modality.ASSERTED, places=(SITE,), parent=None, chain=()):
    return Claim(
        available_at=of.available_at,
        item=of.id,
        quote=quote,
        span=(0, len(quote)),
        modality=modality,
        places=places,
        parent=parent.id if parent else None,
        chain=tuple(Holder(name=name, form="named") for name in chain),
    )


def told(outlet, **words):
    """An item and its one claim."""
    day = words.pop("day", date(2018, 7, 31))
    dated = words.pop("dated", True)
    made = item(outlet, day=day, dated=dated)
    return made, claim(made, **words)


def edge(child, parent, relation="copy"):
    moments = (child.available_at, parent.available_at)
    return Lineage(
        available_at=max(moments) if all(moments) else None,
        child=child.id,
        parent=parent.id,
        relation=relation,
        score=1,
        method="said by the test",
    )


def look(
    observable, result="seen", first=date(2018, 7, 20), last=None, *, published=None, power=0.9, false=0.05, **more
):
    known = published or last or first
    return Look(
        available_at=more.pop("available_at", day_end(known)),
        site=more.pop("site", SITE),
        observable=observable,
        result=Result(result),
        when=more.pop("when", None) or When.of(first, last),
        by=more.pop("by", "analyst"),
        provider=more.pop("provider", "a provider"),
        publisher=more.pop("publisher", "Analysts"),
        p_detect=p(power) if isinstance(power, float | int) else power,
        p_false=p(false) if isinstance(false, float | int) else false,
        **more,
    )


def alert(state="probable", *, day=date(2020, 3, 1), false_alarms=None, site=SITE):
    moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return Alert(
        available_at=moment,
        site=site,
        number=1,
        history=(AlertState(state=State(state), at=moment, reason="by the test"),),
        onset=When(latest=moment),
        first_flag=moment,
        region=Region(pixels=5, area_m2=500, centre=(0, 0), outline=()),
        statistic=50,
        limit=40,
        looks_used=(),
        looks_missed=(),
        false_alarms=false_alarms,
    )


def indicator(id, terms=(), observables=(), group=None, **likelihood):
    return Indicator(
        id=id,
        text=f"{id} is there",
        why="As the test says.",
        likelihood={h: v if isinstance(v, Probability) else p(v) for h, v in likelihood.items()},
        terms=terms,
        observables=observables,
        group=group,
    )


TRAILER = indicator("trailer", terms=(("covered", "trailer"),), observables=("trailer",), missile=0.9, routine=0.6)


def question(*indicators, hypotheses=("missile", "routine"), next_looks=()):
    return Question(
        slug="purpose",
        text="What is it for?",
        site=SITE,
        hypotheses=tuple(Hypothesis(id=h, text=f"it is {h}") for h in hypotheses),
        indicators=indicators or (TRAILER,),
        next_looks=next_looks,
    )


def view(*records, until=None):
    flat = [r for part in records for r in (part if isinstance(part, tuple | list) else (part,))]
    return View(flat, head=HEAD, until=until)


def weigh(*records, ask=None, given=None):
    return assess(
        ask or question(),
        view(*records),
        given or assumed(),
        evidence_head=HEAD,
        engine="sitewatch test",
        config=blob("config"),
    )


def ratio_of(assessment, first="missile", second="routine"):
    for r in assessment.ratios:
        if (r.first, r.second) == (first, second):
            return r
    raise LookupError((first, second))


__all__ = [name for name in dir() if not name.startswith("_")] + ["day_start"]
