"""Begin a case: write a folder with a commented case file that loads as it is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from sitewatch.case.load import CASE_FILE
from sitewatch.errors import InputError

_LOOKS = (
    "site,acquired,published,publisher,provider,resolution_m,observable,result,"
    "p_detect_lo,p_detect_hi,p_false_lo,p_false_hi,note,redistributable\n"
)


def new_case(folder: Path) -> Path:
    """Write `case.toml`, an empty `reports/` and an empty table `looks/looks.csv`; return the case file.

    What lies in the folder already stays as it is. The case file comes last: a case is there whole or not at all.

    Raises:
        InputError: there is a case already, or the folder cannot be written.
    """
    file = folder / CASE_FILE
    if file.exists():
        raise InputError(f"{file}: there is a case already; name another folder, or move this one away")
    try:
        (folder / "reports").mkdir(parents=True, exist_ok=True)
        table = folder / "looks" / "looks.csv"
        table.parent.mkdir(exist_ok=True)
        if not table.exists():
            table.write_text(_LOOKS, encoding="utf-8")
        part = folder / f".{CASE_FILE}.part"
        part.write_bytes((files("sitewatch.case") / "template.toml").read_bytes())
        part.replace(file)
    except OSError as error:
        raise InputError(f"{folder}: no case can be written here: {error}") from error
    return file
