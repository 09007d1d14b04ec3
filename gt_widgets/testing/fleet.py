"""Several engine processes over one PostgreSQL store and one S3: what a shared deployment is.

Layer: testing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from gt_widgets.services.daemon import ensure
from gt_widgets.services.profile import environment, local_session
from gt_widgets.testing.processes import engines_ended
from gt_widgets.testing.remote import RemoteBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["fleet", "served_together"]

_BUCKET = "shared"


@contextmanager
def served_together(root: Path, *options: str, keys: dict[str, str]) -> Iterator[None]:
    """Serve one folder with these options until the end, or until somebody kills it."""
    command = [sys.executable, "-m", "gt_widgets", "serve", "--root", str(root), "--port", "0"]
    with engines_ended(root), (root.parent / f"{root.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **keys},
        )
        assert process.stdout is not None
        said = process.stdout.readline()
        complaint = (root.parent / f"{root.name}.log").read_text()
        assert said.startswith("Ground Truth endpoint: "), complaint
        try:
            yield
        finally:
            process.kill()
            process.communicate()


@contextmanager
def fleet(folder: Path, store_url: str, servers: int = 2) -> Iterator[list[RemoteBench]]:
    """Start servers that share a store, and objects on the S3 of an engine of their own.

    Parameters
    ----------
    folder : Path
        Gets one state folder per server, and ``outer`` for the S3.
    store_url : str
        An empty PostgreSQL database.
    """
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        outer = ensure(stack.enter_context(engines_ended(folder / "outer")))
        local_session(outer).client("s3").create_bucket(Bucket=_BUCKET)
        options = ["--store", store_url, "--s3", f"s3://{_BUCKET}/engine"]
        options += ["--s3-endpoint", outer.url]
        roots = [folder / f"server-{number}" for number in range(servers)]
        for root in roots:
            stack.enter_context(served_together(root, *options, keys=environment(outer)))
        yield [RemoteBench(root) for root in roots]
