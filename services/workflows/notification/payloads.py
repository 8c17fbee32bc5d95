"""What is written to each kind of receiver. Everything in a message is data, never markup."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from services.kernel.text import visible
from services.record.canonical import sha256_hex
from services.standards.channel.types import Destination, Kind, Message
from services.workflows.notification.types import Letter, Parcel

TITLE, TEXT, FACTS, FACT = 150, 2000, 10, 200
LONGEST_KEY = 255
SIGNATURE, TIMESTAMP = "X-Countersign-Signature", "X-Countersign-Timestamp"
_BEFORE = {
    "acknowledged": "Acknowledged: ",
    "reminder": "Still open: ",
    "resolved": "Resolved: ",
}
_ACTIONS = {"resolved": "resolve", "acknowledged": "acknowledge"}
_OPEN = "Open in Countersign"


def letters(destination: Destination, parcel: Parcel) -> tuple[Letter, ...]:
    """Return the requests that bring a parcel to a receiver that is spoken to over HTTP."""
    bodies = {Kind.SLACK: _one(slack), Kind.TEAMS: _one(teams), Kind.PAGERDUTY: pagerduty}
    if destination.kind is Kind.WEBHOOK:
        return (_signed(destination, parcel),)
    headers = (("Content-Type", "application/json"),)
    return tuple(
        Letter(destination.url, headers, _json(body))
        for body in bodies[destination.kind](destination, parcel)
    )


def title(parcel: Parcel) -> str:
    """Return the title with what has happened before it, on one line."""
    words = _BEFORE.get(parcel.event, "") + parcel.message.title
    return _short(visible(" ".join(words.split())), TITLE)


def text(message: Message) -> str:
    """Return the text; hidden characters are spelled out, line breaks stay."""
    return _short("\n".join(visible(line) for line in message.text.splitlines()), TEXT)


def facts(message: Message) -> tuple[tuple[str, str], ...]:
    """Return the facts, each side on one line; the severity is the first."""
    pairs = (("Severity", message.severity), *message.facts)[:FACTS]
    return tuple((_line(word, 60), _line(what, FACT)) for word, what in pairs)


def slack(parcel: Parcel) -> dict[str, Any]:
    """Return a message for an incoming webhook of Slack.

    Notes
    -----
    Blocks hold plain text, in which Slack reads no markup; the line shown in notifications and the
    link are mrkdwn, where ``&``, ``<`` and ``>`` are escaped.
    """
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(title(parcel))}]
    words = text(parcel.message)
    if words:
        blocks.append({"type": "section", "text": _plain(words)})
    fields = [_plain(f"{word}: {what}") for word, what in facts(parcel.message)]
    blocks.append({"type": "section", "fields": fields})
    link = {"type": "mrkdwn", "text": f"<{_escaped(parcel.link)}|{_OPEN}>"}
    blocks.append({"type": "context", "elements": [link]})
    return {"text": _escaped(title(parcel)), "blocks": blocks}


def teams(parcel: Parcel) -> dict[str, Any]:
    """Return a message with an Adaptive Card for a Teams workflow.

    Notes
    -----
    Text runs hold plain text; text blocks and fact sets would read Markdown in it.
    """
    body = [_run(title(parcel), weight="Bolder", size="Medium")]
    body += [_run(line) for line in text(parcel.message).splitlines() if line.strip()]
    body += [_run(f"{word}: {what}", subtle=True) for word, what in facts(parcel.message)]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": _OPEN, "url": parcel.link}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def pagerduty(destination: Destination, parcel: Parcel) -> tuple[dict[str, Any], ...]:
    """Return the events for PagerDuty's Events API, version 2.

    Notes
    -----
    Trigger, acknowledge and resolve of one trouble bear the same ``dedup_key``. A test opens an
    incident and resolves it at once.
    """
    common = {
        "routing_key": destination.secrets["routing_key"],
        "dedup_key": key(parcel.message.dedup_key),
    }
    action = _ACTIONS.get(parcel.event, "trigger")
    if action != "trigger":
        return ({**common, "event_action": action},)
    details = dict(facts(parcel.message)) | {"text": text(parcel.message)}
    trigger = {
        **common,
        "event_action": "trigger",
        "client": "Countersign",
        "client_url": parcel.link,
        "links": [{"href": parcel.link, "text": _OPEN}],
        "payload": {
            "summary": title(parcel),
            "source": "countersign",
            "severity": parcel.message.severity,
            "custom_details": details,
        },
    }
    ended = {**common, "event_action": "resolve"}
    return (trigger, ended) if parcel.event == "test" else (trigger,)


def webhook(parcel: Parcel) -> dict[str, Any]:
    """Return a message for a receiver of somebody's own; ``docs/schemas/notification-1.json``."""
    return {
        "schema": "notification/1",
        "delivery_id": parcel.delivery_id,
        "event": parcel.event,
        "severity": parcel.message.severity,
        "dedup_key": parcel.message.dedup_key,
        "title": title(parcel),
        "text": text(parcel.message),
        "link": parcel.link,
        "facts": dict(facts(parcel.message)),
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body sent at an instant: HMAC-SHA-256 over ``timestamp.body``."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def key(text: str) -> str:
    """Return a dedup key of at most 255 characters; a longer one by its digest."""
    return text if len(text) <= LONGEST_KEY else sha256_hex(text.encode())


def _signed(destination: Destination, parcel: Parcel) -> Letter:
    body, timestamp = _json(webhook(parcel)), str(int(parcel.at.timestamp()))
    headers = (
        ("Content-Type", "application/json"),
        ("Idempotency-Key", parcel.delivery_id),
        (TIMESTAMP, timestamp),
        (SIGNATURE, signature(destination.secrets["signing_secret"], timestamp, body)),
    )
    return Letter(destination.url, headers, body)


def _one(
    write: Callable[[Parcel], dict[str, Any]],
) -> Callable[[Destination, Parcel], tuple[dict[str, Any], ...]]:
    return lambda _, parcel: (write(parcel),)


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words, "emoji": False}


def _run(words: str, *, weight: str = "", size: str = "", subtle: bool = False) -> dict[str, Any]:
    run: dict[str, Any] = {"type": "TextRun", "text": words}
    run |= {name: value for name, value in (("weight", weight), ("size", size)) if value}
    run |= {"isSubtle": True} if subtle else {}
    return {"type": "RichTextBlock", "inlines": [run]}


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _line(words: str, limit: int) -> str:
    return _short(visible(" ".join(words.split())), limit)


def _short(words: str, limit: int) -> str:
    return words if len(words) <= limit else f"{words[: limit - 1]}…"
