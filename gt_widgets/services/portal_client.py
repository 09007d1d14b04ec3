"""The worker and requester protocols over loopback HTTP, for kernels and for the Jupyter server.

Layer: services. ``docs/reference/worker-protocol.md`` lists the operations. Importing this costs
the standard library only: the Jupyter server loads it.
"""

from __future__ import annotations

import json
import threading
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from gt_widgets.errors import (
    AccessDeniedError,
    AddressRefusedError,
    AnswerError,
    EngineUnreachableError,
    GroundTruthError,
    ImageError,
    LeaseError,
    ResourceNotFoundError,
    SignInError,
    ValidationError,
    WorkerError,
)
from gt_widgets.services.calls import MAX_BODY_BYTES, encode_call
from gt_widgets.services.daemon import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["BROWSER_OPERATIONS", "MAX_BODY_BYTES", "Picture", "PortalClient", "error_body"]

BROWSER_OPERATIONS: Mapping[str, frozenset[str]] = {
    "worker": frozenset(
        {
            "sign_in",
            "set_new_password",
            "sign_out",
            "jobs",
            "claim",
            "begin",
            "save_draft",
            "submit",
            "skip",
            "decline",
            "release",
            "stop",
            "picture",
            "segment",
        }
    ),
    "requester": frozenset({"hello", "card", "thumbnail", "outbox"}),
}
"""What a page may ask, by scope. The engine has more (sessions of simulated workers), which only
code that holds the engine token may ask."""

UNREACHABLE = "EngineUnreachable"
_UNREACHABLE_STATUS = 503
_OK, _FORBIDDEN = 200, 403
_MAX_IDLE = 8
_MAX_SESSION = 256
_ERRORS: Mapping[str, type[GroundTruthError]] = {
    error.code: error
    for error in (
        AccessDeniedError,
        AnswerError,
        EngineUnreachableError,
        ImageError,
        LeaseError,
        ResourceNotFoundError,
        SignInError,
        ValidationError,
    )
}


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes of a picture and what they are: ``image/jpeg`` or ``image/png``."""

    data: bytes
    content_type: str


class PortalClient:
    """Calls the engine of one state folder, from any thread.

    A call that finds no engine looks for it once more through ``source``, which starts one if
    need be, and is sent again. Every operation bears that: ``submit`` counts once by its key,
    ``claim`` gives a task that is held already.

    Parameters
    ----------
    source : Endpoint or callable
        Where the engine listens; or how to find out, for example ``partial(ensure, root)``,
        which is asked at the first call and again when the engine has gone.
    timeout_s : float
        How long one answer may take, > 0.

    Examples
    --------
    >>> client = PortalClient(partial(ensure, root))  # doctest: +SKIP
    >>> client.requester("card", {"job_name": "logos"})["status"]  # doctest: +SKIP
    'InProgress'
    """

    def __init__(
        self, source: Endpoint | Callable[[], Endpoint], *, timeout_s: float = 60.0
    ) -> None:
        self._known = source if isinstance(source, Endpoint) else None
        self._source = source
        self._timeout_s = timeout_s
        self._idle: list[tuple[Endpoint, HTTPConnection]] = []
        self._lock = threading.Lock()

    @property
    def endpoint(self) -> Endpoint:
        """Where the engine listens."""
        with self._lock:
            if self._known is None:
                self._known = self._find()
            return self._known

    @property
    def store_id(self) -> str:
        """Id of the folder's store: the browser's handshake asks for it."""
        return self.endpoint.store_id

    def worker(
        self,
        operation: str,
        args: Mapping[str, Any] | None = None,
        session: str | None = None,
        *,
        address: str | None = None,
    ) -> Any:
        """Answer one operation of the worker protocol.

        Parameters
        ----------
        operation : str
            For example ``"claim"``.
        args : mapping, optional
            JSON values; bytes under ``attached`` travel beside them.
        session : str, optional
            The worker's session, from ``sign_in``.
        address : str, optional
            The IP address of the worker's page, where this process serves it.

        Returns
        -------
        dict or Picture
            The operation's result; a ``Picture`` from ``picture``.

        Raises
        ------
        AddressRefusedError
            If the workforce lets nobody in from ``address``.
        SignInError
            If the session is missing, expired or revoked.
        LeaseError
            If the task is not leased to this worker.
        AnswerError
            If the answer breaks its rules.
        WorkerError
            For any other refusal; ``code`` says which.
        EngineUnreachableError
            If no engine answers and none could be started.
        """
        return self._call("worker", operation, args or {}, session, address)

    def requester(self, operation: str, args: Mapping[str, Any] | None = None) -> Any:
        """Answer one operation of the requester protocol; raises as `worker` does.

        Returns
        -------
        dict or Picture
            The operation's result; a ``Picture`` from ``thumbnail``.
        """
        return self._call("requester", operation, args or {}, None)

    def close(self) -> None:
        """Close the connections kept for the next call; the client can still be used."""
        with self._lock:
            waiting, self._idle = self._idle, []
        for _, connection in waiting:
            connection.close()

    def _call(
        self,
        scope: str,
        operation: str,
        args: Mapping[str, Any],
        session: str | None,
        address: str | None = None,
    ) -> Any:
        path = f"/_gt/{scope}/{quote(operation, safe='')}"
        content_type, body = encode_call(operation, args)
        headers = {"Content-Type": content_type, **_session_header(session)}
        if address is not None:
            headers["X-Gt-Address"] = address
        endpoint = self.endpoint
        try:
            return self._send(endpoint, path, body, headers)
        except _NotOurEngineError:
            endpoint = self._healed(endpoint)
        try:
            return self._send(endpoint, path, body, headers)
        except _NotOurEngineError as error:
            raise _unreachable(
                f"The engine at {endpoint.url} does not answer ({error}). Is its process "
                f"{endpoint.pid} alive? engine.log in its state folder says what happened."
            ) from error

    def _find(self) -> Endpoint:
        return self._source if isinstance(self._source, Endpoint) else self._source()

    def _healed(self, gone: Endpoint) -> Endpoint:
        """Find the engine again; of several threads that miss it, one does."""
        self.close()
        with self._lock:
            if self._known is gone:
                self._known = self._find()
            return self._known or gone

    def _send(self, endpoint: Endpoint, path: str, body: bytes, headers: dict[str, str]) -> Any:
        connection = self._take(endpoint)
        try:
            connection.request(
                "POST", path, body, {**headers, "Authorization": f"Bearer {endpoint.token}"}
            )
            with closing(connection.getresponse()) as response:
                status = response.status
                content_type = response.getheader("Content-Type", "")
                data = response.read()
        except TimeoutError as error:
            connection.close()
            raise _unreachable(
                f"The engine at {endpoint.url} took more than {self._timeout_s:g} s to answer."
            ) from error
        except (OSError, HTTPException) as error:
            connection.close()
            raise _NotOurEngineError(str(error) or type(error).__name__) from error
        self._keep(endpoint, connection)
        return _decoded(status, content_type, data)

    def _take(self, endpoint: Endpoint) -> HTTPConnection:
        with self._lock:
            while self._idle:
                kept_for, connection = self._idle.pop()
                if kept_for is endpoint:
                    return connection
                connection.close()
        place = urlsplit(endpoint.url)
        # http.client knows no proxies: loopback never goes through one
        return HTTPConnection(place.hostname or "", place.port, timeout=self._timeout_s)

    def _keep(self, endpoint: Endpoint, connection: HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < _MAX_IDLE:
                self._idle.append((endpoint, connection))
                return
        connection.close()


def error_body(error: GroundTruthError) -> dict[str, str]:
    """Return what a page is told of an error: ``{"code", "message"}``."""
    code = UNREACHABLE if isinstance(error, EngineUnreachableError) else error.code
    return {"code": code, "message": str(error)}


class _NotOurEngineError(Exception):
    """Nobody answered, or somebody who is not the engine of this folder."""


def _session_header(session: str | None) -> dict[str, str]:
    if session is None:
        return {}
    if not (session.isascii() and session.isprintable() and len(session) <= _MAX_SESSION):
        raise SignInError("The session is not one of ours; sign in again.")
    return {"X-Gt-Session": session}


def _decoded(status: int, content_type: str, data: bytes) -> Any:
    """Open the envelope; another program on the engine's old port is not taken for it."""
    if status == _OK and content_type.startswith("image/"):
        return Picture(data, content_type)
    if status == AddressRefusedError.status:
        raise AddressRefusedError("The workforce lets no worker in from this address.")
    try:
        envelope = json.loads(data)
        if status == _OK:
            return envelope["ok"]
        code, message = str(envelope["error"]["code"]), str(envelope["error"]["message"])
    except (ValueError, KeyError, TypeError) as error:
        raise _NotOurEngineError(f"status {status} without the engine's words") from error
    if status == _FORBIDDEN and code == AccessDeniedError.code:
        raise _NotOurEngineError(message)
    refusal = _ERRORS.get(code, WorkerError)(message)
    refusal.code, refusal.status = code, status
    raise refusal


def _unreachable(message: str) -> EngineUnreachableError:
    error = EngineUnreachableError(message)
    error.code, error.status = UNREACHABLE, _UNREACHABLE_STATUS
    return error
