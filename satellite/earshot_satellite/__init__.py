"""The room program: hears a wake word, carries one command to Home Assistant, plays the answer."""
