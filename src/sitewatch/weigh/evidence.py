"""What a view holds on each indicator of a question: roots, looks, the monitor's watch, and what had to be left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from sitewatch.records import (
    CHANGE,
    Alert,
    Assumptions,
    Grade,
    Indicator,
    Item,
    Look,
    Measured,
    Probability,
    Question,
    Result,
    Site,
    State,
    View,
    When,
    day_start,
    measured_at,
    rejected_looks,
)
from sitewatch.weigh.measured import false_alarm, false_rate, watch_power, within
from sitewatch.weigh.roots import Press, Telling, day_of

STANDING = (State.PROBABLE, State.CONFIRMED, State.ENDED)
"""States of an alert in which the monitor has found a change."""

Says = Literal["reported", "denied", "seen", "not seen"]


@dataclass(frozen=True, slots=True)
class Number:
    """An uncertain input; two inputs of one name are the same number and are drawn together."""

    name: str
    range: Probability


@dataclass(frozen=True, slots=True)
class Witness:
    """One root or one look that speaks on an indicator."""

    key: str
    """Id of the root's item or of the look; the same wherever it speaks, so that it can be left out everywhere."""
    name: str
    """As a sentence would call it."""
    says: Says
    hit: Number
    """h = P(report | E) of a root; the power of a look."""
    false: Number
    """f = P(report | not E) of a root; P(seen | not E) of a look."""
    group: str
    """Roots of one group share an image, an official or an owner; looks of one group are one image."""
    watch: bool = False
    """True for the monitor's finding over its whole watch."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that bears on one indicator."""

    indicator: Indicator
    roots: tuple[Witness, ...] = ()
    looks: tuple[Witness, ...] = ()
    reports: tuple[Witness, ...] = ()
    """One for each report and direction, copies included: what a naive product would multiply."""
    items: int = 0
    """Reports that tell of it, copies included."""
    claim_ids: tuple[str, ...] = ()
    look_ids: tuple[str, ...] = ()
    """Looks that bear on it, obscured ones included."""
    obscured: tuple[Look, ...] = ()
    monitor: tuple[Number, Number] | None = None
    """Power and false alarm of the monitor's watch, whether or not it has found anything yet."""
    latest: datetime | None = None
    """When the last of it became available."""

    @property
    def silent(self) -> bool:
        """True when nothing speaks."""
        return not (self.roots or self.looks)

    @property
    def root_count(self) -> int:
        """Independent roots: those of one group are one."""
        return len({w.group for w in self.roots})

    def beside(self, key: str) -> Evidence:
        """Only what stands or falls with one root or look: its groups of roots, or all looks."""
        groups = {w.group for w in self.roots if w.key == key}
        return replace(
            self,
            roots=tuple(w for w in self.roots if w.group in groups),
            looks=self.looks if any(w.key == key for w in self.looks) else (),
        )

    def without(self, key: str) -> Evidence:
        """The same with one root or look left out."""
        return replace(
            self, roots=tuple(w for w in self.roots if w.key != key), looks=tuple(w for w in self.looks if w.key != key)
        )


@dataclass(slots=True)
class Omissions:
    """What could not count, by id so that each is told once."""

    undated: dict[str, Item | Look] = field(default_factory=dict)
    obscured: dict[str, Look] = field(default_factory=dict)
    powerless: dict[str, Look] = field(default_factory=dict)
    pending: dict[str, Alert] = field(default_factory=dict)
    circular: dict[str, Item] = field(default_factory=dict)


class Collector:
    """Gathers the evidence of one question from one view."""

    def __init__(self, question: Question, view: View, assumptions: Assumptions) -> None:
        self.omissions = Omissions()
        self._site = question.site
        self._assumptions = assumptions
        self._press = Press(view, question.site)
        rejected = rejected_looks(view)
        self._looks = [look for look in view.of(Look) if look.site == question.site and look.id not in rejected]
        self._alerts = [a for a in view.of(Alert) if a.site == question.site and a.available_at]
        self._measured = measured_at(view, question.site)
        self._watch_from = next((s.watch_from for s in view.of(Site) if s.slug == question.site), None)

    def evidence(self, indicator: Indicator) -> Evidence:
        """Everything dated that bears on one indicator; the rest goes to the omissions."""
        telling, obscured = self._analyst_looks(indicator)
        analyst = [look for look, _ in telling]
        watch = self._watch() if CHANGE in indicator.observables else _Watch()
        tellings = self._dated_tellings(indicator)
        looks = [*analyst, *obscured, *watch.looks]
        known = [*(t.item.available_at for t in tellings), *(look.available_at for look in looks), watch.measured_at]
        return Evidence(
            indicator=indicator,
            roots=tuple(self._roots([t for t in tellings if not _retells_a_look(t, analyst)])),
            looks=tuple(_one_per_image([*(witness for _, witness in telling), *watch.finding])),
            reports=tuple(self._reports(tellings)),
            items=len({t.item.id for t in tellings}),
            claim_ids=tuple(sorted(t.claim.id for t in tellings)),
            look_ids=tuple(look.id for look in looks),
            obscured=tuple(obscured),
            monitor=watch.numbers,
            latest=max((moment for moment in known if moment), default=None),
        )

    def _dated_tellings(self, indicator: Indicator) -> list[Telling]:
        dated = []
        for telling in self._press.tellings(indicator):
            if telling.item.available_at is None or telling.claim.available_at is None:
                self.omissions.undated[telling.item.id] = telling.item
            else:
                dated.append(telling)
        for id in self._press.circular({t.item.id for t in dated}):
            self.omissions.circular[id] = self._press.items[id]
        return dated

    def _roots(self, tellings: Sequence[Telling]) -> Iterable[Witness]:
        """One witness for each root and direction; a report and a denial are never one report, so never one group."""
        for denies in (False, True):
            for root in self._press.origins([t for t in tellings if t.denies == denies]):
                yield self._report(root.item, denies=denies, group=root.group)

    def _reports(self, tellings: Sequence[Telling]) -> Iterable[Witness]:
        for id, denies in sorted({(t.item.id, t.denies) for t in tellings}):
            yield self._report(self._press.items[id], denies=denies, group=id)

    def _report(self, item: Item, *, denies: bool, group: str) -> Witness:
        """An item as a witness, with h and f of its outlet's grade on its day of publication."""
        day = day_of(item)
        source = self._press.sources.get(item.outlet)
        letter = (source.grade_on(day) if source else Grade(letter="F", why="unknown outlet")).letter
        return Witness(
            key=item.id,
            name=f"the report of {day} by {source.name if source else item.outlet}",
            says="denied" if denies else "reported",
            hit=Number(f"hit {item.outlet} {letter}", self._assumptions.hit[letter]),
            false=Number(f"false {item.outlet} {letter}", self._assumptions.false[letter]),
            group=group,
        )

    def _analyst_looks(self, indicator: Indicator) -> tuple[list[tuple[Look, Witness]], list[Look]]:
        """Dated analysts' looks that saw or did not see, each as a witness too; and those that could not see."""
        telling: list[tuple[Look, Witness]] = []
        blind: list[Look] = []
        for look in self._looks:
            if look.by != "analyst" or look.observable not in indicator.observables:
                continue
            if look.available_at is None:
                self.omissions.undated[look.id] = look
            elif look.result not in (Result.SEEN, Result.NOT_SEEN):
                self.omissions.obscured[look.id] = look
                blind.append(look)
            elif look.p_detect is None or look.p_false is None:
                self.omissions.powerless[look.id] = look
            else:
                telling.append((look, _look(look, look.p_detect, look.p_false)))
        return telling, blind

    def _watch(self) -> _Watch:
        """What the monitor's watch is worth, its one finding if it can have one, and the looks that could see."""
        start = day_start(self._watch_from) if self._watch_from else None
        looks = [k for k in self._looks if k.of_watch and k.available_at]
        looks = [k for k in looks if start is None or k.when.latest is None or k.when.latest >= start]
        saw = [k for k in looks if k.result in (Result.SEEN, Result.NOT_SEEN)]
        standing = [a for a in self._alerts if a.state in STANDING]
        pending = {a.id: a for a in self._alerts if a.state is State.POSSIBLE}
        window = _window(standing, saw, start)
        numbers = self._worth(standing, saw, window)
        watch = _Watch(saw, numbers, measured_at=_latest(self._measured))
        if not standing and (pending or not saw):
            self.omissions.pending.update(pending)
            return watch
        finding = Witness(
            key="watch",
            name=f"the monitor's watch, {window}",
            says="seen" if standing else "not seen",
            hit=numbers[0],
            false=numbers[1],
            group="watch",
            watch=True,
        )
        return replace(watch, finding=(finding,))

    def _worth(self, standing: Sequence[Alert], saw: Sequence[Look], window: When) -> tuple[Number, Number]:
        """Power and false alarm over a window: as measured at the site, as looks or alerts state, or as assumed."""
        latest = sorted(saw, key=lambda k: k.when.latest.isoformat() if k.when.latest else "", reverse=True)
        first, last = window.earliest, window.latest
        days = (last - first).total_seconds() / 86400 if first and last else 0.0
        stated = next((k.p_detect for k in latest if k.p_detect), self._assumptions.monitor_detect)
        measured = within(self._measured, window)
        detect = watch_power(measured, days, stated)
        false = next((k.p_false for k in latest if k.p_false), self._assumptions.monitor_false)
        rates = [false_rate(measured), *(a.false_alarms for a in standing)]
        if days and (rate := next((r for r in rates if r), None)):
            false = false_alarm(rate, days)
        return _number("watch power", detect), _number("watch false", false)


def _latest(measured: Iterable[Measured]) -> datetime | None:
    """When all measurements were available."""
    return max((one.available_at for one in measured if one.available_at), default=None)


@dataclass(frozen=True, slots=True)
class _Watch:
    """The monitor's watch of one site."""

    looks: Sequence[Look] = ()
    """Those that could see."""
    numbers: tuple[Number, Number] | None = None
    """Power and false alarm."""
    finding: tuple[Witness, ...] = ()
    """One, or none while there is none."""
    measured_at: datetime | None = None
    """When the measurement behind the numbers became available."""


def _window(standing: Iterable[Alert], saw: Iterable[Look], start: datetime | None) -> When:
    """From the first watched day, or the first look that could see, to the last look or step of an alert."""
    looks = list(saw)
    first = start or min((k.when.earliest for k in looks if k.when.earliest), default=None)
    flags = [a.history[-1].at for a in standing]
    last = max([*(k.when.latest for k in looks if k.when.latest), *flags], default=None)
    return When(earliest=first, latest=last) if first and last and first <= last else When()


def _look(look: Look, power: Probability, false: Probability) -> Witness:
    """A look as a witness; looks that give the same number for the same reason share its draw."""
    image = f"{look.provider} {look.when}" if look.when.earliest and look.when.latest else look.id
    return Witness(
        key=look.id,
        name=f"the look of {look.when} by {look.publisher}",
        says="seen" if look.result is Result.SEEN else "not seen",
        hit=_number("power", power),
        false=_number("look false", false),
        group=image,
    )


def _number(name: str, range: Probability) -> Number:
    return Number(f"{name} {range.lo} {range.best} {range.hi} {range.origin}", range)


def _one_per_image(looks: Sequence[Witness]) -> list[Witness]:
    """One reading of an image in each direction: the one that tells most, since two readers share the pixels."""

    def weight(w: Witness) -> tuple[float, str]:
        power, false = w.hit.range.best, w.false.range.best
        return (power if w.says == "not seen" else power / max(false, 1e-9)), w.key

    best: dict[tuple[str, Says], Witness] = {}
    for look in sorted(looks, key=weight):
        best[look.group, look.says] = look
    return sorted(best.values(), key=lambda w: w.key)


def _retells_a_look(telling: Telling, looks: Iterable[Look]) -> bool:
    """True when the claim has it from the publisher of a look that counts already: one finding, told again."""
    result = Result.NOT_SEEN if telling.denies else Result.SEEN
    publishers = {re.escape(look.publisher) for look in looks if look.result is result and look.publisher}
    named = [re.compile(rf"(?<!\w){publisher}(?!\w)", re.IGNORECASE) for publisher in publishers]
    return any(name.search(holder.name) for name in named for holder in telling.claim.chain)
