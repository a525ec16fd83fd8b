"""Counts every request, so that tests can assert how many calls a job really needed."""

import threading
from collections import Counter, defaultdict


class Calls:
    """Requests by service and operation since the start or the last reset. Safe to use from every thread.

    The service ``throttled`` counts those that a rate limit refused; injected failures are not among them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def count(self, service: str, operation: str) -> None:
        with self._lock:
            self._counters[service][operation] += 1

    def as_dict(self) -> dict[str, dict[str, int]]:
        with self._lock:
            return {service: dict(sorted(counter.items())) for service, counter in sorted(self._counters.items())}

    def clear(self) -> None:
        with self._lock:
            self._counters.clear()
