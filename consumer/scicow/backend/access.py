"""Whether SciCow can write to the catalogue, for /ready: tests the rights at the start, the token later."""

import logging

from scicow.backend.permissions import check_rights, missing_rights
from scicow.errors import ScicowError
from scicow.scicat.client import ScicatClient
from scicow.settings.catalogue import IngestSettings
from scifish.common.log_once import LogOnce
from sdm.errors import SdmError

logger = logging.getLogger(__name__)


class Access:
    """Tests the account's rights until it has them; then asks now and then whether SciCat knows its token."""

    def __init__(self, scicat: ScicatClient, settings: IngestSettings) -> None:
        self._scicat = scicat
        self._settings = settings
        self._trouble: str | None = "the account's rights in SciCat are being tested"
        self._allowed = False
        self._once = LogOnce(logger)

    def check(self) -> None:
        """Test the rights once more, or the token when they were found to be there. Raises CatalogueError."""
        try:
            if self._allowed:
                self._scicat.session.whoami()
            else:
                self._test()
        except (ScicowError, SdmError) as error:
            self._trouble = str(error)
            raise
        if self._allowed:
            self._trouble = None

    def trouble(self) -> str | None:
        """Return why nothing can be written to SciCat, None if it can."""
        return self._trouble or self._scicat.session.tokens.trouble()

    def _test(self) -> None:
        missing = [right.advice for right in missing_rights(check_rights(self._scicat, self._settings))]
        self._trouble = "; ".join(missing) or None
        self._allowed = not missing
        if missing:
            self._once.report("; ".join(missing), "rights missing", reasons=missing)
