"""Two kinds of sensors that agree: what radar, heat or an analyst says of an alert, and when that confirms it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyproj import CRS, Transformer
from shapely import transform
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from sitewatch.errors import InputError
from sitewatch.records import Alert, AlertState, Look, Region, Result, Sensor, State, When, Witness

SUPPORT_M = {"optical": 10.0, "radar": 20.0, "thermal": 100.0, "analyst": 0.0}
"""How far from where it is a sensor may show a change, metres: its native pixel."""
APART = timedelta(days=90)
"""How far apart two sensors' onset windows may lie: a roof may be up for weeks before the furnace burns."""
ENOUGH = 3
"""Clear looks after the onset with which a sensor could have seen the change: the fewest that can alarm."""
OBSERVABLE = "change"
"""What an analyst's look is asked for when it is to speak of an alert; `change-2` speaks of alert 2 alone."""


@dataclass(frozen=True)
class _Agreement:
    """What can confirm an alert."""

    witness: Witness
    at: datetime
    """When the witness saw it."""
    available_at: datetime


def fused(alerts: Sequence[Alert], looks: Iterable[Look], sensors: Mapping[str, Sensor]) -> tuple[Alert, ...]:
    """The alerts of one site with what independent sensors say of them.

    An alert that became probable is confirmed by another kind of sensor whose own probable alert lies at the same place
    within 90 days of its onset and was not withdrawn, or by an analyst who saw the change (`change` where one alert was
    open, `change-N` else) in an image that is not of the alert's own sensor and surely not from before the onset. The
    confirmation is a step of its own, available once both are; an alert that had closed by then stays closed. Where
    another sensor had three clear looks since the onset and raised nothing there, it disagrees; with fewer it could not
    see.

    Args:
        alerts: every step of every alert of the site, those of one alert in order of time, each naming the step
            before in `supersedes`.
        looks: of the site, the monitor's and the analysts'.
        sensors: by pass id, which kind of sensor took it.

    Returns:
        The same steps in the same order, those of one alert with the confirmation among them where there is one.
        Steps after it supersede anew; the latest step of each alert carries the witnesses.

    Raises:
        InputError: alerts or looks are of two sites, or a step does not follow the one before it.
    """
    held = list(looks)
    if len(sites := {*(alert.site for alert in alerts), *(look.site for look in held)}) > 1:
        raise InputError(f"alerts and looks are of the sites {', '.join(sorted(sites))}; give those of one site alone")
    chains: dict[tuple[Sensor, int], list[Alert]] = defaultdict(list)
    for alert in alerts:
        chain = chains[alert.sensor, alert.number]
        if alert.supersedes != (chain[-1].id if chain else None):
            raise InputError(
                f"step {len(chain) + 1} of {alert.sensor} alert {alert.number} of {alert.site} does not follow the one "
                "before it; give every step once, in order of time"
            )
        chain.append(alert)
    out: list[Alert] = []
    for chain in chains.values():
        others = [other for other in chains.values() if other[-1].sensor != chain[-1].sensor]
        there = [other for other in others if _same_change(chain[-1], other[-1])]
        agreed = [found for other in there if (found := _alert_agrees(other))]
        open_then = [other for other in chains.values() if other[0].sensor == chain[0].sensor]
        other_eyes = [look for look in held if sensors.get(look.pass_id or "") != chain[-1].sensor]
        agreed += [found for look in other_eyes if (found := _analyst_agrees(chain, look, open_then))]
        out += _with(chain, sorted(agreed, key=lambda a: a.available_at), _against(chain[-1], held, sensors, there))
    return tuple(out)


def _same_change(mine: Alert, its: Alert) -> bool:
    """Whether two sensors' alerts lie at one place, their onsets at about one time."""
    reach = SUPPORT_M[mine.sensor] + SUPPORT_M[its.sensor]
    return _near(mine.onset, its.onset) and _distance(mine.region, its.region) <= reach


def _alert_agrees(other: Sequence[Alert]) -> _Agreement | None:
    """Another sensor's alert of the same change, once it became probable."""
    probable = next((step for step in other if step.state is State.PROBABLE), None)
    if probable is None or probable.available_at is None or other[-1].state is State.WITHDRAWN:
        return None
    reason = f"its own alert {probable.number} lies there and became probable; both onsets are within {APART.days} days"
    witness = Witness(sensor=probable.sensor, says="agrees", of=probable.id, reason=reason)
    return _Agreement(witness, probable.history[-1].at, probable.available_at)


def _analyst_agrees(chain: Sequence[Alert], look: Look, alike: Sequence[Sequence[Alert]]) -> _Agreement | None:
    """An analyst's look that shows the change of this alert."""
    last, taken = chain[-1], look.when.latest
    if look.by != "analyst" or look.result is not Result.SEEN or taken is None or look.available_at is None:
        return None
    if look.when.earliest is None or look.when.earliest < (last.onset.earliest or last.first_flag):
        return None
    named = look.observable == _name(last)
    alone = look.observable == OBSERVABLE and sum(_begun(other, taken) for other in alike) == 1
    if not (named or alone):
        return None
    reason = f"the image of {look.provider} of {taken:%Y-%m-%d}, read by {look.publisher}, shows it"
    witness = Witness(sensor="analyst", says="agrees", of=look.id, reason=reason)
    return _Agreement(witness, taken, look.available_at)


def _name(alert: Alert) -> str | None:
    """The observable that speaks of one alert alone; a number without a sensor is that of an optical one."""
    return f"{OBSERVABLE}-{alert.number}" if alert.sensor == "optical" else None


def _begun(chain: Sequence[Alert], moment: datetime) -> bool:
    """Whether an alert's onset was not after a moment, and it was not withdrawn."""
    return (chain[-1].onset.earliest or chain[-1].first_flag) <= moment and chain[-1].state is not State.WITHDRAWN


def _against(
    alert: Alert, looks: Sequence[Look], sensors: Mapping[str, Sensor], there: Sequence[Sequence[Alert]]
) -> tuple[Witness, ...]:
    """What those say who do not agree: they could have seen the change, they could not, or they are undecided."""
    since = alert.onset.latest or alert.first_flag
    clear: dict[Sensor, int] = dict.fromkeys(sensors.values(), 0)
    for look in looks:
        kind = sensors.get(look.pass_id or "")
        begun = look.when.earliest is not None and look.when.earliest >= since
        if kind and begun and look.by == "monitor" and look.result in (Result.SEEN, Result.NOT_SEEN):
            clear[kind] += 1
    heard = {chain[0].sensor for chain in there} | {alert.sensor, "analyst"}
    out = [_silent(kind, count) for kind, count in clear.items() if kind not in heard]
    for chain in there:
        last, own = chain[-1], f"its own alert {chain[-1].number}"
        if last.state is State.WITHDRAWN:
            reason = f"{own} lay there and was withdrawn"
            out.append(Witness(sensor=last.sensor, says="disagrees", of=last.id, reason=reason))
        elif all(step.state is not State.PROBABLE for step in chain):
            reason = f"{own} lies there and was never more than possible"
            out.append(Witness(sensor=last.sensor, says="undecided", of=last.id, reason=reason))
    for look in looks:
        denies = look.by == "analyst" and look.result is Result.NOT_SEEN and look.available_at is not None
        named = look.observable in (OBSERVABLE, _name(alert))
        if denies and named and look.when.earliest is not None and look.when.earliest >= since:
            image = f"the image of {look.provider} of {look.when.earliest:%Y-%m-%d}, read by {look.publisher}"
            out.append(Witness(sensor="analyst", says="disagrees", of=look.id, reason=f"{image}, does not show it"))
    return tuple(out)


def _silent(kind: Sensor, count: int) -> Witness:
    """A sensor that raised nothing there."""
    clear = f"{count} clear look{'' if count == 1 else 's'} since the onset"
    if count >= ENOUGH:
        return Witness(sensor=kind, says="disagrees", reason=f"it had {clear} and raised no alert there")
    return Witness(sensor=kind, says="could not see", reason=f"it had {clear}, and {ENOUGH} are needed")


def _with(chain: Sequence[Alert], agreed: Sequence[_Agreement], against: tuple[Witness, ...]) -> list[Alert]:
    """The steps of an alert with its confirmation, where it has one, and its witnesses."""
    steps = [*chain]
    if (place := _confirmable(chain, agreed)) is not None:
        at, by = place
        confirmed = AlertState(state=State.CONFIRMED, at=by.at, reason=by.witness.reason)
        later = [step.model_copy(update={"history": _inserted(step.history, confirmed)}) for step in chain[at:]]
        known = max(moment for moment in (chain[at].available_at, by.available_at) if moment)
        steps = [*chain[: at + 1], later[0].model_copy(update={"available_at": known}), *later[1:]]
    witnesses = (*(a.witness for a in agreed), *against)
    steps[-1] = steps[-1].model_copy(update={"witnesses": witnesses})
    out: list[Alert] = []
    for step in steps:
        out.append(step.model_copy(update={"supersedes": out[-1].id}) if out else step)
    return out


def _confirmable(chain: Sequence[Alert], agreed: Sequence[_Agreement]) -> tuple[int, _Agreement] | None:
    """The step at which an alert stood, probable, when it was first agreed with, and by whom."""
    if any(step.state is State.CONFIRMED for step in chain):
        return None
    for by in agreed:
        for at, step in enumerate(chain):
            later = chain[at + 1].available_at if at + 1 < len(chain) else None
            last = at + 1 == len(chain) or (later is not None and later > by.available_at)
            if step.available_at and step.state is State.PROBABLE and last:
                return at, by
    return None


def _inserted(history: tuple[AlertState, ...], confirmed: AlertState) -> tuple[AlertState, ...]:
    """A history with the confirmation after what made the alert probable."""
    at = next(i for i, step in enumerate(history) if step.state is State.PROBABLE)
    return (*history[: at + 1], confirmed, *history[at + 1 :])


def _near(one: When, other: When) -> bool:
    """Whether two onset windows overlap, or lie no more than APART from each other."""
    latest = [w.latest for w in (one, other)]
    earliest = [w.earliest or w.latest for w in (one, other)]
    if latest[0] is None or latest[1] is None or earliest[0] is None or earliest[1] is None:
        return False
    return earliest[0] - APART <= latest[1] and earliest[1] - APART <= latest[0]


def _distance(one: Region, other: Region) -> float:
    """Metres between two regions, 0 where they touch."""
    longitude, latitude = one.centre
    local = CRS.from_proj4(f"+proj=aeqd +lat_0={latitude} +lon_0={longitude} +units=m")
    project = Transformer.from_crs("EPSG:4326", local, always_xy=True).transform

    def shape(region: Region) -> BaseGeometry:
        return transform(unary_union([Polygon(ring).buffer(0) for ring in region.outline]), project, interleaved=False)

    return float(shape(one).distance(shape(other)))
