"""The engine process: own the folder, bind the port, serve until told to end.

Layer: services.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gt_widgets.engine import DEFAULT_ACCOUNT, DEFAULT_REGION, Engine
from gt_widgets.engine.buckets import BucketRegister
from gt_widgets.engine.learners import Learners
from gt_widgets.errors import StoreError
from gt_widgets.services import cloudwatch, cognito, iam, logs, s3, sagemaker, sns, sts
from gt_widgets.services.daemon import keys_of, own, publish
from gt_widgets.services.http import EndpointServer
from gt_widgets.services.private import PORTAL_PATH, PrivateRoutes
from gt_widgets.services.settings import Settings, read_settings, write_settings
from gt_widgets.services.wire.dispatcher import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import FrameType, ModuleType

    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.objects import Objects
    from gt_widgets.engine.store import Store
    from gt_widgets.services.daemon import Endpoint

__all__ = ["SERVICES", "Options", "local_dispatcher", "serve"]

_LOG = logging.getLogger(__name__)

SERVICES: Mapping[str, ModuleType] = {
    "cloudwatch": cloudwatch,
    "cognito-idp": cognito,
    "iam": iam,
    "logs": logs,
    "s3": s3,
    "sagemaker": sagemaker,
    "sns": sns,
    "sts": sts,
}
"""botocore's service name to the module with one function per operation."""


_NOTHING_SET = Settings()


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve. ``port`` None keeps the folder's port of last time, 0 takes any free one.

    ``max_objects`` lifts (or lowers) the service's limit of objects per job, for good; 0 brings it
    back. So does ``min_automated_objects`` with the least number for automated labeling.
    ``learners`` are names for what machines learn with, and ``dask`` is the address of the owner's
    scheduler, both for good; empty takes one back.
    """

    port: int | None = None
    settings: Settings = _NOTHING_SET
    insecure_any_key: bool = False
    idle_exit_s: float | None = None
    max_objects: int | None = None
    min_automated_objects: int | None = None
    learners: Mapping[str, str] = field(default_factory=dict)
    dask: str | None = None


def local_dispatcher(
    engine: Engine, credentials: Mapping[str, str], *, insecure_any_key: bool = False
) -> Dispatcher:
    """Return the AWS wire over an engine, for whatever carrier."""
    return Dispatcher(
        engine,
        SERVICES,
        credentials,
        clock=engine.clock,
        new_id=engine.new_id,
        insecure_any_key=insecure_any_key,
    )


def serve(root: Path, options: Options) -> None:
    """Serve a state folder until SIGTERM or SIGINT.

    Prints ``Ground Truth endpoint: http://127.0.0.1:PORT`` as its first line.

    Raises
    ------
    StoreError
        If another process owns the folder, or it, the store or the S3 cannot be used.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    os.umask(0o077)  # everything in the folder is the owner's, also where the folder was there
    with own(root):
        settings = options.settings.after(read_settings(root))
        Learners(root).change(options.learners, options.dask)
        engine = _engine(root, settings)
        if options.max_objects is not None:
            engine.set_max_objects(options.max_objects)
        if options.min_automated_objects is not None:
            engine.set_min_automated_objects(options.min_automated_objects)
        write_settings(root, settings)
        server = _bind(root, engine, options)
        ended = threading.Event()

        def end(_signal: int, _frame: FrameType | None) -> None:
            ended.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        print(f"Ground Truth endpoint: {server.url}", flush=True)  # noqa: T201
        engine.start()
        server.start()
        try:
            _wait(root, ended, engine, server, options.idle_exit_s)
        finally:
            server.close()
            engine.close()
    sys.stdout.flush()


def _engine(root: Path, settings: Settings) -> Engine:
    def remote(store: Store, clock: Clock) -> Objects:
        from gt_widgets.services.remote import open_remote

        return open_remote(
            str(settings.s3_url),
            endpoint_url=settings.s3_endpoint,
            register=BucketRegister(store),
            clock=clock,
        )

    return Engine(
        root,
        region=settings.region or DEFAULT_REGION,
        account_id=settings.account_id or DEFAULT_ACCOUNT,
        store_url=settings.store_url,
        objects=remote if settings.s3_url else None,
    )


def _bind(root: Path, engine: Engine, options: Options) -> EndpointServer:
    """Bind the port, then publish it: an endpoint file never names somebody else's port."""
    keys = keys_of(root, region=engine.region, account_id=engine.account_id)
    if engine.store.shared:
        keys = _shared_keys(engine, keys)
    dispatcher = local_dispatcher(
        engine,
        {keys.access_key: keys.secret_key},
        insecure_any_key=options.insecure_any_key,
    )
    routes = PrivateRoutes(engine, token=keys.token)
    wanted = keys.port if options.port is None else options.port
    try:
        server = EndpointServer(dispatcher, port=wanted, extra=routes.handle)
    except OSError as error:
        if options.port is not None:
            raise StoreError(f"port {wanted} cannot be bound: {error}. Use --port 0.") from error
        _LOG.warning("port %s is taken by another program; taking a free one", wanted)
        server = EndpointServer(dispatcher, port=0, extra=routes.handle)
    publish(root, keys, url=server.url, store_id=engine.store_id)
    engine.portal_url = f"{server.url}{PORTAL_PATH}"
    return server


def _shared_keys(engine: Engine, keys: Endpoint) -> Endpoint:
    """Take the keys of the store's first server: a client may come to any of them."""
    names = ("token", "access_key", "secret_key")
    first = json.dumps({name: getattr(keys, name) for name in names})
    found: dict[str, Any] = json.loads(str(engine.store.fact("keys", first)))
    return replace(keys, **found)


def _wait(
    root: Path,
    ended: threading.Event,
    engine: Engine,
    server: EndpointServer,
    idle_exit_s: float | None,
) -> None:
    while not ended.wait(1.0):
        if not (root / "endpoint.json").exists():
            _LOG.warning("%s was removed: ending", root)
            return
        idle_s = engine.clock() - server.last_request_at
        if idle_exit_s is None or idle_s <= idle_exit_s:
            continue
        if not any(engine.jobs.active()):
            _LOG.info("idle for %.0f s, no job active: ending", idle_s)
            return
