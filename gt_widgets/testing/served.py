"""An engine that is served on loopback, in this process: what a daemon is, without the start.

Layer: testing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gt_widgets.services.daemon import Endpoint, keys_of, own, publish
from gt_widgets.services.http import EndpointServer
from gt_widgets.services.private import PrivateRoutes
from gt_widgets.services.serve import local_dispatcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gt_widgets.engine import Engine

__all__ = ["served"]


@contextmanager
def served(engine: Engine) -> Iterator[Endpoint]:
    """Own the engine's folder, serve it and publish where; ``ensure(folder)`` then finds it.

    The registry of stores is the user's (``XDG_STATE_HOME``): a test sets that to a folder of
    its own first.
    """
    with own(engine.folder):
        keys = keys_of(engine.folder, region=engine.region, account_id=engine.account_id)
        routes = PrivateRoutes(engine, token=keys.token)
        dispatcher = local_dispatcher(engine, {keys.access_key: keys.secret_key})
        with EndpointServer(dispatcher, port=keys.port, extra=routes.handle) as server:
            yield publish(engine.folder, keys, url=server.url, store_id=engine.store_id)
