"""Where spot is asked for on clusters: another partition of Slurm, another resource of Ray."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.standards.engine.rules import checked
from services.standards.engine.types import EngineForm, EngineKind
from services.workflows.engine.attempt_folder import AttemptFolder
from services.workflows.engine.ray_adapter import RayScheduler
from services.workflows.engine.slurm_adapter import SlurmScheduler
from services.workflows.engine.types import AttemptSpec, Resources


def spec(folder: Path, *, spot: bool) -> AttemptSpec:
    return AttemptSpec("a-1", "a", 1, ("true",), folder, Resources(seconds=60, spot=spot))


@pytest.mark.parametrize(
    ("spot", "parts", "partition"),
    [
        (True, {"partition": "gpu", "spot": "gpu-spot"}, "--partition=gpu-spot"),
        (False, {"partition": "gpu", "spot": "gpu-spot"}, "--partition=gpu"),
        (True, {"partition": "gpu"}, "--partition=gpu"),
    ],
)
def test_slurm_has_a_partition_of_its_own_for_spot(
    parts: dict[str, str], partition: str, tmp_path: Path, *, spot: bool
) -> None:
    told = tmp_path / "told"
    program = tmp_path / "sbatch"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\necho 7\n')
    program.chmod(0o755)
    connection = checked(EngineForm("slurm", EngineKind.SLURM, parts))
    asked = spec(tmp_path, spot=spot)
    scheduler = SlurmScheduler(connection, {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert scheduler.start(asked, AttemptFolder.of(asked)) == "7"
    assert [each for each in told.read_text().split() if each.startswith("--partition")] == [
        partition
    ]


@pytest.fixture
def head() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The head of a Ray that takes every job."""
    taken: list[dict[str, Any]] = []

    class Head(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            body = json.dumps({"submission_id": "a-1"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Head)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", taken
    server.shutdown()
    server.server_close()
    thread.join()


def test_ray_asks_for_the_resource_of_spot_nodes_or_of_the_others(
    head: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    url, taken = head
    parts = {"url": url, "spot": "spot_node", "on_demand": "steady_node"}
    scheduler = RayScheduler(checked(EngineForm("ray", EngineKind.RAY, parts, allow_private=True)))
    for spot in (True, False):
        asked = spec(tmp_path, spot=spot)
        scheduler.start(asked, AttemptFolder.of(asked))
    assert [each["entrypoint_resources"] for each in taken] == [
        {"spot_node": 0.001}, {"steady_node": 0.001},
    ]  # fmt: skip
