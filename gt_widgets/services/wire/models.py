"""botocore's service models, loaded once.

Layer: services (imports nothing of ours).

The models are the schema of everything in ``wire``: routes, shapes, limits and errors come
from them, so an operation is added by writing its function and nothing else.
"""

from __future__ import annotations

from functools import cache
from threading import Lock

from botocore.loaders import Loader
from botocore.model import ServiceModel

__all__ = ["json_target_prefix", "operation_names", "protocol_of", "service_model"]

_LOADER = Loader()
_LOCK = Lock()


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(_LOADER.load_service_model(service, "service-2"), service)


def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service, for example ``"sagemaker"``.

    Raises
    ------
    botocore.exceptions.UnknownServiceError
        If botocore has no service of that name.
    """
    with _LOCK:  # the loader's own cache is not thread-safe, and a big model takes 0.2 s
        return _model(service)


@cache
def protocol_of(service: str) -> str:
    """Return ``"json"``, ``"query"`` or ``"rest-xml"`` for the services we carry."""
    protocol: str = service_model(service).metadata["protocol"]
    return protocol


@cache
def operation_names(service: str) -> frozenset[str]:
    """Return the names of all operations AWS has for a service."""
    return frozenset(service_model(service).operation_names)


@cache
def json_target_prefix(service: str) -> str | None:
    """Return what stands before the dot in ``X-Amz-Target``, if the service uses it."""
    prefix: str | None = service_model(service).metadata.get("targetPrefix")
    return prefix
