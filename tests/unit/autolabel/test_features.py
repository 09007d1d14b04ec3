import io
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from gt_widgets.autolabel.features import (
    FeatureCache,
    ImageFeatures,
    OnnxEmbedder,
    SentenceFolder,
    TextFeatures,
    embed_cached,
    reduce_rows,
)
from gt_widgets.autolabel.features.fisher import FisherVectors
from gt_widgets.autolabel.features.gradients import gradient_cells
from gt_widgets.autolabel.features.grams import BUCKETS, plain, word_and_piece_counts
from gt_widgets.autolabel.features.images import thumbnail
from gt_widgets.autolabel.folds import group_by_difference_hash, group_by_text, grouped_folds
from gt_widgets.errors import ImageError, ModelFileError, ValidationError


def stripes(n=40, seed=0):
    """Half horizontal, half vertical stripes, of random colours and phases."""
    rng = np.random.default_rng(seed)
    pictures = []
    for number in range(n):
        wave = np.sin(np.arange(48) / 3 + rng.uniform(0, 6)) * 80 + 128
        plane = np.tile(wave[:, None], (1, 48)) if number % 2 else np.tile(wave, (48, 1))
        pictures.append((plane[..., None] * rng.uniform(0.5, 1, 3)).astype(np.uint8))
    return pictures


@pytest.fixture(scope="module")
def learned():
    return ImageFeatures(words=16).learn(stripes())


def test_stripes_of_one_direction_are_nearer_to_each_other(learned):
    rows = learned.embed(stripes(seed=1))
    assert rows.shape == (40, learned.dim)
    same = np.linalg.norm(rows[0] - rows[2::2], axis=1).mean()
    other = np.linalg.norm(rows[0] - rows[1::2], axis=1).mean()
    assert same < 0.8 * other


def test_a_row_does_not_depend_on_its_batch(learned):
    pictures = stripes(6)
    alone = np.concatenate([learned.embed([picture]) for picture in pictures])
    assert np.allclose(alone, learned.embed(pictures), atol=1e-5)


def test_files_and_pixels_give_the_same_thumbnail():
    pixels = stripes(1)[0]
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    assert np.array_equal(thumbnail(out.getvalue()), thumbnail(pixels))


@pytest.mark.parametrize("body", [b"", b"GIF89a broken", b"\x89PNG\r\n\x1a\n torn"])
def test_what_is_no_picture_is_refused(body):
    with pytest.raises(ImageError):
        thumbnail(body)


def with_a_mark(turned, at, seed):
    """A bright bar on noise: upright or lying, somewhere in the picture."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 60, (64, 64, 3), dtype=np.uint8)
    tall, wide = (6, 24) if turned else (24, 6)
    picture[at : at + tall, at : at + wide] = 230
    return picture


def test_a_part_is_known_wherever_it_lies():
    corners = [with_a_mark(turned, at, at) for turned in (False, True) for at in range(2, 38, 3)]
    pixels = np.stack(corners).astype(np.float32) / 255
    rows = FisherVectors("gradients").learn(pixels, np.random.default_rng(0)).embed(pixels)
    whole = rows[:, : rows.shape[1] // 4]
    upright, lying = whole[:12], whole[12:]
    assert np.mean(upright[:6] @ upright[6:].T) > np.mean(upright @ lying.T)


def test_a_plain_picture_has_features_too():
    black = np.zeros((40, 40), dtype=np.uint8)
    rows = ImageFeatures(words=4).learn([black, black]).embed([black, stripes(1)[0]])
    assert np.isfinite(rows).all()


def test_the_same_pictures_teach_the_same():
    twice = [ImageFeatures(words=4, seed=3).learn(stripes(12)) for _ in range(2)]
    assert twice[0].id == twice[1].id
    assert np.array_equal(*(found.embed(stripes(2)) for found in twice))


def test_a_signed_gradient_tells_dark_to_light_from_light_to_dark():
    ramp = np.tile(np.linspace(0, 1, 16, dtype=np.float32), (16, 1))
    both = np.repeat(np.stack([ramp, 1 - ramp])[..., None], 3, axis=3)
    signed = gradient_cells(both, cell=16, orientations=4, signed=True)[:, 0, 0]
    unsigned = gradient_cells(both, cell=16, orientations=4, signed=False)[:, 0, 0]
    assert signed.argmax(axis=1).tolist() == [0, 2]
    assert unsigned.argmax(axis=1).tolist() == [0, 0]


def test_features_must_learn_before_they_embed():
    with pytest.raises(ValidationError, match="learn"):
        ImageFeatures().embed(stripes(1))
    with pytest.raises(ValidationError, match="learn"):
        TextFeatures().embed(["a"])


def test_texts_of_one_topic_are_nearer():
    texts = [
        "refund my card payment",
        "card payment refund please",
        "parcel late courier",
        "the courier brought a late parcel",
    ] * 5
    rows = TextFeatures(columns=4).learn(texts).embed(texts)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
    assert rows[2] @ rows[3] > rows[1] @ rows[3]


@pytest.mark.parametrize("texts", [[""], ["", "!!"], ["one"], ["zażółć gęślą", "日本 語"]])
def test_odd_texts_have_features_too(texts):
    rows = TextFeatures().learn(texts).embed([*texts, "never seen"])
    assert np.isfinite(rows).all()


def test_words_of_one_stem_and_slips_of_the_pen_are_near():
    texts = ["refunded at once", "refunds att once", "parcel lost", "the parcels were lost"] * 5
    rows = TextFeatures(columns=4).learn(texts).embed(["refunding", "parcell", "refund", "parcels"])
    assert rows[0] @ rows[2] > rows[0] @ rows[3]
    assert rows[1] @ rows[3] > rows[1] @ rows[2]


def test_languages_without_spaces_are_told_apart_by_pieces():
    texts = ["返金をお願いします", "返金はいつですか", "荷物が届きません", "荷物はどこですか"] * 5
    rows = TextFeatures(columns=4).learn(texts).embed(["返金してください", "荷物が来ない", *texts])
    assert rows[0] @ rows[2] > rows[0] @ rows[4]
    assert rows[1] @ rows[4] > rows[1] @ rows[2]


def test_case_width_and_links_do_not_matter():
    assert plain("Order 17: \uff2cATE!") == plain("order 17: late!")
    assert plain("see https://a.example/1?x=2") == plain("see www.b.example") == ["see", "httplink"]


def test_pieces_stay_within_words():
    assert word_and_piece_counts(["ab"]).sum() == 1 + 3 + 2 + 1  # the word; " a" "ab" "b " ...
    counts = word_and_piece_counts(["ab cd", "ab", "cd"])[:, BUCKETS:].toarray()
    assert np.array_equal(counts[0], counts[1] + counts[2])


class Counting:
    id, dim = "lengths-1", 2

    def __init__(self):
        self.embedded = 0

    def embed(self, items):
        self.embedded += len(items)
        return np.array([[len(item), 1] for item in items], dtype=np.float32)


def test_an_object_is_embedded_once_ever(tmp_path):
    embedder, cache = Counting(), FeatureCache(tmp_path)
    items = [b"a" * n for n in range(1, 30)]
    first = embed_cached(embedder, items, cache=cache, batch=7)
    again = embed_cached(embedder, [*items, b"new"], cache=cache, batch=4)
    assert embedder.embedded == 30
    assert np.array_equal(first, again[:29])


def test_a_damaged_cache_entry_is_made_anew(tmp_path):
    embedder, cache = Counting(), FeatureCache(tmp_path)
    embed_cached(embedder, [b"abc"], cache=cache)
    cache.path(embedder.id, b"abc").write_bytes(b"x")
    assert embed_cached(embedder, [b"abc"], cache=cache).tolist() == [[3, 1]]


def test_an_executor_gives_the_same_rows_in_order():
    items = [b"a" * n for n in range(100)]
    told = []
    with ThreadPoolExecutor(2) as executor:
        rows = embed_cached(
            Counting(),
            items,
            executor=executor,
            batch=5,
            progress=lambda done, total: told.append((done, total)),
        )
    assert rows[:, 0].tolist() == list(range(100))
    assert told[-1] == (100, 100)


def test_fewer_columns_keep_distances():
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(50, 3)) @ rng.normal(size=(3, 40))).astype(np.float32)
    short = reduce_rows(rows, columns=10)
    assert short.shape[1] <= 10
    assert np.linalg.norm(short[0] - short[1]) == pytest.approx(
        np.linalg.norm(rows[0] - rows[1]), rel=1e-3
    )


def test_copies_of_a_picture_share_a_group_and_a_fold():
    pictures = np.random.default_rng(0).integers(0, 255, (20, 32, 32), dtype=np.uint8)
    twice = np.concatenate([pictures, np.clip(pictures.astype(int) + 1, 0, 255)])
    groups = group_by_difference_hash(twice)
    assert (groups[:20] == groups[20:]).mean() > 0.8
    folds = grouped_folds(np.zeros(40, int), groups, folds=5, rng=np.random.default_rng(0))
    assert all(len(set(folds[groups == g])) == 1 for g in groups)
    assert np.bincount(folds).min() >= 4


def test_texts_that_differ_in_case_and_numbers_share_a_group():
    groups = group_by_text(["Order 12 is LATE!", "order 7 is late", "order is early"])
    assert groups[0] == groups[1] != groups[2]


def test_classes_are_spread_evenly_over_folds():
    labels = np.repeat([0, 1], [40, 10])
    folds = grouped_folds(labels, np.arange(50), folds=5, rng=np.random.default_rng(0))
    assert [int((folds[labels == 1] == f).sum()) for f in range(5)] == [2] * 5


@pytest.mark.parametrize(
    "sidecar", [None, "[]", "{}", json.dumps({"size": 99999, "mean": [0, 0, 0], "std": [1, 1, 1]})]
)
def test_a_backbone_without_a_good_sidecar_is_refused(sidecar, tmp_path):
    if sidecar is not None:
        (tmp_path / "m.onnx.json").write_text(sidecar)
    with pytest.raises(ModelFileError, match="expected"):
        OnnxEmbedder(tmp_path / "m.onnx")


def test_a_folder_without_safe_weights_is_refused(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelFileError, match="safetensors"):
        SentenceFolder(tmp_path)
