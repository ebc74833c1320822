"""Makes the satellite, or the speech service, start with the machine, with little power there."""
