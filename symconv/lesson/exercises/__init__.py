"""Exercises with blanks: one module for each family of kinds, and a line in ``catalogue``."""
