"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from sitewatch.errors import ServiceError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name, bring it to disk, and give it its name.

    Raises:
        ServiceError: it could not be written; what was there before is still there.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ServiceError(
            f"{path}: it could not be written: {error.strerror}; make room or mend its rights"
        ) from error
