"""Objects on an S3 endpoint of one's own choice, instead of in the state folder.

Layer: services. ``store.py`` is what the engine and the local S3 use in place of
``engine.objects.ObjectStore``; ``uploads.py`` its multipart uploads; ``wire.py`` the calls.
"""

from __future__ import annotations

from gt_widgets.services.remote.store import RemoteObjects, open_remote

__all__ = ["RemoteObjects", "open_remote"]
