"""Enough of Streamlit's wire to run a script and read what it wrote."""

import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection


def rerun(*, by_itself: bool = False) -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = ""
    message.rerun_script.is_auto_rerun = by_itself
    return message.SerializeToString()


def run(socket: ClientConnection, timeout: float = 30) -> "Run":
    """Run the script once and return what it said."""
    socket.send(rerun())
    return listen(socket, timeout)


def listen(socket: ClientConnection, timeout: float = 30) -> "Run":
    said = Run()
    deadline = time.monotonic() + timeout
    while not said.finished:
        raw = socket.recv(timeout=max(0.1, deadline - time.monotonic()))
        assert isinstance(raw, bytes)
        said.take(ForwardMsg.FromString(raw))
    return said


class Run:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.session_id = ""
        self.media = ""
        self.finished = False

    def take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session_id = message.new_session.initialize.session_id
        elif kind == "script_finished":
            self.finished = True
        elif kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "markdown":
                self.texts.append(element.markdown.body)
            elif element.WhichOneof("type") == "download_button":
                self.media = element.download_button.url

    def value(self, key: str) -> str:
        words = " ".join(self.texts).split()
        return next(each.removeprefix(f"{key}=") for each in words if each.startswith(f"{key}="))
