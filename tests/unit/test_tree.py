"""A bucket as a tree of text."""

from __future__ import annotations

from gt_widgets.tree import Tree


def test_folders_show_what_they_hold_and_files_their_size_and_time():
    tree = Tree(
        [("out/job/b.json", 1500, 86400.0), ("in.manifest", 90, 0.0), ("out/a.txt", 5, 0.0)],
        title="s3://demo/",
    )
    assert repr(tree).splitlines() == [
        "s3://demo/  3 objects, 1.6 kB",
        "├── in.manifest  90 B  1970-01-01 00:00",
        "└── out/  2 objects, 1.5 kB",
        "    ├── a.txt  5 B  1970-01-01 00:00",
        "    └── job/  1 object, 1.5 kB",
        "        └── b.json  1.5 kB  1970-01-02 00:00",
    ]


def test_an_empty_tree_says_so():
    assert repr(Tree([], title="s3://demo/")) == "s3://demo/  0 objects, 0 B"


def test_a_part_of_the_tree_can_be_looked_at():
    tree = Tree([("out/a", 1, 0.0), ("in", 1, 0.0)], title="s3://demo/").under("out/")
    assert (tree.title, [e.key for e in tree]) == ("s3://demo/out/", ["a"])


def test_a_long_tree_ends_in_what_is_not_shown():
    tree = Tree([(f"{i:03d}", 1, 0.0) for i in range(50)], max_lines=10)
    assert repr(tree).splitlines()[-1].startswith("... 41 more lines")
    assert len(tree) == 50


def test_a_name_cannot_draw_lines_of_its_own():  # X02
    text = repr(Tree([("a\n└── b\x1b[2J", 1, 0.0)]))
    assert len(text.splitlines()) == 2
    assert "\x1b" not in text


def test_a_key_of_a_thousand_slashes_is_still_shown():
    assert "1 object" in repr(Tree([("/" * 1023 + "x", 1, 0.0)]))


def test_markup_stays_text_and_nothing_else_is_offered_to_the_page():  # X02
    tree = Tree([("<img src=x onerror=alert(1)>", 1, 0.0)])
    assert "<img src=x" in repr(tree)
    assert not hasattr(tree, "_repr_html_")


def test_sizes_are_written_in_the_unit_that_reads_best():
    sizes = [999, 1000, 40_000_000, 7_000_000_000]
    text = repr(Tree([(str(i), size, 0.0) for i, size in enumerate(sizes)]))
    assert all(words in text for words in ("999 B", "1.0 kB", "40.0 MB", "7.0 GB"))
