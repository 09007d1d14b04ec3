"""A small Ground Truth behind each carrier and on each kind of store; a sentence asks for ``sagemaker`` and ``bench``."""

from __future__ import annotations

import logging

import pytest

from gt_widgets.testing import Workbench
from gt_widgets.testing.carriers import CARRIERS, carried


@pytest.fixture(scope="module", params=[*CARRIERS, "hook-postgresql"])
def place(request):
    return request.param


@pytest.fixture(scope="module")
def carrier(place):
    return place.partition("-")[0]


@pytest.fixture(scope="module")
def new_store_url(place, request):
    """Gives the address of an empty store by its name, None for SQLite."""
    if not place.endswith("postgresql"):
        return lambda _name: None
    return request.getfixturevalue("postgresql").empty


def new_bench(folder, store_url=None):
    bench = Workbench(folder, store_url=store_url)
    bench.ana, bench.ben = bench.team("ana", "ben")
    bench.bucket(3)
    return bench


@pytest.fixture
def bench(tmp_path, new_store_url):
    """An engine with a bucket of three pictures and the team `loggers` of Ana and Ben.

    Its clock stands still, and jobs move on when the sentence says ``bench.settle()``.
    """
    bench = new_bench(tmp_path / "store", new_store_url("engine"))
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
def standing(carrier, new_store_url, tmp_path_factory):
    """Clients of one engine for all sentences of a module that change nothing."""
    folder = tmp_path_factory.mktemp("standing") / "store"
    bench = new_bench(folder, new_store_url("standing"))
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
