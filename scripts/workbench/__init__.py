"""What set-up, test and lint need before anything is installed: standard library only."""
