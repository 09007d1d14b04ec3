"""The local Ground Truth: jobs, tasks, workers, files.

Layer: engine (no Jupyter, no boto3, no browser).
"""

from __future__ import annotations

from gt_widgets.engine.root import DEFAULT_ACCOUNT, DEFAULT_REGION, Engine

__all__ = ["DEFAULT_ACCOUNT", "DEFAULT_REGION", "Engine"]
