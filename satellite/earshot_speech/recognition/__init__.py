"""From audio to a command, and to knowing when it is over."""
