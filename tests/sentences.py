"""What a page says, block by block, as the linter reads it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

INLINE = frozenset({"a", "b", "bdi", "strong", "span", "code", "mark", "em"})


class _Told(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self._hidden = "", 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag == "style"
        self._block(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "style"
        self._block(tag)

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data.replace("\n", " ")

    def _block(self, tag: str) -> None:
        self.text += "" if tag in INLINE else "\n\n"


def said_on(html: str, *, others: bool = True) -> str:
    """The text of a page, a blank line between blocks.

    Args:
        html: the page.
        others: False to leave out what others wrote (`bdi`), which the page quotes.
    """
    return _Told(html if others else re.sub(r"<bdi>(.*?)</bdi>", "“…”", html, flags=re.DOTALL)).text
