"""Messages about parcels, and what they are about: texts to classify and to find names in.

Layer: datasets (imports only ``errors``). Made from sentences of our own; every person, carrier
and place of business is invented. The first 30 texts of a seed are the same whether 30 or 3,000
are asked for.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTITY_LABELS", "TOPICS", "TextSet", "delivery_messages"]

TOPICS = ("late", "damaged", "lost", "praise")
ENTITY_LABELS = ("carrier", "place", "date", "person")
Ask = Literal["topic", "topics", "entities"]

_NAMES = {
    "carrier": ("Kivi Cargo", "Norda Post", "Halo Express", "Brisk & Sons", "Ventra"),
    "place": ("Turku", "Oslo", "Tromsø", "Gdańsk", "Zürich", "São Martinho", "Łódź", "Ålesund"),
    "date": ("Monday", "last Friday", "12 May", "the 3rd of June", "2026-11-02", "Thursday"),
    "person": ("Aino", "Mr. Okafor", "Lucía", "Søren", "Frau Weiß", "Priya"),
}
_SENTENCES = {
    "late": (
        "My parcel from {carrier} was due on {date} and came three days after.",
        "{carrier} promised {date}; today it still sits in {place}.",
        "Two weeks from {place} to my door is far too slow, {person} said so as well.",
        "The driver rang on {date} to say that it would be late again. ⏰",
        "Still waiting. The tracking page has shown {place} since {date}.",
    ),
    "damaged": (
        "The box arrived with a hole in it and the cups inside were broken.",
        "{carrier} left the parcel in the rain, and everything in it was wet. ☔",
        "On {date} {person} opened it: the screen had a crack from corner to corner.",
        "Somebody in {place} must have dropped it, one side was crushed.",
        "The seal was torn when {carrier} handed it over on {date}.",
    ),
    "lost": (
        "It left {place} on {date} and nobody has seen it since.",
        "{carrier} says it was delivered to {person}, but nobody of that name lives here.",
        "The number you gave me leads to a parcel in {place} that is not mine.",
        "I asked {carrier} twice where it is and got no answer. 📦❓",
        "{person} looked in every shed in {place}; the parcel is gone.",
    ),
    "praise": (
        "{person} from {carrier} carried it up four floors, thank you! 🙏",
        "Ordered in {place} on {date}, here the next morning: well done.",
        "The {carrier} driver waited while I found my keys, very kind.",
        "Best delivery I ever had, and {person} even brought the pallet back. 😀",
        "Everything came whole and on time, many greetings from {place}.",
    ),
}
_OPENINGS = ("", "", "", "Hello, ", "Hi! ", "Good morning. ", "To whom it may concern: ", "Hei, ")
_CLOSINGS = ("", "", "", " Please look into it.", " Best regards.", " Thanks.", " {person}")
_SLOT = re.compile(r"\{(\w+)\}")
_SECOND_TOPIC = 0.4


@dataclass(frozen=True, slots=True)
class TextSet:
    """Texts and the truth about them.

    Parameters
    ----------
    texts : tuple of str
        No text occurs twice.
    categories : tuple of str
        What workers choose from, in ``class_id`` order.
    truth : mapping of text to truth
        A label, a list of labels, or a list of entities (``label, startOffset, endOffset``; offsets
        count code points, the end is exclusive).
    """

    texts: tuple[str, ...]
    categories: tuple[str, ...]
    truth: Mapping[str, Any]


def delivery_messages(*, count: int = 30, seed: int = 0, ask: Ask = "topic") -> TextSet:
    """Write messages of people who wait for parcels.

    Parameters
    ----------
    count : int >= 1
    seed : int >= 0
        The same seed gives the same texts, whatever is asked of them.
    ask : {"topic", "topics", "entities"}
        Which truth comes along: what a message is about first, all that it is about, or the names
        in it.

    Returns
    -------
    TextSet

    Raises
    ------
    ValidationError
        If a number lies outside its range or ``ask`` is none of these.
    """
    if count < 1 or seed < 0 or ask not in {"topic", "topics", "entities"}:
        raise ValidationError(
            f"count must be >= 1, seed >= 0 and ask one of topic, topics, entities; found {count}, "
            f"{seed} and {ask!r}"
        )
    truth: dict[str, Any] = {}
    number = 0
    while len(truth) < count:
        text, topics, entities = _message(number, seed)
        number += 1
        if text in truth:
            text, entities = _numbered(text, entities, number)
        known = {"topic": topics[0], "topics": topics, "entities": entities}
        truth[text] = known[ask]
    categories = ENTITY_LABELS if ask == "entities" else TOPICS
    return TextSet(tuple(truth), categories, truth)


def _message(number: int, seed: int) -> tuple[str, list[str], list[dict[str, Any]]]:
    """One message: one sentence, or two about different things."""
    rng = random.Random(f"messages/{seed}/{number}")
    topics = [TOPICS[number % len(TOPICS)]]
    if rng.random() < _SECOND_TOPIC:
        topics.append(rng.choice([topic for topic in TOPICS if topic != topics[0]]))
    sentences = " ".join(rng.choice(_SENTENCES[topic]) for topic in topics)
    text, entities = _filled(rng.choice(_OPENINGS) + sentences + rng.choice(_CLOSINGS), rng)
    return text, topics, entities


def _filled(sentence: str, rng: random.Random) -> tuple[str, list[dict[str, Any]]]:
    """Fill the slots of a sentence, and note where each name stands."""
    text, position, entities = "", 0, list[dict[str, Any]]()
    for slot in _SLOT.finditer(sentence):
        text += sentence[position : slot.start()]
        name = rng.choice(_NAMES[slot[1]])
        span = {"startOffset": len(text), "endOffset": len(text) + len(name)}
        entities.append({"label": slot[1], **span})
        text += name
        position = slot.end()
    return text + sentence[position:], entities


def _numbered(
    text: str, entities: list[dict[str, Any]], number: int
) -> tuple[str, list[dict[str, Any]]]:
    """Tell a message that was written before from the first: its order number stands in front."""
    front = f"Order {number}: "
    moved = [
        entity
        | {"startOffset": entity["startOffset"] + len(front)}
        | {"endOffset": entity["endOffset"] + len(front)}
        for entity in entities
    ]
    return front + text, moved
