"""Mail to a real server on the loopback, and what its answers mean."""

from datetime import UTC, datetime
from email import message_from_string

import pytest

from services.standards.channel.types import Destination, Kind, Message
from services.workflows.notification import mail
from services.workflows.notification.types import Outcome, Parcel
from tests.support.receiver import taking_mail

MESSAGE = Message("Drift in temp\nBcc: eve@example.org", "KS 0.41 <b>", "warning", "k", "/x")
PARCEL = Parcel("0190-delivery", "raised", MESSAGE, "https://c.example.org/x", datetime(2026, 3, 14, tzinfo=UTC))  # fmt: skip


def destination(port: int, **more: str) -> Destination:
    address = {
        "host": "127.0.0.1", "port": str(port), "security": "none", "username": "",
        "sender": "console@example.org", "recipients": "ada@example.org, vera@example.org", **more,
    }  # fmt: skip
    return Destination("mail", Kind.EMAIL, address, {"password": "secret-words"}, True)


def test_every_recipient_gets_plain_text_once() -> None:
    with taking_mail() as box:
        answer = mail.send(destination(box.port), PARCEL)
    assert (answer.outcome, answer.status) == (Outcome.DELIVERED, 250)
    (held,) = (message_from_string(each) for each in box.mails)
    assert held["Subject"] == "Drift in temp Bcc: eve@example.org"
    assert held["Bcc"] is None
    assert held.get_content_type() == "text/plain"
    asked = [each for each in box.commands if each.upper().startswith("RCPT")]
    assert [each.split("<")[1].split(">")[0] for each in asked] == ["ada@example.org", "vera@example.org"]  # fmt: skip


@pytest.mark.parametrize(
    ("codes", "outcome", "status"),
    [
        ({"HELLO": 554}, Outcome.REFUSED, 554),
        ({"HELLO": 421}, Outcome.UNREACHED, 421),
        ({"MAIL": 451}, Outcome.UNREACHED, 451),
        ({"MAIL": 550}, Outcome.REFUSED, 550),
        ({"RCPT": 550}, Outcome.REFUSED, 550),
        ({"RCPT": 450}, Outcome.UNREACHED, 450),
        ({"DATA": 554}, Outcome.REFUSED, 554),
        ({"END": 452}, Outcome.UNREACHED, 452),
        ({"END": 552}, Outcome.REFUSED, 552),
        ({"END": 0}, Outcome.UNSURE, None),
        ({"HELLO": 0}, Outcome.UNREACHED, None),
        ({"QUIT": 0}, Outcome.DELIVERED, 250),
    ],
)
def test_what_a_number_means(codes: dict[str, int], outcome: Outcome, status: int | None) -> None:
    with taking_mail() as box:
        box.codes = codes
        answer = mail.send(destination(box.port), PARCEL)
    assert (answer.outcome, answer.status) == (outcome, status)


def test_without_the_encryption_asked_for_nothing_is_said() -> None:
    with taking_mail() as box:
        for more in ({"security": "starttls"}, {"security": "starttls", "username": "console"}):
            answer = mail.send(destination(box.port, **more), PARCEL)
            assert answer.outcome is Outcome.REFUSED
    assert box.mails == []
    assert not any("AUTH" in each.upper() for each in box.commands)


def test_a_server_inside_is_asked_only_where_that_is_allowed() -> None:
    with taking_mail() as box:
        open_to_all = destination(box.port)
        closed = Destination("mail", Kind.EMAIL, open_to_all.address, open_to_all.secrets)
        answer = mail.send(closed, PARCEL)
    assert answer.outcome is Outcome.REFUSED
    assert box.commands == []


def test_a_closed_port_took_nothing() -> None:
    with taking_mail() as box:
        pass
    assert mail.send(destination(box.port), PARCEL).outcome is Outcome.UNREACHED
