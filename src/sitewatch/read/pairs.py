"""Two claims set side by side: conflict, update, drift, agreement, each with a sentence that has both values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sitewatch.records import Claim, Quantity, Range, Relation


@dataclass(frozen=True)
class _Pair:
    """Two claims, what about them is compared, and both values in a sentence."""

    a: Claim
    b: Claim
    about: str
    says: str
    a_value: Quantity | None = None
    b_value: Quantity | None = None


class _Recorded(_Pair):
    """A pair that the ledger keeps."""

    relation: ClassVar[Literal["conflict", "update", "drift"]]

    def record(self) -> Relation:
        """The pair as a record, available from the day on which both claims are."""
        known = [c.available_at for c in (self.a, self.b)]
        return Relation(
            available_at=max(k for k in known if k) if all(known) else None,
            relation=self.relation,
            a=self.a.id,
            b=self.b.id,
            about=self.about,
            says=self.says,
            a_value=_range(self.a_value),
            b_value=_range(self.b_value),
        )


class Conflict(_Recorded):
    """Two independent roots say what cannot both be so."""

    relation = "conflict"


class Update(_Recorded):
    """One chain says something new of the same thing; `a` is the earlier."""

    relation = "update"


class Drift(_Recorded):
    """A retelling (`b`) is surer than its root (`a`), or says something else."""

    relation = "drift"


class Agreement(_Pair):
    """Two independent roots give values that can both be so."""

    def record(self) -> None:
        """None: the ledger keeps what is at odds; what agrees stands in the claims themselves."""


Related = Conflict | Update | Drift | Agreement


def _range(value: Quantity | None) -> Range | None:
    if value is None or value.hi is None:
        return None
    return Range(lo=value.lo, best=(value.lo + value.hi) / 2, hi=value.hi, origin=value.text)
