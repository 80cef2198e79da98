"""The tree of a lesson as the Markdown of a notebook: what Jupyter shows, nothing that only a site knows."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urljoin

from symconv.lesson.export.tree import Node

_SPECIAL = re.compile(r"([\\`*_\[\]<$])")
_SPACES = re.compile(r"[ \t\r\n]+")
_MATHEMATICS = "arithmatex"
_LEFT_OUT = frozenset(("script", "style", "template", "button", "noscript"))
_LEFT_OUT_CLASSES = frozenset(("symconv-choice", "symconv-sources"))
_GROUPS = frozenset(("", "div", "section", "article", "main", "figure", "center"))
_INSTEAD = {"br": "<br>", "input": r"\_\_\_\_"}  # a blank to be filled in
SIGNS = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~"}


@dataclass
class MarkdownWriter:
    """Writes blocks of Markdown.

    Attributes:
        base: the address that links of the page count from; without one they are text.
        pictures: the drawings that were met, by the name under which the text refers to them.
    """

    base: str = ""
    pictures: dict[str, str] = field(default_factory=dict)

    def blocks(self, node: Node) -> Iterator[str]:
        """The paragraphs and so on that an element comes to, each complete."""
        if node.tag in _LEFT_OUT or "hidden" in node.attributes or node.classes & _LEFT_OUT_CLASSES:
            return
        if node.tag in _GROUPS or node.tag == "details":
            yield from self._group(node)
            return
        written = {
            "ul": self._list,
            "ol": self._list,
            "dl": self._definitions,
            "pre": fenced,
            "table": self._table,
            "blockquote": lambda quotation: quoted(self.whole(quotation)),
            "hr": lambda _: "---",
            "svg": self._picture,
            **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), self._heading),
        }
        if text := written.get(node.tag, self.line)(node):
            yield text

    def whole(self, node: Node) -> str:
        """All of an element's blocks."""
        return "\n\n".join(block for child in in_paragraphs(node) for block in self.blocks(child))

    def line(self, node: Node) -> str:
        """The text of an element, on one line."""
        return "".join(self._inline(child) for child in node.children).strip()

    def _heading(self, node: Node) -> str:
        return f"{'#' * int(node.tag[1])} {self.line(node)}"

    def _definitions(self, node: Node) -> str:
        lines = (f"**{self.line(n)}**  " if n.tag == "dt" else f"{self.line(n)}\n" for n in node.nodes)
        return "\n".join(lines).strip()

    def _group(self, node: Node) -> Iterator[str]:
        if _MATHEMATICS in node.classes:
            yield f"$$\n{formula(node)}\n$$"
        elif node.tag == "details" and "open" not in node.attributes:
            title = note_title(node)
            head = "" if title is None else f"<summary>{self.line(title)}</summary>"
            yield f"<details>{head}\n\n{self.whole(note_body(node))}\n\n</details>"
        elif is_note(node):
            yield quoted("\n\n".join(filter(None, (self.note_title(node), self.whole(note_body(node))))))
        elif "footnote" in node.classes:
            yield "\n\n".join(
                ["---", *(b for child in node.nodes if child.tag != "hr" for b in self.blocks(child))]
            )
        else:
            for child in in_paragraphs(node):
                yield from self.blocks(child)

    def note_title(self, node: Node) -> str:
        """The title of a note, in bold."""
        title = note_title(node)
        return f"**{self.line(title)}**" if title is not None and title.children else ""

    def _inline(self, child: Node | str) -> str:
        if isinstance(child, str):
            return _SPECIAL.sub(r"\\\1", _SPACES.sub(" ", child))
        if child.tag in _LEFT_OUT or "footnote-backref" in child.classes or "headerlink" in child.classes:
            return ""
        if _MATHEMATICS in child.classes:
            return f"${formula(child)}$"
        inside = "".join(self._inline(c) for c in child.children)
        if child.tag in SIGNS and inside.strip():
            return f"{SIGNS[child.tag]}{inside.strip()}{SIGNS[child.tag]}"
        if child.tag == "code":
            return code_span(child.text)
        if child.tag in ("sup", "sub", "kbd", "mark"):
            return f"<{child.tag}>{inside}</{child.tag}>"
        if child.tag in _INSTEAD:
            return _INSTEAD[child.tag]
        if child.tag == "a" and "footnote-ref" not in child.classes:
            return self._link(child, inside)
        if child.tag == "img":
            return f"![{child.attributes.get('alt', '')}]({self._address(child.attributes.get('src', ''))})"
        return self._picture(child) if child.tag == "svg" else inside

    def _link(self, node: Node, inside: str) -> str:
        address = self._address(node.attributes.get("href", ""))
        return f"[{inside}]({address})" if address else inside

    def _address(self, address: str) -> str:
        """An address that means something outside the site, or nothing."""
        if re.match(r"[a-z][a-z0-9+.-]*:", address):
            return address
        page = re.sub(r"\.md(?=#|$)", ".html", address)
        return urljoin(self.base, page) if self.base and page else ""

    def _list(self, node: Node) -> str:
        items = []
        for mark, item in list_items(node):
            tight = not any(n.tag == "p" for n in item.nodes)
            text = self.whole(item).replace(
                "\n\n", "\n" if tight and "$$" not in self.whole(item) else "\n\n"
            )
            items.append(mark + text.replace("\n", "\n" + " " * len(mark)))
        return re.sub(r"(?m)^ +$", "", "\n".join(items))

    def _table(self, node: Node) -> str:
        rows = [
            [
                self.line(cell).replace("\n", " ").replace("|", "\\|")
                for cell in row.nodes
                if cell.tag in ("td", "th")
            ]
            for row in node.walk()
            if row.tag == "tr"
        ]
        width = max(map(len, rows), default=0)
        rows = [row + [""] * (width - len(row)) for row in rows]
        caption = node.first("caption")
        if not any(n.tag == "thead" for n in node.walk()):
            rows.insert(0, [""] * width)
        lines = [f"| {' | '.join(row)} |" for row in rows]
        lines.insert(1, "|---" * width + "|")
        return (f"*{self.line(caption)}*\n\n" if caption is not None else "") + "\n".join(lines)

    def _picture(self, node: Node) -> str:
        name = f"figure-{len(self.pictures) + 1}.svg"
        self.pictures[name] = b64encode(markup(node).encode()).decode()
        words = node.attributes.get("aria-label", "").replace("]", "").replace("\n", " ")
        return f"![{words}](attachment:{name})"


_GROUPING = ("blockquote", "details", "div", "figcaption", "figure", "section", "symconv-figure")
_LISTING = ("dd", "dl", "dt", "li", "ol", "table", "ul")
BLOCKS = frozenset((*_GROUPING, *_LISTING, "h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "svg"))


def list_items(node: Node) -> Iterator[tuple[str, Node]]:
    """The items of a list, each with the mark that stands before it."""
    first = int(node.attributes.get("start", "1") or 1)
    for number, item in enumerate((n for n in node.nodes if n.tag == "li"), start=first):
        yield f"{number}. " if node.tag == "ol" else "- ", item


def in_paragraphs(node: Node) -> Iterator[Node]:
    """The children of an element, with text and what stands in a line with it gathered in paragraphs."""
    gathered: list[Node | str] = []
    for child in [*node.children, Node("end")]:
        if isinstance(child, str) or child.tag not in (*BLOCKS, "end"):
            gathered.append(child)
            continue
        if any(not isinstance(part, str) or part.strip() for part in gathered):
            yield Node("p", {}, gathered)
        gathered = []
        if child.tag != "end":
            yield child


def formula(node: Node) -> str:
    r"""The LaTeX of an element of mathematics, without its delimiters.

    Examples:
        >>> from symconv.lesson.export.tree import parse
        >>> formula(parse(r'<span class="arithmatex">\(x | y\)</span>'))
        'x \\vert y'
    """
    text = node.text.strip()
    text = text[2:-2].strip() if text.startswith(("\\(", "\\[")) else text
    return re.sub(r" *(?<!\\)\| *", r" \\vert ", text).strip() if node.tag == "span" or not node.tag else text


def code_span(text: str) -> str:
    """Code in a line, in as many backticks as it takes.

    Examples:
        >>> code_span("x"), code_span("`")
        ('`x`', '`` ` ``')
    """
    longest = max(map(len, re.findall("`+", text)), default=0)
    marks, room = "`" * (longest + 1), " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{room}{text}{room}{marks}"


def language(pre: Node) -> str:
    """The language of a program, as far as the page says it."""
    names = [name for name in pre.classes if name.startswith("language-")]
    return names[0].removeprefix("language-") if names else "pycon" if pre.text.startswith(">>> ") else ""


def fenced(pre: Node) -> str:
    """A program as it stands."""
    return f"```{language(pre)}\n{pre.text.rstrip()}\n```"


def quoted(text: str) -> str:
    """Text as a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def is_note(node: Node) -> bool:
    """Whether an element is an admonition, or something folded."""
    return "admonition" in node.classes or node.tag == "details"


def note_title(node: Node) -> Node | None:
    """The element that is the title of a note."""
    return next((n for n in node.nodes if n.tag == "summary" or "admonition-title" in n.classes), None)


def note_body(node: Node) -> Node:
    """A note without its title."""
    title = note_title(node)
    return Node("", {}, [child for child in node.children if child is not title])


def markup(node: Node) -> str:
    """An element as HTML or SVG again."""
    attributes = dict(node.attributes)
    if node.tag == "svg":
        attributes.setdefault("xmlns", "http://www.w3.org/2000/svg")
        attributes["viewBox"] = attributes.pop("viewbox", attributes.get("viewBox", ""))
    given = "".join(
        f' {name}="{escape(value)}"' for name, value in attributes.items() if value or name != "viewBox"
    )
    inside = "".join(escape(c, quote=False) if isinstance(c, str) else markup(c) for c in node.children)
    return f"<{node.tag}{given}>{inside}</{node.tag}>"
