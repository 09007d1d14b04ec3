"""Real boto3 clients whose calls are answered by an engine on each kind of store."""

from __future__ import annotations

import boto3
import pytest

from gt_widgets.engine import Engine
from gt_widgets.services import cognito, sagemaker
from gt_widgets.services.hook import install
from gt_widgets.services.wire.dispatcher import Dispatcher

KEY, SECRET = "AKIDEXAMPLE", "not-a-secret"


@pytest.fixture
def engine(tmp_path, store_url):
    # the wire refuses signatures that are minutes old, so time here starts now
    portal = "http://127.0.0.1:8123/portal"
    engine = Engine(tmp_path / "state", portal_url=portal, store_url=store_url)
    yield engine
    engine.close()


@pytest.fixture
def session(engine):
    session = boto3.Session(
        aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
    )
    services = {"cognito-idp": cognito, "sagemaker": sagemaker}
    dispatcher = Dispatcher(
        engine, services, {KEY: SECRET}, clock=engine.clock, new_id=engine.new_id
    )
    install(session, dispatcher)
    return session


@pytest.fixture
def idp(session):
    return session.client("cognito-idp", endpoint_url="http://127.0.0.1:8123")


@pytest.fixture
def sagemaker_client(session):
    return session.client("sagemaker", endpoint_url="http://127.0.0.1:8123")


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
