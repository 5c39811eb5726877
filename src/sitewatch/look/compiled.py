"""Loops over pixels that array expressions can't do fast: compiled on first use, and kept beside the package.

Compiled without `fastmath`, which would drop the tests for NaN. Compiled functions take and give plain arrays, and
release the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """The function as machine code."""
    return cast(_Function, numba.njit(cache=True, nogil=True)(function))


@compiled
def middle(buffer: NDArray[Any], count: int) -> float:  # noqa: C901 - a compiled loop
    """Median of the first `count` values of a buffer, which is reordered (Hoare's selection); NaN for none."""
    if count == 0:
        return np.nan
    wanted = count // 2
    low, high = 0, count - 1
    while low < high:
        pivot = buffer[wanted]
        i, j = low, high
        while i <= j:
            while buffer[i] < pivot:
                i += 1
            while buffer[j] > pivot:
                j -= 1
            if i <= j:
                buffer[i], buffer[j] = buffer[j], buffer[i]
                i += 1
                j -= 1
        if j < wanted:
            low = i
        if wanted < i:
            high = j
    upper = float(buffer[wanted])
    if count % 2:
        return upper
    lower = float(buffer[0])
    for i in range(1, wanted):
        lower = max(lower, float(buffer[i]))
    return 0.5 * (lower + upper)
