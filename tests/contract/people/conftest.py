"""Real boto3 clients whose calls are answered by an engine on each kind of store."""

from __future__ import annotations

import pytest

from gt_widgets.engine import Engine
from gt_widgets.testing.carriers import CARRIERS, carried


@pytest.fixture
def engine(tmp_path, store_url):
    # the wire refuses signatures that are minutes old, so time here starts now
    portal = "http://127.0.0.1:8123/portal"
    engine = Engine(tmp_path / "state", portal_url=portal, store_url=store_url)
    yield engine
    engine.close()


@pytest.fixture(params=CARRIERS)
def client(engine, request):
    """Clients behind each carrier; every answer is held against its shape (C02)."""
    with carried(engine, request.param) as clients:
        yield clients


@pytest.fixture
def idp(client):
    return client("cognito-idp")


@pytest.fixture
def sagemaker_client(client):
    return client("sagemaker")


@pytest.fixture
def pool_id(idp):
    return idp.create_user_pool(PoolName="labelers")["UserPool"]["Id"]


@pytest.fixture
def client_id(idp, pool_id):
    return idp.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="portal",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]["ClientId"]
