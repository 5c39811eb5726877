"""What a verb did, and how it tells of its progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (0 where nobody knows)."""


def silent(what: str, done: int, total: int) -> None:
    """No progress is shown."""


@dataclass
class Outcome:
    """What a verb did."""

    verb: str
    new: Counter[str] = field(default_factory=Counter)
    """Records added, by kind."""
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What could not be had this time, and why; the next run tries again where that can help."""
    unreachable: bool = False
    """True when an outside service failed."""
    wrong: bool = False
    """True when something in the case must be mended before it can work."""
    files: list[Path] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "verb": self.verb,
            "new": dict(self.new),
            "notes": self.notes,
            "faults": self.faults,
            "files": [str(path) for path in self.files],
        }
