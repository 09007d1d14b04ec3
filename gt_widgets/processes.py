"""Helper processes that do not outlive the process that started them.

Layer: errors (imports nothing of ours).
"""

from __future__ import annotations

import os
import threading
from multiprocessing import parent_process

__all__ = ["end_with_parent"]


def end_with_parent() -> None:
    """End when the parent process does, killed or not: else it would wait for work for ever.

    For the ``initializer`` of an executor of processes.
    """
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
