"""What the API answers when it does not do what was asked."""

from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..policy.access import AccessVerdict


class ApiError(HomeAssistantError):
    """Something was not done; `code` says why, to programs and as the key of its text."""

    def __init__(self, code: str, **placeholders: str) -> None:
        super().__init__(
            translation_domain=DOMAIN, translation_key=code, translation_placeholders=placeholders
        )
        self.code = code


class RefusedError(ApiError):
    """The asker may not. Whoever names what does not exist is answered in the same words."""

    def __init__(self, verdict: AccessVerdict) -> None:
        super().__init__(verdict.told)
        self.verdict = verdict
