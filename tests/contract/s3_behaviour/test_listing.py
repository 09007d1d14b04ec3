"""Sentences about buckets and their listings."""

from __future__ import annotations

import pytest

from gt_widgets.testing.refusals import refusal

TREE = ["a.txt", "logos/dhl/1.jpg", "logos/dhl/2.jpg", "logos/redbull/1.jpg", "logos/z.jpg", "z"]


def fill(s3, bucket, keys):
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")


def keys_of(page):
    return [one["Key"] for one in page.get("Contents", [])]


def prefixes_of(page):
    return [one["Prefix"] for one in page.get("CommonPrefixes", [])]


@pytest.fixture
def tree(s3, bucket):
    fill(s3, bucket, TREE)
    return bucket


def test_a_listing_is_in_the_order_of_utf8_bytes(s3, bucket):
    keys = ["a", "Z", "é", "\U0001f600", "\uff5e", "a/b", "a.b", "a b"]
    fill(s3, bucket, keys)
    assert keys_of(s3.list_objects_v2(Bucket=bucket)) == sorted(keys, key=str.encode)


def test_an_entry_says_what_a_head_says(s3, tree):
    entry = s3.list_objects_v2(Bucket=tree, MaxKeys=1)["Contents"][0]
    head = s3.head_object(Bucket=tree, Key="a.txt")
    assert (entry["Key"], entry["Size"], entry["StorageClass"]) == ("a.txt", 1, "STANDARD")
    assert (entry["ETag"], entry["LastModified"].replace(microsecond=0)) == (
        head["ETag"],
        head["LastModified"],
    )


def test_a_delimiter_folds_what_lies_below_it(s3, tree):
    page = s3.list_objects_v2(Bucket=tree, Delimiter="/")
    assert (keys_of(page), prefixes_of(page), page["KeyCount"]) == (["a.txt", "z"], ["logos/"], 3)
    page = s3.list_objects_v2(Bucket=tree, Delimiter="/", Prefix="logos/")
    assert (keys_of(page), prefixes_of(page)) == (["logos/z.jpg"], ["logos/dhl/", "logos/redbull/"])


def test_a_prefix_need_not_end_in_a_delimiter(s3, tree):
    page = s3.list_objects_v2(Bucket=tree, Prefix="logos/r")
    assert keys_of(page) == ["logos/redbull/1.jpg"]


@pytest.mark.parametrize("size", [1, 2, 3, 6])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_put_together_are_the_whole_listing(s3, tree, size, delimiter):
    paginator = s3.get_paginator("list_objects_v2")
    pages = list(
        paginator.paginate(Bucket=tree, Delimiter=delimiter, PaginationConfig={"PageSize": size})
    )
    expected = (["a.txt", "z"], ["logos/"]) if delimiter else (TREE, [])
    assert all(page["KeyCount"] <= size for page in pages)
    assert (
        [k for p in pages for k in keys_of(p)],
        [x for p in pages for x in prefixes_of(p)],
    ) == expected


@pytest.mark.parametrize("delimiter", ["", "/"])
def test_the_older_listing_pages_by_marker(s3, tree, delimiter):
    paginator = s3.get_paginator("list_objects")
    pages = list(
        paginator.paginate(Bucket=tree, Delimiter=delimiter, PaginationConfig={"PageSize": 2})
    )
    expected = (["a.txt", "z"], ["logos/"]) if delimiter else (TREE, [])
    assert (
        [k for p in pages for k in keys_of(p)],
        [x for p in pages for x in prefixes_of(p)],
    ) == expected


def test_a_listing_starts_after_a_key_that_need_not_exist(s3, tree):
    assert (
        keys_of(s3.list_objects_v2(Bucket=tree, StartAfter="logos/dhl/1.jpg"))[0]
        == "logos/dhl/2.jpg"
    )
    assert keys_of(s3.list_objects_v2(Bucket=tree, StartAfter="logos/e")) == TREE[3:]
    assert keys_of(s3.list_objects_v2(Bucket=tree, StartAfter="zz")) == []


def test_a_full_last_page_is_not_called_truncated(s3, tree):
    page = s3.list_objects_v2(Bucket=tree, MaxKeys=len(TREE))
    assert (page["IsTruncated"], "NextContinuationToken" in page, page["KeyCount"]) == (
        False,
        False,
        6,
    )


def test_no_more_than_a_thousand_keys_come_at_once(s3, tree):
    assert s3.list_objects_v2(Bucket=tree, MaxKeys=5000)["KeyCount"] == len(TREE)
    assert s3.list_objects_v2(Bucket=tree, MaxKeys=0)["KeyCount"] == 0


@pytest.mark.not_for_moto("moto's message is another")
def test_a_token_we_did_not_give_is_refused(s3, tree):
    assert refusal(s3.list_objects_v2, Bucket=tree, ContinuationToken="é?") == (
        "InvalidArgument",
        400,
    )
    assert refusal(s3.list_objects_v2, Bucket=tree, MaxKeys=-1) == ("InvalidArgument", 400)


def test_an_empty_bucket_lists_nothing(s3, bucket):
    page = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert (page["KeyCount"], keys_of(page), prefixes_of(page), page["IsTruncated"]) == (
        0,
        [],
        [],
        False,
    )


# trap 6
def test_keys_are_percent_encoded_on_the_wire_when_asked(s3, bucket, send):
    fill(s3, bucket, ["a b+ü/1", "ctrl\x01"])
    url = s3.generate_presigned_url(
        "list_objects_v2", {"Bucket": bucket, "EncodingType": "url", "Delimiter": "/"}
    )
    body = send("GET", url).body
    assert b"<Prefix>a%20b%2B%C3%BC/</Prefix>" in body
    assert b"<Key>ctrl%01</Key>" in body
    assert keys_of(s3.list_objects_v2(Bucket=bucket)) == ["a b+ü/1", "ctrl\x01"]


def test_a_listing_of_no_bucket_is_a_404(s3):
    assert refusal(s3.list_objects_v2, Bucket="no-such-bucket-here") == ("NoSuchBucket", 404)


# Buckets


def test_a_bucket_made_twice_in_the_first_region_is_no_error(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a")
    s3.create_bucket(Bucket=bucket)
    assert keys_of(s3.list_objects_v2(Bucket=bucket)) == ["a"]


def test_a_bucket_made_twice_elsewhere_is_refused(backend):
    s3 = backend.client(region="eu-west-1")
    where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    s3.create_bucket(Bucket="logos-europe", **where)
    assert refusal(s3.create_bucket, Bucket="logos-europe", **where) == (
        "BucketAlreadyOwnedByYou",
        409,
    )
    assert s3.get_bucket_location(Bucket="logos-europe")["LocationConstraint"] == "eu-west-1"
    assert s3.head_bucket(Bucket="logos-europe")["BucketRegion"] == "eu-west-1"


def test_outside_the_first_region_the_place_must_be_named(backend):
    s3 = backend.client(region="eu-west-1")
    assert refusal(s3.create_bucket, Bucket="logos-nowhere") == (
        "IllegalLocationConstraintException",
        400,
    )


def test_the_first_region_has_no_name(s3, bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None


@pytest.mark.parametrize("name", ["Logos", "lo_gos", "-logos", "lo..gos", "10.0.0.1"])
def test_a_name_that_is_no_bucket_name_is_refused(s3, name, backend):
    if backend.name == "moto":
        pytest.skip("moto looks at the length only")
    assert refusal(s3.create_bucket, Bucket=name) == ("InvalidBucketName", 400)


def test_buckets_are_listed_with_their_dates(s3, bucket):
    found = {one["Name"]: one for one in s3.list_buckets()["Buckets"]}
    assert bucket in found
    assert found[bucket]["CreationDate"].tzinfo is not None
    page = s3.list_buckets(Prefix=bucket)["Buckets"]
    assert page[0]["Name"] == bucket


def test_only_an_empty_bucket_goes(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a")
    assert refusal(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_bucket(Bucket=bucket)
    assert refusal(s3.head_bucket, Bucket=bucket) == ("404", 404)


def test_the_owner_has_full_control_and_versioning_is_off(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a")
    for acl in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="a")):
        assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]
        assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


@pytest.mark.not_for_moto("moto opens the object to everybody")
def test_an_acl_for_others_is_refused(s3, bucket):
    found = refusal(s3.put_object, Bucket=bucket, Key="a", Body=b"x", ACL="public-read")
    assert found == ("AccessControlListNotSupported", 400)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", ACL="bucket-owner-full-control")


@pytest.mark.not_for_moto("moto has one owner per test and does not look")
def test_a_caller_who_expects_another_owner_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", ExpectedBucketOwner="123456789012")
    found = refusal(s3.get_object, Bucket=bucket, Key="a", ExpectedBucketOwner="999999999999")
    assert found == ("AccessDenied", 403)


# trap 1
@pytest.mark.not_for_moto("moto has these operations")
def test_a_sub_resource_we_do_not_have_is_a_501_and_the_object_is_untouched(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"precious")
    where = {"Bucket": bucket, "Key": "a"}
    assert refusal(s3.put_object_acl, **where, ACL="private") == ("NotImplemented", 501)
    assert refusal(s3.put_object_legal_hold, **where, LegalHold={"Status": "ON"}) == (
        "NotImplemented",
        501,
    )
    assert refusal(s3.get_object_torrent, **where) == ("NotImplemented", 501)
    assert refusal(s3.get_bucket_policy, Bucket=bucket) == ("NotImplemented", 501)
    assert refusal(s3.list_object_versions, Bucket=bucket) == ("NotImplemented", 501)
    assert s3.get_object(**where)["Body"].read() == b"precious"


# trap 1
@pytest.mark.not_for_moto("moto stores the body of what it does not know")
def test_a_sub_resource_nobody_has_is_a_501_and_the_object_is_untouched(s3, bucket, send):
    s3.put_object(Bucket=bucket, Key="a", Body=b"precious")
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "a"})
    assert send("PUT", url + "&frobnicate=", body=b"gone").status in {403, 501}
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"precious"


def test_a_version_of_an_unversioned_object_is_not_found(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a")
    assert refusal(s3.get_object, Bucket=bucket, Key="a", VersionId="v1") == ("NoSuchVersion", 404)
    s3.get_object(Bucket=bucket, Key="a", VersionId="null")
