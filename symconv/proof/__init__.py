"""Proofs: the verdict and the ways to reach one."""
