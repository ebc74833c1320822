"""The air gap: whole houses in namespaces without a way out, every program of theirs traced."""
