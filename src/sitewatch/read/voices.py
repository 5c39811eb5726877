"""All attributions of one parsed paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.read.phrases import according, nominal
from sitewatch.read.quoting import with_quotations
from sitewatch.read.reporting import verbal
from sitewatch.read.spans import covered
from sitewatch.read.speech import Attribution

if TYPE_CHECKING:
    from spacy.tokens import Doc


def attributions(doc: Doc, before: Attribution | None = None) -> list[Attribution]:
    """Attributions of one paragraph, in order of their cues.

    Args:
        doc: the parsed paragraph.
        before: the last attribution of the paragraph before, whose speaker a paragraph may go on quoting.
    """
    found = [*verbal(doc), *according(doc), *nominal(doc)]
    found = _without_doubles(sorted(found, key=lambda a: a.cue.i))
    return with_quotations(doc, found, before)


def _without_doubles(found: list[Attribution]) -> list[Attribution]:
    """One attribution per cue, and none for a verb that is part of another's cue ("declined to say")."""
    once = list({a.cue.i: a for a in found}.values())
    return [a for a in once if not any(b.cue != a.cue and covered((a.cue.idx, a.cue.idx + 1), b.cues) for b in once)]
