"""Routes: what models said in production, and what was true."""

import io
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic_core import from_json

from services.api import serialise
from services.api.bearer import Bearers
from services.api.idempotency import Key, once
from services.facts.prediction.types import Stream
from services.kernel.error import InvalidInput
from services.people.token.types import TokenPrincipal
from services.record.canonical import sha256_hex

if TYPE_CHECKING:
    from services.bootstrap.services import Services

ARROW = "application/vnd.apache.arrow.stream"
LINES = ("application/x-ndjson", "application/jsonl", "application/json-lines")


_SCOPES = {
    Stream.PREDICTIONS: "predictions:write",
    Stream.OUTCOMES: "outcomes:write",
    Stream.PROTECTED: "predictions:write",
}


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter(prefix="/models/{name}")
    for stream in Stream:
        _writing(routes, services, bearers, stream)
        _counting(routes, services, bearers, stream)
    return routes


def _writing(routes: APIRouter, services: "Services", bearers: Bearers, stream: Stream) -> None:
    writing = bearers.having(_SCOPES[stream])

    @routes.post(f"/{stream}", name=f"send {stream}")
    async def send(
        name: str,
        request: Request,
        token: Annotated[TokenPrincipal, Depends(writing)],
        key: Key = None,
    ) -> Response:
        """Store a batch of JSON lines or an Arrow stream, at most 10,000 rows and 16 MB.

        Every row is accepted, a duplicate, or rejected with a reason; what is accepted is on the disk.
        """
        body = await request.body()
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()

        def work() -> Response:
            sent = rows_of(body, kind)
            with services.store.reading() as session:
                services.registry.model(session, name)
                its = services.registry.versions(session, name)
                custody = services.custodies.of(session, name)
            versions = frozenset(each.ref.version for each in its)
            about = {"model": name, "stream": str(stream), "sha256": sha256_hex(body)}

            def store() -> dict[str, Any]:
                receipt = services.predictions.ingest(
                    token.token_id, name, stream, sent, custody=custody, versions=versions
                )
                return serialise.plain(receipt)

            return once(services, token, key, about, store)

        return await run_in_threadpool(work)


def _counting(routes: APIRouter, services: "Services", bearers: Bearers, stream: Stream) -> None:
    @routes.get(f"/{stream}", name=f"count {stream}", dependencies=[bearers.needs("models:read")])
    def count(name: str) -> dict[str, Any]:
        """Return how many rows there are by day, what was found about them, and how they are kept."""
        with services.store.reading() as session:
            services.registry.model(session, name)
            custody = services.custodies.of(session, name)
        days = services.predictions.count(name, stream)
        return {
            "model": name,
            "custody": serialise.plain(custody),
            "rows": sum(each.rows for each in days),
            "contradicting": sum(each.contradicting for each in days),
            "findings": dict(sum((Counter(each.findings) for each in days), Counter[str]())),
            "days": serialise.plain(days),
        }


def rows_of(body: bytes, kind: str) -> list[Any]:
    """Return the rows of a body; a line that is no JSON stays text, so that it is rejected by row.

    Raises
    ------
    InvalidInput
        For another content type, an Arrow stream that ends early, or a body without rows.
    """
    if kind == ARROW:
        try:
            with pa.ipc.open_stream(io.BytesIO(body)) as reader:
                rows = reader.read_all().to_pylist()
        except (pa.ArrowInvalid, OSError) as error:
            raise InvalidInput("The Arrow stream cannot be read; was it cut off?") from error
    elif kind in LINES:
        rows = [_parsed(line) for line in body.splitlines() if line.strip()]
    else:
        raise InvalidInput(f"Send JSON lines ({LINES[0]}) or an Arrow stream ({ARROW}).")
    if not rows:
        raise InvalidInput("The batch holds no rows.")
    return rows


def _parsed(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        return "a line that is no JSON"
