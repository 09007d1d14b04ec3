"""Pages of a bucket: order, prefixes, delimiters, resuming."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.engine.objects import (
    ObjectInfo,
)
from gt_widgets.engine.objects.listing import list_page, successor


def test_keys_come_in_the_order_of_their_utf8_bytes(store):
    keys = ["a", "Z", "é", "\U0001f600", "\uff5e", "a/b", "a.b", "a0"]  # UTF-16 would swap two
    for key in keys:
        store.put("logos", key, b"")
    assert [info.key for info in store.list("logos")] == sorted(keys, key=str.encode)


def test_a_common_prefix_costs_one_seek_however_many_keys_it_hides(store):
    info = store.put("logos", "z", b"")
    with store._index.writing():
        for n in range(2000):
            store._index.set_object(type(info)("logos", f"deep/{n}", 0, "", 0.0))
    taken = []

    def scan(low, high):
        for one in store._index.scan("logos", low, high):
            taken.append(one.key)
            yield one

    page = list_page(scan, prefix="", delimiter="/", after="", limit=10)
    assert page.common_prefixes == ("deep/",)
    assert taken == ["deep/0", "z"]


@given(
    keys=st.sets(st.text("ab/é\U0010ffff", min_size=1, max_size=5)),
    prefix=st.text("ab/", max_size=2),
    delimiter=st.sampled_from(["", "/", "ab", "\U0010ffff"]),
    limit=st.integers(1, 4),
)
def test_pages_together_are_the_whole_listing(keys, prefix, delimiter, limit):
    ordered = sorted(keys, key=str.encode)
    plain = [
        k
        for k in ordered
        if k.startswith(prefix) and not (delimiter and delimiter in k[len(prefix) :])
    ]
    groups = [
        k[: k.index(delimiter, len(prefix)) + len(delimiter)]
        for k in ordered
        if delimiter and k.startswith(prefix) and delimiter in k[len(prefix) :]
    ]
    found, found_groups, after = [], [], ""
    for _ in range(len(keys) + 1):
        page = list_page(
            model_scan(ordered), prefix=prefix, delimiter=delimiter, after=after, limit=limit
        )
        assert len(page.objects) + len(page.common_prefixes) <= limit
        found += [info.key for info in page.objects]
        found_groups += page.common_prefixes
        if not (after := page.next_after):
            break
    assert (found, found_groups) == (plain, list(dict.fromkeys(groups)))
    assert after == ""


def model_scan(keys):
    def scan(low, high):
        for key in keys:
            if low <= key.encode() and (high is None or key.encode() < high):
                yield ObjectInfo("logos", key, 0, "", 0.0)

    return scan


@given(st.binary(max_size=4), st.binary(max_size=6))
def test_the_successor_of_a_prefix_divides_those_below_it_from_the_rest(prefix, other):
    after = successor(prefix)
    if other.startswith(prefix):
        assert after is None or other < after
    elif after is not None and other > prefix:
        assert other >= after
