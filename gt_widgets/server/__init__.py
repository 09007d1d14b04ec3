"""The Jupyter server extension: widgets reach the engine through it while a cell computes.

Layer: server. Importing it costs nothing that the Jupyter server has not loaded already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["_jupyter_server_extension_points", "_load_jupyter_server_extension"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "gt_widgets.server"}]


def _load_jupyter_server_extension(server_app: ServerApp) -> None:
    from gt_widgets.server.handlers import routes

    base_url = server_app.web_app.settings["base_url"]
    server_app.web_app.add_handlers(".*$", routes(base_url))  # type: ignore[no-untyped-call]
