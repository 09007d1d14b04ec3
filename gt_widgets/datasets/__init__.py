"""Data to label, made on the spot: photographs with logos of fictional brands, and messages.

Layer: datasets (imports only ``errors``).
"""

from __future__ import annotations

from gt_widgets.datasets.brands import BRANDS, Brand
from gt_widgets.datasets.logos import LogoSet, brand_logos, logo_pictures
from gt_widgets.datasets.messages import TextSet, delivery_messages

__all__ = [
    "BRANDS",
    "Brand",
    "LogoSet",
    "TextSet",
    "brand_logos",
    "delivery_messages",
    "logo_pictures",
]
