"""The speech service: recognition and voice for Home Assistant, without a model download.

A Wyoming server. `grammar` makes a grammar of sentence templates and a home's names,
`recognition` finds the command in audio and tells when it is over, `voice` speaks.
English only; no dictation.
"""
