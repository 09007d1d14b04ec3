"""A streaming job behind each carrier: two topics, three pictures, the team of Ana and Ben."""

from __future__ import annotations

import pytest

from gt_widgets.testing import Workbench, job_request
from gt_widgets.testing.carriers import CARRIERS, carried


@pytest.fixture(params=CARRIERS)
def carrier(request):
    return request.param


@pytest.fixture
def bench(tmp_path):
    bench = Workbench(tmp_path / "store")
    bench.ana, bench.ben = bench.team("ana", "ben")
    bench.bucket(12)
    yield bench
    bench.engine.close()


@pytest.fixture
def client(bench, carrier):
    with carried(bench.engine, carrier) as clients:
        yield clients


@pytest.fixture
def sagemaker(client):
    return client("sagemaker")


@pytest.fixture
def sns(client):
    return client("sns")


@pytest.fixture
def topics(sns):
    """ARNs of the input and the output topic."""
    return [sns.create_topic(Name=name)["TopicArn"] for name in ("logos-in", "logos-out")]


@pytest.fixture
def stream(topics):
    """``stream("name", ...)`` is the request of a streaming job."""

    def request(name="logos", *, incoming=topics[0], outgoing=topics[1], **human):
        made = job_request(name, **human)
        made["InputConfig"]["DataSource"] = {"SnsDataSource": {"SnsTopicArn": incoming}}
        made["OutputConfig"]["SnsTopicArn"] = outgoing
        return made

    return request


@pytest.fixture
def running(bench, sagemaker, stream):
    """Create a streaming job and let it get ready."""

    def create(name="logos", **request):
        sagemaker.create_labeling_job(**stream(name, **request))
        bench.settle()

    return create
