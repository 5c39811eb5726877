"""Scores of forecasts whose questions are resolved; each question weighs the same, however often it was forecast.

Brier (1950) as the mean over hypotheses, each a yes or no; the logarithmic score (Good 1952) with clipped
probabilities; Murphy's (1973) parts over the bands of ICD 203, with the fourth part that bands of more than one value
need (Stephenson, Coelho and Jolliffe 2008); and by band, how often what was said came true, where there is enough to
tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import ceil, log, sqrt
from typing import NamedTuple

from scipy.special import betaincinv, ndtri

from sitewatch.records import BandScore, Forecast, Murphy, Resolution, ScoredQuestion, Scores, View
from sitewatch.records.forecasts import Verdict
from sitewatch.weigh.scales import ICD_203, Band, percent, word_of

CLIP = 0.01
"""The logarithmic score takes no probability for less, nor for more than its complement."""
APART = 0.10
"""What a band is held against: a share ten points away."""
ERROR, MISS = 0.05, 0.20
"""One-sided chance of telling two shares apart that are one, and of not telling them apart."""
_BANDS: tuple[Band, ...] = (Band("below 1 %", 0, 0), *ICD_203, Band("above 99 %", 100, 100))


class Trial(NamedTuple):
    """One yes-or-no forecast."""

    question: str
    p: float
    """Probability that was given."""
    happened: bool
    weight: float
    """Its share of the whole; all shares add up to 1."""


def score(view: View) -> Scores:
    """The scores of all forecasts in a view whose questions are resolved there.

    The row of each forecast that starts from equal priors is scored, at its best values. Of several on one day the last
    counts. Forecasts on terms that the case has changed since are counted and not scored.
    """
    said = defaultdict(list)
    for forecast in view.of(Forecast):
        said[forecast.question].append(forecast)
    resolved = {r.question: r for r in view.of(Resolution)}
    days = {slug: _days(said[slug], resolution) for slug, resolution in resolved.items()}
    questions = tuple(_question(resolved[slug], days[slug], said[slug]) for slug in resolved)
    trials = _trials({slug: (resolved[slug].hypothesis, d) for slug, d in days.items() if d})
    needed, scored = tell_apart(0.70, 0.80), sum(bool(d) for d in days.values())
    whole = Scores(questions=questions, scored=scored, needed=needed, enough=scored >= needed)
    if not trials:
        return whole
    even = [1 / len(d[0]) for d in days.values() if d]
    logs = [q.log for q in questions if q.log is not None]
    return whole.model_copy(
        update={
            "brier": brier(trials),
            "brier_even": sum(p * (1 - p) for p in even) / len(even),
            "log": sum(logs) / len(logs),
            "log_even": sum(-log(clipped(p)) for p in even) / len(even),
            "murphy": murphy(trials),
            "bands": by_band(trials),
        }
    )


def brier(trials: Sequence[Trial]) -> float:
    """Weighted mean of (p - happened)^2; 0 is best, 1 worst."""
    return sum(t.weight * (t.p - t.happened) ** 2 for t in trials)


def clipped(p: float) -> float:
    """A probability kept between `CLIP` and its complement, so that one miss is not worth more than all else."""
    return min(max(p, CLIP), 1 - CLIP)


def murphy(trials: Sequence[Trial]) -> Murphy:
    """The Brier score in parts, over the bands of the scale: reliability - resolution + uncertainty + within."""
    base = min(sum(t.weight * t.happened for t in trials), 1.0)
    reliability = resolution = within = 0.0
    for members in _banded(trials).values():
        share, said, happened = _means(members)
        reliability += share * (said - happened) ** 2
        resolution += share * (happened - base) ** 2
        within += sum(t.weight * ((t.p - said) ** 2 - 2 * (t.p - said) * (t.happened - happened)) for t in members)
    return Murphy(reliability=reliability, resolution=resolution, uncertainty=base * (1 - base), within=within)


def by_band(trials: Sequence[Trial]) -> tuple[BandScore, ...]:
    """What was said in each band that was used, and how often it happened.

    A question is one trial of a band, whatever the number of its days and hypotheses in it: its mean counts. The range
    of the share is that of a flat prior, Beta(1 + came true, 1 + did not), 5 to 95 %.
    """
    return tuple(_band_score(band, members) for band, members in sorted(_banded(trials).items(), key=lambda b: b[0].lo))


def _band_score(band: Band, members: Sequence[Trial]) -> BandScore:
    mine: dict[str, list[Trial]] = defaultdict(list)
    for trial in members:
        mine[trial.question].append(trial)
    means = [_means(trials)[1:] for trials in mine.values()]
    n = len(means)
    said, happened = (sum(mean[i] for mean in means) / n for i in (0, 1))
    lo, hi = (float(betaincinv(1 + n * happened, 1 + n * (1 - happened), q)) for q in (0.05, 0.95))
    needed = max(tell_apart(said, other) for other in (said - APART, said + APART) if 0 <= other <= 1)
    return BandScore(
        word=band.word, lo=band.lo, hi=band.hi, questions=n, said=said, happened=happened, share_lo=lo, share_hi=hi,
        needed=needed, verdict="too few to tell" if n < needed else _verdict(said, lo, hi),
    )  # fmt: skip


def _verdict(said: float, lo: float, hi: float) -> Verdict:
    """Overconfident is what was said too far from one half, on its own side of it; also where the share lies beyond."""
    if lo <= said <= hi:
        return "as often as said"
    too_far = said > hi if said > 0.5 else said < lo and said < 0.5
    return "overconfident" if too_far else "underconfident"


def tell_apart(first: float, second: float) -> int:
    """Independent forecasts that it takes to tell a share of `second` from one of `first`.

    One-sided test of a proportion at 5 %, with a power of 80 %, by the normal approximation (Fleiss, Levin and Paik
    2003, section 2.5): .70 from .80 takes 119.
    """
    error, miss = (float(ndtri(1 - risk)) for risk in (ERROR, MISS))
    wide = error * sqrt(first * (1 - first)) + miss * sqrt(second * (1 - second))
    return max(ceil((wide / (second - first)) ** 2 - 1e-9), 1)


def _days(forecasts: Iterable[Forecast], resolution: Resolution) -> list[dict[str, float]]:
    """The last forecast of each day on the resolution's terms, made before they could be settled; in order."""
    last: dict[date, Forecast] = {}
    for one in forecasts:
        if one.terms == resolution.terms and one.made < min(one.terms.resolves, resolution.on):
            last[one.made] = one
    return [last[day].even for day in sorted(last)]


def _question(resolution: Resolution, days: Sequence[dict[str, float]], said: Sequence[Forecast]) -> ScoredQuestion:
    true = resolution.hypothesis
    trials = _trials({resolution.question: (true, days)}) if days else []
    return ScoredQuestion(
        question=resolution.question,
        resolution=resolution.id,
        hypothesis=true,
        forecasts=len(days),
        other_terms=sum(f.terms != resolution.terms for f in said),
        brier=brier(trials) if days else None,
        log=sum(-log(clipped(day[true])) for day in days) / len(days) if days else None,
        last=days[-1] if days else {},
    )


def _trials(questions: Mapping[str, tuple[str, Sequence[dict[str, float]]]]) -> list[Trial]:
    """Each hypothesis on each day as a yes or no; every question has the same share, and so has each part of it."""
    return [
        Trial(slug, p, hypothesis == true, 1 / (len(questions) * len(days) * len(day)))
        for slug, (true, days) in questions.items()
        for day in days
        for hypothesis, p in day.items()
    ]


def _banded(trials: Iterable[Trial]) -> dict[Band, list[Trial]]:
    banded: dict[Band, list[Trial]] = defaultdict(list)
    for trial in trials:
        word = word_of(percent(trial.p), _BANDS)
        banded[next(band for band in _BANDS if band.word == word)].append(trial)
    return banded


def _means(trials: Sequence[Trial]) -> tuple[float, float, float]:
    """The share of some trials, the mean of what was said, and how often it happened."""
    share = sum(t.weight for t in trials)
    return share, sum(t.weight * t.p for t in trials) / share, sum(t.weight * t.happened for t in trials) / share
