"""What a channel must be like, and that nothing secret is repeated."""

from typing import Any

import pytest

from services.kernel.error import InvalidInput
from services.standards.channel.rules import checked, recipients, shown
from services.standards.channel.types import PARTS, ChannelForm, Kind

SLACK = "https://hooks.slack.com/services/T000/B000/secret-words-3f9a"
MAIL = {
    "host": "smtp.example.org", "sender": "console@example.org",
    "recipients": "ada@example.org, vera@example.org", "username": "console", "password": "hunter22",
}  # fmt: skip
FORMS: dict[Kind, dict[str, str]] = {
    Kind.EMAIL: MAIL,
    Kind.SLACK: {"url": SLACK},
    Kind.TEAMS: {"url": "https://prod-1.westeurope.logic.azure.com/workflows/1?sig=abcd"},
    Kind.PAGERDUTY: {"routing_key": "0123456789abcdef0123456789abcdef"},
    Kind.WEBHOOK: {"url": "https://ops.example.org/in", "signing_secret": "s" * 32},
}


def form(kind: Kind = Kind.SLACK, name: str = "ops", **more: Any) -> ChannelForm:
    private = bool(more.pop("allow_private", False))
    return ChannelForm(name, kind, FORMS[kind] | more, private)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_parts_and_keeps_its_secrets_apart(kind: Kind) -> None:
    made = checked(form(kind))
    assert set(made.address) | set(made.secrets) == {part.name for part in PARTS[kind]}
    assert set(made.secrets) == {part.name for part in PARTS[kind] if part.secret}
    for secret in filter(None, made.secrets.values()):
        assert secret not in repr(made)
        assert secret not in repr(form(kind))
        assert secret not in shown(made)


def test_only_the_host_and_the_last_four_characters_are_shown() -> None:
    assert shown(checked(form())) == "hooks.slack.com …3f9a"
    assert shown(checked(form(Kind.PAGERDUTY))) == "events.pagerduty.com …cdef"
    assert shown(checked(form(Kind.EMAIL))) == "smtp.example.org, 2 recipients"


def test_what_is_left_empty_has_its_usual_value() -> None:
    made = checked(form(Kind.EMAIL))
    assert (made.address["port"], made.address["security"]) == ("587", "starttls")
    assert checked(form(Kind.PAGERDUTY)).url == "https://events.pagerduty.com/v2/enqueue"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/services/secret-words",
        "ftp://hooks.slack.com/secret-words",
        "https:///secret-words",
        "https://user:secret-words@hooks.slack.com/",
        "https://hooks.slack.com/#secret-words",
        "https://hooks.slack.com/secret words",
        "https://hooks.slack.com/secret-wörds",
        "https://[::1/secret-words",
        "https://hooks.slack.com:99999/secret-words",
        "javascript:secret-words",
        "https://hooks.slack.com/secret-words\r\nHost: evil",
        "https://hooks.slack.com/" + "s" * 2000,
        "",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        checked(form(url=url))
    assert "secret" not in raised.value.message


def test_without_encryption_only_inside_this_network() -> None:
    made = checked(form(url="http://127.0.0.1:9000/in", allow_private=True))
    assert made.url == "http://127.0.0.1:9000/in"
    assert checked(form(Kind.EMAIL, security="none", username="", allow_private=True))
    for more in ({"username": ""}, {"allow_private": True}):
        with pytest.raises(InvalidInput, match="encrypted"):
            checked(form(Kind.EMAIL, security="none", **more))


@pytest.mark.parametrize("name", ["", "Ops", "a b", "../x", "-a", "a--b", "a" * 61, "ä", "a\n"])
def test_a_name_is_a_short_word_that_a_policy_can_write(name: str) -> None:
    with pytest.raises(InvalidInput):
        checked(form(name=name))


@pytest.mark.parametrize(
    "more",
    [
        {"recipients": "ada@example.org\r\nBcc: eve@example.org"},
        {"recipients": "ada@example.org, not an address"},
        {"recipients": " , "},
        {"recipients": ",".join(f"p{n}@example.org" for n in range(51))},
        {"sender": "console@example.org\nSubject: hi"},
        {"sender": "Console <console@example.org>"},
        {"port": "0"},
        {"port": "70000"},
        {"port": "٣"},
        {"security": "ssl"},
        {"host": "smtp.example.org\nHELO evil"},
        {"host": "smtp example org"},
        {"colour": "red"},
    ],
)
def test_mail_that_could_go_astray_is_refused(more: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        checked(form(Kind.EMAIL, **more))


def test_recipients_are_parted_by_commas_or_lines() -> None:
    assert recipients("a@b.c,\n d@e.f ,") == ("a@b.c", "d@e.f")


@pytest.mark.parametrize(("kind", "part"), [(Kind.WEBHOOK, "signing_secret"), (Kind.PAGERDUTY, "routing_key")])  # fmt: skip
def test_a_short_secret_is_refused(kind: Kind, part: str) -> None:
    with pytest.raises(InvalidInput, match="at least 16 characters"):
        checked(form(kind, **{part: "short"}))
