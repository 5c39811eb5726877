"""The two bundled cases, and the whole job on them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from sitewatch.verbs import Bench, Outcome, Progress, silent

HERE = Path(__file__).parent

DAYS: dict[str, tuple[date, ...]] = {
    "korea-2018": (date(2018, 7, 25), date(2018, 8, 10), date(2019, 3, 10)),
    "romania-forest": (date(2019, 6, 30), date(2019, 7, 10), date(2019, 8, 31)),
}
"""The bundled cases, and the days whose briefs the demo tells."""


def copy_case(name: str, folder: Path) -> Path:
    """Lay a bundled case out in a folder; what a ledger there already holds stays.

    Returns:
        The case's folder.
    """
    shutil.copytree(HERE / name, folder / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return folder / name


def run_demo(out: Path, *, progress: Progress = silent) -> list[Outcome]:
    """Do the four verbs on each bundled case, and tell what could be known on some of its days.

    Returns:
        What each verb did.
    """
    outcomes: list[Outcome] = []
    for name, days in DAYS.items():
        with Bench.open(copy_case(name, out), progress=progress) as bench:
            outcomes += [bench.look(), bench.read(), bench.weigh(), bench.tell()]
            outcomes += [bench.asof(day) for day in days]
    return outcomes
