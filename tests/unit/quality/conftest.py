"""Frames of worker answers, as `query.worker_frame` gives them."""

import numpy as np
import pandas as pd
import pytest

from gt_widgets.testing import simulated_crowd


def frame_of(rows):
    """(object_id, worker_id, label, seconds) tuples as a frame."""
    return pd.DataFrame(
        {
            "object_id": [str(row[0]) for row in rows],
            "worker_id": [row[1] for row in rows],
            "label": pd.Series([row[2] for row in rows], dtype="object"),
            "n_boxes": 0,
            "boxes": [[] for _ in rows],
            "time_spent_s": [float(row[3]) if len(row) > 3 else 10.0 for row in rows],
        }
    )


@pytest.fixture
def frames():
    return frame_of


@pytest.fixture
def crowd_frame():
    """A crowd with known truth, as a frame and a gold mapping."""

    def draw(seed, **shape):
        crowd = simulated_crowd(np.random.default_rng(seed), **shape)
        rows = zip(crowd.objects, crowd.workers, crowd.labels, strict=True)
        frame = frame_of([(o, f"w{w:02}", f"c{y}") for o, w, y in rows])
        return frame, {str(o): f"c{y}" for o, y in enumerate(crowd.truth)}

    return draw
