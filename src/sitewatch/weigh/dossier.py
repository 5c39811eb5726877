"""The looks that bear on a commitment, each put where it can say something: before or after the pledge, seen or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sitewatch.records import (
    Alert,
    Commitment,
    Look,
    Measured,
    Probability,
    Result,
    State,
    View,
    When,
    measured_at,
    rejected_looks,
)
from sitewatch.weigh.evidence import STANDING
from sitewatch.weigh.measured import watch_power, within

Progress = Literal[0, 1, 2, 3]


def observables(commitment: Commitment) -> list[tuple[str, Progress]]:
    """Each observable with the step it belongs to, the first where it stands in several; 0 for the counter-signs."""
    found: dict[str, Progress] = {}
    for step in sorted(commitment.steps, key=lambda s: s.progress):
        for name in (*step.any_of, *step.all_of):
            found.setdefault(name, step.progress)
    for name in (*commitment.reversed_by, *commitment.contradicted_by):
        found.setdefault(name, 0)
    return list(found.items())


@dataclass
class Dossier:
    """The site's looks at a commitment's observables, by what they can say."""

    made: When
    """When the pledge was made."""
    watch: Probability
    """Power of the monitor's watch since the pledge: its passes are one finding and have no power of their own."""
    measured: Sequence[Measured] = ()
    """What that power was measured by."""
    alerts: Sequence[Alert] = ()
    """The site's, each as it stands."""
    seen: list[Look] = field(default_factory=list)
    """Seen after the pledge, with power."""
    missing: list[Look] = field(default_factory=list)
    """Not seen after the pledge, with power."""
    weak: list[Look] = field(default_factory=list)
    """Seen or not seen after the pledge, with too little power or none stated."""
    waiting: list[Look] = field(default_factory=list)
    """The monitor's after the pledge, while an alert that may become its finding is only possible."""
    blind: list[Look] = field(default_factory=list)
    """After the pledge, but could not see."""
    before: list[Look] = field(default_factory=list)
    """Seen, with power, before the pledge was made."""
    unplaced: list[Look] = field(default_factory=list)
    """Seen, with power, at a time that may lie on either side of the pledge, its own day included."""
    undated: list[Look] = field(default_factory=list)
    """Published on no known day."""

    def power(self, look: Look) -> Probability | None:
        """The power of a look; that of its watch for a look of the monitor."""
        return self.watch if look.of_watch else look.p_detect

    def alert(self, look: Look) -> Alert | None:
        """The standing alert whose time holds a look of the monitor, the one that came last where there are several."""
        if not look.of_watch:
            return None
        standing = [a for a in self.alerts if a.state in STANDING and _lasts(a, look)]
        return max(standing, key=lambda a: (str(a.onset.latest), a.number), default=None)

    def result(self, look: Look) -> Result:
        """What a look says; a flag of the monitor that no standing alert bears out is none."""
        return Result.NOT_SEEN if look.of_watch and _flags(look) and not self.alert(look) else look.result

    def came(self, look: Look) -> When:
        """When what a look saw can have come to be seen: the look's own time, or the onset of the monitor's alert."""
        alert = self.alert(look)
        return alert.onset if alert and _flags(look) else look.when

    @property
    def pending(self) -> bool:
        """True while an alert is only possible: until it is decided, the watch has not found that nothing changed."""
        return any(a.state is State.POSSIBLE for a in self.alerts)

    @property
    def all_after(self) -> list[Look]:
        """All since the pledge, whatever they could say."""
        return [*self.seen, *self.missing, *self.weak, *self.waiting, *self.blind]

    def told(self, looks: Iterable[Look]) -> str:
        """What was looked at, when, by whom: once for each observable of a publisher and day; all of a watch as one."""
        lines, watched = [], dict[tuple[str, str], list[Look]]()
        for look in looks:
            if look.by == "monitor":
                came = f"came {self.came(look)}; " if look.of_watch and self.result(look) is Result.SEEN else ""
                watched.setdefault((_name(look), came), []).append(look)
            else:
                lines.append(f"{_name(look)} ({look.when}, {look.publisher})")
        for (name, came), passes in watched.items():
            span = came or f"{When(earliest=passes[0].when.earliest, latest=passes[-1].when.latest)}, "
            count = f"{len(passes)} pass{'es' * (len(passes) > 1)}"
            lines.append(f"{name} ({span}{count}, {passes[0].publisher})")
        return ", ".join(dict.fromkeys(lines))


def _flags(look: Look) -> bool:
    return look.result is Result.SEEN


def _lasts(alert: Alert, look: Look) -> bool:
    """True for a look from the first clear one with the change on, to the one that found it ended."""
    first, last = alert.onset.latest, alert.history[-1].at if alert.state is State.ENDED else None
    taken, done = look.when.latest, look.when.earliest
    return bool(first and taken and taken >= first and (last is None or (done is not None and done <= last)))


def sorted_looks(commitment: Commitment, view: View, monitor: Probability) -> Dossier:
    """Put each look that bears on the commitment where it belongs, in the order of their days."""
    wanted = {name for name, _ in observables(commitment)}
    rejected = rejected_looks(view)
    looks = [k for k in view.of(Look) if k.site == commitment.site and k.observable in wanted and k.id not in rejected]
    looks.sort(key=lambda k: (str(k.when.earliest or k.when.latest), k.id))
    alerts = [a for a in view.of(Alert) if a.site == commitment.site and a.available_at]
    measured = measured_at(view, commitment.site)
    dossier = Dossier(commitment.made, _watch_power(looks, commitment.made, measured, monitor), measured, alerts)
    for look in looks:
        power = dossier.power(look)
        _pile(look, dossier, able=power is not None and power.best >= commitment.min_power).append(look)
    return dossier


def _watch_power(looks: Iterable[Look], made: When, measured: Sequence[Measured], assumed: Probability) -> Probability:
    """Power of the monitor over the time from the pledge, or from the first look that could see, to the last one."""
    dated = [k for k in looks if k.of_watch and k.available_at and k.when.earliest and k.when.latest]
    stated = next((k.p_detect for k in reversed(dated) if k.p_detect), assumed)
    saw = [k.when for k in dated if k.result in (Result.SEEN, Result.NOT_SEEN)]
    first = max([*(w.earliest for w in saw[:1] if w.earliest), *(m for m in (made.latest,) if m)], default=None)
    last = max((w.latest for w in saw if w.latest), default=None)
    days = (last - first).total_seconds() / 86400 if first and last else 0.0
    return watch_power(within(measured, When(earliest=first, latest=last)), days, stated)


def _pile(look: Look, dossier: Dossier, *, able: bool) -> list[Look]:
    """The list of the dossier that takes a look; `able` looks have the power that the test needs."""
    if look.available_at is None:
        return dossier.undated
    result, alert, came = dossier.result(look), dossier.alert(look), dossier.came(look)
    start, end = dossier.made.earliest or dossier.made.latest, dossier.made.latest or dossier.made.earliest
    if start and end and (came.earliest is None or came.earliest <= end):
        early = dossier.before if came.latest and came.latest < start else dossier.unplaced
        return early if able and result is Result.SEEN else []  # nothing to say of the rest
    if result not in (Result.SEEN, Result.NOT_SEEN):
        return dossier.blind
    if look.of_watch and not alert and dossier.pending:
        return dossier.waiting
    # A pass that saw nothing while an alert tells that the change was there lacked the power to see it.
    if not able or (alert and result is Result.NOT_SEEN):
        return dossier.weak
    return dossier.seen if result is Result.SEEN else dossier.missing


def _name(look: Look) -> str:
    return look.observable.replace("_", " ")
