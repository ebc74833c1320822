"""A user of Home Assistant: REST with a token, and one websocket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import aiohttp

_ANSWER_S = 30.0
Json = dict[str, Any]


class HomeError(Exception):
    """Home Assistant refused something; the text is its own."""


class Client:
    """Talk to one Home Assistant as the user of `token`."""

    def __init__(self, base: str, token: str = "") -> None:
        self.base = base
        self.token = token
        timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
        self._session = aiohttp.ClientSession(timeout=timeout)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Callable[[Json], None]] = {}
        self._last_id = 0

    async def close(self) -> None:
        """Close the websocket and the session."""
        await self.disconnect()
        await self._session.close()

    async def rest(self, method: str, path: str, body: Any = None, *, form: bool = False) -> Any:
        """Call the REST API and return the decoded answer; HomeError unless the status is 2xx."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content: Mapping[str, Any] = {"data": body} if form else {"json": body}
        async with self._session.request(
            method, self.base + path, headers=headers, **content
        ) as answer:
            if answer.status >= 300:
                raise HomeError(f"{method} {path}: {answer.status} {await answer.text()}")
            if answer.content_type == "application/json":
                return await answer.json()
            return await answer.text()

    async def reachable(self) -> bool:
        """Tell whether the web page is served."""
        try:
            async with self._session.get(self.base + "/manifest.json") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    async def connect(self) -> None:
        """Open the websocket and log in."""
        await self.disconnect()
        socket = await self._session.ws_connect(
            self.base + "/api/websocket", max_msg_size=2**26, heartbeat=None
        )
        await socket.receive_json(timeout=_ANSWER_S)
        await socket.send_json({"type": "auth", "access_token": self.token})
        answer = await socket.receive_json(timeout=_ANSWER_S)
        if answer["type"] != "auth_ok":
            raise HomeError(f"websocket login: {answer}")
        self._socket = socket
        self._reader = asyncio.create_task(self._read(socket))

    async def disconnect(self) -> None:
        """Close the websocket; subscriptions are gone."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
            self._reader = None
        self._listeners.clear()

    async def closed(self) -> None:
        """Wait until Home Assistant has hung up the websocket."""
        if self._reader is not None:
            await asyncio.wait([self._reader])

    @property
    def connected(self) -> bool:
        """Tell whether the websocket is open."""
        return self._socket is not None and not self._socket.closed

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a websocket command and return its result; HomeError when it is refused."""
        return (await self._send(kind, fields))[1]

    @contextlib.asynccontextmanager
    async def subscribed(
        self, listener: Callable[[Json], None], kind: str = "subscribe_events", **fields: Any
    ) -> AsyncIterator[None]:
        """Call `listener` for each event while the body runs."""
        number, _ = await self._send(kind, fields, listener)
        try:
            yield
        finally:
            self._listeners.pop(number, None)
            if self.connected:
                with contextlib.suppress(HomeError, OSError, TimeoutError):
                    await self.command("unsubscribe_events", subscription=number)

    async def call(self, action: str, entity: str = "", **data: Any) -> Any:
        """Perform an action such as `light.turn_on`."""
        domain, _, service = action.partition(".")
        target = {"target": {"entity_id": entity}} if entity else {}
        return await self.command(
            "call_service", domain=domain, service=service, service_data=data, **target
        )

    async def ask(self, action: str, *, timeout_s: float = _ANSWER_S, **data: Any) -> Json:
        """Perform an action that answers, and return its answer."""
        domain, _, service = action.partition(".")
        fields = {"domain": domain, "service": service, "service_data": data}
        _, result = await self._send(
            "call_service", {**fields, "return_response": True}, timeout_s=timeout_s
        )
        answer: Json = result["response"]
        return answer

    async def state(self, entity: str) -> Json | None:
        """Return an entity's state object, or None when there is no such entity."""
        with contextlib.suppress(HomeError):
            answer: Json = await self.rest("GET", f"/api/states/{entity}")
            return answer
        return None

    async def states(self) -> dict[str, Json]:
        """Return all state objects by entity id."""
        return {state["entity_id"]: state for state in await self.command("get_states")}

    async def wait_state(
        self, entity: str, good: str | Callable[[Json], bool], timeout_s: float
    ) -> Json:
        """Wait until an entity has a state, or one that `good` accepts; TimeoutError."""
        last: Json | None = None
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while loop.time() < deadline:
            last = await self.state(entity)
            if last is not None and (
                last["state"] == good if isinstance(good, str) else good(last)
            ):
                return last
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{entity} is {last and last['state']}, wanted {good}")

    async def _send(
        self,
        kind: str,
        fields: Json,
        listener: Callable[[Json], None] | None = None,
        timeout_s: float = _ANSWER_S,
    ) -> tuple[int, Any]:
        if self._socket is None:
            raise HomeError("the websocket is not open")
        self._last_id += 1
        number = self._last_id
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        if listener is not None:
            self._listeners[number] = listener
        try:
            await self._socket.send_json({"id": number, "type": kind, **fields})
            async with asyncio.timeout(timeout_s):
                return number, await waiting
        finally:
            self._waiting.pop(number, None)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            event = message.json()
            number = event.get("id", 0)
            if event["type"] == "event" and number in self._listeners:
                self._listeners[number](event["event"])
            waiting = self._waiting.get(number)
            if event["type"] == "result" and waiting is not None and not waiting.done():
                if event["success"]:
                    waiting.set_result(event["result"])
                else:
                    waiting.set_exception(HomeError(str(event["error"])))
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(HomeError("Home Assistant closed the websocket"))
