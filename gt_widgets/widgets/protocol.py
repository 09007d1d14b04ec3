"""What a widget in the browser and its kernel half say to each other.

Layer: widgets. The TypeScript half of this is ``labextension/src/protocol.ts``; both test suites
read ``tests/fixtures/protocol/*.json``. The operations are those of
``docs/reference/worker-protocol.md``.

==================  =======================================================================
direction           message
==================  =======================================================================
browser to kernel   ``{"type": "call", "id": n, "scope": "worker" | "requester", "op",
                    "args": {...}, "session": text | null}``; a painted mask travels beside it
                    as the one binary buffer
kernel to browser   ``{"type": "result", "id": n, "ok": {...}}``; the bytes of ``picture`` and
                    ``thumbnail`` travel beside it as the one binary buffer
kernel to browser   ``{"type": "result", "id": n, "error": {"code", "message"}}``
==================  =======================================================================

``id`` is chosen by the browser and given back untouched. No trait ever holds a session.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gt_widgets.errors import GroundTruthError, OperationNotImplementedError, WorkerError
from gt_widgets.services.calls import ATTACHED
from gt_widgets.services.portal_client import BROWSER_OPERATIONS, Picture, error_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Portal", "Reply", "reply_to"]

_LOG = logging.getLogger(__name__)


class Portal(Protocol):
    """What answers a widget's calls: a ``PortalClient``, or something shaped like one."""

    def worker(
        self, operation: str, args: Mapping[str, Any] | None = None, session: str | None = None
    ) -> Any:
        """Answer one operation of the worker protocol."""

    def requester(self, operation: str, args: Mapping[str, Any] | None = None) -> Any:
        """Answer one operation of the requester protocol."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to the browser, with its binary buffers."""

    content: dict[str, Any]
    buffers: tuple[bytes, ...] = ()


def reply_to(
    portal: Portal | None, message: object, buffers: Sequence[Any] | None = ()
) -> Reply | None:
    """Answer one message of the browser; never raises.

    Parameters
    ----------
    portal : Portal or None
        None where there is no engine to ask, as on AWS.
    message : object
        As it came over the comm: nothing about it is taken for granted.
    buffers : sequence of bytes-like, optional
        What came beside it; the first is the attachment of the call.

    Returns
    -------
    Reply or None
        None if the message is not a call.
    """
    if not isinstance(message, dict) or message.get("type") != "call":
        return None
    number = message.get("id")
    try:
        result = _answer(portal, message, buffers or ())
    except GroundTruthError as error:
        return _refusal(number, error_body(error))
    except Exception as error:  # noqa: BLE001  the page gets a sentence, the log the traceback
        _LOG.exception("a widget's call failed")
        return _refusal(number, {"code": "InternalFailure", "message": f"It failed: {error!r}"})
    if isinstance(result, Picture):
        ok = {"content_type": result.content_type}
        return Reply({"type": "result", "id": number, "ok": ok}, (result.data,))
    return Reply({"type": "result", "id": number, "ok": result})


def _answer(portal: Portal | None, message: Mapping[str, Any], buffers: Sequence[Any]) -> Any:
    scope, operation = message.get("scope"), message.get("op")
    args, session = message.get("args", {}), message.get("session")
    if not isinstance(args, dict) or not isinstance(session, str | None):
        raise WorkerError("A call has args, an object, and session, a text or null.")
    if not isinstance(operation, str) or operation not in BROWSER_OPERATIONS.get(str(scope), ()):
        raise WorkerError(f"There is no {str(scope)[:20]} operation {str(operation)[:40]!r}.")
    args = {key: value for key, value in args.items() if key != ATTACHED}
    if buffers:
        args[ATTACHED] = bytes(buffers[0])
    if portal is None:
        raise OperationNotImplementedError(
            "AWS has no API for this; the cell shows how things stood when it ran. Run it again "
            "to look anew."
        )
    if scope == "worker":
        return portal.worker(operation, args, session)
    return portal.requester(operation, args)


def _refusal(number: object, error: dict[str, str]) -> Reply:
    return Reply({"type": "result", "id": number, "error": error})
