"""What is written to each receiver: the vendor takes it, and nothing in a message becomes markup."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.standards.channel.types import EVENTS, Destination, Kind, Message
from services.workflows.notification import mail, payloads
from services.workflows.notification.types import Letter, Parcel
from tests.support.vendors import LARGEST, SCHEMAS

DOCUMENT = Path(__file__).parents[3] / "docs" / "schemas" / "notification-1.json"
WEBHOOK = json.loads(DOCUMENT.read_text(encoding="utf-8"))
AT = datetime(2026, 3, 14, 9, 12, tzinfo=UTC)
SECRET = "a signing secret of a test"
HTTP = (Kind.SLACK, Kind.TEAMS, Kind.PAGERDUTY, Kind.WEBHOOK)
MAIL = {
    "host": "smtp.example.org", "port": "587", "security": "starttls", "username": "",
    "sender": "console@example.org", "recipients": "ada@example.org, vera@example.org",
}  # fmt: skip
MESSAGE = Message(
    "flight-delay: temperature drifted", "KS 0.41 is over 0.2 in 2 of 3 windows.", "warning",
    "flight-delay:ks:drift.ks:temp:", "/model?name=flight-delay&tab=Monitoring",
    (("Value", "0.41 [0.39, 0.43]"), ("n", "900")),
)  # fmt: skip
NASTY = Message(
    "<!channel> *bold* [x](http://evil) \r\nBcc: eve@example.org", "<script>&</script>\n\x00\u202e**x**",
    "critical", "k", "/", (("a<b>", "https://evil|click"), ("line\nbreak", "x" * 900)),
)  # fmt: skip


def parcel(message: Message = MESSAGE, event: str = "raised") -> Parcel:
    link = f"https://console.example.org{message.link}"
    return Parcel("0190-delivery", event, message, link, AT)


def destination(kind: Kind) -> Destination:
    secrets = {
        "url": "https://hooks.example.org/x",
        "routing_key": "0" * 32,
        "signing_secret": SECRET,
    }
    return Destination("ops", kind, MAIL if kind is Kind.EMAIL else {}, secrets)


def written(kind: Kind, sent: Parcel) -> list[Any]:
    return [json.loads(each.body) for each in payloads.letters(destination(kind), sent)]


def accepted(kind: Kind, letter: Letter) -> None:
    schema = SCHEMAS.get(kind, WEBHOOK)
    Draft202012Validator(schema).validate(json.loads(letter.body))
    assert len(letter.body) <= LARGEST[kind]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("message", [MESSAGE, NASTY], ids=["plain", "nasty"])
@pytest.mark.parametrize("kind", HTTP)
def test_the_vendor_takes_what_is_written(kind: Kind, message: Message, event: str) -> None:
    for letter in payloads.letters(destination(kind), parcel(message, event)):
        accepted(kind, letter)


@given(
    title=st.text(min_size=1, max_size=600), words=st.text(max_size=5000),
    facts=st.lists(st.tuples(st.text(min_size=1, max_size=99), st.text(min_size=1, max_size=999)), max_size=20),
    dedup=st.text(min_size=1, max_size=900),
)  # fmt: skip
def test_no_message_is_too_long_or_too_odd(
    title: str, words: str, facts: list[tuple[str, str]], dedup: str
) -> None:
    odd = Message(title, words, "info", dedup, "/", tuple(facts))
    if not title.split():
        return
    for kind in HTTP:
        for letter in payloads.letters(destination(kind), parcel(odd)):
            accepted(kind, letter)
    assert mail.letter(destination(Kind.EMAIL), parcel(odd)).as_bytes()


def test_slack_reads_no_markup_in_a_message() -> None:
    (body,) = written(Kind.SLACK, parcel(NASTY))
    assert "<" not in body["text"]
    assert body["text"].startswith("&lt;!channel&gt;")
    marked = [e["text"] for b in body["blocks"] if b["type"] == "context" for e in b["elements"]]
    assert marked == ["<https://console.example.org/|Open in Countersign>"]


def test_teams_reads_no_markup_in_a_message() -> None:
    (body,) = written(Kind.TEAMS, parcel(NASTY))
    card = body["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert card["body"][0]["inlines"][0]["text"].startswith("<!channel> *bold*")


def test_what_opens_an_incident_at_pagerduty_ends_it_under_the_same_key() -> None:
    told = [written(Kind.PAGERDUTY, parcel(event=event))[0] for event in ("raised", "acknowledged", "reminder", "resolved")]  # fmt: skip
    assert [each["event_action"] for each in told] == [
        "trigger", "acknowledge", "trigger", "resolve",
    ]  # fmt: skip
    assert {each["dedup_key"] for each in told} == {MESSAGE.dedup_key}
    test = written(Kind.PAGERDUTY, parcel(event="test"))
    assert [each["event_action"] for each in test] == ["trigger", "resolve"]


def test_a_key_that_is_too_long_is_told_apart_by_its_digest() -> None:
    longest, longer = "k" * 255, "k" * 256
    assert payloads.key(longest) == longest
    assert payloads.key(longer) == hashlib.sha256(longer.encode()).hexdigest()


def test_a_webhook_is_signed_over_its_instant_and_its_body() -> None:
    (letter,) = payloads.letters(destination(Kind.WEBHOOK), parcel())
    headers = dict(letter.headers)
    timestamp = headers["X-Countersign-Timestamp"]
    assert timestamp == str(int(AT.timestamp()))
    expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + letter.body, "sha256")
    assert headers["X-Countersign-Signature"] == f"sha256={expected.hexdigest()}"
    assert headers["Idempotency-Key"] == "0190-delivery"
    assert SECRET.encode() not in letter.body


@pytest.mark.parametrize(
    ("event", "before"),
    [("raised", ""), ("told", ""), ("resolved", "Resolved: "), ("reminder", "Still open: "), ("acknowledged", "Acknowledged: ")],
)  # fmt: skip
def test_the_title_says_what_has_happened(event: str, before: str) -> None:
    assert payloads.title(parcel(event=event)) == before + MESSAGE.title


def test_a_message_cannot_write_headers_of_a_mail() -> None:
    held = mail.letter(destination(Kind.EMAIL), parcel(NASTY))
    assert held["Bcc"] is None
    assert held["To"] == MAIL["recipients"]
    head = held.as_string().partition("\n\n")[0]
    assert not any(line.lower().startswith("bcc") for line in head.splitlines())
    assert held.get_content_type() == "text/plain"


def test_mail_about_one_trouble_hangs_together_and_answers_nobody() -> None:
    first = mail.letter(destination(Kind.EMAIL), parcel())
    last = mail.letter(destination(Kind.EMAIL), parcel(event="resolved"))
    assert first["References"] == last["References"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert "https://console.example.org/model" in first.get_content()
