"""Rows for the prediction log from the files that ``bentoml.monitor`` writes.

``monitoring/<name>/schema/schema.*.log`` says which column plays which role, and
``monitoring/<name>/data/data.*.log`` holds a JSON object for each answer.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any


def rows(
    schema: str, lines: Iterable[str], version: int, zone: tzinfo | None = None
) -> Iterator[dict[str, Any]]:
    """Yield rows for ``log_predictions.send``.

    ``schema`` is one line of the schema file. BentoML writes local time without a zone: ``zone`` is
    that of the server, None for this machine's. A request of several answers has as many lines, so
    that their place goes into the id; read a file from its start.
    """
    roles = {each["name"]: each["role"] for each in json.loads(schema)["columns"]}
    seen = Counter[str]()
    for line in lines:
        told = json.loads(line)
        request, at = told["request_id"], datetime.fromisoformat(told["timestamp"])
        row: dict[str, Any] = {
            "prediction_id": f"{request}-{seen[request]}",
            "at": (at.replace(tzinfo=zone) if zone else at.astimezone()).isoformat(),
            "version": version,
            "features": {name: told[name] for name, role in roles.items() if role == "feature"},
        }
        seen[request] += 1
        for name, role in roles.items():
            if role == "prediction":
                row["prediction"] = told[name]
        yield row
