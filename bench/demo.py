"""How long the demo takes and how much memory it needs: first run, second run, and with the environment to build.

Usage: python bench/demo.py [--environment]
Prints a table, then one JSON line for each figure. `--environment` clones the repository and runs `make demo` in it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, show

ROOT = Path(__file__).resolve().parents[1]


def measured(command: list[str], cwd: Path) -> tuple[float, float]:
    """Wall seconds of a command, and the peak memory in MB of its largest process.

    Raises:
        SystemExit: the command failed.
    """
    begun = time.perf_counter()
    child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {child.returncode}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--environment", action="store_true", help="also clone and build the environment")
    arguments = options.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, "-m", "sitewatch.cli", "demo", "--out", str(Path(folder) / "demo")]
        for case in ("first run", "second run"):
            seconds, memory = measured(demo, ROOT)
            figures += [Figure(case, "wall", seconds, "s"), Figure(case, "peak memory", memory, "MB")]
        seconds, _ = measured([sys.executable, "-m", "sitewatch.cli", "--help"], ROOT)
        figures.append(Figure("--help", "wall", seconds, "s"))
        if arguments.environment:
            clone = Path(folder) / "clone"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
            seconds, _ = measured(["make", "demo"], clone)
            figures.append(Figure("make demo, fresh clone", "wall", seconds, "s"))
    show("demo", figures)


if __name__ == "__main__":
    main()
