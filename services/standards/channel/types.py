"""The nouns of telling somebody: channels, where they lead, and messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from services.kernel.error import InvalidInput


class Kind(StrEnum):
    """What stands at the other end of a channel."""

    EMAIL = "email"
    SLACK = "slack"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    WEBHOOK = "webhook"

    @property
    def words(self) -> str:
        """Return the name as people write it."""
        return _WORDS[self]

    @property
    def knows_repeats(self) -> bool:
        """Tell whether the receiver takes the same message twice for one, by a key sent with it."""
        return self in (Kind.PAGERDUTY, Kind.WEBHOOK)


_WORDS = {
    Kind.EMAIL: "E-mail",
    Kind.SLACK: "Slack",
    Kind.TEAMS: "Microsoft Teams",
    Kind.PAGERDUTY: "PagerDuty",
    Kind.WEBHOOK: "Webhook",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of where a channel leads.

    Attributes
    ----------
    secret
        Sealed at rest and never shown again but for its last four characters.
    default
        What stands when it is left empty.
    choices
        What it may be; empty for free text.
    """

    name: str
    words: str
    secret: bool = False
    default: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()


SECURITIES = ("starttls", "tls", "none")
PARTS: Mapping[Kind, tuple[Part, ...]] = MappingProxyType(
    {
        Kind.EMAIL: (
            Part("host", "Mail server"),
            Part("port", "Port", default="587"),
            Part("security", "Encryption", default="starttls", choices=SECURITIES),
            Part("sender", "From"),
            Part("recipients", "To"),
            Part("username", "User name", required=False),
            Part("password", "Mail password", secret=True, required=False),
        ),
        Kind.SLACK: (Part("url", "Webhook address", secret=True),),
        Kind.TEAMS: (Part("url", "Webhook address", secret=True),),
        Kind.PAGERDUTY: (
            Part("routing_key", "Routing key", secret=True),
            Part("url", "Events address", default="https://events.pagerduty.com/v2/enqueue"),
        ),
        Kind.WEBHOOK: (
            Part("url", "Webhook address", secret=True),
            Part("signing_secret", "Signing secret", secret=True),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class ChannelForm:
    """A filled form for a channel.

    Attributes
    ----------
    parts
        By name, as in ``PARTS``.
    allow_private
        Whether its address may lie inside this network, and be spoken to without encryption.
    """

    name: str
    kind: Kind
    parts: Mapping[str, str] = field(repr=False)
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a channel leads, opened for sending; never stored, logged or shown.

    Attributes
    ----------
    address, secrets
        The parts by name.
    """

    name: str
    kind: Kind
    address: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    allow_private: bool = False

    @property
    def url(self) -> str:
        """Return the address of what is spoken to over HTTP."""
        return self.secrets.get("url") or self.address.get("url", "")


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to tell somebody, as it may be shown.

    Attributes
    ----------
    shown
        The receiving host and the last four characters of the secret.
    tested_at
        When a test message arrived; None for a channel that was saved untested.
    """

    name: str
    kind: Kind
    shown: str
    allow_private: bool
    enabled: bool
    tested_at: datetime | None
    made_by: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell, whatever the channel.

    Attributes
    ----------
    severity
        ``info``, ``warning`` or ``critical``.
    dedup_key
        Messages about the same trouble bear the same key.
    link
        The address of its page, within the console: begins with a slash.
    facts
        Pairs of a word and what it is.
    """

    title: str
    text: str
    severity: str
    dedup_key: str
    link: str = "/"
    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise InvalidInput(f"A message is one of {', '.join(SEVERITIES)}.")
        if not self.link.startswith("/") or self.link.startswith("//"):
            raise InvalidInput("A message links to a page of this console.")


SEVERITIES = ("info", "warning", "critical")
EVENTS = ("raised", "acknowledged", "reminder", "resolved", "told", "test")
"""What a message says has happened; ``told`` for news that is no alert."""
