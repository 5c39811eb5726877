"""What is planted into past passes to see whether the monitor would notice: reflectances by band, and what fits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sitewatch.errors import InputError
from sitewatch.look.baseline import Bools, Floats

Material = str | Mapping[str, float]
"""A name of MATERIALS, or what is added in each band that changes."""

_COLOURS = ("blue", "green", "red", "nir", "swir16", "swir22")
ABSOLUTE: dict[str, dict[str, float]] = {
    "bare": dict(zip(_COLOURS, (0.09, 0.13, 0.17, 0.25, 0.33, 0.28), strict=True)),
    "bright_roof": dict(zip(_COLOURS, (0.32, 0.34, 0.36, 0.38, 0.36, 0.32), strict=True)),
    "dark_roof": dict(zip(_COLOURS, (0.07, 0.08, 0.09, 0.11, 0.13, 0.12), strict=True)),
}
"""Ground that takes the place of what was there: typical reflectances, rounded, of dry soil, painted metal or concrete,
and bitumen. They are assumptions of this package; a case's own material is given as {band: change}."""
ADDED: dict[str, dict[str, float]] = {
    "vegetation_lost": dict(zip(_COLOURS, (0.01, 0.01, 0.03, -0.1, 0.06, 0.05), strict=True)),
    "vehicles": dict.fromkeys(_COLOURS, 0.12),
}
"""What is added to the ground; vehicles stand on a third of the pixels, on others at each pass."""
MATERIALS = (*ABSOLUTE, *ADDED)
ALIKE = {"coastal": "blue", "rededge": "red", "rededge071": "red", "rededge075": "nir", "rededge078": "nir",
         "nir08": "nir", "nir09": "nir", "pan": "green", "yellow": "green"}  # fmt: skip
"""Bands that take the reflectance of a neighbour."""
STANDING = 1 / 3
"""Share of the pixels on which a vehicle stands."""


def change(material: Material, bands: tuple[str, ...], ground: Floats) -> Floats:
    """What a material that covers pixels wholly adds to a pass.

    Args:
        material: by name or as {band: change}.
        bands: of the cube.
        ground: (y, x, band), the pass as it is.

    Returns:
        (y, x, band), NaN where unseen.

    Raises:
        InputError: the material or a band of it is unknown, or none of the cube's bands shows it.
    """
    if isinstance(material, str):
        table = ABSOLUTE.get(material) or ADDED.get(material)
        if table is None:
            raise InputError(
                f"material {material!r} is unknown; there are {', '.join(MATERIALS)}, or give {{band: change}}"
            )
        values = [table.get(ALIKE.get(band, band), np.nan) for band in bands]
        if not np.isfinite(values).any():
            raise InputError(
                f"{material} is known as reflectance in {', '.join(_COLOURS)}, and the cube has {', '.join(bands)}; "
                "give the change as {band: change}"
            )
    else:
        unknown = sorted(set(material) - set(bands))
        if unknown or not material:
            raise InputError(f"the cube has no band {', '.join(unknown)}; it has {', '.join(bands)}")
        values = [float(material.get(band, 0)) for band in bands]
        if not np.isfinite(values).all():
            raise InputError(f"a change must be finite in every band; found {dict(material)}")
    spectrum = np.array(values, np.float32)
    replaces = isinstance(material, str) and material in ABSOLUTE
    added = spectrum - ground if replaces else np.where(np.isfinite(ground), spectrum, np.float32(np.nan))
    return np.where(np.isfinite(spectrum) | ~np.isfinite(ground), added, np.float32(0)).astype(np.float32)


def fits(material: Material, bands: tuple[str, ...], usual: Floats) -> Bools:
    """(y, x): ground that a material can change: vegetation can only be lost where there is some.

    Args:
        material: as above.
        bands: of the cube.
        usual: (y, x, band), the ground at its greenest.
    """
    if material != "vegetation_lost" or not {"red", "nir"} <= set(bands):
        return np.asarray(np.isfinite(usual).all(2))
    red, nir = (usual[..., bands.index(band)] for band in ("red", "nir"))
    return np.asarray((nir - red) / np.maximum(nir + red, 1e-6) > 0.4)
