"""Showing: printers for LaTeX and for figures. They print what they are given; they know no geometry."""
