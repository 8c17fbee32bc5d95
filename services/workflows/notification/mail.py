"""Sending mail: plain text, one connection to one resolved address, encrypted unless allowed otherwise."""

import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from services.kernel.error import CountersignError, InvalidInput
from services.record.canonical import sha256_hex
from services.standards.channel.rules import recipients
from services.standards.channel.types import Destination
from services.workflows.notification import payloads
from services.workflows.notification.addresses import resolved
from services.workflows.notification.types import Answer, Outcome, Parcel

TIMEOUT = 10.0
GREETING = 220


def letter(destination: Destination, parcel: Parcel) -> EmailMessage:
    """Return a parcel as mail.

    Notes
    -----
    Headers are set through :class:`email.message.EmailMessage`, which refuses a line break in them;
    mail about the same trouble is threaded by ``References``.
    """
    message = parcel.message
    written = EmailMessage(policy=SMTP)
    written["From"] = destination.address["sender"]
    written["To"] = destination.address["recipients"]
    written["Subject"] = payloads.title(parcel)
    written["Date"] = parcel.at
    written["Message-ID"] = f"<{parcel.delivery_id}@countersign.invalid>"
    written["References"] = f"<{sha256_hex(message.dedup_key.encode())}@countersign.invalid>"
    written["Auto-Submitted"] = "auto-generated"
    facts = "\n".join(f"{word}: {what}" for word, what in payloads.facts(message))
    written.set_content(f"{payloads.text(message)}\n\n{facts}\n\n{parcel.link}\n")
    return written


def send(destination: Destination, parcel: Parcel) -> Answer:
    """Hand a parcel to a mail server and return what became of it."""
    connected = False
    try:
        with _leaving(_connected(destination)) as server:
            connected = True
            refused = server.send_message(
                letter(destination, parcel),
                destination.address["sender"],
                recipients(destination.address["recipients"]),
            )
    except (CountersignError, smtplib.SMTPException, OSError) as error:
        return _failed(error, connected=connected)
    if refused:
        return Answer(Outcome.DELIVERED, f"Taken, but for {len(refused)} recipients.", 250)
    return Answer(Outcome.DELIVERED, "The mail server took it.", 250)


def _failed(error: Exception, *, connected: bool) -> Answer:
    if isinstance(error, CountersignError):
        final = isinstance(error, InvalidInput)
        return Answer(Outcome.REFUSED if final else Outcome.UNREACHED, error.message)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Answer(Outcome.REFUSED, "The mail server offers no encryption or no sign-in.")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _said(min(code for code, _ in error.recipients.values()), "every recipient")
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, "the mail")
    if connected:
        return Answer(Outcome.UNSURE, "The mail server broke off while it took the mail.")
    words = "The mail server does not take the connection, or its certificate does not hold."
    return Answer(Outcome.UNREACHED, words)


def _said(code: int, what: str) -> Answer:
    """Return what a number of SMTP means: from 500 on it is for good (RFC 5321, 4.2.1)."""
    if code >= 500:
        return Answer(Outcome.REFUSED, f"The mail server refuses {what} (SMTP {code}).", code)
    words = f"The mail server cannot take {what} now (SMTP {code})."
    return Answer(Outcome.UNREACHED, words, code)


@contextmanager
def _leaving(server: smtplib.SMTP) -> Iterator[smtplib.SMTP]:
    """Say goodbye afterwards; how the server takes that changes nothing."""
    try:
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _connected(destination: Destination) -> smtplib.SMTP:
    address = destination.address
    host, port, security = address["host"], int(address["port"]), address["security"]
    context = ssl.create_default_context()
    server = _Pinned(host, context if security == "tls" else None, destination.allow_private)
    try:
        code, said = server.connect(host, port)
        if code != GREETING:
            raise smtplib.SMTPConnectError(code, said)
        if security == "starttls":
            server.starttls(context=context)
        if address.get("username"):
            server.login(address["username"], destination.secrets.get("password", ""))
    except (OSError, smtplib.SMTPException):
        with suppress(OSError):
            server.close()
        raise
    return server


class _Pinned(smtplib.SMTP):
    """Speaks to an address that the host was resolved to, and proves the host's certificate."""

    def __init__(self, host: str, context: ssl.SSLContext | None, allow_private: bool) -> None:  # noqa: FBT001 - one of two
        super().__init__(timeout=TIMEOUT)
        self._host, self._context, self._allow_private = host, context, allow_private

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        plain = _first(resolved(host, port, allow_private=self._allow_private), port, timeout)
        if self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=host)


def _first(addresses: Sequence[str], port: int, timeout: float) -> socket.socket:
    """Return a connection to the first of some addresses that takes it."""
    failed = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            failed = error
    raise failed
