"""Runs Shouwang and its peers on loopback: used by deploy/quickstart and by the tests."""
