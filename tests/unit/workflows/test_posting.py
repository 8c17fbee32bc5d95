"""The wire: which addresses are called, how long, and what an answer means."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.notification import http, wire
from services.workflows.notification.addresses import permitted, resolved
from services.workflows.notification.types import Answer, Letter, Outcome
from tests.support.certificates import certificate, serving, trusting
from tests.support.receiver import Receiver, receiving

PUBLIC = ("8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::")
PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "::1",
    "fc00::1", "fd12::1", "fec0::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1",
    "240.0.0.1", "255.255.255.255", "192.0.2.1",
)  # fmt: skip
NOBODYS = (
    "169.254.169.254", "169.254.1.1", "0.0.0.0", "224.0.0.1", "fe80::1", "::", "ff02::1",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "100.100.100.200", "168.63.129.16", "fd00:ec2::254",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called(address: str) -> None:
    assert permitted(ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_called_only_where_that_is_allowed(address: str) -> None:
    assert not permitted(ip_address(address), allow_private=False)
    assert permitted(ip_address(address), allow_private=True)


@pytest.mark.parametrize("address", NOBODYS)
def test_some_addresses_are_never_called(address: str) -> None:
    assert not permitted(ip_address(address), allow_private=False)
    assert not permitted(ip_address(address), allow_private=True)


class Names:
    """A resolver whose answers change from one question to the next; an address is itself."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), 0
        self._numbers = socket.getaddrinfo

    def __call__(self, host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        if host[0].isdigit():
            return self._numbers(host, port, *more, **named)
        self.asked += 1
        address = self.answers[min(self.asked, len(self.answers)) - 1]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]


def post(url: str, *, allow_private: bool = True) -> Answer:
    letter = Letter(url, (("Content-Type", "application/json"),), b'{"a":1}')
    return http.post(letter, allow_private=allow_private)


def test_a_name_that_leads_inside_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", Names("127.0.0.1"))
        answer = post(f"http://hooks.example.org:{receiver.port}/x", allow_private=False)
        assert answer.outcome is Outcome.REFUSED
        assert "inside this network" in answer.words
        assert receiver.got == []


def test_a_name_that_is_public_first_and_private_later_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[str] = []

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        called.append(address[0])
        raise ConnectionRefusedError

    names = Names("203.0.114.7", "127.0.0.1")
    with receiving() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", names)
        monkeypatch.setattr(socket, "create_connection", connect)
        answer = post(f"http://hooks.example.org:{receiver.port}/x", allow_private=False)
        assert answer.outcome is Outcome.UNREACHED
        assert called == ["203.0.114.7"]
        assert names.asked == 1
        assert receiver.got == []


def test_one_private_address_among_public_ones_spoils_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def both(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", (each, port)) for each in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(InvalidInput):
        resolved("hooks.example.org", 443, allow_private=False)


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 64 + ".example.org"])
def test_a_name_that_does_not_resolve_is_tried_again(host: str) -> None:
    with pytest.raises(SourceUnavailable, match="does not resolve"):
        resolved(host, 443, allow_private=True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    with receiving() as inside, receiving() as receiver:
        receiver.answers, receiver.headers = [status], {"Location": inside.url}
        answer = post(receiver.url)
        assert (answer.outcome, answer.status) == (Outcome.REFUSED, status)
        assert len(receiver.got) == 1
        assert inside.got == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, Outcome.DELIVERED), (202, Outcome.DELIVERED), (204, Outcome.DELIVERED), (400, Outcome.REFUSED),
     (403, Outcome.REFUSED), (404, Outcome.REFUSED), (408, Outcome.UNREACHED), (429, Outcome.UNREACHED),
     (500, Outcome.UNREACHED), (503, Outcome.UNREACHED)],
)  # fmt: skip
def test_what_a_number_means(status: int, outcome: Outcome) -> None:
    with receiving() as receiver:
        receiver.answers = [status]
        answer = post(receiver.url)
        assert (answer.outcome, answer.status) == (outcome, status)
        assert receiver.got[0].json == {"a": 1}


@pytest.mark.parametrize(
    ("text", "seconds"), [("17", 17.0), ("99999999", 3600.0), ("soon", None), ("-5", None)]
)
def test_a_receiver_may_ask_to_be_left_alone(text: str, seconds: float | None) -> None:
    with receiving() as receiver:
        receiver.answers, receiver.headers = [429], {"Retry-After": text}
        assert post(receiver.url).wait_seconds == seconds


def test_a_closed_port_took_nothing() -> None:
    with receiving() as receiver:
        pass
    assert post(receiver.url).outcome is Outcome.UNREACHED


def test_plain_words_where_encryption_is_expected_took_nothing() -> None:
    with receiving() as receiver:
        answer = post(receiver.url.replace("http:", "https:"))
        assert answer.outcome is Outcome.UNREACHED
        assert receiver.got == []


def test_the_certificate_of_the_name_is_asked_for_although_an_address_is_called(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    right, wrong = (certificate(name, tmp_path) for name in ("hooks.test", "evil.test"))
    monkeypatch.setattr(socket, "getaddrinfo", Names("127.0.0.1"))
    for shown, trusted, outcome in (
        (right, right, Outcome.DELIVERED),
        (wrong, wrong, Outcome.UNREACHED),
        (right, None, Outcome.UNREACHED),
    ):
        trust = trusting(trusted) if trusted else ssl.create_default_context()
        monkeypatch.setattr(http, "_trust", lambda trust=trust: trust)
        with receiving(tls=serving(shown)) as receiver:
            answer = post(f"https://hooks.test:{receiver.port}/x")
        assert answer.outcome is outcome
        assert len(receiver.got) == (outcome is Outcome.DELIVERED)


def test_a_slow_receiver_perhaps_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_TIMEOUTS", {"connect": 1.0, "read": 0.2, "write": 1.0, "pool": 1.0})
    with receiving(receiver=Receiver(hold=1.0)) as receiver:
        answer = post(receiver.url)
        assert answer.outcome is Outcome.UNSURE
        assert len(receiver.got) == 1


@contextmanager
def dripping(first: bytes, drop: bytes) -> Iterator[int]:
    """Yield the port of a receiver that answers a few bytes at a time and never ends."""
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(first)
                while True:
                    connection.sendall(drop)
                    time.sleep(0.02)
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()
    thread.join(5)


def test_an_answer_that_never_ends_is_cut_off_in_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "IN_ALL", 0.6)
    began = time.monotonic()
    with dripping(b"HTTP/1.1 200 OK\r\nX-A: ", b"a") as port:
        assert post(f"http://127.0.0.1:{port}/x").outcome is Outcome.UNSURE
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"a") as port:
        assert post(f"http://127.0.0.1:{port}/x").outcome is Outcome.DELIVERED
    assert time.monotonic() - began < 4


def test_of_a_large_answer_only_the_beginning_is_read() -> None:
    with receiving() as receiver:
        receiver.body = b"x" * (8 * 1024 * 1024)
        answer = post(receiver.url)
    assert answer == Answer(Outcome.DELIVERED, "The receiver took it.", 200)


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(receiver.url).outcome is Outcome.DELIVERED
        assert (len(receiver.got), proxy.got) == (1, [])
