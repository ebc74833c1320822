"""Tests of the dashboard's cards."""
