"""AWS settings that point clients at the local engine, and at nothing else.

Layer: services. The global endpoint is always set, so that a service the engine does not have gets
a clean ``NotImplemented`` from it instead of reaching real AWS: local mode fails closed.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.exceptions import HTTPClientError

from gt_widgets.errors import AccessDeniedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.services.daemon import Endpoint

__all__ = ["environment", "local_session", "profile_text"]

# the engine heals within a second or two of a kill; eight attempts with backoff outlast that
_RETRIES = {"mode": "standard", "total_max_attempts": 8}
_KEYS = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id"}


def profile_text(endpoint: Endpoint, name: str = "gt-local") -> str:
    """Text for ``~/.aws/config``: one profile with a ``services`` section."""
    return f"""[profile {name}]
region = {endpoint.region}
aws_access_key_id = {endpoint.access_key}
aws_secret_access_key = {endpoint.secret_key}
endpoint_url = {endpoint.url}
services = {name}
s3 =
  addressing_style = path
  signature_version = s3v4

[services {name}]
s3 =
  endpoint_url = {endpoint.url}
sagemaker =
  endpoint_url = {endpoint.url}
"""


def environment(endpoint: Endpoint) -> dict[str, str]:
    """Environment variables for a child process: the AWS CLI, a script in another language."""
    return {
        "AWS_ENDPOINT_URL": endpoint.url,
        "AWS_ACCESS_KEY_ID": endpoint.access_key,
        "AWS_SECRET_ACCESS_KEY": endpoint.secret_key,
        "AWS_DEFAULT_REGION": endpoint.region,
        "AWS_REGION": endpoint.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class _LocalSession(boto3.Session):  # type: ignore[misc]
    """A boto3 session whose every client speaks to one local endpoint."""

    def __init__(self, endpoint: Endpoint, heal: Callable[[], object]) -> None:
        core = botocore.session.Session()
        # nothing of the user's own AWS set-up takes part: no variable, no profile, no file
        settings = {name: each[2] for name, each in core.SESSION_VARIABLES.items()}
        settings |= {"config_file": os.devnull, "credentials_file": os.devnull}
        for name, value in (settings | {"region": endpoint.region}).items():
            core.get_component("config_store").set_config_variable(name, value)
        core.set_credentials(endpoint.access_key, endpoint.secret_key)
        events = core.get_component("event_emitter")
        events.register_first("needs-retry", partial(_heal_before_retry, heal))
        events.register_first("before-send", partial(_refuse_elsewhere, endpoint.url))
        super().__init__(botocore_session=core)
        self._endpoint = endpoint

    def client(self, service_name: str, *args: Any, **kwargs: Any) -> Any:
        return super().client(service_name, *args, **self._local(service_name, kwargs))

    def resource(self, service_name: str, *args: Any, **kwargs: Any) -> Any:
        return super().resource(service_name, *args, **self._local(service_name, kwargs))

    def _local(self, service_name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Send a client here, with the local keys, whatever endpoint and keys its caller names.

        SDKs name AWS's own endpoint for STS; a key that is passed on may be a real one.
        """
        config = Config(
            # S3 alone would presign in the old form, which no bucket of ours accepts
            signature_version="s3v4" if service_name == "s3" else None,
            retries=_RETRIES,
            connect_timeout=5,
            proxies={},
            inject_host_prefix=False,
            s3={"addressing_style": "path"},
        )
        given = kwargs.get("config")
        return {
            **{name: value for name, value in kwargs.items() if name not in _KEYS},
            "endpoint_url": self._endpoint.url,
            "config": given.merge(config) if given else config,
        }


def local_session(
    endpoint: Endpoint, *, heal: Callable[[], object] = lambda: None
) -> boto3.Session:
    """Return a boto3 session for the local engine.

    Every client it makes goes to ``endpoint``, also clients of services that the engine does not
    have: nothing can reach AWS by accident.

    Parameters
    ----------
    heal : callable
        Called when the engine cannot be reached, before botocore tries again; for example
        ``partial(ensure, root)``. The engine comes back on the same port with the same keys.
    """
    return _LocalSession(endpoint, heal)


def _heal_before_retry(
    heal: Callable[[], object], *, caught_exception: Exception | None = None, **_: Any
) -> None:
    if isinstance(caught_exception, HTTPClientError | NoConnectionError):
        heal()


def _refuse_elsewhere(url: str, *, request: Any, **_: Any) -> None:
    """Stop a request that would leave for another host, for example of an access point's ARN."""
    if not str(request.url).startswith(f"{url}/"):
        host = urlsplit(request.url).netloc
        raise AccessDeniedError(
            f"The local session speaks to {url} alone; this request was for {host}. Nothing was "
            "sent. For AWS itself: gt_widgets.connect('aws')."
        )
