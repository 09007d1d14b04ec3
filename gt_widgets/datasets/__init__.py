"""Data to label, made on the spot: photographs with the logos of fictional brands.

Layer: datasets (imports only ``errors``).
"""

from __future__ import annotations

from gt_widgets.datasets.brands import BRANDS, Brand
from gt_widgets.datasets.logos import LogoSet, brand_logos, logo_pictures

__all__ = ["BRANDS", "Brand", "LogoSet", "brand_logos", "logo_pictures"]
