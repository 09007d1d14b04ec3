"""Data sets of the benchmark: features, classes and groups of near-duplicates.

Digits come with scikit-learn, the texts about services with botocore; fashion pictures and blood
cells from files named on the command line; the other texts and points are made here from a seed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from gt_widgets.autolabel.features import ImageFeatures, TextFeatures, reduce_rows
from gt_widgets.autolabel.features.images import thumbnail
from gt_widgets.autolabel.folds import group_by_difference_hash, group_by_text

TOPICS = {
    "billing": "invoice charged refund payment card receipt twice amount tax total",
    "delivery": "parcel courier late tracking address arrived doorstep shipped van depot",
    "returns": "return exchange size wrong label box send back replacement warranty",
    "account": "password login email locked profile verify username reset delete code",
    "technical": "app crash update screen error button freeze install battery version",
    "praise": "thanks great lovely helpful quick friendly happy perfect excellent love",
}
FILLER = [
    "the",
    "a",
    "my",
    "i",
    "we",
    "it",
    "to",
    "of",
    "and",
    "for",
    "with",
    "this",
    "that",
    "was",
    "is",
    "are",
    "have",
    "had",
    "please",
    "today",
    "yesterday",
    "again",
    "still",
    "order",
    "item",
    "customer",
    "number",
    "just",
    "very",
    "really",
    "can",
    "you",
    "about",
    "from",
]


@dataclass(frozen=True)
class World:
    """``x`` (n, d), ``y`` (n,), ``groups`` (n,)."""

    name: str
    x: np.ndarray
    y: np.ndarray
    groups: np.ndarray

    def cut(self, seed: int, size: int | None = None) -> World:
        """Shuffled by seed, at most ``size`` objects."""
        order = np.random.default_rng([seed, 99]).permutation(len(self.y))[:size]
        return World(self.name, self.x[order], self.y[order], self.groups[order])


def digits() -> World:
    from sklearn.datasets import load_digits

    data = load_digits()
    return _pictures("digits", (data.images * 15.9).astype(np.uint8), data.target)


def fashion(path: str) -> World:
    with np.load(path, allow_pickle=False) as data:
        return _pictures("fashion", data["x"], data["y"])


def _pictures(name: str, pictures: np.ndarray, y: np.ndarray) -> World:
    features = ImageFeatures().learn(list(pictures))
    x = reduce_rows(features.embed(list(pictures)))
    large = pictures.repeat(2, axis=1).repeat(2, axis=2) if pictures.shape[1] < 16 else pictures
    return World(name, x, np.asarray(y, dtype=np.intp), group_by_difference_hash(large))


def texts(n: int = 2_000, seed: int = 5) -> World:
    """Support messages: words of one topic, of a second one, and filler."""
    rng = np.random.default_rng(seed)
    words = [line.split() for line in TOPICS.values()]
    y = rng.choice(len(words), n, p=[0.3, 0.22, 0.18, 0.14, 0.1, 0.06])
    lines = []
    for topic in y:
        other = rng.integers(0, len(words))
        own = list(rng.choice(words[topic], rng.integers(1, 5)))
        stray = list(rng.choice(words[other], rng.integers(0, 3)))
        line = own + stray + list(rng.choice(FILLER, rng.integers(5, 14)))
        rng.shuffle(line)
        lines.append(" ".join(line))
    return World("texts", TextFeatures().learn(lines).embed(lines), y, group_by_text(lines))


SERVICES = ("ec2", "s3", "iam", "rds", "dynamodb", "lambda", "sagemaker", "cloudwatch")


def services(n: int = 1_200, seed: int = 8) -> World:
    """Real texts, of botocore: the AWS service that an operation's description belongs to.

    At most 250 of each service, the first 400 characters.
    """
    from botocore.session import get_session

    session, rng = get_session(), np.random.default_rng(seed)
    lines, y = [], []
    for number, name in enumerate(SERVICES):
        operations = session.get_service_model(name)
        found = sorted(
            {operations.operation_model(one).documentation for one in operations.operation_names}
        )
        plain = [" ".join(re.sub(r"<[^>]+>", " ", text).split())[:400] for text in found]
        plain = [plain[i] for i in rng.permutation(len(plain))[:250]]
        lines += [text for text in plain if len(text) > 40]
        y += [number] * sum(len(text) > 40 for text in plain)
    order = rng.permutation(len(y))[:n]
    lines = [lines[i] for i in order]
    x = TextFeatures().learn(lines).embed(lines)
    return World("services", x, np.array(y)[order], group_by_text(lines))


def cells(folder: str) -> World:
    """Blood cells cut out of real photographs, one of a kind from each; the class is the kind."""
    import io
    import json
    import zipfile
    from pathlib import Path

    from PIL import Image

    rng, kinds = np.random.default_rng(9), ("RBC", "WBC", "Platelets")
    cut, y = [], []
    with zipfile.ZipFile(Path(folder) / "images_jpg.zip") as photographs:
        names = {Path(name).stem: name for name in photographs.namelist()}
        for row in json.loads((Path(folder) / "boxes.json").read_text(encoding="utf-8")):
            body = photographs.read(names[Path(row["image"]).stem])
            photograph = Image.open(io.BytesIO(body)).convert("RGB")
            for number, kind in enumerate(kinds):
                boxes = [one["box"] for one in row["objects"] if one["label"] == kind]
                boxes = [box for box in boxes if box[2] - box[0] > 9 and box[3] - box[1] > 9]
                if boxes:
                    box = boxes[rng.integers(len(boxes))]
                    cut.append(thumbnail(np.asarray(photograph.crop(box))))
                    y.append(number)
    return _pictures("cells", np.stack(cut), np.array(y))


def points(n: int = 2_000, seed: int = 6, spread: float = 1.15) -> World:
    """Eight overlapping clouds in 20 dimensions: some objects cannot be told apart by anyone."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 8, n)
    centres = rng.normal(0, 1, (8, 20)) * 0.9
    x = centres[y] + rng.normal(0, spread, (n, 20))
    return World("points", x.astype(np.float32), y, np.arange(n))


def imbalanced(seed: int) -> World:
    """Points of eight classes, the largest 50 times as frequent as the smallest."""
    world = points(9_000, spread=0.9)
    share = np.geomspace(1, 1 / 50, 8)[world.y]
    keep = np.random.default_rng([seed, 21]).random(len(world.y)) < share
    return World("imbalance 1:50", world.x[keep], world.y[keep], world.groups[keep]).cut(
        seed, 1_500
    )


def duplicated(seed: int) -> World:
    """A third of the points are copies of others, with a little noise."""
    world = points(1_000, spread=0.9).cut(seed)
    rng = np.random.default_rng([seed, 22])
    copy = rng.integers(0, 1_000, 500)
    x = np.concatenate([world.x, world.x[copy] + rng.normal(0, 0.01, (500, 20))]).astype(np.float32)
    groups = np.concatenate([np.arange(1_000), copy])
    return World("a third copies", x, np.concatenate([world.y, world.y[copy]]), groups)


def shifted(seed: int) -> World:
    """The second half is another camera: its features are moved and stretched."""
    world = points(1_500, spread=0.9).cut(seed)
    x = world.x.copy()
    x[750:] = x[750:] * 1.2 + np.random.default_rng([seed, 23]).normal(0, 0.6, 20)
    return World("second half shifted", x.astype(np.float32), world.y, world.groups)


def late(seed: int) -> World:
    """Class 7 is not among the first 300, whose labels are known before the job."""
    world = points(1_800, spread=0.9).cut(seed)
    early = np.flatnonzero(world.y != 7)[:300]
    order = np.concatenate([early, np.setdiff1d(np.arange(1_800), early)])[:1_500]
    return World("a class appears late", world.x[order], world.y[order], world.groups[order])


def easy(seed: int) -> World:
    """Points that are clearer than those of the other tables."""
    return points(1_500, spread=0.9).cut(seed)
