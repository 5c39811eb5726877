"""What one paragraph tells of numbers, times and places, ready to be asked by span."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from sitewatch.read.places import Mention
from sitewatch.read.prose import Paragraph
from sitewatch.read.quantities import quantities
from sitewatch.read.spans import Chars, covered
from sitewatch.read.times import times
from sitewatch.records import Modality, Quantity, When

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token


class Facts:
    """Numbers, times and places of one paragraph; spans that are asked for are characters of the paragraph."""

    def __init__(self, block: Paragraph, doc: Doc, published: date | None, named: Sequence[Mention]) -> None:
        self.block, self.doc, self.published, self.named = block, doc, published, named

    def into_text(self, span: Chars) -> Chars:
        """A span of the paragraph as a span of the whole text."""
        return self.block.start + span[0], self.block.start + span[1]

    def places(self, span: Chars) -> tuple[str, ...]:
        """Sites named in a span, in order of mention."""
        return tuple(dict.fromkeys(m.site for m in self.named if span[0] <= m.start < span[1]))

    def quantities(self, spans: Iterable[Chars]) -> tuple[Quantity, ...]:
        """Quantities that lie in some spans; their own spans are into the whole text."""
        wanted = [self.into_text(s) for s in spans]
        return tuple(q for q in self._quantities if covered(q.span, wanted) == q.span[1] - q.span[0])

    def time(self, spans: Iterable[Chars], modality: Modality) -> When:
        """The first time in some spans that is the time of the thing itself, not of something told beside it.

        A time inside a relative clause ("the missiles that were flown last year") belongs to what that clause tells.
        """
        wanted = list(spans)
        for span, when in self._ahead if modality is Modality.PLANNED else self._times:
            if covered(span, wanted) == span[1] - span[0] and not self._is_beside(span, wanted):
                return when
        return When()

    def _is_beside(self, span: Chars, wanted: Sequence[Chars]) -> bool:
        token: Token | None = next((t for t in self.doc if t.idx + len(t) > span[0]), None)
        while token is not None and covered((token.idx, token.idx + 1), wanted):
            if token.dep_ == "relcl":
                return covered((token.head.idx, token.head.idx + 1), wanted) > 0
            token = token.head if token.head != token else None
        return False

    @cached_property
    def _quantities(self) -> list[Quantity]:
        barred = [*(span for span, _ in self._times), *((m.start, m.end) for m in self.named)]
        return quantities(self.doc, offset=self.block.start, without=barred)

    @cached_property
    def _times(self) -> list[tuple[Chars, When]]:
        return times(self.block.text, self.published)

    @cached_property
    def _ahead(self) -> list[tuple[Chars, When]]:
        return times(self.block.text, self.published, forward=True)
