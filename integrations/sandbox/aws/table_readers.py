"""What the sandbox itself remembers of portals' tables; their rows and streams live in moto."""

from dataclasses import dataclass, field


@dataclass
class PortalTables:
    readers: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)  # table ARN → role ARN → actions
    iterators_valid_from: float = 0.0  # those of streams that were given out before have expired
