"""The second factor of whoever asks."""

from typing import Any, Final

import probatio as vol

from ..audit import Verb
from . import fields
from .ask import Ask
from .commands import command
from .errors import ApiError


@command("second_factor", {vol.Required("token"): fields.code})
async def second_factor(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Take a one-time password; it holds for this session, for the seconds that are returned.

    It is called `token` because Home Assistant keeps what is called so out of its logs.
    """
    user_id, session = ask.demand_person(), ask.demand_session()
    factor = ask.api.second_factor
    try:
        await factor.async_give(user_id, session, message["token"])
    except ApiError as err:
        if err.code != "second_factor_missing":
            ask.api.refusals.note(ask.asker, None, "second_factor_wrong")
        raise
    try:
        await ask.write(Verb.UNLOCKED, None, detail="second_factor")
    except Exception:
        factor.close(session)
        raise
    return {"seconds": factor.left_s(session)}


COMMANDS: Final = (second_factor,)
