"""One request in, one response out: the handler behind every carrier.

Layer: services (imports only ``errors`` and ``services``).
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore import xform_name

from gt_widgets.errors import GroundTruthError, OperationNotImplementedError, ServiceError
from gt_widgets.services.call import Call
from gt_widgets.services.wire import cors
from gt_widgets.services.wire.chunked import ChunkSigner, checked_body
from gt_widgets.services.wire.claims import read_claim
from gt_widgets.services.wire.faults import serialise_error
from gt_widgets.services.wire.models import operation_names
from gt_widgets.services.wire.parse import parse_request, query_pairs, read_body
from gt_widgets.services.wire.presign import presigned_url
from gt_widgets.services.wire.route import Route, find_route
from gt_widgets.services.wire.serialise import serialise
from gt_widgets.services.wire.sigv4 import UNSIGNED_PAYLOAD, signing_key, verify
from gt_widgets.services.wire.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel

    from gt_widgets.services.wire.claims import Claim
    from gt_widgets.services.wire.message import HttpRequest, HttpResponse

    Operation = Callable[[Call, dict[str, Any]], dict[str, Any]]

__all__ = ["Dispatcher"]

_ANY_SECRET = "any"  # noqa: S105  (nobody's)
"""Of a key that is not ours, which is then not verified either."""
_LOG = logging.getLogger(__name__)


class Dispatcher:
    """Routes, authenticates, parses, validates, calls, serialises.

    Parameters
    ----------
    engine : Any
        The composition root handed to every operation as ``call.engine``.
    services : mapping of str to module
        botocore's service name to the module (or object) with one function per operation,
        ``module.create_labeling_job(call, params) -> dict``.
    credentials : mapping of str to str
        Access key to secret key. Looked up at each call, so keys may be added later.
    clock : callable
        Epoch seconds.
    new_id : callable
        32 lower-case hexadecimal characters; request ids.
    insecure_any_key : bool
        Accept access keys that ``credentials`` does not hold.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from gt_widgets.services.wire.message import Headers, HttpRequest
    >>> engine = SimpleNamespace(account_id="111122223333", region="us-east-1")
    >>> dispatcher = Dispatcher(engine, {}, {}, clock=lambda: 0.0, new_id=lambda: "0" * 32)
    >>> target = Headers([("X-Amz-Target", "DynamoDB_20120810.ListTables")])
    >>> dispatcher.handle(HttpRequest("POST", "/", target)).status
    501
    """

    def __init__(
        self,
        engine: Any,
        services: Mapping[str, Any],
        credentials: Mapping[str, str],
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        insecure_any_key: bool = False,
    ) -> None:
        self._engine, self._services, self._credentials = engine, services, credentials
        self.clock, self._new_id = clock, new_id
        self._insecure_any_key = insecure_any_key

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; never raises, whatever was sent.

        What goes wrong becomes an error in the form of the caller's protocol; a fault of
        ours is logged with its traceback and answered as ``InternalFailure`` with the
        request id to look for.
        """
        request_id = self._new_id()
        route, claim = Route("s3", "rest-xml", request.method), None
        try:
            claim, refusal = _claim(request)
            route, request = find_route(request, claim, self._services)
            if refusal is None:
                response = self._answer(request, route, claim, request_id)
            else:
                response = serialise_error(refusal, route, request, request_id)
        except Exception as error:  # noqa: BLE001 -- the last stop: a client waits for an answer
            response = self._failed(error, request, route, request_id)
        return self._with_cors(request, route, claim, response, request_id)

    def operations(self, service: str) -> list[str]:
        """Return the names of the operations we have of a service, sorted."""
        module = self._services[service]
        return sorted(n for n in operation_names(service) if hasattr(module, xform_name(n)))

    def _answer(
        self, request: HttpRequest, route: Route, claim: Claim | None, request_id: str
    ) -> HttpResponse:
        call = self._call(request, claim, request_id)
        if route.service == "s3" and request.method == "OPTIONS":
            return cors.preflight(self._services["s3"], call, request)
        request = self._authenticated(request, route, claim)
        operation, function = self._function(route)
        params = parse_request(operation, request, route.labels, protocol=route.protocol)
        validate(params, operation.input_shape)
        result = function(call, params)
        return serialise(operation, result, request_id, protocol=route.protocol)

    def _failed(
        self, error: Exception, request: HttpRequest, route: Route, request_id: str
    ) -> HttpResponse:
        ours = not isinstance(error, GroundTruthError) or error.code == "InternalFailure"
        if ours:
            _LOG.error(
                "%s %s failed, request %s",
                route.service,
                route.name,
                request_id,
                exc_info=error,
            )
        if not isinstance(error, GroundTruthError):
            error = GroundTruthError(
                f"{route.name} failed inside the local engine; its log has the traceback "
                f"under request id {request_id}."
            )
        return serialise_error(error, route, request, request_id)

    def _with_cors(
        self,
        request: HttpRequest,
        route: Route,
        claim: Claim | None,
        response: HttpResponse,
        request_id: str,
    ) -> HttpResponse:
        """Let pages of the origins a bucket names read its answers, refusals too."""
        if route.service != "s3" or request.method == "OPTIONS" or "s3" not in self._services:
            return response
        call = self._call(request, claim, request_id)
        try:
            extra = cors.headers(self._services["s3"], call, request)
        except Exception:  # noqa: BLE001 -- the answer stands, if unreadable from elsewhere
            _LOG.exception("cross-origin rules failed, request %s", request_id)
            return response
        return replace(response, headers=[*response.headers, *extra])

    def _call(self, request: HttpRequest, claim: Claim | None, request_id: str) -> Call:
        return Call(
            engine=self._engine,
            access_key=claim.access_key if claim else "",
            account_id=self._engine.account_id,
            region=(claim.region if claim else "") or self._engine.region,
            request_id=request_id,
            base_url=request.base_url,
            **({"presign": partial(self._presigned, request.base_url, claim)} if claim else {}),
        )

    def _presigned(self, base_url: str, claim: Claim, bucket: str, key: str) -> str:
        secret = self._credentials.get(claim.access_key, _ANY_SECRET)
        return presigned_url(
            f"{base_url}/{quote(bucket)}/{quote(key)}",
            access_key=claim.access_key,
            secret_key=secret,
            region=claim.region,
        )

    def _function(self, route: Route) -> tuple[OperationModel, Operation]:
        module = self._services.get(route.service)
        if module is None:
            raise OperationNotImplementedError(
                f"The local engine has no service {route.service!r} (asked for {route.name}); "
                f"it has {sorted(self._services)}. Nothing was sent to AWS."
            )
        operation = route.operation
        name = xform_name(operation.name) if operation is not None else ""
        function = getattr(module, name, None) if name else None
        if operation is None or function is None:
            raise OperationNotImplementedError(
                f"The local engine has no {route.name} of {route.service}; it has "
                f"{self.operations(route.service)}. Nothing was sent to AWS."
            )
        return operation, function

    def _authenticated(
        self, request: HttpRequest, route: Route, claim: Claim | None
    ) -> HttpRequest:
        """Verify the signature and return the request with a body that checks itself."""
        if route.operation is not None and _is_public(route.operation):
            return request
        if claim is None and route.service in self._services:
            raise _unsigned(route)
        if claim is None:
            return request
        if claim.service != "s3":
            return self._verified_whole(request, claim)
        declared = _declared_hash(request, claim)
        self._verify(request, claim, declared)
        return checked_body(request, declared, self._chunk_signer(claim))

    def _verified_whole(self, request: HttpRequest, claim: Claim) -> HttpRequest:
        body = read_body(request)
        self._verify(request, claim, hashlib.sha256(body).hexdigest())
        return replace(request, body=BytesIO(body))

    def _verify(self, request: HttpRequest, claim: Claim, payload_hash: str) -> None:
        verify(
            request,
            claim,
            self._credentials,
            now=self.clock(),
            payload_hash=payload_hash,
            insecure_any_key=self._insecure_any_key,
        )

    def _chunk_signer(self, claim: Claim) -> ChunkSigner | None:
        secret = self._credentials.get(claim.access_key)
        if secret is None:
            return None
        key = signing_key(secret, claim.date, claim.region, claim.service)
        return ChunkSigner(key, claim.timestamp, claim.scope, claim.signature)


def _claim(request: HttpRequest) -> tuple[Claim | None, ServiceError | None]:
    """Read the claim, or say why it cannot be read once the answer's form is known."""
    try:
        return read_claim(request), None
    except ServiceError as error:
        return None, error


def _is_public(operation: OperationModel) -> bool:
    """Cognito's sign-in operations carry no signature: the caller has no keys yet."""
    return bool(operation.resolved_auth_type == "none")


def _unsigned(route: Route) -> ServiceError:
    code = "AccessDenied" if route.protocol == "rest-xml" else "MissingAuthenticationToken"
    code += "Exception" if route.protocol == "json" else ""
    return ServiceError(code, f"{route.name} must be signed; the request is not.", 403)


def _declared_hash(request: HttpRequest, claim: Claim) -> str:
    declared = request.headers.get("x-amz-content-sha256")
    if declared is not None:
        return declared
    if not claim.presigned:
        raise ServiceError(
            "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256",
            400,
        )
    query = {name.lower(): text for name, text in query_pairs(request.query)}
    return query.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
