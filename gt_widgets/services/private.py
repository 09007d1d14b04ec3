"""The engine's own routes beside the AWS endpoint: ``/_gt/worker/<op>``, ``/_gt/requester/<op>``.

Layer: services. They carry ``docs/reference/worker-protocol.md`` over loopback HTTP. The engine
token of ``endpoint.json`` opens them; what a worker may do, the worker's session alone decides.
``X-Gt-Address`` is where the worker's page calls from, as the server that passes it on has seen it.
"""

from __future__ import annotations

import hmac
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from gt_widgets.engine.worker import PictureBytes
from gt_widgets.errors import (
    AccessDeniedError,
    AddressRefusedError,
    GroundTruthError,
    WorkerError,
)
from gt_widgets.services.calls import MAX_BODY_BYTES, decode_call
from gt_widgets.services.http import PRIVATE_PREFIX
from gt_widgets.services.sagemaker_task_uis import TASK_UI_PATH
from gt_widgets.services.wire.message import HttpResponse

if TYPE_CHECKING:
    from gt_widgets.engine import Engine
    from gt_widgets.services.wire.message import HttpRequest

__all__ = ["PORTAL_PATH", "PrivateRoutes"]

_LOG = logging.getLogger(__name__)
_SERVER_ERROR = 500
PORTAL_PATH = "/_gt/portal"
"""Where invitation mails and ``SubDomain`` point."""


class PrivateRoutes:
    """Answers requests below ``/_gt/``.

    Parameters
    ----------
    engine : Engine
    token : str
        What ``Authorization: Bearer`` must carry.
    """

    def __init__(self, engine: Engine, *, token: str) -> None:
        self._engine, self._token = engine, token

    def handle(self, request: HttpRequest) -> HttpResponse | None:
        """Answer a request; None if its path is not below ``/_gt/``."""
        if not request.path.startswith(PRIVATE_PREFIX):
            return None
        if request.path == PORTAL_PATH:
            return HttpResponse(200, _PAGE_HEADERS, _PORTAL_PAGE)
        try:
            if request.path.startswith(TASK_UI_PATH):
                return self._template(request.path.removeprefix(TASK_UI_PATH))
            self._check_token(request)
            return _response(self._answer(request))
        except GroundTruthError as error:
            return _error(error.code, str(error), error.status)
        except Exception as error:  # noqa: BLE001  the page gets a sentence, the log the traceback
            _LOG.exception("%s %s", request.method, request.path)
            return _error("InternalFailure", f"The engine stumbled: {error!r}", _SERVER_ERROR)

    def _template(self, sha256: str) -> HttpResponse:
        """Show a kept template as the text it is, never as a page of this origin."""
        found = self._engine.task_uis.by_hash(sha256)
        return HttpResponse(200, _TEXT_HEADERS, found.content.encode())

    def _check_token(self, request: HttpRequest) -> None:
        given = request.headers.get("authorization") or ""
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            error = AccessDeniedError("The engine token is missing or wrong.")
            error.status = 403
            raise error

    def _answer(self, request: HttpRequest) -> Any:
        scope, _, operation = request.path.removeprefix(PRIVATE_PREFIX).partition("/")
        session = request.headers.get("x-gt-session")
        address = request.headers.get("x-gt-address")
        if scope == "hello":
            return self._engine.requester.call("hello", {})
        operation, _, task_id = operation.partition("/")
        if scope == "worker" and operation == "picture" and request.method == "GET":
            args = {**dict(parse_qsl(request.query)), "task_id": unquote(task_id)}
            return self._engine.worker.call("picture", args, session, address=address)
        if scope not in {"worker", "requester"} or request.method != "POST":
            raise WorkerError(f"There is no {request.method} {request.path[:80]} here.")
        args = _arguments(request)
        if scope == "worker":
            return self._engine.worker.call(operation, args, session, address=address)
        return self._engine.requester.call(operation, args)


def _arguments(request: HttpRequest) -> dict[str, Any]:
    body = request.body.read(MAX_BODY_BYTES + 1)
    return decode_call(request.headers.get("content-type") or "", body)


def _response(result: Any) -> HttpResponse:
    if isinstance(result, PictureBytes):
        headers = [
            ("Content-Type", result.content_type),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "private, no-store"),
        ]
        return HttpResponse(200, headers, result.data)
    return HttpResponse(200, _JSON, json.dumps({"ok": result}).encode())


def _error(code: str, message: str, status: int) -> HttpResponse:
    if status == AddressRefusedError.status:  # who is refused so is told nothing
        return HttpResponse(status)
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return HttpResponse(status, _JSON, body)


_TEXT_HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("X-Content-Type-Options", "nosniff"),
]
_JSON = [("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff")]
_PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("X-Content-Type-Options", "nosniff"),
]
_PORTAL_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Ground Truth</title>
<style>body{font:16px/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}</style>
<h1>Ground Truth, local engine</h1>
<p>This engine is running. Its workers label inside the notebook: open the notebook that invited
you and run <code>job.label(worker="your user name")</code>, then sign in there with the user
name and the temporary password of your invitation.</p></html>
"""
