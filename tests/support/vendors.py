"""What each vendor accepts, as JSON schemas written from the vendors' documentation.

Slack: incoming webhooks and Block Kit (header 150, section text 3,000, ten fields of 2,000 characters,
50 blocks). Teams: a workflow's webhook takes a message whose attachment is an Adaptive Card; 28 KB.
PagerDuty: Events API v2, and its dedup key of 255 characters.
"""

from typing import Any

from services.standards.channel.types import Kind


def _closed(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _plain(limit: int) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1, "maxLength": limit}
    return _closed({"type": {"const": "plain_text"}, "text": text, "emoji": {"type": "boolean"}})


_MARKED = _closed(
    {"type": {"const": "mrkdwn"}, "text": {"type": "string", "minLength": 1, "maxLength": 3000}}
)
_FIELDS = {"type": "array", "minItems": 1, "maxItems": 10, "items": _plain(2000)}
_BLOCKS = [
    _closed({"type": {"const": "header"}, "text": _plain(150)}),
    _closed({"type": {"const": "section"}, "text": _plain(3000)}),
    _closed({"type": {"const": "section"}, "fields": _FIELDS}),
    _closed({"type": {"const": "context"}, "elements": {"type": "array", "maxItems": 10, "items": _MARKED}}),
]  # fmt: skip
SLACK = _closed(
    {
        "text": {"type": "string", "minLength": 1, "maxLength": 4000},
        "blocks": {"type": "array", "minItems": 1, "maxItems": 50, "items": {"oneOf": _BLOCKS}},
    }
)

_RUN = _closed(
    {
        "type": {"const": "TextRun"},
        "text": {"type": "string", "minLength": 1},
        "weight": {"enum": ["Default", "Lighter", "Bolder"]},
        "size": {"enum": ["Small", "Default", "Medium", "Large", "ExtraLarge"]},
        "isSubtle": {"type": "boolean"},
    },
    "weight", "size", "isSubtle",
)  # fmt: skip
_BLOCK = _closed({"type": {"const": "RichTextBlock"}, "inlines": {"type": "array", "items": _RUN}})
_OPEN = _closed(
    {
        "type": {"const": "Action.OpenUrl"},
        "title": {"type": "string"},
        "url": {"type": "string", "pattern": "^https?://"},
    }
)
_CARD = _closed(
    {
        "$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"},
        "type": {"const": "AdaptiveCard"},
        "version": {"enum": ["1.2", "1.3", "1.4"]},
        "body": {"type": "array", "minItems": 1, "items": _BLOCK},
        "actions": {"type": "array", "maxItems": 6, "items": _OPEN},
    }
)
_ATTACHMENT = _closed(
    {"contentType": {"const": "application/vnd.microsoft.card.adaptive"}, "content": _CARD}
)
TEAMS = _closed(
    {
        "type": {"const": "message"},
        "attachments": {"type": "array", "minItems": 1, "maxItems": 1, "items": _ATTACHMENT},
    }
)

_KEYS = {
    "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
    "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
}
_LINK = _closed({"href": {"type": "string", "pattern": "^https?://"}, "text": {"type": "string"}})
_PAYLOAD = _closed(
    {
        "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
        "source": {"type": "string", "minLength": 1},
        "severity": {"enum": ["critical", "error", "warning", "info"]},
        "custom_details": {"type": "object"},
    },
    "custom_details",
)
PAGERDUTY = {
    "oneOf": [
        _closed(
            {
                **_KEYS,
                "event_action": {"const": "trigger"},
                "client": {"type": "string"},
                "client_url": {"type": "string", "pattern": "^https?://"},
                "links": {"type": "array", "items": _LINK},
                "payload": _PAYLOAD,
            }
        ),
        _closed({**_KEYS, "event_action": {"enum": ["acknowledge", "resolve"]}}),
    ]
}

SCHEMAS: dict[Kind, dict[str, Any]] = {
    Kind.SLACK: SLACK,
    Kind.TEAMS: TEAMS,
    Kind.PAGERDUTY: PAGERDUTY,
}
LARGEST = {Kind.SLACK: 40_000, Kind.TEAMS: 21_000, Kind.PAGERDUTY: 512_000, Kind.WEBHOOK: 64_000}
