"""Sentences about copies, checksums, attributes and tags."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest

from gt_widgets.testing.refusals import refusal


def body_of(s3, bucket, key, **params):
    return s3.get_object(Bucket=bucket, Key=key, **params)["Body"].read()


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


# Copies


def test_a_copy_has_bytes_type_metadata_and_tags(s3, bucket):
    s3.put_object(
        Bucket=bucket,
        Key="a b+ü",
        Body=b"x",
        ContentType="text/css",
        Metadata={"k": "v"},
        Tagging="t=1",
    )
    done = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a b+ü"})
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (
        b"x",
        "text/css",
        {"k": "v"},
    )
    assert done["CopyObjectResult"]["ETag"] == got["ETag"]
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [
        {"Key": "t", "Value": "1"}
    ]


def test_a_copy_with_replaced_metadata_keeps_none_of_the_old(s3, bucket):
    s3.put_object(
        Bucket=bucket,
        Key="a",
        Body=b"x",
        ContentType="text/css",
        Metadata={"k": "v"},
        CacheControl="no-store",
    )
    source = {"Bucket": bucket, "Key": "a"}
    s3.copy_object(
        Bucket=bucket,
        Key="a",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"n": "1"},
        ContentType="text/html",
    )
    head = s3.head_object(Bucket=bucket, Key="a")
    assert (head["ContentType"], head["Metadata"], "CacheControl" in head) == (
        "text/html",
        {"n": "1"},
        False,
    )


def test_a_copy_onto_itself_that_changes_nothing_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    found = refusal(
        s3.copy_object, Bucket=bucket, Key="a", CopySource={"Bucket": bucket, "Key": "a"}
    )
    assert found == ("InvalidRequest", 400)


@pytest.mark.not_for_moto("moto knows no conditions on a copy's source")
def test_a_copy_may_depend_on_its_source(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    source = {"Bucket": bucket, "Key": "a"}
    for condition in ({"CopySourceIfMatch": '"other"'}, {"CopySourceIfNoneMatch": etag}):
        assert refusal(s3.copy_object, Bucket=bucket, Key="b", CopySource=source, **condition) == (
            "PreconditionFailed",
            412,
        )
    s3.copy_object(Bucket=bucket, Key="b", CopySource=source, CopySourceIfMatch=etag)


def test_a_copy_of_nothing_is_a_404(s3, bucket):
    assert refusal(s3.copy_object, Bucket=bucket, Key="b", CopySource=f"{bucket}/no") == (
        "NoSuchKey",
        404,
    )


@pytest.mark.not_for_moto("moto copies into a key of any length")
def test_a_copy_source_may_be_text_percent_encoded_or_not_and_begin_with_a_slash(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a+b c", Body=b"x")
    for source in (f"{bucket}/a+b c", f"/{bucket}/a+b c"):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
        assert body_of(s3, bucket, "copy") == b"x"
    assert refusal(s3.copy_object, Bucket=bucket, Key="b", CopySource="no-slash")[0] in {
        "InvalidArgument",
        "ParamValidation",
    }


# Checksums


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_a_checksum_is_stored_and_told(s3, bucket, algorithm):
    digest = (
        crc32(b"x")
        if algorithm == "CRC32"
        else base64.b64encode(hashlib.new(algorithm, b"x").digest()).decode()
    )
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"x", ChecksumAlgorithm=algorithm)
    head = s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    assert put[f"Checksum{algorithm}"] == head[f"Checksum{algorithm}"] == digest
    assert f"Checksum{algorithm}" not in s3.head_object(Bucket=bucket, Key="a")


def test_boto3_sends_a_crc32_without_being_asked_and_gets_it_back(s3, bucket):
    assert s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ChecksumCRC32"] == crc32(b"x")
    assert s3.get_object(Bucket=bucket, Key="a")["ChecksumCRC32"] == crc32(b"x")


@pytest.mark.not_for_moto("moto stores what does not match")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ChecksumCRC32": crc32(b"y")}, "BadDigest"),
        ({"ChecksumSHA256": base64.b64encode(hashlib.sha256(b"y").digest()).decode()}, "BadDigest"),
        ({"ContentMD5": base64.b64encode(hashlib.md5(b"y").digest()).decode()}, "BadDigest"),
        ({"ContentMD5": "bm8="}, "InvalidDigest"),
        ({"ChecksumCRC32": "bm8="}, "InvalidRequest"),
        ({"ChecksumCRC64NVME": "AAAAAAAAAAA="}, "InvalidRequest"),
    ],
)  # fmt: skip
def test_bytes_that_do_not_match_their_checksum_change_nothing(s3, bucket, given, code):
    s3.put_object(Bucket=bucket, Key="a", Body=b"old")
    assert refusal(s3.put_object, Bucket=bucket, Key="a", Body=b"x", **given) == (code, 400)
    assert body_of(s3, bucket, "a") == b"old"


def test_the_attributes_of_an_object_are_those_asked_for(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"hello")["ETag"]
    found = s3.get_object_attributes(
        Bucket=bucket, Key="a", ObjectAttributes=["ETag", "ObjectSize", "Checksum"]
    )
    assert (found["ETag"], found["ObjectSize"], "StorageClass" in found) == (
        etag.strip('"'),
        5,
        False,
    )
    assert found["Checksum"]["ChecksumCRC32"] == crc32(b"hello")


# Tags


def test_tags_are_put_counted_replaced_and_deleted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Tagging="brand=DHL&empty=")
    where = {"Bucket": bucket, "Key": "a"}
    assert s3.get_object_tagging(**where)["TagSet"] == [
        {"Key": "brand", "Value": "DHL"},
        {"Key": "empty", "Value": ""},
    ]
    s3.put_object_tagging(**where, Tagging={"TagSet": [{"Key": "k ü", "Value": "v/=+"}]})
    assert s3.get_object_tagging(**where)["TagSet"] == [{"Key": "k ü", "Value": "v/=+"}]
    assert s3.get_object(**where)["TagCount"] == 1
    s3.delete_object_tagging(**where)
    assert s3.get_object_tagging(**where)["TagSet"] == []


def test_tagging_leaves_the_bytes_alone(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"bytes")
    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert body_of(s3, bucket, "a") == b"bytes"


@pytest.mark.not_for_moto("moto answers InvalidTag or takes them")
def test_more_than_ten_tags_are_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a")
    tags = [{"Key": str(n), "Value": ""} for n in range(11)]
    assert refusal(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": tags}) == (
        "BadRequest",
        400,
    )
    twice = [{"Key": "k", "Value": ""}] * 2
    assert refusal(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": twice}) == (
        "InvalidTag",
        400,
    )
