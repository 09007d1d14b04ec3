"""The two carriers of AWS calls over an engine in this process, for the same sentences.

Layer: testing. A process of its own is ``processes.py``.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

from gt_widgets.engine.clock import random_id, system_clock
from gt_widgets.services.hook import install
from gt_widgets.services.http import EndpointServer
from gt_widgets.services.serve import SERVICES
from gt_widgets.services.wire.dispatcher import Dispatcher
from gt_widgets.testing.shapes import check_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gt_widgets.engine import Engine

__all__ = ["CARRIERS", "Clients", "carried"]

CARRIERS: tuple[Literal["hook", "http"], ...] = ("hook", "http")
_KEY, _SECRET = "GTLOCALEXAMPLE", "not+a/secret"
_LOADER = Loader()  # a session's own would read SageMaker's model anew for each test
_CONFIG = Config(
    signature_version=None,
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
)


class Clients:
    """boto3 clients of one engine, whose answers are checked against their shapes.

    Attributes
    ----------
    answered : list of str
        Operations that were answered well, in order.
    """

    def __init__(self, session: boto3.Session, endpoint_url: str | None) -> None:
        self._session, self._endpoint_url = session, endpoint_url
        self.answered = check_answers(session)

    def __call__(self, service: str) -> Any:
        """Make a client."""
        return self._session.client(service, endpoint_url=self._endpoint_url, config=_CONFIG)


@contextmanager
def carried(engine: Engine, carrier: Literal["hook", "http"]) -> Iterator[Clients]:
    """Give clients of an engine, by the botocore hook or by loopback HTTP.

    Signatures are checked by the time of the system, so the engine's own clock may stand still.
    """
    dispatcher = Dispatcher(engine, SERVICES, {_KEY: _SECRET}, clock=system_clock, new_id=random_id)
    session = _session(engine.region)
    if carrier == "hook":
        install(session, dispatcher)
    served = EndpointServer(dispatcher) if carrier == "http" else nullcontext()
    with served as server:
        yield Clients(session, server.url if server else None)


def _session(region: str) -> boto3.Session:
    core = botocore.session.Session()
    core.register_component("data_loader", _LOADER)
    core.set_config_variable("region", region)
    core.set_credentials(_KEY, _SECRET)
    return boto3.Session(botocore_session=core)
