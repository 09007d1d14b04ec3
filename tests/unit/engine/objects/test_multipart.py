"""Copies and multipart uploads in the object store."""

from __future__ import annotations

import base64
import hashlib
import os
import zlib

import pytest

from gt_widgets.engine.objects import (
    Attributes,
)
from gt_widgets.engine.objects.multipart import MIN_PART_SIZE
from gt_widgets.errors import ServiceError


def code_of(caught):
    return caught.value.code


def test_a_copy_writes_no_bytes_and_outlives_its_source(store, tmp_path, files_under):
    store.put("logos", "a", b"abc", metadata={"k": "v"}, tags={"t": "1"})
    copy = store.copy(("logos", "a"), "logos", "b")
    one, two = files_under(tmp_path)
    assert one.stat().st_ino == two.stat().st_ino
    store.delete("logos", "a")
    assert (store.read("logos", "b"), copy.metadata, copy.tags) == (
        b"abc",
        {"k": "v"},
        {"t": "1"},
    )


def test_a_copy_takes_new_attributes_and_another_checksum(store):
    store.put("logos", "a", b"abc", metadata={"k": "v"})
    info = store.copy(
        ("logos", "a"),
        "logos",
        "a",
        attributes=lambda _: Attributes("text/plain"),
        algorithm="SHA1",
    )
    assert (info.content_type, info.metadata, list(info.checksums)) == (
        "text/plain",
        {},
        ["SHA1"],
    )
    assert store.read("logos", "a") == b"abc"


def test_a_copy_is_whole_though_its_source_goes_meanwhile(store):
    def carried(info):
        store.delete("logos", "a")
        return Attributes.of(info)

    store.put("logos", "a", b"abc")
    store.copy(("logos", "a"), "logos", "b", attributes=carried)
    assert [info.key for info in store.list("logos")] == ["b"]
    assert store.read("logos", "b") == b"abc"


def test_a_copy_of_a_multipart_object_is_one_piece(store, upload):
    whole = upload(store, "a", [b"x" * MIN_PART_SIZE, b"tail"])
    copy = store.copy(("logos", "a"), "logos", "b")
    body = b"x" * MIN_PART_SIZE + b"tail"
    assert (whole.parts, copy.parts, copy.etag) == (2, 0, hashlib.md5(body).hexdigest())


# Multipart


def test_parts_become_one_object_without_being_written_again(store, tmp_path, files_under):
    bodies = [os.urandom(MIN_PART_SIZE), os.urandom(MIN_PART_SIZE), b"tail"]
    up = store.uploads.create("logos", "big", attributes=Attributes("image/png", {"k": "v"}))
    parts = [
        store.uploads.put_part("logos", "big", up.upload_id, n, b) for n, b in enumerate(bodies, 1)
    ]
    before = files_under(tmp_path)
    info = store.uploads.complete(
        "logos", "big", up.upload_id, [(p.number, p.etag, {}) for p in parts]
    )
    md5s = b"".join(hashlib.md5(b).digest() for b in bodies)
    assert info.etag == hashlib.md5(md5s).hexdigest() + "-3"
    assert (files_under(tmp_path), store.read("logos", "big")) == (before, b"".join(bodies))
    assert (info.content_type, info.metadata) == ("image/png", {"k": "v"})
    _, reader = store.open("logos", "big", choose=lambda i, p: (MIN_PART_SIZE - 2, 4))
    with reader:
        assert reader.read() == bodies[0][-2:] + bodies[1][:2]


def test_a_completion_repeated_after_a_lost_answer_gives_the_same_object(store):
    up = store.uploads.create("logos", "a")
    part = store.uploads.put_part("logos", "a", up.upload_id, 1, b"x")
    chosen = [(1, part.etag, {})]
    first = store.uploads.complete("logos", "a", up.upload_id, chosen)
    assert store.uploads.complete("logos", "a", up.upload_id, chosen) == first


def test_parts_replaced_left_out_or_aborted_leave_no_file(store, tmp_path, files_under):
    up = store.uploads.create("logos", "a")
    for body in (b"old", b"new"):
        part = store.uploads.put_part("logos", "a", up.upload_id, 1, body)
    store.uploads.put_part("logos", "a", up.upload_id, 2, b"unused")
    store.uploads.complete("logos", "a", up.upload_id, [(1, part.etag, {})])
    assert [path.read_bytes() for path in files_under(tmp_path)] == [b"new"]
    other = store.uploads.create("logos", "b")
    store.uploads.put_part("logos", "b", other.upload_id, 1, b"gone")
    store.uploads.abort("logos", "b", other.upload_id)
    assert len(files_under(tmp_path)) == 1
    store.delete("logos", "a")
    assert files_under(tmp_path) == []


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ([], "MalformedXML"),
        ([(2, 2), (1, 1)], "InvalidPartOrder"),
        ([(1, 1), (1, 1)], "InvalidPartOrder"),
        ([(1, 1), (2, 2)], "EntityTooSmall"),
        ([(1, 2)], "InvalidPart"),
        ([(3, 1)], "InvalidPart"),
    ],
)  # fmt: skip
def test_a_completion_that_does_not_add_up_leaves_the_upload_as_it_was(store, chosen, code):
    up = store.uploads.create("logos", "a")
    etags = {
        n: store.uploads.put_part("logos", "a", up.upload_id, n, bytes([n])).etag for n in (1, 2)
    }
    with pytest.raises(ServiceError) as caught:
        store.uploads.complete("logos", "a", up.upload_id, [(n, etags[e], {}) for n, e in chosen])
    assert code_of(caught) == code
    assert [p.number for p in store.uploads.parts("logos", "a", up.upload_id)] == [1, 2]


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
def test_the_checksum_of_a_multipart_object_is_of_its_kind(store, kind, upload):
    bodies = [b"x" * MIN_PART_SIZE, b"tail"]
    info = upload(store, "a", bodies, checksum_type=kind)
    if kind == "FULL_OBJECT":
        raw, mark = zlib.crc32(b"".join(bodies)).to_bytes(4, "big"), ""
    else:
        raw, mark = (
            zlib.crc32(b"".join(zlib.crc32(b).to_bytes(4, "big") for b in bodies)).to_bytes(
                4, "big"
            ),
            "-2",
        )
    assert info.checksums == {"CRC32": base64.b64encode(raw).decode() + mark}
