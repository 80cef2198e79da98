"""The experiments that ``scripts/bench.py`` runs, and what becomes of their numbers."""
