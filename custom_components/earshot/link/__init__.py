"""The connections to satellites and to the speech service."""
