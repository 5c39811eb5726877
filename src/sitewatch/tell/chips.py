"""Chips as images: a pass's stored GeoTIFF read back into its quantity, and the stretch that two passes share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioIOError
from rasterio.io import MemoryFile
from scipy.ndimage import binary_dilation

from sitewatch.errors import LedgerError
from sitewatch.records import Pass

TRUE_COLOUR = ("red", "green", "blue")
"""Bands of the picture as the eye would see it."""
NEAR_INFRARED = ("nir", "red", "green")
"""Bands of the picture in which growing plants are red."""

# What the monitor does not see is told by the rule by which it screens a pass, stated here again since rooms share
# records alone: kept are these classes, outside a rim around cloud and shadow, with possible values in every band.
_SEEN = (4, 5, 6, 7)
"""Classes of the scene's own screen that count as ground: plants, bare ground, water, unclassified."""
_RIMMED, _RIM = (3, 8, 9, 10), 2
"""Shadow, cloud and cirrus, whose edges the screen draws too tightly, and the pixels around them that go with them."""
_LEAST, _MOST = -0.2, 2.0
"""Reflectance outside these is a fault of the sensor or the feed."""
_SCREEN, _FLAGS, _DOUBT = "scl", "qa_pixel", "st_qa"
"""Quality layers: the scene classification, Landsat's flags, and the doubt about a temperature."""
_HIDING, _EDGED = 0b111111, 0b011110
"""Flags of what hides the ground, and of what hides its edges too."""
_KELVIN = 200.0, 370.0
"""Temperatures that a surface can have."""
_FILL = 900.0
"""Numbers this far from zero are no backscatter."""
_UNSURE = 500
"""Hundredths of a kelvin of doubt above which a temperature is dropped."""
NARROWEST = 0.03
"""Reflectance: a narrower stretch would show noise as if it were ground."""


@dataclass(frozen=True, eq=False)
class ChipImage:
    """The pixels of one pass, with what a caption has to say of them."""

    bands: dict[str, NDArray[np.float32]]
    """By band name, (height, width): reflectance, kelvin or, of radar, decibels; NaN where nothing was recorded."""
    unseen: NDArray[np.bool_]
    """Pixels that the monitor did not see, (height, width); none where the chip carries no screen."""
    crs: str
    transform: tuple[float, float, float, float, float, float]
    """Affine coefficients a to f: pixel (column, row) to the map."""
    passed: Pass

    @property
    def shape(self) -> tuple[int, int]:
        """Pixels, (height, width)."""
        return self.unseen.shape[0], self.unseen.shape[1]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom and top edge on the map."""
        a, _, c, _, e, f = self.transform
        return c, c + a * self.shape[1], f + e * self.shape[0], f

    def colour(self, bands: Sequence[str]) -> NDArray[np.float32]:
        """Three bands as (height, width, 3)."""
        return np.stack([self.bands[b] for b in bands], axis=-1)


def read_chip(passed: Pass, data: bytes) -> ChipImage:
    """Read the chip of a pass.

    Raises:
        LedgerError: the stored bytes are no such chip.
    """
    try:
        with MemoryFile(data) as memory, memory.open() as stored:
            names = [stored.descriptions[n] or passed.bands[n] for n in range(stored.count)]
            bands = {name: _quantity(stored, n) for n, name in enumerate(names, start=1)}
            crs, transform = passed.grid.crs, passed.grid.transform
            unit = stored.tags().get("UNIT", "")
    except (RasterioIOError, IndexError) as error:
        raise LedgerError(
            f"the chip {passed.chip} of the pass {passed.id} cannot be read as a GeoTIFF ({error}); "
            "run `sitewatch verify` to see whether its bytes are intact"
        ) from error
    quality = {name: bands.pop(name) for name in (_SCREEN, _FLAGS, _DOUBT) if name in bands}
    unseen = _unseen(bands, quality)
    if passed.sensor == "radar":
        bands = {name: _decibels(plane, unit) for name, plane in bands.items()}
        unseen |= ~np.isfinite(np.stack(list(bands.values()))).all(axis=0)
    return ChipImage(bands, unseen, crs, transform, passed)


def _unseen(bands: dict[str, NDArray[np.float32]], quality: dict[str, NDArray[np.float32]]) -> NDArray[np.bool_]:
    """Where the monitor dropped the pass, (height, width); nowhere without a quality layer."""
    values = np.stack(list(bands.values()))
    unseen = np.zeros(values.shape[1:], bool)
    if _SCREEN in quality:
        screen = quality[_SCREEN]
        rim = binary_dilation(np.isin(screen, _RIMMED), iterations=_RIM)
        unseen |= ~np.isin(screen, _SEEN) | rim | ~((values >= _LEAST) & (values <= _MOST)).all(axis=0)
    if _FLAGS in quality:
        flags = np.nan_to_num(quality[_FLAGS], nan=1).astype(np.int64)
        unseen |= ((flags & _HIDING) != 0) | binary_dilation((flags & _EDGED) != 0, iterations=_RIM)
        least, most = _KELVIN if "lwir11" in bands else (_LEAST, _MOST)
        unseen |= ~((values >= least) & (values <= most)).all(axis=0)
    if _DOUBT in quality:
        unseen |= ~((quality[_DOUBT] >= 0) & (quality[_DOUBT] <= _UNSURE))
    return unseen


def _decibels(gamma0: NDArray[np.float32], unit: str) -> NDArray[np.float32]:
    """Gamma0 in decibels, NaN for fill; without a stated unit it is power where it is hardly ever negative."""
    gamma0 = np.where((np.abs(gamma0) < _FILL) & (gamma0 != 0), gamma0, np.nan).astype(np.float32)
    held, words = gamma0[np.isfinite(gamma0)], set(re.findall(r"[a-z]+", unit.lower()))
    if words & {"db", "decibel", "decibels"} or (not words & {"linear", "power"} and held.size and np.median(held) < 0):
        return gamma0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gamma0 > 0, 10 * np.log10(gamma0), np.nan).astype(np.float32)


def _quantity(stored: rasterio.io.DatasetReader, band: int) -> NDArray[np.float32]:
    """One band in its unit: the stored number times the scale plus the offset, NaN where nothing was recorded."""
    raw = stored.read(band)
    scale, offset = stored.scales[band - 1], stored.offsets[band - 1]
    empty = np.isnan(raw) if np.issubdtype(raw.dtype, np.floating) else raw == (stored.nodata or 0)
    return np.where(empty, np.nan, raw * scale + offset).astype(np.float32)


def shared_stretch(
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    *,
    low: float = 2,
    high: float = 98,
    narrowest: float = NARROWEST,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both pictures on one scale from 0 to 1, so that a change of brightness is a change of the ground.

    Args:
        before: (height, width, 3), NaN where nothing was recorded.
        after: the same of the later pass; its height and width may differ.
        low: percentile, over both, that becomes black.
        high: percentile, over both, that becomes full.
        narrowest: least width of the stretch, in the unit of the pictures.
    """
    both = np.concatenate([before.reshape(-1, 3), after.reshape(-1, 3)])
    if not np.isfinite(both).any(axis=0).all():
        return np.full_like(before, np.nan), np.full_like(after, np.nan)
    floor, ceiling = np.nanpercentile(both, [low, high], axis=0)
    width = np.maximum(ceiling - floor, narrowest)

    def stretched(image: NDArray[np.float32]) -> NDArray[np.float32]:
        shown: NDArray[np.float32] = np.clip((image - floor) / width, 0, 1).astype(np.float32)
        return shown

    return stretched(before), stretched(after)
