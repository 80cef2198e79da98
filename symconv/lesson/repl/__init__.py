"""Blocks as Python: the calls that show in a REPL or a notebook what a block shows on the page."""
