from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitewatch.case import CaseError, Problem, load_case

WHOLE = """\
title = "A case"

[[sites]]
id = "sohae"
name = "Sohae"
aliases = ["Tongchang-ri"]
nature = "launch site"
fence = [[124.70, 39.65], [124.72, 39.65], [124.72, 39.67], [124.70, 39.67]]
watch_from = 2018-01-01

[[sites.zones]]
id = "stand"
name = "Test stand"
fence = [[124.71, 39.65], [124.72, 39.65], [124.72, 39.66]]

[[sites]]
id = "plant"
name = "A plant that only analysts look at"

[[catalogues]]
id = "stac"
folder = "stac"
collection = "s2"
since = 2016-01-01

[[outlets]]
id = "wire-a"
name = "Wire A"
owner = "Family A"
grade = "B"
credits = ["Wire A", "(WA)"]

[[outlets]]
id = "daily-b"
name = "Daily B"
owner = "Family B"
[[outlets.grades]]
letter = "C"
why = "a weak record"
[[outlets.grades]]
since = 2018-01-01
letter = "D"
why = "a fabricated interview"

[[reports]]
folder = "reports"

[[reports]]
feed = "https://news.example.org/feed"
outlet = "daily-b"

[[looks]]
table = "looks/sohae.csv"
p_detect = [0.5, 0.8, 0.95]

[[questions]]
id = "missiles"
text = "Are missiles being built?"
site = "plant"
next_looks = ["trailer"]
[[questions.hypotheses]]
id = "built"
text = "They are."
[[questions.hypotheses]]
id = "idle"
text = "They are not."
[[questions.indicators]]
id = "trailer"
text = "A covered trailer."
why = "Trailers like it moved missiles before."
terms = ["Covered  trailer", "trailer shrouded"]
observables = ["covered_trailer"]
likelihood.built = [0.7, 0.9, 0.95]
likelihood.idle = [0.4, 0.6, 0.8]

[[commitments]]
id = "pledge"
clause = "The stand will be destroyed."
obligor = "the state"
form = "reported by the other party"
made = 2018-06-12
available = 2018-06-13
confirmed_by_obligor = false
names_site = false
site = "sohae"
deadline = 2019-06-12
reversed_by = ["rebuilding"]
[[commitments.steps]]
progress = 1
any_of = ["shelter_razed"]
[[commitments.steps]]
progress = 3
all_of = ["stand_gone", "foundations_gone"]

[[links]]
child = "reports/b.txt"
parent = "reports/a.txt"
relation = "same_official"
why = "Both quote the same briefing."

[assumptions]
visible = [0.7, 0.8, 0.9]
seed = 7
[assumptions.hit]
A = { range = [0.9, 0.95, 0.99], why = "checked against ten years of corrections" }
"""

TABLE = """\
site,acquired,published,publisher,provider,resolution_m,observable,result,p_detect_lo,p_detect_hi,p_false_lo,p_false_hi,note,redistributable
sohae,2018-07-20,2018-07-23,38 North,DigitalGlobe,0.5,shelter_razed,seen,0.8,0.9,0.01,0.05,"Gone,
all of it",false
sohae,2018-02-16/2018-03-02,2018-03-05,38 North,,,rebuilding,not seen,,,,,,yes
sohae,2018-08-01/,,Beyond,P,3,dormant,OBSCURED,,,,,,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case's folder with all that the whole case names."""
    for name in ("stac", "reports", "looks"):
        (tmp_path / name).mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "reports" / name).write_text("A report.")
    (tmp_path / "looks" / "sohae.csv").write_text(TABLE)
    (tmp_path / "case.toml").write_text(WHOLE)
    return tmp_path


Wrong = Callable[..., tuple[Problem, ...]]


@pytest.fixture
def wrong(folder: Path) -> Wrong:
    """Load the whole case with some words replaced, and give what is wrong with it; each word must be there."""

    def load(*changes: tuple[str, str], file: str = "case.toml") -> tuple[Problem, ...]:
        text = (folder / file).read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / file).write_text(text)
        with pytest.raises(CaseError) as error:
            load_case(folder)
        return error.value.problems

    return load
