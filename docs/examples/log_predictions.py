"""Send what a model said to Countersign, and later what was true; the standard library suffices."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote


def send(model: str, stream: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Send at most 10,000 rows; wait when asked to. Sent again, rows are duplicates, never twice there.

    ``stream`` is ``predictions`` (prediction_id, at, version, score, features, segments, …),
    ``outcomes`` (prediction_id, at, outcome, source) or ``protected`` (prediction_id, at, attributes).
    """
    url = f"{os.environ['COUNTERSIGN_URL']}/api/v1/models/{quote(model, safe='')}/{stream}"
    headers = {
        "Authorization": f"Bearer {os.environ['COUNTERSIGN_TOKEN']}",
        "Content-Type": "application/x-ndjson",
    }
    body = "\n".join(json.dumps(row) for row in rows).encode()
    while True:
        try:
            request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own address
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            if refused.code not in (429, 503):
                raise
            time.sleep(float(refused.headers.get("Retry-After", "1")))
