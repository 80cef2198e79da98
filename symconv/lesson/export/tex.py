r"""A lesson as a LaTeX document that stands alone: one file, and the packages that every TeX has."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urljoin

from symconv.lesson.export.document import Document
from symconv.lesson.export.figures import Figures
from symconv.lesson.export.markdown_text import in_paragraphs, is_note, note_body, note_title
from symconv.lesson.export.tex_signs import declared
from symconv.lesson.export.tree import Node
from symconv.lesson.layer_block import LayerBlock

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "{}$&#%_"},
}
_ESCAPE = re.compile("[" + re.escape("".join(_ESCAPED)) + "]")
_SPACES = re.compile(r"[ \t\r\n]+")
_LEFT_OUT = frozenset(("script", "style", "template", "button", "noscript", "select", "option", "label"))
_LEFT_OUT_CLASSES = frozenset(
    ("symconv-source", "symconv-choice", "footnote-backref", "headerlink", "symconv-notebook")
)
_HEADINGS = {"h2": "section", "h3": "subsection", "h4": "subsubsection", "h5": "paragraph", "h6": "paragraph"}
_COMMANDS = {
    "em": "emph",
    "i": "emph",
    "strong": "textbf",
    "b": "textbf",
    "mark": "textbf",
    "code": "texttt",
    "kbd": "texttt",
    "sup": "textsuperscript",
    "sub": "textsubscript",
    "small": "note",
}
_INSTEAD = {"br": r"\newline ", "input": r"\underline{\hspace{2em}}"}  # a blank to be filled in
_WIDEST = 60  # letters of a cell beyond which its column gets no wider
_NARROWEST = 6

_PREAMBLE = r"""% Written by symconv. Needs nothing but the usual packages: pdflatex, xelatex or lualatex.
\documentclass[11pt,a4paper]{article}
\usepackage[margin=25mm]{geometry}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
\fi
\usepackage{lmodern}
\usepackage{amsmath,amssymb}
\usepackage{array,booktabs,longtable}
\usepackage[table]{xcolor}
\usepackage{graphicx}
\usepackage{fancyvrb}
\usepackage{textcomp}
\usepackage{newunicodechar}
\usepackage[colorlinks=true,allcolors=blue]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\setcounter{secnumdepth}{0}
\sloppy
\newcommand{\note}[1]{\,{\scriptsize #1}}
\providecommand{\lt}{<} % as KaTeX and MathJax have it
\providecommand{\gt}{>}
% A formula of a figure, made smaller where it is wider than the page.
\newsavebox{\formulabox}
\newcommand{\fitted}[1]{\sbox{\formulabox}{$\displaystyle #1$}%
  \ifdim\wd\formulabox>\linewidth
    \par\noindent\resizebox{\linewidth}{!}{\usebox{\formulabox}}\par
  \else
    \par\noindent\hspace*{1em}\usebox{\formulabox}\par
  \fi}
"""


def tex(document: Document, figures: Figures, source: str = "") -> str:
    """The lesson as one file of LaTeX.

    Args:
        document: the lesson.
        figures: the blocks by the identity of the figure that shows them.
        source: the mark of the file that it is made from.
    """
    writer = _Writer(document.body, document.site.url, figures)
    body = "\n\n".join(writer.blocks(document.body))
    head = [
        rf"\title{{{escaped(document.title)}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
    ]
    text = "\n".join([*head, "", body, "", r"\end{document}", ""])
    comment = f"% {source}\n" if source else ""
    return f"{comment}{_PREAMBLE}{declared(text)}{text}"


def escaped(text: str) -> str:
    r"""Text in which nothing is a command.

    Examples:
        >>> escaped(r"100 % of \emph{x_1}")
        '100 \\% of \\textbackslash{}emph\\{x\\_1\\}'
    """
    return _ESCAPE.sub(lambda sign: _ESCAPED[sign[0]], text)


class _Writer:
    """Writes the blocks of a page."""

    def __init__(self, body: Node, base: str, figures: Figures) -> None:
        self.base = base
        self.products = {
            id(drawn): block.layer.latex("product")
            for node in body.walk()
            if id(node) in figures
            for drawn, block in zip(
                (n for n in node.walk() if n.tag == "symconv-figure"),
                (b for b in figures[id(node)] if isinstance(b, LayerBlock) and "figure" in b.show),
                strict=True,
            )
        }
        self.notes = {
            n.attributes["id"]: n for n in body.walk() if n.attributes.get("id", "").startswith("fn:")
        }

    def blocks(self, node: Node) -> Iterator[str]:
        """The paragraphs and so on that an element comes to."""
        if (
            node.tag in _LEFT_OUT
            or node.classes & _LEFT_OUT_CLASSES
            or "footnote" in node.classes
            or node.tag == "h1"
        ):
            return
        written: dict[str, Callable[[Node], str]] = {
            "ul": self._list,
            "ol": self._list,
            "pre": _verbatim,
            "table": self._table,
            "blockquote": self._quotation,
            "svg": self._picture,
            "hr": lambda _: r"\medskip\hrule\medskip",
            **dict.fromkeys(_HEADINGS, self._heading),
        }
        if node.tag in written:
            yield written[node.tag](node)
        elif id(node) in self.products:  # what the reader of a page points at, all at once
            yield f"\\fitted{{{self.products[id(node)]}}}"
        elif "arithmatex" in node.classes:
            yield _display(node)
        elif is_note(node):
            yield self._note(node)
        elif "hidden" in node.attributes:
            return  # a variant that the reader of a page would have to choose
        elif {"symconv-row", "symconv-then"} & node.classes and not _set(node):
            yield "\\quad\n".join(self._group(node))
        elif node.tag in ("", "div", "section", "figure", "figcaption", "dl", "article", "details"):
            yield from self._group(node)
        elif text := self.line(node):
            yield text

    def line(self, node: Node) -> str:
        """The text of an element."""
        return "".join(map(self._inline, node.children)).strip()

    def whole(self, node: Node) -> str:
        """All blocks in an element."""
        return "\n\n".join(self._group(node))

    def _group(self, node: Node) -> Iterator[str]:
        for child in in_paragraphs(node):
            for block in self.blocks(child):
                small = {"symconv-label", "symconv-given", "symconv-chosen"} & child.classes
                yield (
                    rf"{{\small {block}\par}}"
                    if small
                    else rf"\emph{{{block}}}"
                    if child.tag == "figcaption"
                    else block
                )

    def _inline(self, child: Node | str) -> str:
        if isinstance(child, str):
            return escaped(_SPACES.sub(" ", child))
        if child.tag in _LEFT_OUT or child.classes & _LEFT_OUT_CLASSES:
            return ""
        if "arithmatex" in child.classes:
            return rf"\({_formula(child)}\)"
        if child.tag == "sup" and (reference := child.first("a")) and "footnote-ref" in reference.classes:
            note = self.notes.get(reference.attributes.get("href", "#")[1:])
            return rf"\footnote{{{self.whole(note)}}}" if note is not None else ""
        if child.tag == "code":
            return rf"\texttt{{{escaped(child.text)}}}"
        inside = "".join(map(self._inline, child.children))
        if "symconv-tier" in child.classes:
            return f"({inside})"
        if child.tag in _COMMANDS and inside.strip():
            return rf"\{_COMMANDS[child.tag]}{{{inside}}}"
        if child.tag in _INSTEAD:
            return _INSTEAD[child.tag]
        if child.tag == "a":
            return self._link(child, inside)
        return self._picture(child) if child.tag in ("svg", "img") else inside

    def _link(self, node: Node, inside: str) -> str:
        address = node.attributes.get("href", "")
        if not re.match(r"[a-z][a-z0-9+.-]*:", address):
            page = re.sub(r"\.md(?=#|$)", ".html", address)
            address = urljoin(self.base, page) if self.base else ""
        safe = re.sub(r"([%#&{}\\])", r"\\\1", address)
        return rf"\href{{{safe}}}{{{inside}}}" if address else inside

    def _heading(self, node: Node) -> str:
        return rf"\{_HEADINGS[node.tag]}{{{self.line(node)}}}"

    def _note(self, node: Node) -> str:
        title = note_title(node)
        head = rf"\textbf{{{self.line(title)}}}\par " if title is not None and title.children else ""
        return f"\\begin{{quote}}\n{head}{self.whole(note_body(node))}\n\\end{{quote}}"

    def _quotation(self, node: Node) -> str:
        return f"\\begin{{quote}}\n{self.whole(node)}\n\\end{{quote}}"

    def _list(self, node: Node) -> str:
        kind = "itemize" if node.tag == "ul" else "enumerate"
        items = []
        for item in node.nodes:
            number = item.attributes.get("value", "")
            items.append(rf"\item{f'[{number}.]' if number else ''} {self.whole(item)}")
        return "\n".join([rf"\begin{{{kind}}}", *items, rf"\end{{{kind}}}"])

    def _picture(self, node: Node) -> str:
        words = node.attributes.get("aria-label") or node.attributes.get("alt", "")
        return rf"\emph{{[{escaped(words)}]}}" if words else ""

    def _table(self, node: Node) -> str:
        """A table of cells with rules, or one of words whose columns share the width of the page."""
        rows = [[c for c in row.nodes if c.tag in ("td", "th")] for row in node.walk() if row.tag == "tr"]
        width = max(map(len, rows), default=0)
        if not width:
            return ""
        drawn = "symconv-table" in node.classes
        lines = [" & ".join([*map(self._cell, row), *[""] * (width - len(row))]) + r" \\" for row in rows]
        if drawn:
            ruled = "".join(f"\\hline\n{line}\n" for line in lines) + "\\hline"
            return f"\\begin{{tabular}}{{|{'c|' * width}}}\n{ruled}\n\\end{{tabular}}"
        letters = [
            min(_WIDEST, max(_NARROWEST, *(len(row[k].text) if k < len(row) else 0 for row in rows)))
            for k in range(width)
        ]
        room = 0.98 - 0.02 * width
        columns = "".join(
            rf">{{\raggedright\arraybackslash}}p{{{room * n / sum(letters):.3f}\linewidth}}" for n in letters
        )
        caption = node.first("caption")
        heads = 1 if any(n.tag == "thead" for n in node.walk()) else 0
        top = (
            [rf"\multicolumn{{{width}}}{{l}}{{\emph{{{self.line(caption)}}}}} \\"]
            if caption is not None
            else []
        )
        rules = [
            *top,
            r"\toprule",
            *lines[:heads],
            *([r"\midrule"] if heads else []),
            *lines[heads:],
            r"\bottomrule",
        ]
        return "\n".join(["{\\small", rf"\begin{{longtable}}{{{columns}}}", *rules, r"\end{longtable}}"])

    def _cell(self, cell: Node) -> str:
        text = self.line(cell)
        if "symconv-marked" in cell.classes:
            return rf"\cellcolor{{orange!30}}\textbf{{{text}}}"
        if "symconv-padding" in cell.classes:
            return rf"\textcolor{{gray}}{{{text}}}"
        return text


def _set(node: Node) -> bool:
    """Whether there is mathematics in an element."""
    return any("arithmatex" in n.classes for n in node.walk())


def _formula(node: Node) -> str:
    """The LaTeX of an element of mathematics, without its delimiters and without empty lines."""
    text = node.text.strip()
    text = text[2:-2].strip() if text.startswith(("\\(", "\\[")) else text
    return re.sub(r"\n\s*\n", "\n", text)


def _display(node: Node) -> str:
    text = _formula(node)
    if node.tag == "span":
        return rf"\({text}\)"
    alone = re.match(r"\\begin\{(align|gather|equation|multline)\*?\}", text)
    return text if alone else f"\\fitted{{{text}}}"


def _verbatim(pre: Node) -> str:
    text = pre.text.rstrip().replace(r"\end{Verbatim}", r"\end {Verbatim}")
    return f"\\begin{{Verbatim}}[fontsize=\\footnotesize]\n{text}\n\\end{{Verbatim}}"
