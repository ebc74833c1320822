"""The figures and how they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .figures import Measured, percentile

_ENDINGS = ("terminal", "extendable", "incomplete")


def figures_of(measured: Sequence[Measured]) -> dict[str, Any]:
    """Return the flat figures of the turns; times are of commands that nothing can follow."""
    terminal = [item for item in measured if item.ending == "terminal"]
    light = _known(item.to_light for item in terminal)
    reply = _known(item.to_reply for item in terminal)
    listening = _known(item.to_listening for item in measured)
    cut = _known(item.head_cut for item in measured)
    return {
        "turns": len(measured),
        "turns_right": sum(item.turn.right for item in measured),
        "wrong_actions": sum(len(item.turn.wrong) for item in measured),
        "speech_end_to_light_ms_p50": _rounded(percentile(light, 0.5)),
        "speech_end_to_light_ms_p95": _rounded(percentile(light, 0.95)),
        "speech_end_to_reply_ms_p50": _rounded(percentile(reply, 0.5)),
        "speech_end_to_reply_ms_p95": _rounded(percentile(reply, 0.95)),
        "wake_end_to_listening_ms_p50": _rounded(percentile(listening, 0.5)),
        "head_cut_ms_max": _rounded(max(cut, default=None)),
        "captures_compared": len(cut),
    }


def print_report(
    measured: Sequence[Measured], figures: Mapping[str, Any], extra: Mapping[str, Any]
) -> None:
    """Print everything that was measured."""
    print("\nFrom the end of speech, ms (median / p95, n), by how the end of the command was known")
    for ending in _ENDINGS:
        group = [item for item in measured if item.ending == ending]
        light = _known(item.to_light for item in group)
        reply = _known(item.to_reply for item in group)
        print(f"  {ending:<11} light {_spread(light)}   reply {_spread(reply)}")
    print("\nWhat went wrong, by stage")
    bad = [item for item in measured if not item.turn.right]
    for item in bad:
        order = item.turn.order
        print(f"  {order.room} {order.voice} “{order.command}”: {item.turn.faults}")
    if not bad:
        print("  nothing")
    for when in ("idle", "talking"):
        print(f"\nPrograms, {when}: CPU seconds an hour, PSS and RSS in MiB")
        for name, values in extra[when].items():
            print(
                f"  {name:<18} {values['cpu_s_per_h']:>6} {values['pss_mib']:>6} "
                f"{values['rss_mib']:>6}"
            )
    print()
    for key, value in {**figures, **{k: v for k, v in extra.items() if k.endswith("_s")}}.items():
        print(f"  {key:<34} {value}")
    print("\nThe voices are synthetic: this shows speed and that the parts fit, not accuracy.")


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _spread(values: Sequence[float]) -> str:
    if not values:
        return f"{'-':>22}"
    middle, high = percentile(values, 0.5), percentile(values, 0.95)
    return f"{middle:>6.0f} / {high:>6.0f} ({len(values):>2})"
