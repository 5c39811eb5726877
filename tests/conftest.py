"""What several tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party data; tests skip where it is absent (bench/README.md tells where to get it)."""
    folder = Path(os.environ.get("SITEWATCH_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"needs third-party data at {folder}; set SITEWATCH_SHARED (see bench/README.md)")
    return folder
