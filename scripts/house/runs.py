"""What Home Assistant remembers of its last pipeline runs (ten, in memory)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .client import Client


@dataclass
class Run:
    """One run of the pipeline; times are seconds of the wall clock."""

    started: float
    transcript: str | None = None
    transcript_at: float | None = None
    intent_at: float | None = None
    reply_text: str = ""
    acknowledged: bool = False
    """The reply is Home Assistant's acknowledge sound instead of words."""

    tts_at: float | None = None
    error: str = ""
    error_at: float | None = None
    ended: bool = False
    targets: list[str] = field(default_factory=list)


async def last_run(client: Client, satellite: str, since: float) -> Run | None:
    """Return a satellite's newest run that began after a wall clock time."""
    newest: tuple[float, str, str] | None = None
    listing = await client.command("assist_pipeline/pipeline/list")
    for pipeline in listing["pipelines"]:
        runs = await client.command(
            "assist_pipeline/pipeline_debug/list", pipeline_id=pipeline["id"]
        )
        for run in runs["pipeline_runs"]:
            begun = wall(run["timestamp"])
            if begun < since:
                continue
            key = (begun, pipeline["id"], run["pipeline_run_id"])
            if await _is_of(client, key, satellite) and (newest is None or key > newest):
                newest = key
    return _read(newest[0], await _events(client, newest)) if newest else None


def wall(timestamp: str) -> float:
    """Return an ISO time as seconds of the wall clock."""
    return datetime.fromisoformat(timestamp).timestamp()


async def _events(client: Client, key: tuple[float, str, str]) -> list[dict[str, Any]]:
    answer = await client.command(
        "assist_pipeline/pipeline_debug/get", pipeline_id=key[1], pipeline_run_id=key[2]
    )
    events: list[dict[str, Any]] = answer["events"]
    return events


async def _is_of(client: Client, key: tuple[float, str, str], satellite: str) -> bool:
    return any(
        event["type"] == "run-start" and event["data"].get("satellite_id") == satellite
        for event in await _events(client, key)
    )


def _read(started: float, events: list[dict[str, Any]]) -> Run:
    run = Run(started)
    for event in events:
        at, data = wall(event["timestamp"]), event["data"] or {}
        match event["type"]:
            case "stt-end":
                run.transcript, run.transcript_at = data["stt_output"]["text"], at
            case "intent-end":
                run.intent_at = at
                response = data["intent_output"]["response"]
                run.reply_text = response.get("speech", {}).get("plain", {}).get("speech", "")
                succeeded = response.get("data", {}).get("success", [])
                run.targets = [target["name"] for target in succeeded if target["type"] != "area"]
            case "tts-start":
                run.acknowledged = bool(data.get("acknowledge_override"))
            case "tts-end":
                run.tts_at = at
            case "error":
                run.error, run.error_at = data["code"], at
            case "run-end":
                run.ended = True
    return run
