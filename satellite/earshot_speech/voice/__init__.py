"""The voice: espeak-ng always, Piper where a voice is installed."""
