import comm
import pytest
from comm.base_comm import BaseComm

from gt_widgets.engine.clock import system_clock
from gt_widgets.services.portal_client import PortalClient
from gt_widgets.testing import Workbench
from gt_widgets.testing.served import served


class RecordingComm(BaseComm):
    """A comm whose browser is this test: it keeps what is sent and hands over what is said."""

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        self.__dict__.setdefault("sent", []).append((data, buffers))

    def say(self, content):
        """Deliver a custom message as ipykernel does."""
        message = {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
        self.handle_msg(message)

    def heard(self):
        """Custom messages sent to the browser, with their buffers."""
        return [
            (data["content"], buffers)
            for data, buffers in self.sent
            if data.get("method") == "custom"
        ]


@pytest.fixture
def browser(monkeypatch):
    """Widgets made in this test talk to a ``RecordingComm``."""
    monkeypatch.setattr(comm, "create_comm", RecordingComm)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    bench = Workbench(tmp_path / "store", clock=system_clock)
    bench.ana, bench.ben = bench.team("ana", "ben")
    bench.bucket(3)
    bench.job()
    yield bench
    bench.engine.close()


@pytest.fixture
def portal(bench):
    with served(bench.engine) as endpoint:
        portal = PortalClient(endpoint)
        yield portal
        portal.close()
