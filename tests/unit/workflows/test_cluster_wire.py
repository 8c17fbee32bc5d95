"""Requests to a cluster: bounded, never led elsewhere, and silence told apart from an answer."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from services.kernel.error import InvalidInput, SourceUnavailable
from services.standards.engine.types import Connection, EngineKind
from services.workflows.engine import wire
from services.workflows.engine.wire import ClusterApi


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hold: float = 0.0
    got: list[dict[str, str]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def answer() -> Iterator[Answer]:
    made = Answer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.got.append(dict(self.headers.items()))
            time.sleep(made.hold)
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing: who hangs up is part of a test."""

    server = Server(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def api(answer: Answer, *, private: bool = True, **parts: str) -> ClusterApi:
    address = {"url": f"http://127.0.0.1:{answer.port}", **parts}
    return ClusterApi(
        Connection("c", EngineKind.RAY, address, {"token": "t-1"}, allow_private=private)
    )


def test_an_answer_is_given_back_with_its_status(answer: Answer) -> None:
    answer.status, answer.body = 404, b'{"message": "gone"}'
    reply = api(answer).ask("GET", "/x", {"a": "b c"})
    assert (reply.status, reply.is_good, reply.json) == (404, False, {"message": "gone"})
    assert answer.got[0]["Authorization"] == "Bearer t-1"


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "refuses the token"), (403, "refuses the token"), (302, "never followed"), (503, "cannot answer now"), (429, "cannot answer now")],
)  # fmt: skip
def test_what_is_no_answer_is_not_taken_for_one(answer: Answer, status: int, words: str) -> None:
    answer.status, answer.headers = (
        status,
        {"Location": f"http://127.0.0.1:{answer.port}/elsewhere"},
    )
    with pytest.raises(SourceUnavailable, match=words):
        api(answer).ask("GET", "/x")
    assert len(answer.got) == 1


def test_the_page_of_a_proxy_is_no_cluster(answer: Answer) -> None:
    answer.body = b"<html>Sign in</html>"
    with pytest.raises(SourceUnavailable, match="not the cluster"):
        _ = api(answer).ask("GET", "/x").json


def test_an_answer_without_end_is_given_up(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_ANSWER", 1000)
    answer.body = b"x" * 5000
    with pytest.raises(SourceUnavailable, match="no end"):
        api(answer).ask("GET", "/x")


def test_a_cluster_that_hangs_is_given_up_in_its_time(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "IN_ALL", 0.3)
    answer.hold = 2.0
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match="in time"):
        api(answer).ask("GET", "/x")
    assert time.monotonic() - began < 1.5


def test_an_address_inside_this_network_is_spoken_to_only_where_that_was_allowed(
    answer: Answer,
) -> None:
    with pytest.raises(SourceUnavailable, match="inside this network"):
        api(answer, private=False).ask("GET", "/x")
    assert answer.got == []


def test_what_a_cluster_says_is_short_and_hides_nothing(answer: Answer) -> None:
    answer.status, answer.body = 400, "a\n\nb\u202e ".encode() + b"x" * 1000
    words = api(answer).ask("GET", "/x").words
    assert words.startswith("a b\\u202e")
    assert len(words) == wire.LONGEST_WORDS


def test_a_certificate_that_is_none_is_refused(answer: Answer) -> None:
    with pytest.raises(InvalidInput, match="certificate"):
        api(answer, ca="-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----")
