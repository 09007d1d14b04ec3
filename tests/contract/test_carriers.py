"""What is true of every carrier, told by unmodified boto3 clients."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from gt_widgets.errors import ResourceInUseError, ServiceError
from gt_widgets.services import iam, logs, sts
from gt_widgets.services.hook import install
from gt_widgets.services.http import EndpointServer
from gt_widgets.services.wire.dispatcher import Dispatcher

ACCESS_KEY, SECRET_KEY = "AKIALOCALEXAMPLE", "local+secret/key"
S3_CONFIG = Config(signature_version="s3v4", s3={"addressing_style": "path"})
ODD_KEYS = ["a b+c", "é/ü~", "a%2Fb", "dir//x", "q?x=1&y", "(')!*;:@$,", "日本.jpg", "a/../b"]


class Store:
    """As little S3 as shows what the wire carries."""

    def __init__(self):
        self.objects, self.calls = {}, []

    def put_object(self, call, params):
        self.calls.append(params)
        self.objects[params["Key"]] = params["Body"].read(), params["Metadata"]
        return {"ETag": '"e"'}

    def get_object(self, call, params):
        if params.get("IfNoneMatch") == '"e"':
            raise ServiceError("NotModified", "it is", 304, ETag='"e"')
        if params["Key"] not in self.objects:
            raise ServiceError("NoSuchKey", "no such key", 404, Key=params["Key"])
        body, metadata = self.objects[params["Key"]]
        part = body[2:4] if params.get("Range") == "bytes=2-3" else body
        result = {"Body": io.BytesIO(part), "ContentLength": len(part), "Metadata": metadata}
        return result if part is body else {**result, "ContentRange": f"bytes 2-3/{len(body)}"}

    def head_object(self, call, params):
        return {**self.get_object(call, params), "Body": None}

    def delete_objects(self, call, params):
        for one in params["Delete"]["Objects"]:
            self.objects.pop(one["Key"], None)
        return {"Deleted": params["Delete"]["Objects"]}

    def list_objects_v2(self, call, params):
        keys = sorted(key for key in self.objects if key.startswith(params.get("Prefix", "")))
        return {"Contents": [{"Key": key, "LastModified": 1.5e9} for key in keys]}

    def get_bucket_location(self, call, params):
        return {"LocationConstraint": call.region}

    def select_object_content(self, call, params):
        return {"Payload": iter([{"Records": {"Payload": b"1,2\n"}}, {"End": {}}])}


class Jobs:
    """As little SageMaker as shows types and errors."""

    def describe_labeling_job(self, call, params):
        return {
            "LabelingJobName": params["LabelingJobName"],
            "CreationTime": 1_795_176_000.25,
            "LabelCounters": {"TotalLabeled": 3},
            "Tags": [{"Key": "team", "Value": "é"}],
        }

    def create_workteam(self, call, params):
        raise ResourceInUseError("a team of that name exists")

    def create_labeling_job(self, call, params):
        return {"LabelingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/a"}


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def dispatcher(store):
    events = [(1, 1000, "one SUBMITTED"), (2, 2000, "two COMPLETED"), (3, 3000, "three")]
    book = SimpleNamespace(
        groups=lambda: ["/aws/sagemaker/LabelingJobs"],
        streams=lambda group: ["logos"],
        events=lambda group, stream, *, start_ms=None, end_ms=None, after=0, limit=9: [
            event for event in events if event[0] > after and event[1] >= (start_ms or 0)
        ][:limit],
    )
    engine = SimpleNamespace(account_id="111122223333", region="us-east-1", logs=book)
    services = {"s3": store, "sagemaker": Jobs(), "sts": sts, "iam": iam, "logs": logs}
    ids = iter(f"{n:032x}" for n in range(1_000_000))
    return Dispatcher(
        engine, services, {ACCESS_KEY: SECRET_KEY}, clock=time.time, new_id=ids.__next__
    )


class CarrierContract:
    """A subclass brings ``client``, which makes boto3 clients."""

    @pytest.fixture
    def s3(self, client):
        return client("s3", config=S3_CONFIG)

    @pytest.fixture
    def sagemaker(self, client):
        return client("sagemaker")

    @pytest.mark.parametrize("key", ODD_KEYS)
    def test_an_object_comes_back_under_an_odd_key(self, s3, store, key):
        s3.put_object(Bucket="logos", Key=key, Body=b"abc", Metadata={"team": "red"})
        found = s3.get_object(Bucket="logos", Key=key)
        assert list(store.objects) == [key]
        assert (found["Body"].read(), found["Metadata"]) == (b"abc", {"team": "red"})

    def test_a_large_file_streams_both_ways(self, s3):
        body = bytes(range(256)) * 20_000
        s3.upload_fileobj(io.BytesIO(body), "logos", "big")
        sink = io.BytesIO()
        sink.writelines(s3.get_object(Bucket="logos", Key="big")["Body"].iter_chunks(7_777))
        assert sink.getvalue() == body

    def test_the_checksum_boto3_computes_reaches_the_operation(self, s3, store):
        s3.put_object(Bucket="logos", Key="a", Body=io.BytesIO(b"abcde"))
        assert store.calls[0]["ChecksumCRC32"] == "hYfYZQ=="

    def test_a_range_is_206(self, s3):
        s3.put_object(Bucket="logos", Key="a", Body=b"abcdef")
        found = s3.get_object(Bucket="logos", Key="a", Range="bytes=2-3")
        assert found["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert (found["Body"].read(), found["ContentRange"]) == (b"cd", "bytes 2-3/6")

    def test_a_missing_key_is_a_typed_error_and_a_bare_404_on_head(self, s3):
        with pytest.raises(s3.exceptions.NoSuchKey):
            s3.get_object(Bucket="logos", Key="a")
        with pytest.raises(ClientError) as caught:
            s3.head_object(Bucket="logos", Key="a")
        assert caught.value.response["Error"]["Code"] == "404"

    def test_an_unchanged_object_is_304(self, s3):
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket="logos", Key="a", IfNoneMatch='"e"')
        metadata = caught.value.response["ResponseMetadata"]
        assert (metadata["HTTPStatusCode"], metadata["HTTPHeaders"]["etag"]) == (304, '"e"')

    def test_bodies_of_xml_go_both_ways(self, s3):
        for key in ODD_KEYS:
            s3.put_object(Bucket="logos", Key=key, Body=b"")
        listed = s3.list_objects_v2(Bucket="logos")
        assert [one["Key"] for one in listed["Contents"]] == sorted(ODD_KEYS)
        s3.delete_objects(Bucket="logos", Delete={"Objects": [{"Key": k} for k in ODD_KEYS]})
        assert "Contents" not in s3.list_objects_v2(Bucket="logos")

    def test_the_bucket_location_is_the_text_of_its_root(self, s3):
        assert s3.get_bucket_location(Bucket="logos")["LocationConstraint"] == "eu-west-1"

    def test_an_event_stream_can_be_iterated(self, s3):
        answer = s3.select_object_content(
            Bucket="logos",
            Key="a",
            Expression="select * from s3object",
            ExpressionType="SQL",
            InputSerialization={"CSV": {}},
            OutputSerialization={"CSV": {}},
        )
        assert list(answer["Payload"]) == [{"Records": {"Payload": b"1,2\n"}}, {"End": {}}]

    def test_an_operation_we_lack_is_refused_once_and_changes_nothing(self, s3, store):
        s3.put_object(Bucket="logos", Key="a", Body=b"before")
        with pytest.raises(ClientError, match="it has") as caught:
            s3.put_object_tagging(Bucket="logos", Key="a", Tagging={"TagSet": []})
        assert caught.value.response["Error"]["Code"] == "NotImplemented"
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
        assert store.objects["a"][0] == b"before"

    @pytest.mark.parametrize(
        ("service", "operation", "params"),
        [
            ("dynamodb", "list_tables", {}),
            ("ec2", "describe_instances", {}),
            ("cloudwatch", "list_metrics", {}),
            ("lambda", "list_functions", {}),
            ("sqs", "list_queues", {}),
            ("route53", "list_hosted_zones", {}),
            ("sagemaker-a2i-runtime", "list_human_loops", {"FlowDefinitionArn": "arn:aws:a"}),
        ],
    )
    def test_a_service_we_lack_is_refused_in_words(self, client, service, operation, params):
        with pytest.raises(ClientError) as caught:
            getattr(client(service), operation)(**params)
        error = caught.value.response["Error"]
        assert error["Code"] == "NotImplemented"
        assert "local engine has no" in error["Message"]

    # C11
    def test_types_come_back_as_boto3_knows_them(self, sagemaker):
        job = sagemaker.describe_labeling_job(LabelingJobName="logos")
        assert job["CreationTime"].timestamp() == 1_795_176_000.25
        assert job["CreationTime"].tzinfo is not None
        assert job["Tags"] == [{"Key": "team", "Value": "é"}]
        assert len(job["ResponseMetadata"]["RequestId"]) == 32

    def test_a_modelled_error_is_a_typed_exception(self, sagemaker):
        with pytest.raises(sagemaker.exceptions.ResourceInUse, match="that name exists"):
            sagemaker.create_workteam(
                WorkteamName="ana",
                Description="d",
                MemberDefinitions=[{"OidcMemberDefinition": {"Groups": ["a"]}}],
            )

    # C03
    @pytest.mark.parametrize(
        ("params", "text"),
        [
            ({}, 'Missing required parameter in input: "LabelingJobName"'),
            ({"LabelingJobName": "a", "Foo": 1}, 'Unknown parameter in input: "Foo"'),
            ({"LabelingJobName": 7}, "Invalid type for parameter LabelingJobName"),
            ({"LabelingJobName": ""}, "Invalid length for parameter LabelingJobName"),
        ],
    )
    def test_boto3_refuses_before_it_sends(self, sagemaker, params, text):
        with pytest.raises(ParamValidationError, match=text):
            sagemaker.describe_labeling_job(**params)

    # C04
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("bad name!", "satisfy regular expression pattern"),
            ("a" * 64, "have length less than or equal to 63"),
        ],
    )
    def test_the_server_refuses_what_boto3_lets_through(self, sagemaker, name, reason):
        with pytest.raises(ClientError, match=reason) as caught:
            sagemaker.describe_labeling_job(LabelingJobName=name)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    @pytest.mark.parametrize(
        ("service", "operation", "code"),
        [
            ("s3", "list_buckets", "SignatureDoesNotMatch"),
            ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
            ("sagemaker", "list_labeling_jobs", "InvalidSignatureException"),
        ],
    )
    def test_a_wrong_secret_is_refused(self, client, service, operation, code):
        keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": "wrong"}
        stranger = client(service, **keys)
        with pytest.raises(ClientError) as caught:
            getattr(stranger, operation)()
        assert caught.value.response["Error"]["Code"] == code

    def test_the_callers_role_can_be_taken_apart_and_found(self, client):
        """As sagemaker.get_execution_role does."""
        identity = client("sts").get_caller_identity()
        name = identity["Arn"].split(":assumed-role/")[1].split("/")[0]
        role = client("iam").get_role(RoleName=name)["Role"]
        assert role["Arn"].startswith("arn:aws:iam::111122223333:role/")
        assert role["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"
        assert identity["Account"] == "111122223333"

    def test_logs_can_be_paged_from_the_head(self, client):
        client_ = client("logs")
        names = {"logGroupName": "/aws/sagemaker/LabelingJobs", "logStreamName": "logos"}
        first = client_.get_log_events(**names, limit=2, startFromHead=True)
        second = client_.get_log_events(**names, nextToken=first["nextForwardToken"])
        assert [event["timestamp"] for event in first["events"]] == [1000, 2000]
        assert [event["message"] for event in second["events"]] == ["three"]


class TestHook(CarrierContract):
    @pytest.fixture
    def client(self, dispatcher):
        session = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name="eu-west-1")
        install(session, dispatcher)
        return session.client


class TestHttp(CarrierContract):
    @pytest.fixture
    def server(self, dispatcher):
        with EndpointServer(dispatcher) as running:
            yield running

    @pytest.fixture
    def client(self, server):
        session = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name="eu-west-1")
        return lambda service, **options: session.client(
            service, endpoint_url=server.url, **options
        )

    @pytest.mark.parametrize("key", ODD_KEYS)
    def test_presigned_urls_put_and_get(self, s3, store, key):
        place = {"Bucket": "logos", "Key": key}
        url = s3.generate_presigned_url("put_object", place)
        urlopen(Request(url, b"abc", {"Content-Type": ""}, method="PUT")).close()
        with urlopen(s3.generate_presigned_url("get_object", place)) as response:
            assert response.read() == b"abc"
        assert list(store.objects) == [key]
