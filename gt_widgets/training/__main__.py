"""``python -m gt_widgets.training``: takes requests from its engine until that ends.

Layer: training. Lines on stdin: ``train <request file>``; on stdout: ``want <object id>`` and
``done``. What libraries print goes to stderr.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from gt_widgets.training.items import PipedItems, Wishes
from gt_widgets.training.messages import Request, write_whole
from gt_widgets.training.steps import take_step

__all__ = ["main"]

_NICE = 10


def main() -> None:
    """Serve one engine."""
    with suppress(AttributeError, OSError):
        os.nice(_NICE)  # people who label go first
    say = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    wishes = Wishes(sys.stdin.buffer, say)
    items = PipedItems(wishes)
    while True:
        request = Request.from_json(Path(wishes.next_request()).read_bytes())
        result = take_step(request, items)
        write_whole(request.result_path, result.to_json())
        wishes.say("done")


if __name__ == "__main__":
    main()
