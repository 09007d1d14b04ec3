"""The hook's own affairs; what it shares with HTTP is in tests/contract/test_carriers.py."""

from __future__ import annotations

import io

import boto3
import pytest
from botocore.config import Config

from gt_widgets.services.hook import install


@pytest.fixture
def client(session, dispatcher):
    install(session, dispatcher)

    def make(service, **options):
        return session.client(service, **options)

    return make


# engine trap 5
def test_reading_after_the_end_and_after_closing_gives_nothing(client):
    s3 = client("s3")
    s3.put_object(Bucket="logos", Key="a", Body=b"abc")
    raw = s3.get_object(Bucket="logos", Key="a")["Body"]._raw_stream
    assert [raw.read(2), raw.read(2), raw.read(2)] == [b"ab", b"c", b""]
    raw.close()
    assert raw.read(2) == b""


# engine trap 3: without an endpoint URL of ours the scheme is https
def test_a_trailing_checksum_reaches_the_operation(client, s3_module):
    client("s3").put_object(Bucket="logos", Key="a", Body=io.BytesIO(b"abcde"))
    _, params = s3_module.asked[0]
    assert params["ChecksumCRC32"] == "hYfYZQ=="
    assert params["ContentLength"] == 5
    assert "ContentEncoding" not in params
    assert s3_module.objects["logos", "a"][0] == b"abcde"


@pytest.mark.parametrize("style", ["path", "virtual", "auto"])
def test_the_bucket_is_found_wherever_boto3_put_it(client, s3_module, style):
    s3 = client("s3", config=Config(s3={"addressing_style": style}))
    s3.put_object(Bucket="logos", Key="a/b", Body=b"")
    assert list(s3_module.objects) == [("logos", "a/b")]


def test_every_service_is_caught(client):
    dynamodb = client("dynamodb")
    with pytest.raises(dynamodb.exceptions.ClientError, match="NotImplemented"):
        dynamodb.list_tables()


def test_another_session_is_left_alone(client):
    class NetworkReachedError(Exception):
        """Raised where sending would begin."""

    def network(**_):
        raise NetworkReachedError

    other = boto3.Session("AK", "secret", region_name="eu-west-1")
    other._session.get_component("event_emitter").register_last("before-send", network)
    with pytest.raises(NetworkReachedError):
        other.client("s3").list_buckets()
