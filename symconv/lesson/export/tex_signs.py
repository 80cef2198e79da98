r"""Signs beyond ASCII as LaTeX: no font has them all, so a document declares what those in it are set as."""

import unicodedata

_MATHEMATICS = {
    "×": r"\times",
    "÷": r"\div",
    "−": "-",
    "·": r"\cdot",
    "∞": r"\infty",
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "≈": r"\approx",
    "→": r"\to",
    "⊙": r"\odot",
    "⊗": r"\otimes",
    "Σ": r"\Sigma",
    "∑": r"\sum",
    "√": r"\surd",
    "ℤ": r"\mathbb{Z}",
    "µ": r"\mu",
    "μ": r"\mu",
    "ω": r"\omega",
    "π": r"\pi",
    "ᵀ": r"{}^{\mathsf T}",
    "½": r"\tfrac12",
    "¼": r"\tfrac14",
    "∈": r"\in",
    "←": r"\leftarrow",
    "⌊": r"\lfloor",
    "⌋": r"\rfloor",
    "⌈": r"\lceil",
    "⌉": r"\rceil",
    "∘": r"\circ",
    "∗": r"\ast",
    "∀": r"\forall",
    "∂": r"\partial",
    "±": r"\pm",
    "⇒": r"\Rightarrow",
    "⋯": r"\cdots",
    "⋮": r"\vdots",
}
_TEXT = {
    "…": r"\ldots{}",
    "–": "--",
    "—": "---",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "°": r"\textdegree{}",
    "§": r"\S{}",
    "\u00a0": "~",
    "\u0302": r"\^{}",
    "\u0304": r"\={}",
}
_END_OF_LATIN = "\u0180"  # of the letters of European languages, such as ø, which have no plain one in them


def declared(text: str) -> str:
    r"""The lines of a preamble that declare the signs of a document.

    Examples:
        >>> print(declared("3×4 ≤ ⁻² à"), end="")
        \newunicodechar{²}{\ensuremath{{}^{2}}}
        \newunicodechar{×}{\ensuremath{\times}}
        \newunicodechar{⁻}{\ensuremath{{}^{-}}}
        \newunicodechar{≤}{\ensuremath{\le}}
    """
    signs = sorted({sign for sign in text if ord(sign) > 126})
    return "".join(f"\\newunicodechar{{{sign}}}{{{made}}}\n" for sign in signs if (made := _made(sign)))


def _made(sign: str) -> str:
    """The LaTeX of a sign; nothing for a letter that the fonts have."""
    if sign in _TEXT:
        return _TEXT[sign]
    if sign in _MATHEMATICS:
        return rf"\ensuremath{{{_MATHEMATICS[sign]}}}"
    plain = unicodedata.normalize("NFKD", sign).replace("−", "-")
    kind = unicodedata.decomposition(sign).partition(" ")[0]
    if kind in ("<super>", "<sub>") and plain.isascii():
        return rf"\ensuremath{{{{}}{'^' if kind == '<super>' else '_'}{{{plain}}}}}"
    if unicodedata.category(sign).startswith("L") and (plain[0].isascii() or sign < _END_OF_LATIN):
        return ""
    return plain if plain.isascii() and plain.isalnum() else r"\textbf{?}"
