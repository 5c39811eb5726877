"""The four verbs over one case folder: where files, the clock and the network come in, and what is new is recorded."""

from sitewatch.verbs.bench import Bench
from sitewatch.verbs.checking import verify_case
from sitewatch.verbs.outcome import Outcome, Progress, silent

__all__ = ["Bench", "Outcome", "Progress", "silent", "verify_case"]
