"""What Home Assistant holds in memory of what was said.

None of this is public: each look says so itself when it does not find what it knows, and then the
place is "could not check", never clean.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from typing import Any, Final, cast

from homeassistant.components.assist_pipeline import DOMAIN as ASSIST_PIPELINE
from homeassistant.components.conversation import DOMAIN as CONVERSATION
from homeassistant.components.intent import DOMAIN as INTENT
from homeassistant.components.tts import DOMAIN as TTS
from homeassistant.core import HomeAssistant, callback

from .finding import Finding
from .matcher import Matcher
from .model import Why
from .places import Key

_MAX_DEPTH: Final = 40
_TRIES: Final = 3

type Look = Callable[[HomeAssistant], Sequence[Any]]
"""Takes a copy of what there is, in the event loop; the copy is searched elsewhere."""


@callback
def _pipeline_runs(hass: HomeAssistant) -> Sequence[Any]:
    from homeassistant.components.assist_pipeline.runtime import (  # noqa: PLC0415 - not public
        KEY_ASSIST_PIPELINE,
    )

    data = hass.data[KEY_ASSIST_PIPELINE]
    return [
        [event.data for event in run.events]
        for runs in data.pipeline_debug.values()
        for run in runs.values()
    ]


@callback
def _chat_logs(hass: HomeAssistant) -> Sequence[Any]:
    from homeassistant.components.conversation.chat_log import (  # noqa: PLC0415 - not public
        DATA_CHAT_LOGS,
    )
    from homeassistant.components.conversation.trace import (  # noqa: PLC0415 - not public
        async_get_traces,
    )

    logs = hass.data.get(DATA_CHAT_LOGS, {})
    return [
        *(log.as_dict() for log in logs.values()),
        *(trace.as_dict() for trace in async_get_traces()),
    ]


@callback
def _recognised_texts(hass: HomeAssistant) -> Sequence[Any]:
    from homeassistant.components.conversation.agent_manager import (  # noqa: PLC0415 - not public
        get_agent_manager,
    )

    agent = cast("Any", get_agent_manager(hass).default_agent)
    return [key.text for key in agent._intent_cache.cache]  # noqa: SLF001 - not public


@callback
def _timers(hass: HomeAssistant) -> Sequence[Any]:
    from homeassistant.components.intent.const import TIMER_DATA  # noqa: PLC0415 - not public

    return [
        (timer.name, timer.conversation_command) for timer in hass.data[TIMER_DATA].timers.values()
    ]


@callback
def _traces(hass: HomeAssistant) -> Sequence[Any]:
    return [trace for bucket in hass.data["trace"].values() for trace in bucket.all_traces()]


@callback
def _log_lines(hass: HomeAssistant) -> Sequence[Any]:
    return list(hass.data["system_log"].records.to_list())


@callback
def _spoken_answers(hass: HomeAssistant) -> Sequence[Any]:
    from homeassistant.components.tts.const import DATA_TTS_MANAGER  # noqa: PLC0415 - not public

    return list(hass.data[DATA_TTS_MANAGER].mem_cache)


@callback
def _states(hass: HomeAssistant) -> Sequence[Any]:
    return [(state.state, state.attributes) for state in hass.states.async_all()]


LOOKS: Final[Mapping[Key, tuple[str, Look]]] = {
    Key.PIPELINE_RUNS: (ASSIST_PIPELINE, _pipeline_runs),
    Key.CHAT_LOGS: (CONVERSATION, _chat_logs),
    Key.RECOGNISED_TEXTS: (CONVERSATION, _recognised_texts),
    Key.TIMERS: (INTENT, _timers),
    Key.TTS_MEMORY: (TTS, _spoken_answers),
    Key.TRACE_MEMORY: ("trace", _traces),
    Key.LOG_MEMORY: ("system_log", _log_lines),
    Key.STATES: ("homeassistant", _states),
}
"""What is looked at, and the component that would hold it; one that is not set up holds nothing."""


@callback
def copy(hass: HomeAssistant, key: Key) -> Sequence[Any] | Why:
    """Return what Home Assistant holds in a place, or why that cannot be told."""
    component, look = LOOKS[key]
    if component not in hass.config.components:
        return ()
    try:
        return look(hass)
    except Exception:  # noqa: BLE001 - whatever changed there, it is no answer
        return Why.CHANGED


def search(values: Sequence[Any], matcher: Matcher) -> Finding:
    """Search a copy, in a thread."""
    finding = Finding()
    for value in values:
        for attempt in range(_TRIES):
            try:
                found = [matcher.count(text.encode(errors="replace")) for text in texts(value)]
            except Exception:  # noqa: BLE001 - what is still being written changes meanwhile
                if attempt == _TRIES - 1:
                    finding.why = Why.CHANGED
                continue
            for hits in found:
                finding.hits += hits
            break
    return finding


def texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield every text in a value, however deep; raises `RecursionError` beyond reason."""
    if depth > _MAX_DEPTH:
        raise RecursionError
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif value is not None and not isinstance(value, (bool, int, float)):
        for part in _parts(value):
            yield from texts(part, depth + 1)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return (part for item in value.items() for part in item)
    if isinstance(value, (Sequence, Set)):
        return value
    if is_dataclass(value):
        return (getattr(value, each.name) for each in fields(value))
    for method in ("as_extended_dict", "as_dict"):
        if hasattr(value, method):
            return (getattr(value, method)(),)
    return (str(value),)
