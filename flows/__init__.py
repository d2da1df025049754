"""Recipes over the stages: one flow per file, and the command line."""
