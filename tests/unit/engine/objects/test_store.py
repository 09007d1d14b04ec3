"""The object store on its own: no wire, no boto3."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gt_widgets.engine.objects import (
    Condition,
    Expected,
)
from gt_widgets.engine.objects.checksums import combine
from gt_widgets.engine.objects.multipart import MIN_PART_SIZE
from gt_widgets.errors import ServiceError

ODD_KEYS = [
    "a b", "ü/日本語.png", "a+b", "100%", "a//b", "/lead", "../../etc/passwd", "a/./b", "a/../b",
    ".", "..", "a", "a/b", "k" * 1024, "tab\there", "q?x=1&y#z", "CON", "back\\slash", "\x7f", "é",
]  # fmt: skip


def code_of(caught):
    return caught.value.code


def test_what_is_put_is_read_after_reopening(tmp_path, open_store):
    first = open_store(tmp_path)
    first.create_bucket("logos", region="eu-west-1")
    first.put("logos", "a.json", b"{}", content_type="application/json", metadata={"who": "ana"})
    first.close()
    again = open_store(tmp_path)
    info = again.info("logos", "a.json")
    assert (again.read("logos", "a.json"), info.content_type, info.size) == (
        b"{}",
        "application/json",
        2,
    )
    assert (info.metadata, info.etag) == ({"who": "ana"}, hashlib.md5(b"{}").hexdigest())
    assert again.bucket("logos").region == "eu-west-1"


@pytest.mark.parametrize("key", ODD_KEYS, ids=ascii)
def test_no_key_becomes_a_path(store, tmp_path, key, files_under):
    store.put("logos", key, key.encode())
    assert [info.key for info in store.list("logos")] == [key]
    assert store.read("logos", key) == key.encode()
    assert all(len(path.name) == 32 for path in files_under(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["objects"]


@pytest.mark.parametrize(
    ("key", "code"),
    [("é" * 513, "KeyTooLongError"), ("", "InvalidURI"), ("\ud800", "InvalidURI")],
    ids=ascii,
)
def test_a_key_no_index_could_hold_is_refused(store, key, code):
    with pytest.raises(ServiceError) as caught:
        store.put("logos", key, b"")
    assert code_of(caught) == code


def test_a_replaced_object_leaves_one_file(store, tmp_path, files_under):
    store.put("logos", "a", b"old")
    store.put("logos", "a", b"new")
    assert [path.read_bytes() for path in files_under(tmp_path)] == [b"new"]


def test_a_reader_sees_its_version_to_the_end_though_the_object_is_replaced_and_deleted(
    store, tmp_path, files_under, upload
):
    upload(store, "a", [b"x" * MIN_PART_SIZE, b"tail"])
    _, reader = store.open("logos", "a")
    begin = reader.read(10)
    store.put("logos", "a", b"new")
    store.delete("logos", "a")
    assert begin + reader.read() == b"x" * MIN_PART_SIZE + b"tail"
    reader.close()
    assert files_under(tmp_path) == []


def test_a_reader_seeks_and_reads_lines(store):
    store.put("logos", "lines", b"one\ntwo\nthree\n")
    with store.open("logos", "lines")[1] as reader:
        assert reader.readlines() == [b"one\n", b"two\n", b"three\n"]
        assert (reader.seek(4), reader.read(3), reader.tell()) == (4, b"two", 7)
        assert (reader.seek(-6, io.SEEK_END), reader.read()) == (8, b"three\n")


def test_a_chosen_span_is_all_the_reader_shows(store):
    store.put("logos", "a", b"0123456789")
    _, reader = store.open("logos", "a", choose=lambda info, parts: (3, 4))
    with reader:
        assert reader.read() == b"3456"


def test_a_body_of_unknown_length_is_taken_in_small_pieces(store):
    asked = []

    class Trickle(io.BytesIO):
        def read(self, n=-1):
            asked.append(n)
            return super().read(min(n, 70_001))

    info = store.put("logos", "big", Trickle(bytes(3_000_000)))
    assert info.size == 3_000_000
    assert 0 < min(asked) <= max(asked) <= 1 << 20


def test_a_body_that_breaks_off_leaves_the_old_object_and_no_file(store, tmp_path, files_under):
    class Broken:
        pieces = iter([b"half"])

        def read(self, n):
            try:
                return next(self.pieces)
            except StopIteration:
                raise ConnectionResetError from None

    store.put("logos", "a", b"old")
    with pytest.raises(ConnectionResetError):
        store.put("logos", "a", Broken())
    assert store.read("logos", "a") == b"old"
    assert len(files_under(tmp_path)) == 1


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        (Expected(size=4), "IncompleteBody"),
        (Expected(md5=b"x" * 16), "BadDigest"),
        (Expected(checksums={"CRC32": "AAAAAA=="}), "BadDigest"),
        (Expected(checksums={"SHA256": "AAAA"}), "InvalidRequest"),
        (Expected(checksums={"CRC64NVME": "AAAA"}), "InvalidRequest"),
    ],
    ids=["size", "md5", "crc32", "no-digest", "unknown"],
)  # fmt: skip
def test_bytes_other_than_announced_leave_no_trace(store, tmp_path, expected, code, files_under):
    with pytest.raises(ServiceError) as caught:
        store.put("logos", "a", b"abc", expected=expected)
    assert code_of(caught) == code
    assert (store.list("logos"), files_under(tmp_path)) == ([], [])


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256", "SHA512", "MD5"])
def test_a_checksum_asked_for_is_kept(store, algorithm):
    digest = (
        zlib.crc32(b"abc").to_bytes(4, "big")
        if algorithm == "CRC32"
        else hashlib.new(algorithm.lower(), b"abc").digest()
    )
    info = store.put("logos", "a", b"abc", algorithm=algorithm)
    assert info.checksums == {algorithm: base64.b64encode(digest).decode()}
    assert store.info("logos", "a").checksums == info.checksums


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6))
def test_crc32_of_the_whole_follows_from_crc32_of_the_parts(pieces):
    sums = [
        (len(p), {"CRC32": base64.b64encode(zlib.crc32(p).to_bytes(4, "big")).decode()})
        for p in pieces
    ]
    whole = zlib.crc32(b"".join(pieces)).to_bytes(4, "big")
    assert combine("CRC32", "FULL_OBJECT", sums) == base64.b64encode(whole).decode()


def test_if_none_match_lets_one_of_many_writers_through(store):
    verdicts = []

    def write(name):
        try:
            store.put("logos", "once", name.encode(), condition=Condition(if_none_match="*"))
            verdicts.append(name)
        except ServiceError as error:
            verdicts.append(error.code)

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts.count("PreconditionFailed") == 7
    assert store.read("logos", "once").decode() in verdicts


def test_threads_writing_and_reading_one_key_never_see_half(store):
    bodies = [bytes([n]) * 200_000 for n in range(4)]
    store.put("logos", "a", bodies[0])
    seen = []

    def write(body):
        for _ in range(5):
            store.put("logos", "a", body)

    def read():
        seen.extend(store.read("logos", "a") for _ in range(20))

    threads = [threading.Thread(target=write, args=(b,)) for b in bodies] + [
        threading.Thread(target=read) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 60
    assert set(seen) <= set(bodies)


# Buckets


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "Logos",
        "logos_",
        "-logos",
        "logos-",
        "a..b",
        "10.0.0.1",
        "x" * 64,
        "../x",
        "xn--a",
    ],
)
def test_a_bucket_name_s3_would_refuse_is_refused(store, name):
    with pytest.raises(ServiceError) as caught:
        store.create_bucket(name, region="us-east-1")
    assert code_of(caught) == "InvalidBucketName"


def test_a_bucket_goes_only_when_empty_and_takes_its_uploads_along(store, tmp_path, files_under):
    store.put("logos", "a", b"")
    with pytest.raises(ServiceError) as caught:
        store.delete_bucket("logos")
    assert code_of(caught) == "BucketNotEmpty"
    store.delete("logos", "a")
    up = store.uploads.create("logos", "b")
    store.uploads.put_part("logos", "b", up.upload_id, 1, b"part")
    store.delete_bucket("logos")
    assert (store.buckets(), files_under(tmp_path)) == ([], [])


# Model


KEYS = st.sampled_from(["a", "a/b", "a/c", "b", "é", "z z"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS, st.binary(max_size=20)),
        st.tuples(st.just("delete"), KEYS),
        st.tuples(st.just("copy"), KEYS, KEYS),
        st.tuples(st.just("create"), KEYS, st.binary(max_size=20)),
        st.tuples(st.just("upload"), KEYS, st.binary(min_size=1, max_size=20)),
        st.tuples(st.just("reopen")),
    ),
    max_size=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_any_sequence_of_operations_agrees_with_a_dictionary(
    tmp_path_factory, open_store, upload, steps
):
    root = tmp_path_factory.mktemp("model")
    store, model = open_store(root), {}
    store.create_bucket("logos", region="us-east-1")
    for step in steps:
        store = play(store, root, model, step, open_store=open_store, upload=upload)
        assert {info.key: store.read("logos", info.key) for info in store.list("logos")} == model
    blobs = [path for path in (root / "blobs").rglob("*") if path.is_file()]
    assert len(blobs) == len(model)
    store.close()


def play(store, root, model, step, *, open_store, upload):
    match step:
        case ("put", key, body):
            store.put("logos", key, body)
            model[key] = body
        case ("delete", key):
            store.delete("logos", key)
            model.pop(key, None)
        case ("copy", source, key) if source in model:
            store.copy(("logos", source), "logos", key)
            model[key] = model[source]
        case ("create", key, body) if key in model:
            with pytest.raises(ServiceError):
                store.put("logos", key, body, condition=Condition(if_none_match="*"))
        case ("upload", key, body):
            upload(store, key, [body])
            model[key] = body
        case ("reopen",):
            store.close()
            return open_store(root)
    return store
