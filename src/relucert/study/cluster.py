"""A dask cluster by the address of its scheduler (the extra "cluster")."""

from __future__ import annotations

import asyncio
from typing import Any

from relucert.base.errors import InputError

GREETING = (
    10  # seconds that whoever is at the address has to answer, beyond those that dask waits for a connection
)


def connected(address: str) -> Any:
    """A client of the scheduler. Raises InputError, with the remedy, if none answers at this address."""
    from distributed import Client
    from tornado.httpclient import HTTPClientError
    from tornado.websocket import WebSocketError

    try:
        asyncio.run(_greet(address))
        return Client(address)  # type: ignore[no-untyped-call]
    except TimeoutError as error:
        raise _unusable(address, "whoever is there does not answer as a scheduler does") from error
    except (
        ValueError,
        TypeError,
        OSError,
        HTTPClientError,
        WebSocketError,
    ) as error:  # what dask makes of addresses
        raise _unusable(address, " ".join(str(error).split())) from error


async def _greet(address: str) -> None:
    """Shakes hands, which the client would wait for forever."""
    from dask.config import get
    from dask.utils import parse_timedelta
    from distributed.comm.core import connect
    from distributed.security import Security

    wait = parse_timedelta(get("distributed.comm.timeouts.connect")) + GREETING
    arguments = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    comm = await asyncio.wait_for(connect(address, **arguments), wait)  # type: ignore[no-untyped-call]
    comm.abort()


def _unusable(address: str, why: str) -> InputError:
    return InputError(
        f"--dask {address!r}: {why}; expected the address of a running scheduler, such as tcp://127.0.0.1:8786 "
        "(dask scheduler starts one, dask worker its workers)"
    )
