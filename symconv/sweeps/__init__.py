"""Sweeps: one task over any number of geometries, in this process, on the cores here, or on a cluster."""
