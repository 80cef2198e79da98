"""A lesson as a notebook, as LaTeX and as one file of HTML."""

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from functools import cache
from types import ModuleType
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from symconv.cli import main
from symconv.lesson.block import read_block
from symconv.lesson.export import formats
from symconv.lesson.export import notebook as notebooks
from symconv.lesson.export.document import read_document
from symconv.lesson.export.figures import figures_of
from symconv.lesson.export.tree import parse
from tests.site.conftest import KATEX, ROOT

export = cache(formats.export)  # of a lesson that no test changes
document = cache(read_document)
LESSONS = sorted((ROOT / "docs" / "lessons").glob("*.md"))
EXAMPLES = ROOT / "docs" / "using" / "is-my-convolution-right.md"

# what KaTeX and LaTeX both have, with the packages of the preamble, which gives lt and gt
SET_BY_LATEX = re.compile(
    r"\\("
    r"approx|ast|bar|begin|big|bmod|cdot|cdots|dots|end|frac|ge|gt|hat|hline|in|langle|"
    r"lceil|ldots|le|left|lfloor|log|longrightarrow|lt|mapsto|mathbin|mathbb|mathcal|mathrm|"
    r"mathsf|max|min|mod|ne|odot|omega|operatorname|partial|pi|pm|prod|qquad|quad|rangle|"
    r"rceil|rfloor|right|sqrt|star|sum|text|tfrac|theta|times|to|top|underbrace|vdots|"
    r"widehat"
    r")"
)
FONTS = "document.fonts.ready.then((fonts) => [...fonts].some((font) => font.status === 'loaded'))"

PAGE = """---
title: A page of everything
description: What a lesson may have.
---

# Everything & more

A [lesson](other.md#there), a [site](https://example.org/a_b?c=1&d=100%), a note[^1], *soft*, **loud**,
`a|b_c`,
$x_1 | y$, 50 % of {this} ~ that ^ \\ × ≤ ⁻² “quoted”.

[^1]: The note has $n$ and `code`.

!!! warning "Mind the *gap*"

    - One.
    - Two:

        ```pycon
        >>> u = 20 + 1
        >>> u * 2
        42
        ```

??? note "Folded"

    | a | b |
    |---|---|
    | 1 | $x_1$ |

```symconv
kernel: 2x2
choose:
  input: [3x3, 3x4]
show: [windows, product, proof]
caption: Chosen by the 1 reader & only.
```

1. First.

    ```symconv
    input: [1, 2, 3]
    kernel: [1, 10]
    show: [sum, sizes]
    ```

2. Second.

```python
def twice(x):
    return u + x
```

```shell
run --this
```

--8<-- "piece.md"

<svg viewbox="0 0 1 1" role="img" aria-label="A square"><rect width="1" height="1"></rect></svg>
"""

SITE = """
site_name: Mine
markdown_extensions:
  - admonition
  - footnotes
  - tables
  - toc: {permalink: true}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.details
  - pymdownx.emoji:
      emoji_index: !!python/name:nowhere.at_all
  - pymdownx.snippets: {base_path: [pieces], check_paths: true}
  - pymdownx.superfences
  - symconv
"""


@pytest.fixture
def page(tmp_path):
    """A page with everything in it, in a site of somebody's own."""
    for folder in ("docs", "pieces"):
        (tmp_path / folder).mkdir()
    (tmp_path / "mkdocs.yml").write_text(SITE, "utf-8")
    (tmp_path / "pieces" / "piece.md").write_text("A piece from elsewhere.\n", "utf-8")
    path = tmp_path / "docs" / "all.md"
    path.write_text(PAGE, "utf-8")
    return path


# The notebook.


def run(notebook):
    """Run a notebook's cells in order, as Jupyter would; returns the mathematics, and all that is shown."""
    shown, mathematics = [], []
    jupyter = ModuleType("IPython.display")
    jupyter.Math = lambda text: mathematics.append(text) or text
    jupyter.display = lambda *values: shown.extend(values)
    names = {"display": jupyter.display}
    modules = {"IPython": ModuleType("IPython"), "IPython.display": jupyter}
    sys.modules.update(modules)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for cell in notebook["cells"]:
                if cell["cell_type"] == "code":
                    exec(compile("".join(cell["source"]), cell["id"], "exec"), names)  # noqa: S102 (our own)
    finally:
        for name in modules:
            del sys.modules[name]
    return mathematics, shown


def assert_valid(notebook):
    """What format 4.5 asks for; the whole of it is checked where nbformat is there."""
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(set(names)) == len(names)
    for cell in notebook["cells"]:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert "".join(cell["source"]).strip()
        extra = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) - {"attachments"} == {"cell_type", "id", "metadata", "source"} | extra
    with contextlib.suppress(ImportError):
        import nbformat

        nbformat.validate(nbformat.from_dict(notebook))


def with_formulas(lesson):
    """How many figures of a lesson show a formula; exercises are filled in."""
    figures = [n for n in document(lesson).body.walk() if n.tag == "figure" and "symconv" in n.classes]
    return sum(
        any("arithmatex" in n.classes or n.tag == "symconv-figure" for n in figure.walk())
        and not any("symconv-exercise" in n.classes for n in figure.walk())
        for figure in figures
    )


def prose(notebook):
    return "\n\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_every_lessons_notebook_runs_from_top_to_bottom(lesson):
    notebook = json.loads(export(lesson, "notebook"))
    assert_valid(notebook)
    mathematics, _ = run(notebook)
    text = prose(notebook)
    for left_over in ("symconv\n", "--8<--", "!!!", "[^", "<!--", "<div", "{ .", "]("):
        for place in re.finditer(re.escape(left_over), text):
            link = text[place.start() : place.start() + 14]
            assert re.match(r"\]\((https?:|attachm)", link), (
                lesson,
                text[place.start() - 60 : place.end() + 60],
            )
    assert bool(mathematics) == bool(with_formulas(lesson))


def test_the_notebook_of_a_page_of_everything(page):
    notebook = json.loads(formats.export(page, "notebook"))
    assert_valid(notebook)
    cells = [(c["cell_type"], "".join(c["source"])) for c in notebook["cells"]]
    assert cells[0][1].startswith(
        "# Everything & more\n\nA lesson, a [site](https://example.org/a_b?c=1&d=100%), a "
    )
    assert (
        "note<sup>1</sup>, *soft*, **loud**, `a|b_c`, $x_1 \\vert y$, "
        "50 % of {this} ~ that ^ \\\\ × ≤ ⁻² “quoted”."
    ) in cells[0][1]
    assert cells[1][1].endswith("import symconv as sc\nfrom IPython.display import Math, display")
    assert cells[0][1].endswith("\n\n> **Mind the *gap***\n>\n> - One.\n>\n> - Two:")
    assert ("code", "u = 20 + 1\nu * 2") in cells
    text = prose(notebook)
    folded = "| a | b |\n|---|---|\n| 1 | $x_1$ |"
    assert f"<details><summary>Folded</summary>\n\n{folded}\n\n</details>" in text
    assert "*Other values to try below: input 3×3, 3×4.*" in text
    assert "*Chosen by the 1 reader & only.*" in text
    assert "```shell\nrun --this\n```" in text
    assert "A piece from elsewhere." in text
    assert "1. The note has $n$ and `code`." in text
    (drawn,) = [c for c in notebook["cells"] if "attachments" in c]
    assert "![A square](attachment:figure-1.svg)" in "".join(drawn["source"])
    assert list(drawn["attachments"]) == ["figure-1.svg"]
    mathematics, shown = run(notebook)
    assert mathematics[-1] == r"1 \cdot 1 + 10 \cdot 2 = 21"
    assert any(str(value).startswith("Proved (tier: exact)") for value in shown)


def test_a_notebooks_figures_leave_the_pages_own_names_alone(page):
    notebook = json.loads(formats.export(page, "notebook"))
    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    assert any(text.startswith("u_1 = sc.unroll(") for text in code)
    names = {}
    jupyter = ModuleType("IPython.display")
    jupyter.Math, jupyter.display = str, print
    sys.modules.update({"IPython.display": jupyter})
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for text in code:
                exec(text, names)  # noqa: S102 (our own)
    finally:
        del sys.modules["IPython.display"]
    assert names["twice"](1) == 22


def test_a_figure_that_is_read_and_not_run_is_prose(monkeypatch):
    html = (
        '<figure class="symconv"><div class="symconv-choice"><label>input</label></div><p hidden>no</p>'
        '<div><p><strong>Exercise.</strong> Fill in.</p><table class="symconv-table">'
        '<tbody><tr><td>1</td><td><input type="text"></td></tr></tbody></table><button>Check</button>'
        "<details><summary>Answers</summary><p>42</p></details></div></figure>"
    )
    body = parse(html)
    (block,) = read_block("input: 3\nkernel: 2")
    monkeypatch.setattr(notebooks, "block_script", lambda _: None)
    made = json.loads(notebooks.notebook(body, figures_of(body, [[block]])))
    assert prose(made) == (
        "**Exercise.** Fill in.\n\n|  |  |\n|---|---|\n| 1 | \\_\\_\\_\\_ |\n\n"
        "<details><summary>Answers</summary>\n\n42\n\n</details>"
    )


def test_verdicts_are_readable_in_every_format():
    notebook = json.loads(export(EXAMPLES, "notebook"))
    assert_valid(notebook)
    for text in (prose(notebook), export(EXAMPLES, "tex")):
        assert "Proved (tier: exact). conv is the convolution" in text
        assert "kernel rotated by 180°" in text
        assert "<!--" not in text


# The link on the page.


def test_every_lesson_of_the_site_has_its_notebook_in_a_link(built_site):
    for lesson in LESSONS:
        html = (built_site / "lessons" / f"{lesson.stem}.html").read_text("utf-8")
        links = [node for node in parse(html).walk() if node.attributes.get("download")]
        if not re.search("^```(symconv|pycon|python)$", lesson.read_text("utf-8"), re.MULTILINE):
            assert not links  # there is nothing to run
            continue
        (link,) = links
        assert link.attributes["download"] == f"{lesson.stem}.ipynb"
        kind, _, text = link.attributes["href"].partition(",")
        assert kind == "data:application/x-ipynb+json;charset=utf-8"
        assert not {"#", "&", "<", "\n"} & {*text}  # what would end or change an address
        of_site, exported = json.loads(unquote(text)), json.loads(export(lesson, "notebook"))
        assert [c["source"] for c in of_site["cells"]] == [c["source"] for c in exported["cells"]]
    assert "download=" not in (built_site / "index.html").read_text("utf-8")


# LaTeX.


def environments(text):
    """The environments of a document; raises if they are not nested."""
    opened, seen = [], []
    text = re.sub(r"\\begin\{Verbatim\}.*?\\end\{Verbatim\}", "", text, flags=re.DOTALL)
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
        if kind == "begin":
            opened.append(name)
            seen.append(name)
        else:
            assert opened.pop() == name
    assert not opened
    plain = re.sub(r"\\[\\{}%]", "", text)
    depth = 0
    for sign in re.findall("[{}]", plain):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0
    return seen


def formulas(text):
    """The formulas of a document, without their delimiters."""
    text = re.sub(r"\\begin\{Verbatim\}.*?\\end\{Verbatim\}", "", text, flags=re.DOTALL)
    text = text[text.index(r"\begin{document}") :]
    found = re.findall(r"(?<!\\)\\\((.*?)\\\)", text, re.DOTALL)
    for start in (m.end() for m in re.finditer(r"\\fitted\{", text)):
        depth, end = 1, start
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0) if text[end - 1] != "\\" else 0
            end += 1
        found.append(text[start : end - 1])
    return found


@pytest.mark.parametrize("lesson", [*LESSONS, EXAMPLES], ids=lambda path: path.stem)
def test_every_lessons_latex_is_in_order_and_its_formulas_are_set(lesson, katex, tmp_path):
    text = export(lesson, "tex")
    assert environments(text)[0] == "document"
    for formula in formulas(text):
        assert "katex" in katex(formula), formula
        assert all(map(SET_BY_LATEX.fullmatch, re.findall(r"\\[A-Za-z]+", formula))), formula
        assert "\n\n" not in formula
    assert text.count(r"\fitted{") >= with_formulas(lesson)
    declared = set(re.findall(r"\\newunicodechar\{(.)\}", text))
    letters = {sign for sign in text if ord(sign) > 126 and sign not in declared}
    assert all(sign.isalpha() for sign in letters), letters
    assert r"\textbf{?}" not in text
    compiled(text, tmp_path)


def compiled(text, folder):
    """Set a document with a TeX, where there is one."""
    tex = next(filter(None, map(shutil.which, ("tectonic", "lualatex", "xelatex", "pdflatex"))), None)
    if tex is None:
        return
    (folder / "lesson.tex").write_text(text, "utf-8")
    options = [] if "tectonic" in tex else ["-interaction=nonstopmode", "-halt-on-error"]
    ran = subprocess.run(
        [tex, *options, "lesson.tex"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-2000:]
    assert (folder / "lesson.pdf").stat().st_size > 1000


def test_the_latex_of_a_page_of_everything(page):
    text = formats.export(page, "tex")
    assert environments(text)
    assert r"\title{A page of everything}" in text
    assert r"\href{https://example.org/a_b?c=1\&d=100\%}{site}" in text
    assert (
        r"a note\footnote{The note has \(n\) and \texttt{code}.}, \emph{soft}, \textbf{loud}, "
        r"\texttt{a|b\_c}, "
    ) in text
    assert (
        r"50 \% of \{this\} \textasciitilde{} that \textasciicircum{} \textbackslash{} × ≤ ⁻² “quoted”."
        in text
    )
    assert "\\begin{quote}\n\\textbf{Mind the \\emph{gap}}\\par " in text
    assert r"input 3×3" in text
    assert r"input 3×4" not in text
    assert r"\cellcolor{orange!30}" in text
    assert r"\emph{Chosen by the 1 reader \& only.}" in text
    assert r"\emph{[A square]}" in text
    assert "A piece from elsewhere." in text
    assert "import symconv" not in text


# HTML.


@pytest.mark.parametrize("lesson", [LESSONS[0], EXAMPLES], ids=lambda path: path.stem)
def test_a_lesson_in_one_file_opens_from_a_folder_and_asks_nobody(lesson, tmp_path, browser):
    path = tmp_path / "lesson.html"
    path.write_text(export(lesson, "html"), "utf-8")
    assert 50_000 < path.stat().st_size < 1_200_000
    said, asked = [], []
    for width, scheme in ((1280, "light"), (390, "dark")):
        shown = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(path.as_uri())
        assert shown.locator("h1").is_visible()
        unset = shown.evaluate(
            "[...document.querySelectorAll('.arithmatex')].filter((e) => !e.querySelector('.katex')).length"
        )
        assert unset == 0
        assert shown.locator(".katex-error").count() == 0
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.evaluate(FONTS) == (shown.locator(".katex:visible").count() > 0)
        shown.close()
    assert said == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert len([url for url in asked if url.startswith("file:")]) == 2


def test_html_refers_to_nothing_beside_it(page):
    (page.parent / "dot.png").write_bytes(b"\x89PNG")
    page.write_text(page.read_text("utf-8") + "\n![dot](dot.png) ![gone](gone.png)\n", "utf-8")
    html = formats.export(page, "html", KATEX.parent)
    for node in parse(html).walk():
        for name in ("src", "href"):
            assert re.match(r"data:|https:|#|$", node.attributes.get(name, "")), node
    assert 'alt="dot" src="data:image/png;base64,' in html
    assert "url(data:font/woff2" in html
    assert ".ttf" not in html


# The command.


def said(*words):
    ran = CliRunner().invoke(main, ["export", *map(str, words)])
    return ran.exit_code, ran.output.strip()


def test_the_command_writes_beside_the_lesson_and_not_over_a_file(page):
    status, text = said(page, "--to", "notebook")
    assert status == 0
    assert re.fullmatch(rf"Wrote {re.escape(str(page.with_suffix('.ipynb')))} \(\d+ kB\)\.", text)
    assert (
        json.loads(page.with_suffix(".ipynb").read_text("utf-8"))["metadata"]["title"]
        == "A page of everything"
    )
    status, text = said(page, "--to", "notebook")
    assert status == 1
    assert text.endswith("is there already: choose another with -o, or write over it with --force")
    assert said(page, "--to", "notebook", "--force")[0] == 0


@pytest.mark.parametrize(
    ("change", "words", "sentence"),
    [
        (None, ["--to", "tex", "-o", "{page}"], "is the lesson itself: choose another name"),
        (None, ["--to", "html"], "has no katex.min.css, which sets the formulas: give its folder, such as"),
        (
            "```symconv\ninput: 3x3\n```",
            ["--to", "tex"],
            "all.md:2: kernel is missing: write “kernel: 3x3” for letters",
        ),
        (None, ["--to", "word"], "'word' is not one of 'notebook', 'tex', 'html'"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(page, change, words, sentence):
    if change:
        page.write_text(change, "utf-8")
    status, text = said(page, *(word.replace("{page}", str(page)) for word in words))
    assert status != 0
    assert sentence in " ".join(text.split())
    assert "Traceback" not in text


def test_a_page_that_is_not_there_and_an_extension_that_is_not_installed(page):
    assert (
        "is no page of Markdown that is there: give one that ends in .md" in said("gone.md", "--to", "tex")[1]
    )
    settings = page.parents[1] / "mkdocs.yml"
    settings.write_text("markdown_extensions: [nowhere_at_all, symconv]", "utf-8")
    assert "nowhere_at_all is an extension of the site and is not installed" in said(page, "--to", "tex")[1]
    settings.write_text("a: [", "utf-8")
    assert "mkdocs.yml is not YAML" in said(page, "--to", "tex")[1]


def test_without_what_builds_sites_the_command_says_what_to_install():
    program = (
        "import sys\n"
        "for name in ('yaml', 'markdown', 'pymdownx'): sys.modules[name] = None\n"
        "from symconv.cli import main\n"
        "main(['export', 'a.md', '--to', 'tex'])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 1
    assert "export needs what builds sites: install it with pip install 'symconv[site]'" in ran.stderr
