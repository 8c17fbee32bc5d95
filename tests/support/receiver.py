"""Receivers on the loopback: one speaks HTTP and may be taught to misbehave, one takes mail."""

import json
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What a receiver got, and how it answers.

    Attributes
    ----------
    answers
        Status codes for the requests to come; 200 when none is left.
    hold
        Seconds to wait before an answer.
    headers, body
        What an answer bears.
    """

    port: int = 0
    answers: list[int] = field(default_factory=list)
    hold: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    got: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/T0/B0/secret-words-3f9a"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: who hangs up is part of a test."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.got.append(Received(self.path, dict(self.headers.items()), body))
            time.sleep(receiver.hold)
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.body)))
            self.end_headers()
            self.wfile.write(receiver.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def receiving(
    port: int = 0, receiver: Receiver | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """Yield a receiver that listens; afterwards its port refuses connections."""
    made = receiver or Receiver()
    server = _Server(("127.0.0.1", port), _handler(made))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """What a mail server got, and how it answers.

    Attributes
    ----------
    codes
        Answers by command, where they are not the usual ones; 0 hangs up.
    """

    port: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


def _mail_handler(box: Mailbox) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def say(self, code: int) -> bool:
            if code:
                self.wfile.write(f"{code} so\r\n".encode())
            return bool(code)

        def handle(self) -> None:
            going = self.say(box.codes.get("HELLO", 220))
            while going and (line := self.rfile.readline().decode().strip()):
                box.commands.append(line)
                going = self.step(line.split()[0].split(":")[0].upper())

        def step(self, word: str) -> bool:
            usual = {"DATA": 354, "QUIT": 221}.get(word, 250)
            code = box.codes.get(word, usual)
            going = self.say(code)
            if word == "DATA" and code == 354:
                return self.take()
            return going and word != "QUIT"

        def take(self) -> bool:
            lines: list[str] = []
            while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                lines.append(line)
            box.mails.append("\n".join(lines))
            return self.say(box.codes.get("END", 250))

    return Handler


@contextmanager
def taking_mail() -> Iterator[Mailbox]:
    """Yield a mail server without encryption on the loopback."""
    box = Mailbox()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _mail_handler(box)) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()
