"""A small Ground Truth behind each carrier; a sentence asks for ``sagemaker`` and ``bench``."""

from __future__ import annotations

import logging

import pytest

from gt_widgets.testing import Workbench
from gt_widgets.testing.carriers import CARRIERS, carried


@pytest.fixture(scope="module", params=CARRIERS)
def carrier(request):
    return request.param


def new_bench(folder):
    bench = Workbench(folder)
    bench.ana, bench.ben = bench.team("ana", "ben")
    bench.bucket(3)
    return bench


@pytest.fixture
def bench(tmp_path):
    """An engine with a bucket of three pictures and the team `loggers` of Ana and Ben.

    Its clock stands still, and jobs move on when the sentence says ``bench.settle()``.
    """
    bench = new_bench(tmp_path / "store")
    yield bench
    bench.engine.close()


@pytest.fixture
def client(bench, carrier):
    with carried(bench.engine, carrier) as clients:
        yield clients


@pytest.fixture
def sagemaker(client):
    return client("sagemaker")


@pytest.fixture(scope="module")
def standing(carrier, tmp_path_factory):
    """Clients of one engine for all sentences of a module that change nothing."""
    bench = new_bench(tmp_path_factory.mktemp("standing") / "store")
    with carried(bench.engine, carrier) as clients:
        clients.bench, clients.sagemaker = bench, clients("sagemaker")
        yield clients
    bench.engine.close()


@pytest.fixture
def refused(standing):
    """Send a CreateLabelingJob request that is refused; gives the message."""
    errors = standing.sagemaker.exceptions

    def create(request):
        with pytest.raises(errors.ClientError) as caught:
            standing.sagemaker.create_labeling_job(**request)
        error = caught.value.response["Error"]
        status = caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
        assert (error["Code"], status) == ("ValidationException", 400)
        return error["Message"]

    return create


@pytest.fixture(autouse=True)
def _engine_complains_of_nothing(caplog):
    """Faults of ours are logged and answered as InternalFailure; no sentence here wants one."""
    yield
    loud = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not [f"{record.name}: {record.getMessage()}" for record in loud]
