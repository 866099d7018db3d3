"""Patches on their way into a tree, and the specs that they are about."""
