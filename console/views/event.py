"""What happened, as one line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventRow:
    """One trail event.

    Attributes
    ----------
    model
        The model it is about, or empty.
    """

    seq: int
    when: str
    at: str
    action: str
    words: str
    subject: str
    model: str
    by: str
    detail: str
