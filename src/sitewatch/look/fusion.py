"""Two kinds of sensors that agree: what radar, heat or an analyst says of an alert, and when that confirms it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from pyproj import CRS, Transformer
from shapely import transform
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from sitewatch.errors import InputError
from sitewatch.look.sensors.thermal import SUPPORT_M as THERMAL_M
from sitewatch.look.site import OBSERVABLE
from sitewatch.records import INDEPENDENT, Alert, AlertState, Look, Region, Result, Sensor, State, When, Witness

SUPPORT_M: dict[Sensor, float] = {
    "optical": 10.0, "landsat": 30.0, "radar": 20.0, "thermal": THERMAL_M, "thermal_night": THERMAL_M, "analyst": 0.0,
}  # fmt: skip
"""How far from where it is a sensor may show a change, metres: its native pixel."""
APART = timedelta(days=90)
"""How far apart two sensors' onset windows may lie: a roof may be up for weeks before the furnace burns."""
ENOUGH = 3
"""Clear looks after the onset with which a sensor could have seen the change: the fewest that can alarm."""


_Key = tuple[Sensor, int]
"""Sensor and number of an alert."""
_R = TypeVar("_R", Alert, Look)


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
    within 90 days of its onset and was not withdrawn, or by an analyst who saw the change in an image that is not of
    the alert's own sensor and surely not from before the onset; she names it `change` where one alert was open, else
    `change-N` or `change-radar-N`. The confirmation is a step of its own, available once both are; an alert that had
    closed by then stays closed. Where another sensor had three clear looks since the onset and raised nothing there, it
    disagrees; with fewer it could not see.

    Args:
        alerts: every step of every alert of the site, those of one alert in order of time, each naming the step
            before in `supersedes`.
        looks: of the site, the monitor's and the analysts'.
        sensors: by pass id, which kind of sensor took it.

    Returns:
        The same steps in the same order, those of one alert with the confirmation among them where there is one.
        Steps after it supersede anew. A step says what was available when it was; where others speak later, a further
        step says so.

    Raises:
        InputError: alerts or looks are of two sites, or a step does not follow the one before it.
    """
    held = list(looks)
    if len(sites := {*(alert.site for alert in alerts), *(look.site for look in held)}) > 1:
        raise InputError(f"alerts and looks are of the sites {', '.join(sorted(sites))}; give those of one site alone")
    chains: dict[_Key, list[Alert]] = defaultdict(list)
    for alert in alerts:
        chain = chains[alert.sensor, alert.number]
        if alert.supersedes != (chain[-1].id if chain else None):
            raise InputError(
                f"step {len(chain) + 1} of {alert.sensor} alert {alert.number} of {alert.site} does not follow the one "
                "before it; give every step once, in order of time"
            )
        chain.append(alert)
    return tuple(step for key in chains for step in _told(key, chains, held, sensors))


def _told(
    key: _Key, chains: Mapping[_Key, list[Alert]], looks: Sequence[Look], sensors: Mapping[str, Sensor]
) -> list[Alert]:
    """The steps of one alert with what is said of it at each moment, from what was available by then alone."""
    steps = chains[key]
    moments = {one.available_at for one in (*looks, *(step for chain in chains.values() for step in chain))}
    out: list[Alert] = []
    confirmed: AlertState | None = None
    for moment in sorted(moment for moment in moments if moment):
        then = {other: _by(chain, moment) for other, chain in chains.items() if _by(chain, moment)}
        if key not in then:
            continue
        out += [_after(out, step, confirmed) for step in then[key] if step.available_at == moment]
        agreed, against = _witnesses(key, then, _by(looks, moment), sensors)
        last = then[key][-1]
        if agreed and last.state is State.PROBABLE and confirmed is None:
            first = agreed[0]
            whose = "" if first.witness.sensor == "analyst" else f"{first.witness.sensor.replace('_', ' by ')}: "
            at = max(first.at, last.history[-1].at)
            confirmed = AlertState(state=State.CONFIRMED, at=at, reason=whose + first.witness.reason)
        said = _after(out[:-1], last, confirmed).model_copy(
            update={"witnesses": (*(one.witness for one in agreed), *against)}
        )
        if (said.history, said.witnesses) == (out[-1].history, out[-1].witnesses):
            continue
        if last.available_at == moment and said.history == out[-1].history:
            out[-1] = said
        else:
            out.append(said.model_copy(update={"supersedes": out[-1].id, "available_at": moment}))
    return out + [step for step in steps if step.available_at is None]


def _by(records: Sequence[_R], moment: datetime) -> list[_R]:
    """Those that were available by a moment."""
    return [one for one in records if one.available_at and one.available_at <= moment]


def _after(before: Sequence[Alert], step: Alert, confirmed: AlertState | None) -> Alert:
    """A step that follows others of its alert, with the confirmation in its history where there is one."""
    update: dict[str, object] = {"supersedes": before[-1].id if before else None}
    if confirmed and confirmed not in step.history:
        at = next(i for i, state in enumerate(step.history) if state.state is State.PROBABLE)
        update["history"] = (*step.history[: at + 1], confirmed, *step.history[at + 1 :])
    return step.model_copy(update=update)


def _witnesses(
    key: _Key, chains: Mapping[_Key, list[Alert]], looks: Sequence[Look], sensors: Mapping[str, Sensor]
) -> tuple[list[_Agreement], tuple[Witness, ...]]:
    """Who agrees with an alert, the first known first, and what the others say."""
    chain = chains[key]
    others = [other for (sensor, _), other in chains.items() if INDEPENDENT[sensor] != INDEPENDENT[key[0]]]
    alike = [other for (sensor, _), other in chains.items() if sensor == key[0]]
    there = [other for other in others if _same_change(chain[-1], other[-1])]
    agreed = [found for other in there if (found := _alert_agrees(other))]
    other_eyes = [look for look in looks if _kind(look, sensors) != INDEPENDENT[key[0]]]
    agreed += [found for look in other_eyes if (found := _analyst_agrees(chain, look, alike))]
    return sorted(agreed, key=lambda one: one.available_at), _against(chain[-1], looks, sensors, there)


def _kind(look: Look, sensors: Mapping[str, Sensor]) -> str | None:
    """Of what kind of sensor the pass is that a look is of; None where it is of none that is known."""
    sensor = sensors.get(look.pass_id or "")
    return INDEPENDENT[sensor] if sensor else None


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
    named = look.observable in _names(last)
    alone = look.observable == OBSERVABLE and sum(_begun(other, taken) for other in alike) == 1
    if not (named or alone):
        return None
    reason = f"the image of {look.provider} of {taken:%Y-%m-%d}, read by {look.publisher}, shows it"
    witness = Witness(sensor="analyst", says="agrees", of=look.id, reason=reason)
    return _Agreement(witness, taken, look.available_at)


def _names(alert: Alert) -> set[str]:
    """The observables that speak of one alert alone; a number without a sensor is that of an optical one."""
    plain = {f"{OBSERVABLE}-{alert.number}"} if alert.sensor == "optical" else set()
    return plain | {f"{OBSERVABLE}-{alert.sensor}-{alert.number}"}


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
    alike = {sensor for sensor, kind in INDEPENDENT.items() if kind == INDEPENDENT[alert.sensor]}
    heard = {chain[0].sensor for chain in there} | alike | {"analyst"}
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
        named = look.observable in {OBSERVABLE, *_names(alert)}
        if denies and named and look.when.earliest is not None and look.when.earliest >= since:
            image = f"the image of {look.provider} of {look.when.earliest:%Y-%m-%d}, read by {look.publisher}"
            out.append(Witness(sensor="analyst", says="disagrees", of=look.id, reason=f"{image}, does not show it"))
    return tuple(out)


def _silent(kind: Sensor, count: int) -> Witness:
    """A sensor that raised nothing there."""
    if count >= ENOUGH:
        reason = f"it had {ENOUGH} clear looks or more since the onset and raised no alert there"
        return Witness(sensor=kind, says="disagrees", reason=reason)
    return Witness(sensor=kind, says="could not see", reason=f"it had fewer than {ENOUGH} clear looks since the onset")


def _near(one: When, other: When) -> bool:
    """Whether two onset windows overlap, or lie no more than APART from each other."""
    latest = [w.latest for w in (one, other)]
    earliest = [w.earliest or w.latest for w in (one, other)]
    if latest[0] is None or latest[1] is None or earliest[0] is None or earliest[1] is None:
        return False
    return earliest[0] - APART <= latest[1] and earliest[1] - APART <= latest[0]


@lru_cache(maxsize=4096)
def _distance(one: Region, other: Region) -> float:
    """Metres between two regions, 0 where they touch."""
    longitude, latitude = one.centre
    local = CRS.from_proj4(f"+proj=aeqd +lat_0={latitude} +lon_0={longitude} +units=m")
    project = Transformer.from_crs("EPSG:4326", local, always_xy=True).transform

    def shape(region: Region) -> BaseGeometry:
        return transform(unary_union([Polygon(ring).buffer(0) for ring in region.outline]), project, interleaved=False)

    return float(shape(one).distance(shape(other)))
