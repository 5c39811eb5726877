"""Landsat's Collection 2: where a pass did not see the ground, told by its QA_PIXEL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

SHUNNED_BITS = {0: "fill", 1: "dilated cloud", 2: "cirrus", 3: "cloud", 4: "cloud shadow", 5: "snow"}
"""Bits of Collection 2's QA_PIXEL that hide or change the ground (USGS LSDS-1328); 6 is clear, 7 water, 8 on are
confidences."""
EDGED_BITS = (1, 2, 3, 4)
"""Of these, the ones whose edges reach farther than they are drawn."""
EDGE_PX = 2
"""Pixels of 30 m around these that are dropped with them."""


def hidden(qa_pixel: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(y, x): True where fill, snow, cloud, its shadow or cirrus hid the ground, or lies within 2 pixels (not snow).

    Args:
        qa_pixel: (y, x), as delivered.
    """
    edges = binary_dilation(_any_bit(qa_pixel, EDGED_BITS), iterations=EDGE_PX)
    return np.asarray(_any_bit(qa_pixel, tuple(SHUNNED_BITS)) | edges)


def _any_bit(flags: NDArray[np.integer], bits: Sequence[int]) -> NDArray[np.bool_]:
    """Where any of some bits is set."""
    return np.asarray((flags & sum(1 << bit for bit in bits)) != 0)
