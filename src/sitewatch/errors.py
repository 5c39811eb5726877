"""All errors of the package, under one base; each message says what is wrong, where, and what would mend it."""


class SitewatchError(Exception):
    """Base of every error that the package raises on purpose."""


class InputError(SitewatchError):
    """The case or a file that the analyst gave is wrong (exit status 2)."""


class ServiceError(SitewatchError):
    """An outside service failed after retries; what was got is kept (exit status 3)."""


class LedgerError(SitewatchError):
    """The ledger does not hold, or cannot be read (exit status 1)."""
