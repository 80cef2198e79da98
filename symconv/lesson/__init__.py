"""Lessons: the author's block, what it renders to, the Python-Markdown extension, and new pages."""
