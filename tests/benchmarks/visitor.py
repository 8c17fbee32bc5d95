"""A visitor who speaks Streamlit's own protocol: asks for a page and waits until it is drawn."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.sync.client import ClientConnection, connect

from tests.support.workspace import ROOT, free_port


@dataclass(frozen=True)
class Web:
    """A web process that answers."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://localhost:{self.port}"

    def cpu(self) -> float:
        """Return the seconds of processor time that it used, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Return its resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(li.split()[1]) for li in status if li.startswith("VmRSS")) / 1024


@contextmanager
def serving(folder: Path) -> Iterator[Web]:
    """Run the web process alone over a workspace until the block is left."""
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")},
        "COUNTERSIGN_HOME": str(folder), "COUNTERSIGN_PORT": str(port), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "console.serve"], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        answered(f"http://127.0.0.1:{port}/ready", time.perf_counter())
        yield Web(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def answered(url: str, began: float) -> float:
    """Return the seconds until an address answers 200."""
    while time.perf_counter() - began < 60:
        try:
            if httpx.get(url, timeout=1).status_code == 200:
                return time.perf_counter() - began
        except httpx.HTTPError:
            pass
        time.sleep(0.02)
    raise TimeoutError(url)


@dataclass(frozen=True)
class Field:
    """Something on a page that may be filled in; without options it takes any text."""

    id: str
    options: tuple[str, ...] = ()


class Visitor:
    """One open page of one signed-in person.

    Attributes
    ----------
    fields
        What may be filled in on the page, by label.
    """

    def __init__(self, web: Web, cookie: str) -> None:
        self.fields: dict[str, Field] = {}
        self._page = self._query = ""
        self._socket: ClientConnection = connect(
            f"ws://localhost:{web.port}/_stcore/stream",
            origin=web.url,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"countersign={cookie}"},
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            ping_interval=None,
        )

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def open(self, page: str, **query: str) -> float:
        """Ask for a page and return the seconds until its script had run and all of it arrived."""
        self._page = "" if page == "home" else calc_hash(page)
        self._query = urlencode(query)
        self.fields.clear()
        return self._run(BackMsg())

    def again(self) -> float:
        """Do something that changes nothing; return the seconds until the page was drawn again."""
        return self._run(BackMsg())

    def choose(self, label: str, value: str) -> float:
        """Fill something in; return the seconds until the page was drawn again."""
        message = BackMsg()
        message.rerun_script.widget_states.widgets.add(id=self.fields[label].id, string_value=value)
        return self._run(message)

    def _run(self, message: BackMsg) -> float:
        message.rerun_script.query_string = self._query
        message.rerun_script.page_script_hash = self._page
        began = time.perf_counter()
        self._socket.send(message.SerializeToString())
        while True:
            raw = self._socket.recv(timeout=60)
            assert isinstance(raw, bytes)
            said = ForwardMsg.FromString(raw)
            kind = said.WhichOneof("type")
            if kind == "delta":
                self._note(said)
            elif kind == "page_info_changed":
                self._query = said.page_info_changed.query_string
            elif kind == "script_finished":
                if said.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                assert said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY, self._query
                return time.perf_counter() - began

    def _note(self, said: ForwardMsg) -> None:
        element = said.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "text_input":
            self.fields[element.text_input.label] = Field(element.text_input.id)
        elif kind == "selectbox":
            box = element.selectbox
            self.fields[box.label] = Field(box.id, tuple(box.options))


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that a share of all values does not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]
