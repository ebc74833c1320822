"""One spoken command, from the wake word to the end of the reply."""
