"""Lets containers of one network reach engines that listen on this machine's loopback alone.

It listens on the network's gateway, under the engines' own port numbers, and speaks to addresses of
that network only. So nothing is forwarded by the kernel, no rule of a firewall changes, and it is
gone with this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from threading import Thread

LOOPBACK = "127.0.0.1"
CHUNK = 65_536
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Relay:
    """Servers on `address` for `ports`, open to peers in `subnet` (CIDR), until `close`."""

    def __init__(self, address: str, subnet: str, ports: Iterable[int]) -> None:
        """Raises OSError when the address is not one of this machine, or a port is taken."""
        self._peers = ipaddress.ip_network(subnet)
        self._loop = asyncio.new_event_loop()
        try:
            self._servers = [
                self._loop.run_until_complete(
                    asyncio.start_server(self._serve(port), address, port)
                )
                for port in ports
            ]
        except OSError:
            self._loop.close()
            raise
        self._thread = Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()

    def _serve(self, port: int) -> Serve:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer = ipaddress.ip_address(writer.get_extra_info("peername")[0])
            # Its end is quiet too: asyncio would print a trace for each connection that is cut.
            with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.CancelledError):
                if peer in self._peers:
                    inner, out = await asyncio.open_connection(LOOPBACK, port)
                    await asyncio.gather(_copy(reader, out), _copy(inner, writer))

        return serve

    def close(self) -> None:
        """Ends the servers and whatever goes through them."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A closed connection is gone only after the loop has been round.
        await asyncio.sleep(0.01)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.closing(writer), contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
