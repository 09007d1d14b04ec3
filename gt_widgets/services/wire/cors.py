"""Cross-origin answers of S3, from the rules the S3 module keeps per bucket.

Layer: services (imports only ``errors`` and ``wire``).

The module decides: ``cors_preflight(engine, bucket, origin, method, request_headers)`` gives
headers or raises ``AccessForbidden``, ``cors_headers(engine, bucket, origin, method)`` gives
headers or none. A module without them allows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.message import HttpResponse
from gt_widgets.services.wire.route import resource_path

if TYPE_CHECKING:
    from gt_widgets.services.call import Call
    from gt_widgets.services.wire.message import HttpRequest

__all__ = ["headers", "preflight"]


def preflight(module: Any, call: Call, request: HttpRequest) -> HttpResponse:
    """Answer an OPTIONS request.

    Raises
    ------
    ServiceError
        ``AccessForbidden``, 403, if no rule of the bucket allows what is asked, or
        ``BadRequest`` if nothing is asked.
    """
    origin = request.headers.get("origin")
    method = request.headers.get("access-control-request-method")
    if origin is None or method is None:
        raise ServiceError(
            "BadRequest",
            "Insufficient information. Origin and Access-Control-Request-Method headers needed.",
            400,
        )
    decide = getattr(module, "cors_preflight", None)
    bucket = _bucket(request)
    if decide is None or not bucket:
        raise ServiceError("AccessForbidden", "CORSResponse: CORS is not enabled here.", 403)
    asked = request.headers.get("access-control-request-headers") or ""
    names = [name.strip() for name in asked.split(",") if name.strip()]
    return HttpResponse(200, list(decide(call.engine, bucket, origin, method, names).items()))


def headers(module: Any, call: Call, request: HttpRequest) -> list[tuple[str, str]]:
    """Return the headers that let the page that sent a request read its answer."""
    origin = request.headers.get("origin")
    decide = getattr(module, "cors_headers", None)
    bucket = _bucket(request)
    if origin is None or decide is None or not bucket:
        return []
    return list(decide(call.engine, bucket, origin, request.method).items())


def _bucket(request: HttpRequest) -> str:
    return unquote(resource_path(request)).lstrip("/").partition("/")[0]
