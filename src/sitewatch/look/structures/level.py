"""Radiometric normalisation: gain and offset between two images, from ground that did not change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sitewatch.errors import InputError

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
_ROUNDS = 8
_KEPT = 2.5
"""Robust standard deviations beyond which a pixel is taken to have changed."""
_ENOUGH = 200
_SPAN = 4.1
"""Standard deviations of a normal distribution from its 2 % to its 98 % quantile."""


@dataclass(frozen=True, eq=False)
class Level:
    """What brings the values of the second image to those of the first."""

    gain: Doubles
    """(band,)."""
    offset: Doubles
    """(band,), in the first image's numbers."""
    unchanged: float
    """Share of the pixels that the regression kept, mean over the bands."""
    spread: Doubles
    """(band,): contrast of the first image in its numbers: its span from 2 to 98 % over 4.1."""

    def applied(self, second: Floats) -> Floats:
        """The second image (band, y, x) in the first's numbers."""
        out: Floats = (second * self.gain[:, None, None] + self.offset[:, None, None]).astype(np.float32)
        return out


def level(first: Floats, second: Floats, seen: Bools, names: tuple[str, str]) -> Level:
    """Fit gain and offset of each band by the reduced major axis, on pixels that did not change.

    The reduced major axis treats both images alike: swapped images give the inverse. It starts from medians and median
    deviations and leaves out, eight times, pixels beyond 2.5 robust standard deviations of the residual
    (pseudo-invariant pixels, after Schott, Salvaggio and Volchok, 1988).

    Args:
        first: (band, y, x), laid together with the second.
        second: (band, y, x).
        seen: (y, x), where both hold data.
        names: of the two images, for a message.

    Raises:
        InputError: too little common ground, or an image without contrast.
    """
    if seen.sum() < _ENOUGH:
        raise InputError(
            f"{names[0]} and {names[1]}: only {int(seen.sum())} pixels of the coarse level hold data in both, "
            f"{_ENOUGH} are needed; give a pair that shows the same ground"
        )
    fitted = [_fit(a[seen].astype(float), b[seen].astype(float), names) for a, b in zip(first, second, strict=True)]
    gain, offset, kept, spread = (np.array(column) for column in zip(*fitted, strict=True))
    return Level(gain, offset, float(kept.mean()), spread)


def _fit(a: Doubles, b: Doubles, names: tuple[str, str]) -> tuple[float, float, float, float]:
    spreads = [_spread(values) for values in (a, b)]
    for spread, name in zip(spreads, names, strict=True):
        if not spread > 0:
            raise InputError(
                f"{name}: a band holds one value on the common ground (cloud, snow or an empty band?); give an image "
                "that shows the ground, or leave the band out"
            )
    gain, kept = spreads[0] / spreads[1], np.ones(len(a), bool)
    offset = float(np.median(a) - gain * np.median(b))
    for _ in range(_ROUNDS):
        residual = (a - gain * b - offset) / np.sqrt(2)
        now = np.abs(residual - np.median(residual)) <= _KEPT * max(_spread(residual), 1e-9 * spreads[0])
        if now.sum() < _ENOUGH // 4 or not (a[now].std() > 0 and b[now].std() > 0):
            break
        kept = now
        gain = float(a[kept].std() / b[kept].std())
        offset = float(a[kept].mean() - gain * b[kept].mean())
    low, high = np.quantile(a, (0.02, 0.98))
    return gain, offset, float(kept.mean()), max(float(high - low) / _SPAN, spreads[0])


def _spread(values: Doubles) -> float:
    """1.4826 median absolute deviation; the standard deviation where over half of the values are one."""
    robust = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    return robust or float(values.std())
