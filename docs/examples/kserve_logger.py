"""Rows for the prediction log from the events of KServe's inference logger (``logger: {mode: all}``).

The logger sends a request and its response as two CloudEvents with one ``Ce-Id``; their bodies are of
the Open Inference Protocol, version 2.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

REQUEST = "org.kubeflow.serving.inference.request"
RESPONSE = "org.kubeflow.serving.inference.response"
Event = tuple[Mapping[str, str], bytes]


class Pairs:
    """Puts responses to their requests, whichever comes first."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Event] = {}

    def rows(self, event: Event, version: int) -> list[dict[str, Any]]:
        """Take an event, headers in lower case; return rows once both are there, until then none."""
        headers, _ = event
        kind, its = headers["ce-type"], headers["ce-id"]
        other = self._waiting.pop((its, RESPONSE if kind == REQUEST else REQUEST), None)
        if other is None:
            self._waiting[its, kind] = event
            return []
        request, response = (event, other) if kind == REQUEST else (other, event)
        return rows(request, response, version)


def rows(request: Event, response: Event, version: int) -> list[dict[str, Any]]:
    """Return a row for each answer; the first output is the prediction, and the place is in the id."""
    began, ended = (
        datetime.fromisoformat(headers["ce-time"]) for headers, _ in (request, response)
    )
    features: list[dict[str, Any]] = []
    for tensor in json.loads(request[1])["inputs"]:
        for place, cells in enumerate(_by_row(tensor)):
            if place == len(features):
                features.append({})
            names = [tensor["name"]] if len(cells) == 1 else _numbered(tensor["name"], len(cells))
            features[place] |= dict(zip(names, cells, strict=True))
    answers = _by_row(json.loads(response[1])["outputs"][0])
    said = {
        "version": version,
        "at": ended.isoformat(),
        "latency_ms": (ended - began).total_seconds() * 1_000,
    }
    return [
        {**said, "prediction_id": f"{request[0]['ce-id']}-{n}", "features": given}
        | ({"prediction": answer[0]} if len(answer) == 1 else {"scores": answer})
        for n, (given, answer) in enumerate(zip(features, answers, strict=True))
    ]


def _numbered(name: str, width: int) -> list[str]:
    return [f"{name}_{n}" for n in range(width)]


def _by_row(tensor: Mapping[str, Any]) -> list[list[Any]]:
    """Return a tensor's cells by row; its data is flat in row-major order, or nested."""
    flat: list[Any] = tensor["data"]
    while flat and isinstance(flat[0], list):
        flat = [each for inner in flat for each in inner]
    width = len(flat) // tensor["shape"][0]
    return [flat[start : start + width] for start in range(0, len(flat), width)]
