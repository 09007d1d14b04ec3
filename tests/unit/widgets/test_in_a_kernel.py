"""The kernel half inside a real IPython kernel; the browser's part is played over ZeroMQ."""

import pytest
from jupyter_client.manager import start_new_kernel

from gt_widgets.services.portal_client import PortalClient
from gt_widgets.testing.served import served

SET_UP = """
from gt_widgets.services.daemon import Endpoint
from gt_widgets.services.portal_client import PortalClient
from gt_widgets.widgets import WorkerWidget
portal = PortalClient(Endpoint(**{endpoint!r}))
widget = WorkerWidget(portal, job_name="logos", user_name="ana")
"""


@pytest.fixture
def kernel():
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_page_claims_and_sees_its_picture_through_the_kernel(bench, kernel):
    from dataclasses import asdict

    with served(bench.engine) as endpoint:
        opened = _run(kernel, SET_UP.format(endpoint=asdict(endpoint)))
        page = next(sent for sent in opened if sent["data"]["state"].get("kind") == "worker")
        ask = {"scope": "worker", "session": bench.ana.session}
        claimed, _ = _call(
            kernel, page["comm_id"], {**ask, "op": "claim", "args": {"job_name": "logos"}}
        )
        task = claimed["ok"]["tasks"][0]
        held = {"task_id": task["task_id"], "lease": task["lease"]}
        seen, buffers = _call(kernel, page["comm_id"], {**ask, "op": "picture", "args": held})
        direct = PortalClient(endpoint).worker("picture", held, bench.ana.session)
    assert seen["ok"] == {"content_type": "image/jpeg"}
    assert bytes(buffers[0]) == direct.data


def _run(client, code):
    """Run a cell; return what the comms it opened were opened with."""
    opened, failed = [], []

    def hook(message):
        if message["msg_type"] == "comm_open":
            opened.append(message["content"])
        if message["msg_type"] == "error":
            failed.append("\n".join(message["content"]["traceback"]))

    client.execute_interactive(code, timeout=60, output_hook=hook)
    assert failed == []
    return opened


def _call(client, comm_id, call):
    """Say one call on a comm and wait for its answer."""
    data = {"method": "custom", "content": {"type": "call", "id": 1, **call}}
    content = {"comm_id": comm_id, "data": data}
    client.shell_channel.send(client.session.msg("comm_msg", content))
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "comm_msg" and message["content"]["data"]["method"] == "custom":
            return message["content"]["data"]["content"], message["buffers"]
