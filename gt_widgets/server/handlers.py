"""Handlers that pass a page's calls on to the engine of one of this user's stores.

Layer: server. Jupyter's own login, authorizer and XSRF check stand in front of them, and the
engine token never leaves this process. Whoever is logged in to Jupyter is the requester;
``X-Gt-Session`` says which worker sits there.
"""

from __future__ import annotations

import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.ioloop import IOLoop

from gt_widgets.errors import (
    AddressRefusedError,
    EngineUnreachableError,
    GroundTruthError,
    ImageError,
    WorkerError,
)
from gt_widgets.services.calls import decode_call
from gt_widgets.services.daemon import ensure, find_root
from gt_widgets.services.portal_client import (
    BROWSER_OPERATIONS,
    Picture,
    PortalClient,
    error_body,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Engines", "routes"]

_LOG = logging.getLogger(__name__)
_TASK_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_PICTURES = frozenset({"image/jpeg", "image/png"})
_THREADS = 16
_UNAVAILABLE, _SERVER_ERROR = 503, 500


class Engines:
    """The engines of this user's stores, each called from threads of its own pool."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, Path], PortalClient] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="gt-widgets")

    async def call(
        self,
        store_id: str,
        scope: str,
        operation: str,
        args: Any,
        session: str | None,
        address: str | None = None,
    ) -> Any:
        """Answer one operation without holding up the server's event loop.

        Raises
        ------
        EngineUnreachableError
            Status 404 if this user has no store of that id.
        GroundTruthError
            What the engine refuses.
        """
        ask = partial(self._call, store_id, scope, operation, args, session, address)
        return await IOLoop.current().run_in_executor(self._threads, ask)

    def _call(
        self,
        store_id: str,
        scope: str,
        operation: str,
        args: Any,
        session: str | None,
        address: str | None,
    ) -> Any:
        if operation not in BROWSER_OPERATIONS[scope]:
            raise WorkerError(f"There is no {scope} operation {operation[:40]!r} here.")
        client = self._client(store_id)
        if scope == "worker":
            return client.worker(operation, args, session, address=address)
        return client.requester(operation, args)

    def _client(self, store_id: str) -> PortalClient:
        root = find_root(store_id)
        if root is None:
            # not the engine's word: the page goes on to ask its kernel, which may know the store
            error = EngineUnreachableError(
                f"This server knows no store {store_id[:40]!r}. Is the kernel on another machine?"
            )
            error.status = 404
            raise error
        with self._lock:
            return self._clients.setdefault((store_id, root), PortalClient(partial(ensure, root)))


class _GroundTruthHandler(APIHandler):
    """What all of them share: the carrying, and the answers as the protocol says."""

    auth_resource = "gt-widgets"

    def initialize(self, engines: Engines) -> None:
        self._engines = engines

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    async def _pass_on(self, store_id: str, scope: str, operation: str, args: Any) -> None:
        session, address = self.request.headers.get("X-Gt-Session"), self.request.remote_ip
        try:
            result = await self._engines.call(store_id, scope, operation, args, session, address)
            if isinstance(result, Picture):
                self._finish_picture(result)
            else:
                self.finish({"ok": result})
        except AddressRefusedError as error:
            self.set_status(error.status)
            self.finish()
        except GroundTruthError as error:
            unreachable = isinstance(error, EngineUnreachableError)
            no_status = unreachable and error.status == _SERVER_ERROR
            self._refuse(error_body(error), _UNAVAILABLE if no_status else error.status)
        except Exception as error:  # noqa: BLE001  the page gets a sentence, the log the traceback
            _LOG.exception("%s %s", scope, operation)
            told = {"code": "InternalFailure", "message": f"The server stumbled: {error!r}"}
            self._refuse(told, _SERVER_ERROR)

    def _finish_picture(self, picture: Picture) -> None:
        if picture.content_type not in _PICTURES:
            raise ImageError(f"The engine sent {picture.content_type[:40]!r}, no picture.")
        # whatever the bytes hold, opened on its own it is neither script nor same origin
        self.set_header("Content-Security-Policy", "default-src 'none'; sandbox")
        self.finish(picture.data, set_content_type=picture.content_type)

    def _refuse(self, error: dict[str, str], status: int) -> None:
        self.set_status(status)
        self.finish({"error": error})


class _HelloHandler(_GroundTruthHandler):
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, store_id: str) -> None:
        await self._pass_on(store_id, "requester", "hello", {})


class _PictureHandler(_GroundTruthHandler):
    @web.authenticated
    @authorized
    async def get(self, store_id: str, task_id: str) -> None:
        if not _TASK_ID.fullmatch(task_id):
            self._refuse(error_body(WorkerError("That is not the id of a task.")), 404)
            return
        args = {"task_id": task_id, "lease": self.get_query_argument("lease", "")}
        example = self.get_query_argument("example", "")
        args |= {"example": example} if example else {}
        await self._pass_on(store_id, "worker", "picture", args)


class _CallHandler(_GroundTruthHandler):
    _scope = ""

    @web.authenticated
    @authorized
    async def post(self, store_id: str, operation: str) -> None:
        try:
            args = decode_call(self.request.headers.get("Content-Type", ""), self.request.body)
        except WorkerError as error:
            self._refuse(error_body(error), error.status)
            return
        await self._pass_on(store_id, self._scope, operation, args)


class _WorkerHandler(_CallHandler):
    _scope = "worker"


class _RequesterHandler(_CallHandler):
    _scope = "requester"
    # a card that updates itself in a forgotten tab must not keep an idle server alive
    _track_activity = False


def routes(base_url: str) -> list[tuple[str, type[APIHandler], dict[str, Any]]]:
    """Return the handlers below ``<base_url>gt-widgets/<store id>/``."""
    store = url_path_join(re.escape(base_url), "gt-widgets", "([^/]+)")
    given = {"engines": Engines()}
    return [
        (f"{store}/hello", _HelloHandler, given),
        (f"{store}/worker/picture/([^/]+)", _PictureHandler, given),
        (f"{store}/worker/([a-z_]+)", _WorkerHandler, given),
        (f"{store}/requester/([a-z_]+)", _RequesterHandler, given),
    ]
