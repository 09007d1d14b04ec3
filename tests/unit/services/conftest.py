"""A tiny engine behind the real wire, so that its tests need no store."""

from __future__ import annotations

import io
from types import SimpleNamespace

import boto3
import pytest

from gt_widgets.services.wire.dispatcher import Dispatcher

NOON = 1_795_176_000.0  # 2026-11-20T12:00:00Z
ACCESS_KEY, SECRET_KEY = "AKIALOCALEXAMPLE", "local+secret/key"


class TinyS3:
    """Objects in a dict; what it was asked for is kept."""

    def __init__(self):
        self.objects = {}
        self.asked = []

    def put_object(self, call, params):
        body = params["Body"].read()
        self.asked.append(("PutObject", {k: v for k, v in params.items() if k != "Body"}))
        self.objects[params["Bucket"], params["Key"]] = body, params["Metadata"]
        return {"ETag": '"e"'}

    def get_object(self, call, params):
        self.asked.append(("GetObject", params))
        body, metadata = self.objects[params["Bucket"], params["Key"]]
        return {"Body": io.BytesIO(body), "ContentLength": len(body), "Metadata": metadata}

    def head_object(self, call, params):
        body, metadata = self.objects[params["Bucket"], params["Key"]]
        return {"ContentLength": len(body), "Metadata": metadata}

    def delete_object(self, call, params):
        del self.objects[params["Bucket"], params["Key"]]
        return {}


class TinySageMaker:
    """Echoes what it was asked."""

    def __init__(self):
        self.asked = []

    def describe_labeling_job(self, call, params):
        self.asked.append((call, params))
        return {"LabelingJobName": params["LabelingJobName"], "CreationTime": NOON}

    def create_labeling_job(self, call, params):
        self.asked.append((call, params))
        return {"LabelingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/a"}

    def stop_labeling_job(self, call, params):
        raise ZeroDivisionError("a fault of ours")


@pytest.fixture
def engine():
    return SimpleNamespace(account_id="111122223333", region="us-east-1")


@pytest.fixture
def s3_module():
    return TinyS3()


@pytest.fixture
def sagemaker_module():
    return TinySageMaker()


@pytest.fixture
def clock():
    """Real time: boto3 signs with the machine's clock."""
    import time

    return time.time


@pytest.fixture
def dispatcher(engine, s3_module, sagemaker_module, clock):
    return Dispatcher(
        engine,
        {"s3": s3_module, "sagemaker": sagemaker_module},
        {ACCESS_KEY: SECRET_KEY},
        clock=clock,
        new_id=iter(f"{n:032x}" for n in range(10_000)).__next__,
    )


@pytest.fixture
def session():
    return boto3.Session(ACCESS_KEY, SECRET_KEY, region_name="eu-west-1")
