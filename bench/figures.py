"""What every bench prints: a table for people, then one JSON line for each number."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from scipy.stats import beta, gamma


@dataclass(frozen=True)
class Figure:
    """One measured number; `low` and `high` are the ends of its 90 % interval, where it has one."""

    case: str
    metric: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        """As it stands in the table."""
        if self.low is None or self.high is None:
            return _short(self.value)
        return f"{_short(self.value)} [{_short(self.low)}, {_short(self.high)}]"

    def lines(self, bench: str) -> list[str]:
        """Its JSON lines; NaN becomes null."""
        ends = {"": self.value, " low": self.low, " high": self.high}
        return [
            json.dumps({
                "bench": bench, "case": self.case, "metric": self.metric + end, "value": _rounded(value),
                "unit": self.unit,
            })
            for end, value in ends.items() if value is not None
        ]  # fmt: skip


def share(case: str, metric: str, hits: int, trials: int) -> Figure:
    """A share with its 90 % Jeffreys interval; NaN where nothing was tried."""
    if not trials:
        return Figure(case, metric, math.nan, "share")
    low = float(beta.ppf(0.05, hits + 0.5, trials - hits + 0.5)) if hits else 0.0
    high = float(beta.ppf(0.95, hits + 0.5, trials - hits + 0.5)) if hits < trials else 1.0
    return Figure(case, metric, hits / trials, "share", low, high)


def rate(case: str, metric: str, count: int, years: float) -> Figure:
    """Events a site-year with their 90 % Jeffreys interval."""
    low = float(gamma.ppf(0.05, count + 0.5)) / years if count else 0.0
    high = float(gamma.ppf(0.95, count + 0.5)) / years
    return Figure(case, metric, count / years, "a site-year", low, high)


def show(bench: str, figures: Sequence[Figure]) -> None:
    """Print the tables, then the JSON lines; cases that follow each other with the same metrics share a table."""
    cases = [list(rows) for _, rows in groupby(figures, key=lambda figure: figure.case)]
    for _, rows in groupby(cases, key=lambda row: [figure.metric for figure in row]):
        _table(list(rows))
    for figure in figures:
        print("\n".join(figure.lines(bench)))


def _table(cases: list[list[Figure]]) -> None:
    heads = ["", *(figure.metric for figure in cases[0])]
    rows = [heads] + [[row[0].case, *map(str, row)] for row in cases]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *cells in rows:
        padded = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        print(f"{name:{widths[0]}}", *padded, sep="  ")
    print()


def _short(value: float) -> str:
    if math.isnan(value):
        return "-"
    if float(value).is_integer() or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.3f}"


def _rounded(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
