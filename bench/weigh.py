"""How long a question takes to weigh, and what memory it takes, as the reports grow.

Usage: python bench/weigh.py [--quick]

Made-up cases of four hypotheses and 10,000 draws, everything with a range. Each outlet has up to ten reports; every
third report retells an earlier one, every fifth shares its official with one, every seventh denies; beside ten reports
stands one look. "items" counts reports. In "shared indicators" there are 20 indicators however many reports; in "an
indicator each" every report brings an indicator of its own, which is the most that draws can cost.

Each size runs in a process of its own: the best of three runs after a first one, by the clock and by the processor (the
clock also counts what other programs take), and the peak of memory above what the process held before its records were
made. `growth` is the processor's time over that of a tenth of the reports. Wanted: 200 items in under 1 s and 300 MB,
and ten times as many in at most 12 times the time.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from figures import Figure, show
from sitewatch.records import (
    Assumptions,
    Claim,
    Grade,
    Hypothesis,
    Indicator,
    Item,
    Lineage,
    Look,
    Modality,
    Probability,
    Question,
    Record,
    Result,
    Source,
    View,
    When,
    day_end,
)
from sitewatch.weigh import assess

HYPOTHESES, SAMPLES, SHARED = ("a", "b", "c", "other"), 10_000, 20
SIZES = (20, 200, 2000)
HEAD = sha256(b"bench").hexdigest()
FIRST = date(2018, 1, 1)


def case(items: int, indicators: int, seed: int = 0) -> tuple[Question, View, Assumptions]:
    """A made-up question with its reports and looks."""
    chance = random.Random(seed)  # noqa: S311 - a made-up case, not a secret
    question = Question(
        slug="bench",
        text="What is it?",
        site="site",
        hypotheses=tuple(Hypothesis(id=h, text=f"it is {h}") for h in HYPOTHESES),
        indicators=tuple(_indicator(n, chance) for n in range(indicators)),
    )
    records: list[Record] = [
        Source(slug=f"o{n}", name=f"Outlet {n}", owner=f"o{n}", grades=(Grade(letter="ABCDEF"[n % 6], why="made up"),))
        for n in range(max(1, items // 10))
    ]
    reports: list[Item] = []
    for n in range(items):
        records += _report(n, f"sign{n % indicators}x", f"o{n % max(1, items // 10)}", reports)
    records += [_look(n, f"sign{n % indicators}x", chance) for n in range(items // 10)]
    letters = {letter: (0.9 - 0.08 * n, 0.05 + 0.05 * n) for n, letter in enumerate("ABCDEF")}
    given = Assumptions(
        hit={letter: _range(h, 0.1) for letter, (h, _) in letters.items()},
        false={letter: _range(f, 0.04) for letter, (_, f) in letters.items()},
        shared=_range(0.5, 0.2),
        visible=_range(0.9, 0.05),
        monitor_detect=_range(0.6, 0.2),
        monitor_false=_range(0.1, 0.05),
        samples=SAMPLES,
    )
    return question, View(records, head=HEAD), given


def _range(best: float, half: float) -> Probability:
    return Probability(lo=max(0.001, best - half), best=best, hi=min(0.999, best + half), origin="made up")


def _indicator(n: int, chance: random.Random) -> Indicator:
    return Indicator(
        id=f"i{n}",
        text=f"Sign {n} is there.",
        why="Made up.",
        likelihood={h: _range(chance.uniform(0.1, 0.9), 0.09) for h in HYPOTHESES},
        terms=((f"sign{n}x",),),
        observables=(f"sign{n}x",),
    )


def _report(n: int, sign: str, outlet: str, reports: list[Item]) -> list[Record]:
    """A report with its claim and what ties it to earlier ones of the same sign."""
    day = FIRST + timedelta(days=n % 700)
    known, text = day_end(day), f"Report {n} says that {sign} was seen."
    item = Item(
        available_at=known, artifact=sha256(text.encode()).hexdigest(), text=text, origin=f"{n}.txt", title=None,
        outlet=outlet, published=When.of(day),
    )  # fmt: skip
    modality = Modality.DENIED if n % 7 == 6 else Modality.ASSERTED
    first = text.index(sign)
    told: list[Record] = [item, Claim(available_at=known, item=item.id, quote=sign, span=(first, first + len(sign)),
                                      modality=modality, places=("site",))]  # fmt: skip
    earlier = [other for other in reports[-300:] if other.text.split()[4] == sign]
    if earlier and n % 3 == 2:
        told.append(_edge(item, earlier[-1], "copy"))
    elif earlier and n % 5 == 4:
        told.append(_edge(item, earlier[0], "same_official"))
    reports.append(item)
    return told


def _edge(child: Item, parent: Item, relation: str) -> Lineage:
    known = max(at for at in (child.available_at, parent.available_at) if at)
    return Lineage(
        available_at=known, child=child.id, parent=parent.id, relation=relation, score=1, method="analyst: made up"
    )


def _look(n: int, sign: str, chance: random.Random) -> Look:
    day = FIRST + timedelta(days=n)
    return Look(
        available_at=day_end(day), site="site", observable=sign, result=chance.choice((Result.SEEN, Result.NOT_SEEN)),
        when=When.of(day), by="analyst", provider=f"provider {n}", publisher="Analysts",
        p_detect=_range(0.7, 0.15), p_false=_range(0.05, 0.03),
    )  # fmt: skip


def one(items: int, indicators: int) -> dict[str, float]:
    """Measure one size in this process."""
    before = memory("VmRSS")
    question, view, given = case(items, indicators)
    seconds, processor = [], []
    for _ in range(4):
        begun, worked = time.perf_counter(), time.process_time()
        assess(question, view, given, evidence_head=HEAD, engine="bench", config=HEAD)
        seconds.append(time.perf_counter() - begun)
        processor.append(time.process_time() - worked)
    memory_taken = memory("VmHWM") - before
    return {"best": min(seconds[1:]), "processor": min(processor[1:]), "first": seconds[0], "memory": memory_taken}


def memory(what: str) -> float:
    """A figure of this process's memory from Linux, MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(what))


def measured(items: int, indicators: int) -> dict[str, float]:
    """Measure one size in a process of its own."""
    command = [sys.executable, __file__, "--one", json.dumps({"items": items, "indicators": indicators})]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the two smaller sizes only; no measurement")
    parser.add_argument("--one", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(one(**arguments.one)))
        return
    figures = []
    for name in ("shared indicators", "an indicator each"):
        last = float("nan")
        for items in SIZES[:2] if arguments.quick else SIZES:
            row = measured(items, SHARED if name == "shared indicators" else items)
            about = f"{items:,} items, {name}"
            figures += [
                Figure(about, "best run", row["best"], "s"),
                Figure(about, "of the processor", row["processor"], "s"),
                Figure(about, "first run", row["first"], "s"),
                Figure(about, "peak memory", row["memory"], "MB"),
                Figure(about, "growth", row["processor"] / last, "ratio"),
            ]
            last = row["processor"]
    show("weigh", figures)


if __name__ == "__main__":
    main()
