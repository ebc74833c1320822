"""A clean Debian, made from nothing, in which Earshot is installed as its README says."""
