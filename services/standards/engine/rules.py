"""What an engine must be like, and what of it may be shown."""

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from services.kernel.error import InvalidInput
from services.kernel.text import clean, one_line
from services.standards.engine.types import LOCAL, PARTS, Connection, EngineForm, EngineKind, Part

LONGEST_NAME = 60
LONGEST_PART = 2000
LONGEST_TEXT = 50_000
SHORTEST_SECRET = 16
MOST_GPUS = 10_000
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NUMBER = re.compile(r"[0-9]{1,5}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/=+-]{0,199}")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_WORDS = (
    "partition", "account", "qos", "python", "image", "gpu_resource", "gpu_label", "gpu_type", "spot",
    "on_demand",
)  # fmt: skip
_PAIR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*=[A-Za-z0-9_.-]+")
_LABELS = ("namespace", "queue", "claim")


def checked(form: EngineForm) -> Connection:
    """Return how an engine is reached, every part of it checked.

    Raises
    ------
    InvalidInput
        When the name, a part or the address cannot be used; no sentence repeats a secret.
    """
    if not _NAME.fullmatch(form.name) or len(form.name) > LONGEST_NAME:
        raise InvalidInput(
            "An engine's name is made of small letters, digits and hyphens, 60 at most."
        )
    if form.name == LOCAL:
        raise InvalidInput(f"{LOCAL!r} is this machine and always there; choose another name.")
    parts = PARTS[form.kind]
    unknown = sorted(set(form.parts) - {part.name for part in parts})
    if unknown:
        raise InvalidInput(f"{form.kind.words} has no part called {unknown[0]!r}.")
    given = {part.name: _given(part, form.parts.get(part.name, "")) for part in parts}
    if "url" in given:
        _web(given["url"], allow_private=form.allow_private)
    _well_made(given)
    _pair(form.kind, given)
    secret = {part.name for part in parts if part.secret}
    return Connection(
        form.name,
        form.kind,
        {name: words for name, words in given.items() if name not in secret},
        {name: words for name, words in given.items() if name in secret},
        form.allow_private,
    )


def shown(connection: Connection) -> str:
    """Return what of a connection may be shown: where it leads, and no secret."""
    if connection.kind is EngineKind.SLURM:
        return f"partition {connection.address['partition'] or 'by default'}"
    host = str(urlsplit(connection.url).hostname)
    if connection.kind is EngineKind.KUBERNETES:
        return f"{host}, namespace {connection.address['namespace']}"
    return host


def _given(part: Part, text: str) -> str:
    words = text.strip() or part.default
    if not words and not part.required:
        return ""
    if part.lines:
        return clean(words, limit=LONGEST_TEXT, what=part.words)
    held = one_line(words, limit=LONGEST_PART, what=part.words)
    if part.choices and held not in part.choices:
        raise InvalidInput(f"{part.words} is one of {', '.join(part.choices)}.")
    return held


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
            "The address must begin with https://; without it an administrator allows that the "
            "engine lies inside this network."
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidInput("The address must hold neither a user name nor a fragment.")
    if not url.isascii() or any(each.isspace() for each in url):
        raise InvalidInput("The address must be written in ASCII, without spaces.")


def _well_made(given: dict[str, str]) -> None:
    for name in _WORDS:
        words = given.get(name, "")
        if words and not _WORD.fullmatch(words.removeprefix("/") if name == "python" else words):
            raise InvalidInput(f"The {name.replace('_', ' ')} has a character that none may have.")
    for name in _LABELS:
        if given.get(name) and not _LABEL.fullmatch(given[name]):
            raise InvalidInput(f"The {name} has small letters, digits and hyphens, 63 at most.")
    _enough(given)


def _pair(kind: EngineKind, given: dict[str, str]) -> None:
    spot = given.get("spot", "")
    if kind is EngineKind.KUBERNETES and spot and not _PAIR.fullmatch(spot):
        raise InvalidInput(
            "The label of spot nodes is written as key=value, as in cloud.google.com/gke-spot=true."
        )


def _enough(given: dict[str, str]) -> None:
    if given["gpus"] and not (_NUMBER.fullmatch(given["gpus"]) and int(given["gpus"]) <= MOST_GPUS):
        raise InvalidInput(
            f"The number of GPUs is a whole number, {MOST_GPUS:,} at most; leave it empty to ask the cluster."
        )
    mount = PurePosixPath(given.get("mount", "/"))
    if not mount.is_absolute() or ".." in mount.parts:
        raise InvalidInput("The path of the mount begins with a slash and goes only down.")
    if 0 < len(given.get("signing_secret", "")) < SHORTEST_SECRET:
        raise InvalidInput(f"The signing secret has at least {SHORTEST_SECRET} characters.")
    if given.get("ca") and "-----BEGIN CERTIFICATE-----" not in given["ca"]:
        raise InvalidInput("The certificate is in PEM: it begins with -----BEGIN CERTIFICATE-----.")
