"""The site as a whole: it builds strictly, a bad page fails it by name, a page from the command builds."""

import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from symconv.cli import main
from tests.site.conftest import ROOT, mkdocs, without_assets

GOOD = "```symconv\ninput: 3x3\nkernel: 2x2\n```\n"
BAD = "---\ntitle: Front matter counts\n---\n\n# Bad\n\n```symconv\ninput: 3x3\nkernel: 9x9\n```\n"


def pages(folder):
    return sorted(folder.rglob("*.html"))


def shown(page):
    return without_assets(page.read_text("utf-8"))


def test_no_page_shows_a_traceback_or_an_error_box(built_site):
    assert len(pages(built_site)) >= 5
    for page in pages(built_site):
        text = shown(page)
        assert "Traceback" not in text, page
        assert "symconv-error" not in text, page


def test_no_page_refers_to_another_host(built_site):
    for page in pages(built_site):
        for tag in re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*>", page.read_text("utf-8")):
            if 'rel="canonical"' not in tag:
                assert not re.search(r'(?:src|href)="?(?:https?:)?//', tag), (page, tag)


def test_every_formula_on_the_site_is_set_by_katex(built_site, katex):
    from html import unescape

    formulas = 0
    for page in pages(built_site):
        for formula in re.findall(
            r'class="arithmatex">\\[\[(](.*?)\\[\])]</', page.read_text("utf-8"), re.DOTALL
        ):
            assert "katex" in katex(unescape(formula)), (page, formula)
            formulas += 1
    assert formulas > 70


def test_the_search_index_has_the_words_and_not_the_cells(built_site):
    index = json.loads((built_site / "search" / "search_index.json").read_text("utf-8"))
    pages = (
        d for d in index["docs"] if not d["location"].startswith("using/reference")
    )  # prints LaTeX as text
    text = " ".join(page["text"] for page in pages)
    assert "activation map" in text
    assert "underbrace" not in text
    assert "hline" not in text


def test_a_bad_block_fails_a_strict_build_with_page_line_and_sentence(project):
    (project / "docs" / "bad.md").write_text(BAD, "utf-8")
    built = mkdocs("build", "--strict", cwd=project)
    assert built.returncode != 0
    assert (
        "bad.md:9: kernel=9 on axis 0 is larger than the padded input of 3 cells: "
        "use a kernel of at most 3, or add padding of 6 more"
    ) in built.stderr
    assert "Traceback" not in built.stderr


def test_a_bad_block_is_a_box_where_the_build_is_not_strict_and_the_rest_stands(project):
    (project / "docs" / "bad.md").write_text(f"{BAD}\n{GOOD}\nAfter.\n", "utf-8")
    built = mkdocs("build", cwd=project)
    assert built.returncode == 0, built.stderr
    page = shown(project / "site" / "bad.html")
    assert page.count("symconv-error") == 1
    assert page.count("<figure") == 1
    assert "<p>After.</p>" in page
    assert (project / "site" / "lessons" / "one-matrix-product.html").exists()


LAYERS = {
    "of the guide": "--input 5x5 --kernel 3x3 --stride 2 --padding 1 --kernels 2",
    "one axis": "--input 9 --kernel 3 --dilation 2 --padding 1:2 --start 1",
    "channels and groups": "--input 4x5 --kernel 2x3 --channels 4 --kernels 4 --groups 2 --padding 1:0,0:2",
    "same": "--input 7x6 --kernel 3x2 --stride 2,1 --padding same_upper --channels 2",
    "real size": "--input 224x224 --kernel 7x7 --stride 2 --padding 3 --kernels 3",
}


@pytest.mark.parametrize("options", LAYERS.values(), ids=LAYERS)
def test_a_page_from_the_command_builds_as_it_is(project, katex, options):
    page = project / "docs" / "lessons" / "mine.md"
    written = CliRunner().invoke(main, ["lesson", str(page), *options.split()])
    assert written.exit_code == 0, written.output
    built = mkdocs("build", "--strict", cwd=project)
    assert built.returncode == 0, built.stderr
    html = shown(project / "site" / "lessons" / "mine.html")
    assert (
        html.count('<p class="symconv-proof"><strong>Proved.') == 2
    )  # the layer, and the key of the exercise
    assert html.count('<figure class="symconv') == page.read_text("utf-8").count("```symconv\n")
    assert len(html) < 400_000


def test_the_lessons_program_is_the_convolution():
    """The loops that the lesson prints are run, and agree with what the page claims they are."""
    import numpy as np

    import symconv as sc

    lesson = (ROOT / "docs" / "lessons" / "one-matrix-product.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", lesson, re.DOTALL)
    names = {}
    exec(program, names)  # noqa: S102 (our own page)
    random = np.random.default_rng(0)
    for _ in range(20):
        kernel = random.integers(1, 4, 2)
        x, w = random.integers(-9, 9, kernel + random.integers(0, 4, 2)), random.integers(-9, 9, kernel)
        assert names["convolve"](x.tolist(), w.tolist()) == sc.unroll(x, w).output.tolist()


def test_no_number_or_matrix_of_the_lesson_is_typed_by_hand():
    """Outside blocks, programs, names and sources, it has no digits but those of the paper it tells of."""
    lesson = (ROOT / "docs" / "lessons" / "one-matrix-product.md").read_text("utf-8")
    prose = re.sub(r"```.*?```|^---.*?^---|\]\(.*?\)|`.*?`", "", lesson, flags=re.DOTALL | re.MULTILINE)
    told, sources = prose.split("## Further reading")
    assert sorted(set(re.findall(r"\d+(?:\.\d+)?", told))) == ["2.4", "2006", "3.0", "3.1", "4.1"]
    assert "2006" in sources
    assert r"\begin" not in prose


def test_the_package_can_be_imported_without_what_builds_sites():
    """The command line and the REPL need the runtime dependencies alone."""
    program = (
        "import sys\n"
        "for name in ('yaml', 'markdown', 'pymdownx', 'mkdocs'): sys.modules[name] = None\n"
        "import symconv, symconv.cli\n"
        "symconv.cli.main(['prove', '--input', '3x3', '--kernel', '2x2'], standalone_mode=False)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Proved (tier: exact).")
