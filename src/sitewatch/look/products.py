"""The products that the desk knows how to load: whose sensor they are of, on what grid, with which layers beside."""

from __future__ import annotations

from dataclasses import dataclass

from sitewatch.records import Sensor

SCL, QA_PIXEL, ST_QA = "scl", "qa_pixel", "st_qa"
"""Names of the quality layers in a chip."""
QUALITY = {SCL: 0, QA_PIXEL: 1, ST_QA: -9999}
"""Each quality layer with the number that it holds where there is no data."""


@dataclass(frozen=True)
class Product:
    """One kind of product of one sensor."""

    name: str
    sensor: Sensor
    pixel_m: float
    """Side of a pixel of the grid that it is loaded onto, metres."""
    quality: tuple[str, ...]
    """Layers that are loaded beside the bands, whole numbers that are names or flags."""
    scale: float
    """Quantity per count where the item states no scale."""
    offset: float
    """Quantity of count 0 where the item states no offset."""
    resampling: str
    """How bands are brought onto the grid where the source's grid differs; on the same grid pixels are copied."""


SENTINEL_2 = Product("Sentinel-2 Level-2A", "optical", 10.0, (SCL,), 1e-4, 0.0, "cubic")
LANDSAT = Product("Landsat Collection 2 surface reflectance", "landsat", 30.0, (QA_PIXEL,), 2.75e-5, -0.2, "cubic")
HEAT = Product(
    "Landsat Collection 2 surface temperature", "thermal", 30.0, (QA_PIXEL, ST_QA), 0.00341802, 149.0, "bilinear"
)
NIGHT_HEAT = Product(
    "Landsat Collection 2 Level-1 thermal band", "thermal_night", 30.0, (QA_PIXEL,), 1.0, 0.0, "bilinear"
)
"""Counts, which become brightness temperature by the constants of the scene's own metadata."""
RADAR = Product("Sentinel-1 terrain-corrected gamma0", "radar", 10.0, (), 1.0, 0.0, "bilinear")
"""Floating point, linear power or dB."""
