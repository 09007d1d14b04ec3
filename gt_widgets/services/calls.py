"""The body of one call: JSON, and where there is one, a binary attachment beside it.

Layer: services. ``docs/reference/worker-protocol.md`` describes it. Importing this costs the
standard library only: the Jupyter server loads it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ATTACHED", "MAX_BODY_BYTES", "decode_call", "encode_call"]

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Body of one call, at most."""
ATTACHED = "attached"
"""The argument that holds the attachment: bytes, which JSON cannot say."""
_JSON = "application/json"
_FRAMED = "application/vnd.gt-widgets.call"
_LENGTH = 4
_TOO_LARGE = 413


def encode_call(operation: str, args: Mapping[str, Any]) -> tuple[str, bytes]:
    """Write the arguments of a call: its content type and body.

    Raises
    ------
    WorkerError
        If they are not JSON but for bytes under ``ATTACHED``, or too large.
    """
    attached = args.get(ATTACHED)
    plain = {key: value for key, value in args.items() if key != ATTACHED}
    try:
        text = json.dumps(plain, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise WorkerError(f"{operation}: the arguments are not JSON ({error}).") from error
    content_type, body = _JSON, text
    if isinstance(attached, bytes):
        content_type, body = _FRAMED, len(text).to_bytes(_LENGTH, "big") + text + attached
    if len(body) > MAX_BODY_BYTES:
        raise WorkerError(
            f"{operation}: the call has {len(body)} bytes; at most {MAX_BODY_BYTES} can be sent."
        )
    return content_type, body


def decode_call(content_type: str, body: bytes) -> dict[str, Any]:
    """Read the arguments of a call; an attachment comes as bytes under ``ATTACHED``.

    Raises
    ------
    WorkerError
        If the body is too large, its frame is damaged, or its JSON is not one object.
    """
    if len(body) > MAX_BODY_BYTES:
        error = WorkerError(f"The call has more than {MAX_BODY_BYTES} bytes.")
        error.status = _TOO_LARGE
        raise error
    attached = None
    if content_type.partition(";")[0].strip().lower() == _FRAMED:
        end = _LENGTH + int.from_bytes(body[:_LENGTH], "big")
        if len(body) < max(_LENGTH, end):
            raise WorkerError("The body is shorter than it says.")
        body, attached = body[_LENGTH:end], bytes(body[end:])
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise WorkerError(f"The body is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise WorkerError("The body must be one JSON object.")
    found.pop(ATTACHED, None)
    return found if attached is None else {**found, ATTACHED: attached}
