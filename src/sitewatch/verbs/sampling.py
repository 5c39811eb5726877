"""Sampling plans in words: how many items to inspect, or what a sample without a defective one says."""

from __future__ import annotations

from sitewatch.errors import InputError
from sitewatch.weigh.sampling import chance_found, items_to_inspect, most_defects

Told = dict[str, int | float | str]


def plan(total: int, probability: float, *, defects: int | None, inspected: int | None) -> Told:
    """One plan, ready for JSON; `says` has it in words.

    Args:
        total: items there are.
        probability: above 0, up to 1.
        defects: of which at least one is to be found.
        inspected: drawn at random and all of them right; either this or `defects`.

    Raises:
        InputError: both or neither of the two are given, or the numbers do not fit.
    """
    given: Told = {"total": total, "probability": probability}
    if defects is not None and inspected is None:
        n = items_to_inspect(total, defects, probability)
        reached = chance_found(total, defects, n)
        says = (
            f"Inspect {n} of the {total} items, drawn at random: at least one of {defects} defective items is then "
            f"among them with probability {_share(reached, certain=n > total - defects)}. {_TELLS}"
        )
        return given | {"defects": defects, "inspect": n, "reached": reached, "says": says}
    if inspected is not None and defects is None:
        most = most_defects(total, inspected, probability)
        left = _left(most, total, probability)
        says = f"{inspected} of the {total} items inspected and none defective: {left} {_TELLS}"
        return given | {"inspected": inspected, "most_defects": most, "says": says}
    raise InputError(
        f"--defects and --inspected: found {'neither' if defects is None else 'both'}; right would be one of them: "
        "--defects to plan a sample, --inspected for one that found nothing"
    )


_TELLS = "The inspection of an item is taken to tell for certain."


def _left(most: int, total: int, probability: float) -> str:
    if most == total:
        return "nothing is excluded, since nothing was inspected."
    reached = _share(probability, certain=probability == 1)
    excluded = f"{most + 1} or more would have shown with probability {reached} or higher."
    return f"at most {most} can be defective; {excluded}"


def _share(probability: float, *, certain: bool) -> str:
    """A probability in six digits; 1 only where it is exactly that."""
    told = f"{probability:.6g}"
    return "above 0.999999" if told == "1" and not certain else told
