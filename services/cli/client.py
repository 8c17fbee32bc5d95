"""Speaking with a running console over HTTP."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from services.cli import run_file
from services.kernel.error import CountersignError, InvalidInput, NotPermitted, SourceUnavailable

_TOO_FAST = 429


def home() -> Path:
    """Return the workspace folder that commands mean."""
    from services.settings import read_settings

    return read_settings().home


def address() -> tuple[str, str]:
    """Return the console's address and a token, given or of the console on this machine.

    Raises
    ------
    SourceUnavailable
        When no address is given and no console runs here.
    """
    url, token = os.environ.get("COUNTERSIGN_URL"), os.environ.get("COUNTERSIGN_TOKEN")
    if not url or not token:
        held = run_file.read(home())
        url = url or str(held["console_url"])
        token = token or Path(held["token_file"]).read_text(encoding="utf-8").strip()
    return url.rstrip("/"), token


def get(path: str, **query: Any) -> Any:
    """Return what the API answers.

    Raises
    ------
    SourceUnavailable
        When it does not answer, or with something that is not its own.
    CountersignError
        With the sentence the API says.
    """
    asked = {key: value for key, value in query.items() if value is not None}
    return _answer("GET", path, params=asked)


def every(path: str, named: str, **query: Any) -> Iterator[Any]:
    """Yield what the API lists under a name, every page of it."""
    cursor: str | None = None
    while True:
        answer = get(path, **query, cursor=cursor)
        yield from answer[named]
        cursor = answer["next"]
        if cursor is None:
            return


def post(path: str, body: bytes, kind: str) -> Any:
    """Send a body and return what the API answers; wait where it asks for patience.

    Raises
    ------
    SourceUnavailable
        When it does not answer, or with something that is not its own.
    CountersignError
        With the sentence the API says.
    """
    return _answer("POST", path, content=body, headers={"Content-Type": kind})


def _answer(method: str, path: str, headers: Mapping[str, str] | None = None, **given: Any) -> Any:
    url, token = address()
    said = {**(headers or {}), "Authorization": f"Bearer {token}"}
    try:
        while True:
            response = httpx.request(
                method, f"{url}/api/v1{path}", headers=said, timeout=30, **given
            )
            if response.status_code != _TOO_FAST:
                break
            time.sleep(float(response.headers.get("Retry-After", "1")))
        held = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise SourceUnavailable(f"The console at {url} does not answer; is it running?") from error
    if response.is_success:
        return held
    words = str(held.get("detail") or held.get("title") or "The console refuses.")
    kinds: dict[int, type[CountersignError]] = {
        401: NotPermitted,
        403: NotPermitted,
        422: InvalidInput,
    }
    raise kinds.get(response.status_code, SourceUnavailable)(words)
