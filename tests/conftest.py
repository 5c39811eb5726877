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


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo after the whole job on both bundled cases; tests read it and leave it as it is."""
    from sitewatch.samples import run_demo

    out = tmp_path_factory.mktemp("demo")
    run_demo(out)
    return out
