"""Files that mean harm: names, archives, XML, YAML, run lengths."""

import json
import zipfile

import numpy as np
import pytest

from gt_widgets.errors import FormatError
from gt_widgets.exchange import (
    Labeled,
    Names,
    export_labels,
    import_coco,
    import_voc,
    import_yolo,
    unpack,
    yolo_categories,
)
from gt_widgets.exchange.masks import decode_segmentation, read_mask
from gt_widgets.exchange.places import inside

CLIMBING = ["../x.png", "/etc/passwd", "a/../../x", "..\\x", "C:\\x", "a\x00b", "", "."]


@pytest.mark.parametrize("name", CLIMBING)
def test_a_name_that_leaves_its_folder_is_refused(name, tmp_path):
    with pytest.raises(FormatError):
        inside(tmp_path, name)
    coco = {"images": [{"id": 1, "file_name": name, "width": 1, "height": 1}], "categories": []}
    (tmp_path / "coco.json").write_text(json.dumps(coco))
    with pytest.raises(FormatError):
        import_coco(tmp_path / "coco.json")


def test_a_link_that_leads_out_of_a_folder_is_not_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "out").symlink_to(tmp_path)
    with pytest.raises(FormatError, match="leads out"):
        inside(tmp_path / "in", "out/x.png")


def test_sources_of_any_name_are_exported_below_the_folder(tmp_path):
    sources = [
        "s3://b/..",
        "s3://b/...",
        "s3://b/x/..\\..\\y.png",
        "s3://b/",
        "s3://b/con.png",
        "s3://b/A.png",
        "s3://b/a.PNG",
        "s3://b/" + "é\n" * 300 + ".png",
    ]
    objects = [Labeled(source, "boxes", width=9, height=9) for source in sources]
    place = tmp_path / "deep" / "er"
    for form in ("coco", "voc", "yolo", "huggingface"):
        export_labels({"train": objects}, place / form, form, read=lambda source: b"x")
    assert list(tmp_path.iterdir()) == [tmp_path / "deep"]
    assert list((tmp_path / "deep").iterdir()) == [place]
    names = [path.name for path in (place / "coco" / "train").iterdir()]
    assert len({name.casefold() for name in names}) == len(sources)
    assert all(not name.startswith(".") and len(name) < 255 for name in names)


@pytest.mark.parametrize("name", ["../x", "a/b", ".."])
def test_a_set_cannot_be_named_like_a_path_out(name, tmp_path):
    objects = [Labeled("s3://b/a.png", "boxes", width=9, height=9)]
    place = tmp_path / "in"
    for form in ("coco", "voc", "yolo", "csv"):
        try:
            export_labels({name: objects}, place, form)
        except FormatError:
            continue
    assert list(tmp_path.iterdir()) in ([], [place])


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members:
            out.writestr(name, data)
    return path


def test_an_archive_that_climbs_links_or_explodes_is_refused_and_writes_nothing(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    bombs = {
        "climbs": [("ok.txt", b"x"), ("../evil.txt", b"x")],
        "links": [("ok.txt", b"x"), (link, b"/etc/passwd")],
        "explodes": [("ok.txt", b"x"), ("zeros", b"\0" * (50 << 20))],
        "is large": [(f"{i}.bin", np.random.default_rng(i).bytes(30 << 10)) for i in range(5)],
    }
    for name, members in bombs.items():
        with pytest.raises(FormatError):
            unpack(
                make_zip(tmp_path / f"{name}.zip", members), tmp_path / "out", most_bytes=100 << 10
            )
    assert not (tmp_path / "out").exists()
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(FormatError, match="cannot be unpacked"):
        unpack(tmp_path / "no.zip", tmp_path / "out")


def test_an_honest_archive_is_unpacked(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("a/b.txt", b"x"), ("c.md", b"y")])
    found = unpack(path, tmp_path / "out", wanted=lambda name: name.endswith(".txt"))
    assert [p.relative_to(tmp_path / "out").as_posix() for p in found] == ["a/b.txt"]


FINE = "<annotation><filename>a.png</filename><size><width>9</width><height>9</height></size>{}</annotation>"
BOX = "<object><name>a</name><bndbox><xmin>{}</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox></object>"
# complete files, so that nothing but the document type can be what is refused
NAMED = FINE.format("").replace("a.png", "&b;.png")
BOMB = """<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>""" + NAMED
OUTSIDE = """<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>""" + NAMED
HARMLESS = "<!DOCTYPE annotation>" + FINE.format("")


@pytest.mark.parametrize(
    "text",
    [BOMB, OUTSIDE, HARMLESS, "<annotation>", "", FINE.format("").replace("a.png", "../a.png"),
     FINE.format("").replace("<width>9", "<width>9.5"), FINE.format(BOX.format("nan")),
     FINE.format(BOX.format("x")), FINE.format("<object/>"), FINE.format("").replace("size", "sizes")],
)  # fmt: skip
def test_xml_with_entities_or_without_its_parts_is_refused(text, tmp_path):
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(FormatError, match=r"a\.xml"):
        import_voc([tmp_path / "a.xml"])


def test_a_label_that_xml_cannot_hold_is_refused_on_export(tmp_path):
    from gt_widgets.exchange import Box

    each = Labeled("s3://b/a.png", "boxes", width=9, height=9, boxes=(Box("a\x07", 1, 1, 2, 2),))
    with pytest.raises(FormatError, match="XML cannot hold"):
        export_labels({"train": [each]}, tmp_path, "voc")


@pytest.mark.parametrize(
    "text",
    [
        "names: !!python/object/apply:os.system ['x']",
        "names: 3",
        "a: 1",
        "names: [[1]]",
        "names: {1: a}",
        "[",
        "names: [a: b]",
    ],
)
def test_yaml_that_is_no_list_of_names_is_refused(text, tmp_path):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(FormatError, match="names"):
        yolo_categories(tmp_path / "data.yaml")


@pytest.mark.parametrize(
    "line",
    ["0 1 2 3", "9 .5 .5 .1 .1", "-1 .5 .5 .1 .1", "a b c d e", "0 nan .5 .1 .1", "0 1 2 3 4 5 6"],
)
def test_a_yolo_line_that_is_no_box_is_refused_with_its_number(line, tmp_path):
    (tmp_path / "a.txt").write_text(f"0 .5 .5 .1 .1\n\n{line}\n")
    with pytest.raises(FormatError, match=r"a\.txt line 3"):
        import_yolo({"a.png": tmp_path / "a.txt"}, categories=["x"], size_of=lambda name: (9, 9))


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [4, 5], "counts": [30]},
        {"size": [4, 5], "counts": [-10, 30]},
        {"size": [4, 5], "counts": "o" * 50},
        {"size": [4, 5], "counts": "0\x00"},
        {"size": [4, 5], "counts": "d1"},
        {"size": [9999999, 9999999], "counts": [1]},
        {"size": [4, 5]},
        [[0, 0, 1e9, 0, 1e9, 1e9]],
        [[0, 0, float("nan"), 0, 1, 1]],
        [[0, 0, 1]],
        [],
        "x",
    ],
)
def test_a_segmentation_that_does_not_fit_its_image_never_reaches_the_decoder(segmentation):
    with pytest.raises(FormatError):
        decode_segmentation(segmentation, width=5, height=4, where="test")


def test_an_image_beyond_a_hundred_million_pixels_is_not_drawn():
    with pytest.raises(FormatError, match="too large"):
        decode_segmentation([[0, 0, 1, 0, 1, 1]], width=20_000, height=20_000, where="test")


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 30])
def test_a_mask_that_is_no_png_is_refused(data):
    with pytest.raises(FormatError, match="not a PNG mask"):
        read_mask(data, {}, "s3://out/0.png")


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"images":[]}', '{"images":[{"id":1}],"categories":[]}',
     '{"images":[],"categories":[{"id":1,"name":"a"},{"id":2,"name":"a"}]}',
     '{"images":[],"categories":[],"annotations":[{"image_id":5}]}',
     '{"images":[{"id":1,"file_name":"a","width":-1,"height":2}],"categories":[]}', "[" * 100_000],
)  # fmt: skip
def test_json_that_is_no_coco_file_is_refused(text, tmp_path):
    (tmp_path / "coco.json").write_text(text)
    with pytest.raises(FormatError, match=r"coco\.json"):
        import_coco(tmp_path / "coco.json")


def test_names_are_given_once_whatever_their_case():
    names = Names()
    assert [names.of(s) for s in ("s3://a/x.jpg", "s3://b/X.png", "s3://c/x.jpg")] == [
        "x.jpg",
        "X-2.png",
        "x-3.jpg",
    ]
