"""One finished story per task type, told over a carrier; its sentences look at what it left."""

from __future__ import annotations

import pytest

from gt_widgets.testing.carriers import carried
from gt_widgets.testing.task_types import RUN_HERE, Story

HOOK = [pytest.param((each, "hook"), id=each.name) for each in RUN_HERE]
# over HTTP once for each kind of answer
KINDS = {each.kind: each for each in reversed(RUN_HERE)}
HTTP = [pytest.param((each, "http"), id=f"{each.name}-http") for each in KINDS.values()]


@pytest.fixture(scope="module", params=[*HOOK, *HTTP])
def told(request, tmp_path_factory):
    """A story with two jobs done: `alone` by one worker per object, `three` by three."""
    task_type, carrier = request.param
    story = Story(tmp_path_factory.mktemp("story") / "store", task_type)
    with carried(story.bench.engine, carrier) as clients:
        story.clients = clients
        story.alone = story.run("alone", clients=clients)
        story.three = story.run("three", workers=3, clients=clients)
        yield story
    story.close()
