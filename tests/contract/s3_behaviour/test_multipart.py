"""Sentences about multipart uploads and the transfers that use them."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zlib

import pytest
from boto3.s3.transfer import TransferConfig

from gt_widgets.testing.refusals import refusal

MIB = 1 << 20
FULL = b"x" * (5 * MIB)


@pytest.fixture
def begin(s3, bucket):
    def begin(**options):
        return {
            "Bucket": bucket,
            "Key": "big",
            "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="big", **options)["UploadId"],
        }

    return begin


def send_parts(s3, where, bodies):
    parts = []
    for number, body in bodies.items():
        etag = s3.upload_part(**where, PartNumber=number, Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    return parts


def complete(s3, where, parts, **options):
    return s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts}, **options)


# trap 6
def test_the_etag_of_a_multipart_object_is_the_md5_of_its_parts_md5s(s3, begin):
    where = begin(ContentType="image/png", Metadata={"k": "v"}, Tagging="t=1")
    parts = send_parts(s3, where, {1: FULL, 2: FULL, 3: b"tail"})
    done = complete(s3, where, parts)
    md5s = b"".join(hashlib.md5(body).digest() for body in (FULL, FULL, b"tail"))
    assert done["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-3"'
    got = s3.get_object(Bucket=where["Bucket"], Key="big")
    assert got["Body"].read() == FULL + FULL + b"tail"
    assert (got["ContentType"], got["Metadata"], got["TagCount"]) == ("image/png", {"k": "v"}, 1)


def test_parts_may_arrive_in_any_order_and_more_than_once(s3, begin):
    where = begin()
    send_parts(s3, where, {2: b"tail", 1: b"wrong"})
    parts = send_parts(s3, where, {1: FULL}) + send_parts(s3, where, {2: b"end"})
    complete(s3, where, parts)
    assert s3.get_object(Bucket=where["Bucket"], Key="big")["Body"].read() == FULL + b"end"


def test_an_upload_shows_only_once_it_is_complete(s3, begin):
    where = begin()
    parts = send_parts(s3, where, {1: b"only"})
    assert refusal(s3.head_object, Bucket=where["Bucket"], Key="big")[1] == 404
    assert [
        one["UploadId"] for one in s3.list_multipart_uploads(Bucket=where["Bucket"])["Uploads"]
    ] == [where["UploadId"]]
    complete(s3, where, parts)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=where["Bucket"])


def test_the_parts_are_listed_in_pages(s3, begin):
    where = begin()
    send_parts(s3, where, {1: b"a", 2: b"bb", 5: b"ccc"})
    pages = s3.get_paginator("list_parts").paginate(**where, PaginationConfig={"PageSize": 2})
    found = [
        (part["PartNumber"], part["Size"], part["ETag"]) for page in pages for part in page["Parts"]
    ]
    assert found == [
        (n, len(b), f'"{hashlib.md5(b).hexdigest()}"')
        for n, b in {1: b"a", 2: b"bb", 5: b"ccc"}.items()
    ]


@pytest.mark.not_for_moto("moto lists all uploads on one page")
def test_uploads_are_listed_in_pages_by_key(s3, bucket):
    keys = ["a/1", "a/2", "b", "b", "c ü"]
    for key in keys:
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 2}
    )
    assert [one["Key"] for page in pages for one in page["Uploads"]] == keys
    folded = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/", Prefix="")
    assert ([p["Prefix"] for p in folded["CommonPrefixes"]], len(folded["Uploads"])) == (["a/"], 3)


@pytest.mark.not_for_moto("moto fails inside with a KeyError")
def test_an_aborted_upload_is_gone(s3, begin):
    where = begin()
    send_parts(s3, where, {1: b"x"})
    s3.abort_multipart_upload(**where)
    assert refusal(s3.list_parts, **where) == ("NoSuchUpload", 404)
    assert refusal(s3.upload_part, **where, PartNumber=2, Body=b"x") == ("NoSuchUpload", 404)


def test_a_small_part_before_the_last_is_refused(s3, begin):
    where = begin()
    parts = send_parts(s3, where, {1: b"small", 2: b"tail"})
    assert refusal(complete, s3, where, parts) == ("EntityTooSmall", 400)
    assert len(s3.list_parts(**where)["Parts"]) == 2


@pytest.mark.not_for_moto("moto looks at the sizes first")
def test_parts_must_be_named_in_ascending_order(s3, begin):
    where = begin()
    parts = send_parts(s3, where, {1: FULL, 2: b"tail"})
    assert refusal(complete, s3, where, parts[::-1]) == ("InvalidPartOrder", 400)


@pytest.mark.parametrize(
    "part", [{"PartNumber": 1, "ETag": '"other"'}, {"PartNumber": 7, "ETag": '"x"'}]
)
def test_a_part_that_is_not_there_is_refused(s3, begin, part):
    where = begin()
    send_parts(s3, where, {1: b"x"})
    assert refusal(complete, s3, where, [part]) == ("InvalidPart", 400)


@pytest.mark.not_for_moto("moto answers 404 or stores it")
@pytest.mark.parametrize("number", [0, 10_001])
def test_a_part_number_lies_between_1_and_10000(s3, begin, number):
    assert refusal(s3.upload_part, **begin(), PartNumber=number, Body=b"x") == (
        "InvalidArgument",
        400,
    )


def test_completing_again_after_a_lost_answer_gives_the_same_answer(s3, begin):
    where = begin()
    parts = send_parts(s3, where, {1: b"x"})
    first, again = complete(s3, where, parts), complete(s3, where, parts)
    assert first["ETag"] == again["ETag"]


def test_a_completion_that_must_be_the_first_is_refused_over_an_object(s3, begin):
    where = begin()
    parts = send_parts(s3, where, {1: b"x"})
    s3.put_object(Bucket=where["Bucket"], Key="big", Body=b"old")
    assert refusal(complete, s3, where, parts, IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=where["Bucket"], Key="big")["Body"].read() == b"old"


def test_ranges_cross_the_borders_of_parts(s3, begin):
    where = begin()
    complete(s3, where, send_parts(s3, where, {1: FULL, 2: b"0123456789"}))
    got = s3.get_object(
        Bucket=where["Bucket"], Key="big", Range=f"bytes={len(FULL) - 2}-{len(FULL) + 1}"
    )
    assert got["Body"].read() == b"xx01"


@pytest.mark.not_for_moto("moto does not tell PartsCount")
def test_one_part_can_be_read_by_its_number(s3, begin):
    where = begin()
    complete(s3, where, send_parts(s3, where, {1: FULL, 2: b"tail"}))
    got = s3.get_object(Bucket=where["Bucket"], Key="big", PartNumber=2)
    assert (got["Body"].read(), got["PartsCount"]) == (b"tail", 2)
    assert got["ContentRange"] == f"bytes {len(FULL)}-{len(FULL) + 3}/{len(FULL) + 4}"


@pytest.mark.not_for_moto("moto answers another code")
def test_a_part_number_that_is_not_there_is_a_416(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"whole")
    assert s3.get_object(Bucket=bucket, Key="a", PartNumber=1)["Body"].read() == b"whole"
    assert refusal(s3.get_object, Bucket=bucket, Key="a", PartNumber=2) == (
        "InvalidPartNumber",
        416,
    )


def test_a_part_may_be_copied_from_an_object(s3, begin):
    where = begin()
    s3.put_object(Bucket=where["Bucket"], Key="source ü", Body=b"0123456789")
    source = {"Bucket": where["Bucket"], "Key": "source ü"}
    done = s3.upload_part_copy(
        **where, PartNumber=1, CopySource=source, CopySourceRange="bytes=2-5"
    )
    complete(s3, where, [{"PartNumber": 1, "ETag": done["CopyPartResult"]["ETag"]}])
    assert s3.get_object(Bucket=where["Bucket"], Key="big")["Body"].read() == b"2345"


@pytest.mark.not_for_moto("moto cuts the range to what there is")
def test_a_copied_range_must_lie_inside_its_source(s3, begin):
    where = begin()
    s3.put_object(Bucket=where["Bucket"], Key="a", Body=b"0123456789")
    found = refusal(
        s3.upload_part_copy,
        **where,
        PartNumber=1,
        CopySource=f"{where['Bucket']}/a",
        CopySourceRange="bytes=2-10",
    )
    assert found == ("InvalidArgument", 400)


@pytest.mark.not_for_moto("moto keeps no checksum of the whole")
def test_the_checksum_of_the_whole_follows_from_its_parts(s3, begin):
    where = begin(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    done = complete(s3, where, send_parts(s3, where, {1: FULL, 2: b"tail"}))
    whole = base64.b64encode(zlib.crc32(FULL + b"tail").to_bytes(4, "big")).decode()
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (whole, "FULL_OBJECT")
    head = s3.head_object(Bucket=where["Bucket"], Key="big", ChecksumMode="ENABLED")
    assert head["ChecksumCRC32"] == whole


@pytest.mark.not_for_moto("moto keeps no checksum of parts")
@pytest.mark.not_on_moto("moto keeps no checksum of parts")
def test_the_attributes_of_a_multipart_object_list_its_parts(s3, begin):
    where = begin()
    complete(s3, where, send_parts(s3, where, {1: FULL, 2: b"tail"}))
    found = s3.get_object_attributes(
        Bucket=where["Bucket"], Key="big", ObjectAttributes=["ObjectParts", "Checksum"]
    )
    assert [part["Size"] for part in found["ObjectParts"]["Parts"]] == [len(FULL), 4]
    assert found["Checksum"]["ChecksumType"] == "COMPOSITE"
    assert found["Checksum"]["ChecksumCRC32"].endswith("-2")


# s3transfer


def test_a_file_above_eight_megabytes_goes_up_and_down_in_parts(s3, bucket, tmp_path):
    body = os.urandom(9 * MIB + 17)
    source, target = tmp_path / "up", tmp_path / "down"
    source.write_bytes(body)
    s3.upload_file(str(source), bucket, "big ü.bin", ExtraArgs={"ContentType": "image/png"})
    assert s3.head_object(Bucket=bucket, Key="big ü.bin")["ETag"].endswith('-2"')
    s3.download_file(bucket, "big ü.bin", str(target))
    assert hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(body).digest()


def test_a_stream_of_unknown_length_goes_up_in_parts_by_several_threads(s3, bucket):
    body = os.urandom(11 * MIB)
    config = TransferConfig(
        multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=4
    )
    s3.upload_fileobj(Stream(body), bucket, "big", Config=config)
    target = io.BytesIO()
    s3.download_fileobj(bucket, "big", target, Config=config)
    assert target.getvalue() == body


class Stream:
    """Read forward, no length, no seek."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def read(self, n=-1):
        return self._data.read(n)


def test_a_large_copy_is_made_in_parts(s3, bucket):
    body = os.urandom(6 * MIB)
    s3.put_object(Bucket=bucket, Key="a", Body=body)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.copy({"Bucket": bucket, "Key": "a"}, bucket, "b", Config=config)
    assert s3.get_object(Bucket=bucket, Key="b")["Body"].read() == body
