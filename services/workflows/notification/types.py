"""The nouns of delivering."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel.lifecycle import Lifecycle
from services.standards.channel.types import Message


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    UNSURE = "unsure"
    FAILED = "failed"
    GIVEN_UP = "given_up"


DELIVERY = Lifecycle(
    "delivery",
    "pending",
    {
        "pending": frozenset({"sending", "failed"}),
        "sending": frozenset({"pending", "delivered", "unsure", "failed", "given_up"}),
    },
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one channel.

    Attributes
    ----------
    delivery_id
        The id of the task that asked for it; the same over all tries.
    dedup_key
        Of the message; deliveries of one key to one channel keep their order.
    next_at
        When it is tried next; None when it is not.
    answered_status
        What the receiver answered last, as its protocol counts; None when it did not.
    error
        Why it is not delivered, in one sentence.
    """

    delivery_id: str
    channel: str
    dedup_key: str
    event: str
    message: Message
    subject_kind: str
    subject_id: str
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    answered_status: int | None
    error: str
    created_at: datetime
    delivered_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Tell whether it is not tried any more."""
        return DELIVERY.is_final(self.state)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message made ready for one delivery.

    Attributes
    ----------
    link
        The full address of its page.
    at
        The instant it is sent.
    """

    delivery_id: str
    event: str
    message: Message
    link: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """One HTTP request to a receiver."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Outcome(StrEnum):
    """What is known after a try: arrived, refused for good, surely not arrived, or not known."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    UNREACHED = "unreached"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver did with a message.

    Attributes
    ----------
    words
        One sentence, without address and without anything the receiver wrote.
    status
        Its number, as HTTP or SMTP counts; None when it said none.
    wait_seconds
        How long it asks to be left alone; None when it does not.
    """

    outcome: Outcome
    words: str
    status: int | None = None
    wait_seconds: float | None = None
