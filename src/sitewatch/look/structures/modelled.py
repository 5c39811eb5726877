"""An analyst's learnt change model over the ground of a fence, run on a pair that was laid together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon

from sitewatch.errors import InputError
from sitewatch.look.structures.change import regions
from sitewatch.look.structures.inside import Fenced, fenced
from sitewatch.look.structures.learnt import ChangeModel, run_both_orders
from sitewatch.look.structures.settings import StructureSettings
from sitewatch.look.structures.windows import LaidPair, in_bytes

_MOST_PX = 4000
"""Longest side of what a model is given, pixels; finer images are thinned."""
_SURE = 1.0
_DEFAULT = StructureSettings()


@dataclass(frozen=True)
class Modelled:
    """What a model says of the ground inside a fence."""

    told: Fenced
    contradicted: float
    """Share of the pixels told in either order that are told in both: told as neither."""
    pixel_m: float
    """On which it was run, metres."""


def modelled(
    laid: LaidPair, model: ChangeModel, fence: Polygon, *, settings: StructureSettings = _DEFAULT
) -> Modelled:  # fmt: skip
    """Run a model from before to after and from after to before over a fence's ground.

    Args:
        laid: the pair, open.
        model: from `load_change_model`.
        fence: on the pair's map.
        settings: of the comparison: regions are told from its least area.

    Raises:
        InputError: the pair's bands are not as many as the model takes, or it gives no probabilities.
    """
    pair = laid.pair
    bands = pair.colours if pair.colours and model.bands == 3 else tuple(range(model.bands))
    left, bottom, right, top = fence.bounds
    by = max(math.ceil(max(right - left, top - bottom) / pair.pixel_m / _MOST_PX), 1)
    least = model.side * pair.pixel_m * by
    middle = (left + right) / 2, (bottom + top) / 2
    wide, high = max(right - left, least) / 2, max(top - bottom, least) / 2
    piece = laid.read((middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high), by)
    if len(piece.before.values) <= max(bands):
        raise InputError(
            f"the model takes images of {model.bands} bands, the pair shares {len(piece.before.values)}; give one that "
            "takes as many"
        )
    before, after = in_bytes(piece, bands)
    said = run_both_orders(model, before, after)
    seen = piece.before.seen & piece.after.seen
    signed = np.where(seen, said.signs, 0).astype(np.float32) * np.float32(settings.seed - settings.grow + _SURE)
    labels, found = regions(signed, piece.pixel_m, settings)
    told = fenced(
        labels, found, seen, fence, transform=piece.transform, crs=str(pair.crs), pixel_m=piece.pixel_m
    )  # fmt: skip
    return Modelled(told, said.contradicted, piece.pixel_m)
