"""What every provider can do, and what may come of handing a message over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Answer(StrEnum):
    """What a provider made of a message."""

    accepted = "accepted"
    refused = "refused"  # this message, for good: no such number
    elsewhere = "elsewhere"  # certainly not taken, and not for the message's sake: another provider may
    unsure = "unsure"  # taken or not: the same provider must be asked again with the same key


@dataclass(frozen=True)
class Outgoing:
    """One message as it goes out. `key` is the same at every try: whoever has seen it sends nothing again."""

    key: str
    at: str
    to: str
    template: str
    version: int
    text: str
    params: Mapping[str, str] = field(repr=False)


class Provider(Protocol):
    """A way out."""

    @property
    def name(self) -> str: ...

    @property
    def at_once(self) -> int:
        """How many messages it is given together: no more than it answers for within a lease."""

    def send(self, messages: Sequence[Outgoing]) -> list[Answer]:
        """Hand messages over; one answer each, in their order. Never raises."""

    def receipts(self, keys: Sequence[str]) -> dict[str, bool]:
        """Of those it knows the end of: whether they were delivered. Never raises; empty when it cannot say."""
