"""What a Wyoming client is told about the service."""

from __future__ import annotations

from importlib import metadata

from wyoming.info import AsrModel, AsrProgram, Attribution, Info, TtsProgram, TtsVoice

from .voice.speaker import About


def version() -> str:
    """Return the version of the room programs."""
    try:
        return metadata.version("earshot-satellite")
    except metadata.PackageNotFoundError:
        return "0"


def info(voice: About) -> Info:
    """Describe recognition and voice."""
    earshot = Attribution(name="Earshot", url="https://github.com/earshot-voice/earshot")
    sphinx = Attribution(name="CMU Sphinx", url="https://github.com/cmusphinx/pocketsphinx")
    return Info(
        asr=[
            AsrProgram(
                name="earshot",
                description="Spoken commands of a home, English",
                attribution=earshot,
                installed=True,
                version=version(),
                models=[
                    AsrModel(
                        name="pocketsphinx-en-us",
                        description="PocketSphinx en-US with the grammar of the home (BSD)",
                        attribution=sphinx,
                        installed=True,
                        version=metadata.version("pocketsphinx"),
                        languages=["en"],
                    )
                ],
            )
        ],
        tts=[
            TtsProgram(
                name="earshot",
                description="Reply voice, English",
                attribution=earshot,
                installed=True,
                version=version(),
                voices=[
                    TtsVoice(
                        name=voice.name,
                        description=f"{voice.description} ({voice.licence})",
                        attribution=Attribution(name=voice.name, url=voice.source),
                        installed=True,
                        version=None,
                        languages=["en"],
                    )
                ],
            )
        ],
    )
