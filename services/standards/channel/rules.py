"""What a channel must be like, and what of it may be shown."""

import re
from urllib.parse import urlsplit

from services.kernel.error import InvalidInput
from services.kernel.text import one_line
from services.standards.channel.types import PARTS, SECURITIES, ChannelForm, Destination, Kind, Part

LONGEST_NAME = 60
LONGEST_PART = 2000
MOST_RECIPIENTS = 50
SHORTEST_SECRET = 16
SHOWN = 4
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_PORT = re.compile(r"[0-9]{1,5}")
_MAILBOX = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,255}")


def checked(form: ChannelForm) -> Destination:
    """Return where a channel leads, every part of it checked.

    Raises
    ------
    InvalidInput
        When the name, a part or the address cannot be used; no sentence repeats a secret.
    """
    if not _NAME.fullmatch(form.name) or len(form.name) > LONGEST_NAME:
        raise InvalidInput(
            "A channel's name is made of small letters, digits and hyphens, 60 at most."
        )
    parts = PARTS[form.kind]
    unknown = sorted(set(form.parts) - {part.name for part in parts})
    if unknown:
        raise InvalidInput(f"{form.kind.words} has no part called {unknown[0]!r}.")
    given = {part.name: _given(part, form.parts.get(part.name, "")) for part in parts}
    if form.kind is Kind.EMAIL:
        given |= _mail(given, allow_private=form.allow_private)
    else:
        _web(given["url"], allow_private=form.allow_private)
    _long_enough(form.kind, given)
    secret = {part.name for part in parts if part.secret}
    return Destination(
        form.name,
        form.kind,
        {name: words for name, words in given.items() if name not in secret},
        {name: words for name, words in given.items() if name in secret},
        form.allow_private,
    )


def shown(destination: Destination) -> str:
    """Return what of a destination may be shown: its host, and the end of its secret."""
    if destination.kind is Kind.EMAIL:
        count = len(recipients(destination.address["recipients"]))
        people = "1 recipient" if count == 1 else f"{count} recipients"
        return f"{destination.address['host']}, {people}"
    secret = destination.secrets.get("routing_key") or destination.url
    return f"{urlsplit(destination.url).hostname} …{secret[-SHOWN:]}"


def recipients(text: str) -> tuple[str, ...]:
    """Return the addresses of a list parted by commas or line breaks."""
    return tuple(each.strip() for each in re.split(r"[,\n]", text) if each.strip())


def _given(part: Part, text: str) -> str:
    words = text.strip() or part.default
    if not words and not part.required:
        return ""
    return one_line(words.replace("\n", ","), limit=LONGEST_PART, what=part.words)


def _web(url: str, *, allow_private: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput("The address cannot be read; give a full one.") from error
    if parts.scheme not in ("https", "http") or not host:
        raise InvalidInput("The address must begin with https:// and name a host.")
    if parts.scheme == "http" and not allow_private:
        raise InvalidInput(
            "The address must begin with https://; only into this network, where it is allowed, is "
            "anything sent unencrypted."
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidInput("The address must hold neither a user name nor a fragment.")
    if not url.isascii() or any(each.isspace() for each in url):
        raise InvalidInput("The address must be written in ASCII, without spaces.")


def _mail(given: dict[str, str], *, allow_private: bool) -> dict[str, str]:
    if not _HOST.fullmatch(given["host"]):
        raise InvalidInput("The mail server is the name of a host, such as smtp.example.org.")
    if not _PORT.fullmatch(given["port"]) or not 0 < int(given["port"]) < 65536:
        raise InvalidInput("The port is a number from 1 to 65535.")
    if given["security"] not in SECURITIES:
        raise InvalidInput(f"The encryption is one of {', '.join(SECURITIES)}.")
    if given["security"] == "none" and (given["username"] or not allow_private):
        raise InvalidInput("Mail is sent encrypted; choose starttls or tls.")
    to = recipients(given["recipients"])
    if not 0 < len(to) <= MOST_RECIPIENTS:
        raise InvalidInput(f"Give 1 to {MOST_RECIPIENTS} recipients, parted by commas.")
    for each in (given["sender"], *to):
        if not each.isascii() or not _MAILBOX.fullmatch(each):
            raise InvalidInput("Every mail address looks like name@example.org.")
    return {"recipients": ", ".join(to)}


def _long_enough(kind: Kind, given: dict[str, str]) -> None:
    for name in ("signing_secret", "routing_key"):
        if name in given and len(given[name]) < SHORTEST_SECRET:
            raise InvalidInput(
                f"The {name.replace('_', ' ')} of a {kind.words} channel has at least "
                f"{SHORTEST_SECRET} characters."
            )
