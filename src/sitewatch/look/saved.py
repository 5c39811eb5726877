"""The state of a watch as a file: a zip of plain arrays and one JSON text, without the past cube."""

from __future__ import annotations

import io
import json
import lzma
import struct
import zipfile
import zlib
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sitewatch.errors import InputError
from sitewatch.look.baseline import Bools, Floats
from sitewatch.look.evidence import Evidence
from sitewatch.look.guard import FEATURE_STEPS
from sitewatch.look.memory import Memory, PassLook
from sitewatch.look.model import Model
from sitewatch.look.placebos import FalseAlarms
from sitewatch.look.register import Placement
from sitewatch.look.settings import MonitorSettings
from sitewatch.look.states import SiteAlert, Step, Tracker
from sitewatch.records import Result, State

FORMAT = "sitewatch watch"
VERSION = 2
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, IndexError, EOFError, OverflowError,
    NotImplementedError, RuntimeError, lzma.LZMAError, struct.error, AttributeError,
)  # fmt: skip
"""What a file raises that was cut or changed."""


def write(memory: Memory, alarms: FalseAlarms) -> bytes:
    """The state of a watch, and the false-alarm rate that was measured for it."""
    tracker, model = memory.tracker, memory.model
    told: dict[str, Any] = {
        "format": FORMAT, "version": VERSION, "bands": memory.bands, "pixel": memory.pixel,
        "corner": memory.corner, "checksum": memory.checksum,
        "shape": memory.inside.shape, "start": memory.start.isoformat(), "settings": asdict(memory.settings),
        "history": memory.history, "usual": model.usual, "tolerated": model.tolerated,
        "placed": [[i, p.shift, p.level.tolist(), p.gain.tolist()] for i, p in memory.placed],
        "looks": [[k.result.value, k.reason, k.fence_clear, k.ring_clear] for k in memory.looks],
        "steps": [_alert(alert) for alert in tracker.steps],
        "open": tracker.dump(),
        "alarms": {f.name: getattr(alarms, f.name) for f in fields(alarms) if f.name != "peaks"},
    }  # fmt: skip
    masks = [alert.region for alert in tracker.steps] + [one.alert.region for one in tracker.open]
    shown = [i for i, one in enumerate(memory.statistic) if one is not None]
    marked = [i for i, one in enumerate(memory.flagged) if one is not None]
    told["shown"], told["marked"] = shown, marked
    told["visible"] = [index for index, _ in tracker.visible]
    arrays: dict[str, NDArray[Any]] = {
        "inside": np.packbits(memory.inside), "ring": np.packbits(memory.ring), "ready": np.packbits(model.ready),
        "times": np.array(memory.times, "datetime64[ns]").astype(np.int64),
        "fitted": model.looks.astype(np.uint16), "uncertain": model.uncertain, "span": model.span.astype(np.uint16),
        "known": model.known.astype(np.int32), "broken": np.packbits(model.broken),
        "coefficients": model.coefficients, "noise": model.noise, "restless": model.restless,
        "features": np.nan_to_num(np.rint(model.features[:, 1:] * FEATURE_STEPS), nan=-128).astype(np.int8),
        "evidence": memory.evidence.steps, "held": memory.evidence.held.astype(np.uint8),
        "passes": memory.evidence.passes.astype(np.int32).T.copy(), "level": _short(memory.evidence.statistic),
        "regions": np.packbits(_stack(masks, memory.inside), axis=None),
        "visible": np.packbits(_stack([m[memory.inside] for _, m in tracker.visible], memory.inside[memory.inside])),
        "statistic": _short(_stack([memory.statistic[i] for i in shown], memory.inside.astype(np.float32))),
        "flagged": np.packbits(_stack([memory.flagged[i] for i in marked], memory.inside)),
        "peaks": alarms.peaks,
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        file.writestr("watch.json", json.dumps(told))
        for name, array in arrays.items():
            held = io.BytesIO()
            np.lib.format.write_array(held, np.ascontiguousarray(array), allow_pickle=False)
            file.writestr(f"{name}.npy", held.getvalue())
    return out.getvalue()


def read(path: Path) -> tuple[Memory, FalseAlarms]:
    """A watch and its false-alarm rate, as they were written.

    Raises:
        InputError: the file is missing, damaged, or of another kind or version.
    """
    try:
        with zipfile.ZipFile(path) as file:
            told = json.loads(file.read("watch.json"))
            if told.get("format") != FORMAT:
                raise InputError(f"{path}: this is no saved watch")
            if told.get("version") != VERSION:
                raise InputError(
                    f"{path}: saved as version {told.get('version')}, and this package reads version {VERSION}; "
                    "run the monitor over the past cube again"
                )
            arrays = {
                name.removesuffix(".npy"): np.lib.format.read_array(io.BytesIO(file.read(name)), allow_pickle=False)
                for name in file.namelist()
                if name.endswith(".npy")
            }
        return _memory(told, arrays)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except _DAMAGED as error:
        raise InputError(
            f"{path}: the saved watch is damaged ({error}); run the monitor over the past cube again"
        ) from error


def _memory(told: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> tuple[Memory, FalseAlarms]:
    shape = (int(told["shape"][0]), int(told["shape"][1]))
    pixels, bands = shape[0] * shape[1], tuple(told["bands"])
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told["settings"].items()}
    settings = MonitorSettings(**kept)

    def mask(name: str) -> Bools:
        return np.unpackbits(arrays[name], count=pixels).astype(bool).reshape(shape)

    inside, ring = mask("inside"), mask("ring")
    steps = arrays["features"]
    features = np.where(steps == -128, np.float32(np.nan), steps / np.float32(FEATURE_STEPS)).astype(np.float32)
    model = Model.restored(
        settings, shape, np.ascontiguousarray(arrays["coefficients"]), mask("ready").ravel(),
        np.concatenate([np.ones((pixels, 1), np.float32), features], axis=1), arrays["noise"], arrays["restless"],
        arrays["fitted"].astype(np.int32), arrays["uncertain"], arrays["span"].astype(np.int64), mask("broken").ravel(),
        arrays["known"].astype(np.int64), float(told["usual"]), float(told["tolerated"]),
    )  # fmt: skip
    if model.coefficients.shape != (3, pixels, len(bands)):
        raise ValueError("the model does not fit the grid")
    evidence = Evidence(len(bands), shape, settings, model.step)
    evidence.restore(
        arrays["evidence"],
        arrays["held"].astype(np.int32),
        np.ascontiguousarray(arrays["passes"].T),
        _long(arrays["level"]),
    )
    times: list[np.datetime64] = [np.datetime64(int(t), "ns") for t in arrays["times"]]
    looks = [
        PassLook(i, time.astype("datetime64[D]").astype(date), Result(result), reason, fence, around)
        for i, (time, (result, reason, fence, around)) in enumerate(zip(times, told["looks"], strict=True))
    ]
    count = len(told["steps"]) + len(told["open"])
    regions = np.unpackbits(arrays["regions"], count=count * pixels).astype(bool).reshape(count, *shape)
    history = [_restored(one, region) for one, region in zip(told["steps"], regions, strict=False)]
    fence = int(inside.sum())
    seen = np.unpackbits(arrays["visible"], count=len(told["visible"]) * fence).astype(bool).reshape(-1, fence)
    visible = []
    for index, row in zip(told["visible"], seen, strict=True):
        whole = np.zeros(shape, bool)
        whole[inside] = row
        visible.append((int(index), whole))
    tracker = Tracker(inside, settings, settings.limit(len(bands)))
    tracker.load(history, told["open"], list(regions[len(history) :]), visible)
    statistic: list[Floats | None] = [None] * len(times)
    for i, values in zip(told["shown"], _long(arrays["statistic"]), strict=True):
        statistic[i] = values
    flagged: list[Bools | None] = [None] * len(times)
    marks = np.unpackbits(arrays["flagged"], count=len(told["marked"]) * pixels).astype(bool).reshape(-1, *shape)
    for i, marked in zip(told["marked"], marks, strict=True):
        flagged[i] = marked
    placed = [
        (int(i), Placement((float(shift[0]), float(shift[1])), np.array(level), np.array(gain)))
        for i, shift, level, gain in told["placed"]
    ]
    alarms = FalseAlarms(**{**told["alarms"], "probable": tuple(told["alarms"]["probable"])}, peaks=arrays["peaks"])
    memory = Memory(
        bands, float(told["pixel"]), (told["corner"][0], told["corner"][1]), inside,
        date.fromisoformat(told["start"]), settings, ring, int(told["history"]),
        placed, model, evidence, tracker, times, looks, statistic, flagged,
        int(told["checksum"]),
    )  # fmt: skip
    return memory, alarms


def _alert(alert: SiteAlert) -> dict[str, Any]:
    """All but the region, which is kept as a mask."""
    return {
        "number": alert.number, "index": alert.index, "onset": alert.onset, "statistic": alert.statistic,
        "history": [[s.state.value, s.index, s.reason] for s in alert.history], "used": alert.used,
        "missed": alert.missed, "direction": alert.direction.tolist(),
    }  # fmt: skip


def _restored(told: dict[str, Any], region: Bools) -> SiteAlert:
    last, first = told["onset"]
    return SiteAlert(
        number=told["number"], index=told["index"], onset=(last, first), region=region.copy(),
        history=tuple(Step(State(state), index, reason) for state, index, reason in told["history"]),
        direction=np.array(told["direction"], np.float32), statistic=told["statistic"], used=tuple(told["used"]),
        missed=tuple(told["missed"]),
    )  # fmt: skip


def _stack(parts: Any, like: NDArray[Any]) -> NDArray[Any]:
    """Arrays of one shape stacked, or none of them."""
    return np.stack(parts) if parts else np.zeros((0, *like.shape), like.dtype)


def _short(values: Floats) -> NDArray[np.uint16]:
    """The upper half of each number: all that a rounded statistic holds."""
    return np.asarray(np.ascontiguousarray(values).view(np.uint32) >> 16, np.uint16)


def _long(values: NDArray[np.uint16]) -> Floats:
    return (values.astype(np.uint32) << 16).view(np.float32)
