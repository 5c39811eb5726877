from __future__ import annotations

import pytest

from sitewatch.errors import InputError
from sitewatch.look import MonitorSettings


@pytest.mark.parametrize("windows", [(), (2, 4), (1,)])
def test_windows_that_one_look_could_decide_are_refused(windows):
    with pytest.raises(InputError, match=r"windows .*each 3 or more"):
        MonitorSettings(windows=windows)
