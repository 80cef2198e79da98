"""A lesson as something else than a page of a site: a notebook, a LaTeX document, a single file of HTML."""
