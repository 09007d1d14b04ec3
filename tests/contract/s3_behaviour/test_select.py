"""SelectObjectContent over JSON Lines, through boto3's own event stream parser."""

import json

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.not_for_moto("its SQL parser fails on quoted keys and on LIMIT")

LINES = [
    {"source-ref": f"s3://demo-gt/{n}.jpg", "logos-metadata": {"human-annotated": "yes" if n % 3 else "no", "confidence": n / 100}}
    for n in range(3000)
]  # fmt: skip
JSON_LINES = {"JSON": {"Type": "LINES"}}


@pytest.fixture
def manifest(s3, bucket):
    body = "".join(json.dumps(line) + "\r\n" for line in LINES)
    s3.put_object(Bucket=bucket, Key="in.manifest", Body=body.encode())
    return {"Bucket": bucket, "Key": "in.manifest", "ExpressionType": "SQL"}


def ask(s3, manifest, expression, *, source=JSON_LINES, target=None):
    found = s3.select_object_content(
        **manifest, Expression=expression, InputSerialization=source,
        OutputSerialization={"JSON": target or {}},
    )  # fmt: skip
    events = list(found["Payload"])
    records = b"".join(e["Records"]["Payload"] for e in events if "Records" in e)
    return records, events


def test_the_expression_of_the_developer_guide_gives_the_lines_it_matches(s3, manifest):  # M06
    query = """SELECT * FROM S3Object s WHERE s."logos-metadata"."human-annotated" = 'no'"""
    records, events = ask(s3, manifest, query)
    assert [json.loads(line) for line in records.splitlines()] == LINES[::3]
    assert "End" in events[-1]
    details = next(e["Stats"]["Details"] for e in events if "Stats" in e)
    assert details["BytesReturned"] == len(records)
    assert details["BytesScanned"] == sum(len(json.dumps(line)) + 2 for line in LINES)


def test_a_limit_and_another_delimiter_are_kept(s3, manifest):
    query = 'SELECT * FROM S3Object[*] s WHERE s."logos-metadata".confidence >= 0.5 LIMIT 2'
    records, _ = ask(s3, manifest, query, target={"RecordDelimiter": "|"})
    assert [json.loads(r) for r in records.split(b"|")[:2]] == LINES[50:52]
    assert records.count(b"|") == 2


def test_an_expression_or_a_file_that_cannot_be_used_is_an_error_before_the_first_event(
    s3, bucket, manifest
):
    with pytest.raises(ClientError) as caught:
        ask(s3, manifest, "SELECT * FROM S3Object s WHERE s.a = (SELECT 1)")
    assert caught.value.response["Error"]["Code"] == "InvalidQuery"
    s3.put_object(Bucket=bucket, Key="in.manifest", Body=b"{bad\n")
    with pytest.raises(ClientError) as caught:
        ask(s3, manifest, "s.a = 1")
    assert caught.value.response["Error"]["Code"] == "JSONParsingError"
    with pytest.raises(ClientError) as caught:
        ask(s3, manifest | {"Key": "gone"}, "s.a = 1")
    assert caught.value.response["Error"]["Code"] == "NoSuchKey"


@pytest.mark.parametrize(
    "source",
    [{"CSV": {}}, {"JSON": {"Type": "DOCUMENT"}}, JSON_LINES | {"CompressionType": "GZIP"}],
)
def test_other_input_is_refused(s3, manifest, source):
    with pytest.raises(ClientError) as caught:
        ask(s3, manifest, "s.a = 1", source=source)
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
