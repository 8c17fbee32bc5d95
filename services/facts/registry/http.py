"""Speaking HTTP with MLflow, in bounded time and with failures in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from services.kernel.error import Conflict, InvalidInput, NotFound, SourceUnavailable

MISSING = "RESOURCE_DOES_NOT_EXIST"


@contextmanager
def failures() -> Iterator[None]:
    """Turn a connection's failures into one sentence.

    Raises
    ------
    SourceUnavailable
        When MLflow refuses the connection, answers too late, or breaks off.
    """
    try:
        yield
    except httpx.ConnectError as error:
        raise SourceUnavailable("MLflow does not answer: the connection is refused.") from error
    except httpx.TimeoutException as error:
        raise SourceUnavailable("MLflow does not answer in time.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailable("The connection to MLflow broke off.") from error


def answer(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON of an answer.

    Raises
    ------
    NotFound
        When MLflow says that there is no such thing.
    Conflict, InvalidInput
        When MLflow refuses what was asked.
    SourceUnavailable
        When it wants credentials, is in trouble, or answers with something that is no JSON.
    """
    if response.status_code in (401, 403):
        raise SourceUnavailable(
            "MLflow wants credentials; set COUNTERSIGN_MLFLOW_TOKEN or user name."
        )
    if response.status_code >= 500:
        raise SourceUnavailable(f"MLflow is in trouble (HTTP {response.status_code}).")
    try:
        held = response.json()
    except ValueError as error:
        raise SourceUnavailable(
            "MLflow's address answers with a page, not with its API."
        ) from error
    if response.is_success and isinstance(held, dict):
        return held
    return _refused(response.status_code, held)


def _refused(status: int, held: Any) -> dict[str, Any]:
    code = held.get("error_code", "") if isinstance(held, dict) else ""
    if status == 404 or code == MISSING:
        raise NotFound("MLflow has no such thing (any more).")
    if status == 409:
        raise Conflict("MLflow refuses: it exists already.")
    raise InvalidInput(f"MLflow refuses the request (HTTP {status}, {code or 'no code'}).")
