"""Loading ahead: most of the time goes by waiting for a line."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


def ahead(work: Callable[[T], U], things: Iterable[T], *, threads: int = 4) -> Iterator[tuple[T, Callable[[], U]]]:
    """Work on a few things ahead of the one that is asked for, in threads.

    Yields:
        Each thing in its order with a call that waits for its result, or raises what the work raised.
    """
    pool = ThreadPoolExecutor(threads)
    waiting: deque[tuple[T, Future[U]]] = deque()
    try:
        for thing in things:
            waiting.append((thing, pool.submit(work, thing)))
            if len(waiting) > threads:
                first, future = waiting.popleft()
                yield first, future.result
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
