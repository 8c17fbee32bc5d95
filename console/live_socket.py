"""A live socket that is cut when its session ends."""

import asyncio
from collections.abc import Callable

from starlette.types import Message, Receive, Send

from console.live import Live
from services.kernel.error import SourceUnavailable

CLOSED = 4401
AGAIN_LATER = 1013


class LiveSocket:
    """One live socket: every message asks whether its session still stands."""

    def __init__(
        self,
        live: Live,
        session_id: str,
        receive: Receive,
        send: Send,
        by_itself: Callable[[bytes], bool],
    ) -> None:
        self._live = live
        self._session_id = session_id
        self._receive = receive
        self._send = send
        self._by_itself = by_itself
        self._ended = live.join(session_id)
        self._cut = False

    async def receive(self) -> Message:
        """Return the next message, or the disconnection once the session has ended."""
        message = None if self._cut else await _first(self._receive, self._ended)
        if message is None:
            return await self._close(CLOSED)
        if message["type"] != "websocket.receive":
            return message
        try:
            if await self._live.who(self._session_id) is None:
                return await self._close(CLOSED)
        except SourceUnavailable:
            return await self._close(AGAIN_LATER)
        if not self._by_itself(message.get("bytes") or b""):
            await self._live.seen(self._session_id)
        return message

    async def send(self, message: Message) -> None:
        """Send a message, unless the socket was cut."""
        if not self._cut:
            await self._send(message)

    async def _close(self, code: int) -> Message:
        if not self._cut:
            self._cut = True
            await self._send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}


async def _first(receive: Receive, ended: asyncio.Event) -> Message | None:
    """Return the next message, or None when the session ended before it came."""
    if ended.is_set():
        return None
    message = asyncio.ensure_future(receive())
    end = asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({message, end}, return_when=asyncio.FIRST_COMPLETED)
        return None if ended.is_set() else message.result()
    finally:
        end.cancel()
        message.cancel()
