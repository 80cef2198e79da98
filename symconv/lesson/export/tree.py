"""HTML as a tree, which the writers of other formats walk; made for what Python-Markdown writes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = frozenset(("area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))


@dataclass
class Node:
    """One element.

    Attributes:
        tag: its name.
        attributes: its attributes; one without a value is empty.
        children: elements and text, in order.
    """

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """The names in its attribute ``class``."""
        return frozenset(self.attributes.get("class", "").split())

    @property
    def nodes(self) -> list["Node"]:
        """The elements among its children."""
        return [child for child in self.children if isinstance(child, Node)]

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def walk(self) -> Iterator["Node"]:
        """It and everything in it, in the order of the page."""
        yield self
        for child in self.nodes:
            yield from child.walk()

    def first(self, *tags: str) -> "Node | None":
        """The first element in it with one of these names."""
        return next((node for node in self.walk() if node.tag in tags), None)


def parse(html: str) -> Node:
    """The elements of a piece of HTML, in one that has no name.

    Examples:
        >>> page = parse("<p>One <b>two</b><br>three &amp; four</p>")
        >>> [node.tag for node in page.walk()], page.text
        (['', 'p', 'b', 'br'], 'One twothree & four')
    """
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.open[0]


def without_colours(node: Node) -> Node:
    """The same tree with each coloured program as a plain one, in a ``pre`` of the class ``language-…``.

    Examples:
        >>> html = '<div class="language-python highlight"><pre><code><b>x</b></code></pre></div>'
        >>> program = without_colours(parse(html)).nodes[0]
        >>> program.tag, program.classes, program.children
        ('pre', frozenset({'language-python'}), ['x'])
    """
    children = [child if isinstance(child, str) else without_colours(child) for child in node.children]
    programs = [n for n in node.walk() if n.tag == "code"] if "highlight" in node.classes else []
    if not programs:
        return Node(node.tag, node.attributes, children)
    languages = [name for n in node.walk() for name in n.classes if name.startswith("language-")]
    return Node("pre", {"class": languages[0]} if languages else {}, [programs[-1].text])


class _Builder(HTMLParser):
    """Puts each element into the one that is open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _EMPTY:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
