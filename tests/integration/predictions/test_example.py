"""The client in the documentation speaks with the door: it waits when asked to, and reads the receipt."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from services.facts.prediction import rules
from services.facts.prediction.types import Stream
from tests.support.workspace import ROOT

SEEN: list[tuple[str, str, bytes]] = []


class Door(BaseHTTPRequestHandler):
    """Asks the first caller for patience, and takes what comes after."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        SEEN.append((self.path, self.headers["Authorization"], body))
        self.send_response(429 if len(SEEN) == 1 else 201)
        self.send_header("Retry-After", "0")
        self.end_headers()
        if len(SEEN) > 1:
            rows = len(body.splitlines())
            self.wfile.write(
                json.dumps({"accepted": rows, "duplicates": 0, "rejected": []}).encode()
            )

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    SEEN.clear()
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_client_sends_what_the_door_takes(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "docs" / "examples" / "log_predictions.py"
    specification = importlib.util.spec_from_file_location("log_predictions", path)
    assert specification
    assert specification.loader
    example = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(example)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 40
    monkeypatch.setenv("COUNTERSIGN_URL", url)
    monkeypatch.setenv("COUNTERSIGN_TOKEN", "cs_token")
    row = {
        "prediction_id": "1", "at": "2026-03-14T08:00:00Z", "version": 3, "score": 0.7,
        "features": {"age": 41}, "segments": {"carrier": "UA"},
    }  # fmt: skip
    told = example.send("flight delay", "predictions", [row, {**row, "prediction_id": "2"}])
    assert told["accepted"] == 2
    assert [each[:2] for each in SEEN] == [
        ("/api/v1/models/flight%20delay/predictions", "Bearer cs_token")
    ] * 2
    from tests.integration.predictions.conftest import sent

    rows = [json.loads(each) for each in SEEN[1][2].splitlines()]
    assert len(sent(Stream.PREDICTIONS, *rows)) == 2
    assert rules.MOST_ROWS == 10_000
