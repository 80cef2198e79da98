"""The verdicts on the pages: from the repository's own files, the same at every build, and nothing else."""

import logging
import re

import pytest
from markdown import Markdown

from symconv.geometry import Geometry
from symconv.lesson import verdicts
from symconv.mistakes.family import mistakes
from tests.site.conftest import ROOT, mkdocs

EXAMPLES = ROOT / "docs" / "examples"
PAGE = (ROOT / "docs" / "using" / "is-my-convolution-right.md").read_text("utf-8")


def rendered(markdown):
    settings = {"symconv.lesson.verdicts": {"examples": str(EXAMPLES)}}
    extensions = ["pymdownx.superfences", "symconv.lesson.verdicts"]
    return Markdown(extensions=extensions, extension_configs=settings).convert(markdown)


@pytest.fixture(scope="module")
def page():
    return rendered(PAGE)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("windows.py::conv", "Proved (tier: exact). conv is the convolution, for all values, at each of 18 "),
        ("rotated.py::conv", "<strong>kernel rotated by 180°</strong>"),
        ("reshaped.py::conv", "reshaped to (N, F, OH, OW) without a transpose"),
        ("augmented.py::conv", "No known mistake explains this."),
        ("truncated.py::conv", "it is right for whole numbers and wrong for fractions"),
        ("running_sums.py::conv at layer", "Certified (tier: certificate)."),
        ("fourier.py::conv", "Nothing wrong found (tier: sampled). conv agrees with the convolution"),
        ("compiled.py::conv", "float() of a value cannot be followed (line 17)"),
        ("with_cache.py::conv", "Could not tell whether conv is the convolution."),
        ("layer.py::Convolution", "Proved (tier: exact). Convolution is the convolution, for all values"),
        ("channels_last.py::conv as channels-last", "Proved (tier: exact)."),
    ],
)
def test_a_verdict_of_each_kind(subject, said, page):
    assert f"<!-- verdict: {subject} -->" in PAGE
    assert said in verdicts.verdict(EXAMPLES, subject)
    assert verdicts.verdict(EXAMPLES, subject) in page


def test_every_example_is_shown_and_judged_or_stands_on_another_page():
    elsewhere = "".join(page.read_text("utf-8") for page in (ROOT / "docs" / "using").glob("*.md"))
    for example in EXAMPLES.glob("*.py"):
        if f"[{example.name}](../examples/{example.name})" not in elsewhere:
            assert f'--8<-- "{example.name}"' in PAGE
            assert f"<!-- verdict: {example.name}::" in PAGE


def test_no_marker_is_left_over(page):
    assert "<!-- verdict" not in page
    assert "<!-- mistakes" not in page
    assert page.count('class="symconv-verdict"') == len(re.findall("<!-- verdict: ", PAGE))


@pytest.mark.parametrize("subject", ["rotated.py::conv", "truncated.py::conv", "fourier.py::conv"])
def test_every_build_says_the_same(subject):
    first = verdicts.verdict(EXAMPLES, subject)
    verdicts.verdict.cache_clear()
    assert verdicts.verdict(EXAMPLES, subject) == first


def test_every_mistake_of_the_family_is_listed(page):
    family = mistakes(
        Geometry((6, 9), (2, 3), 4, 4, 2, stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)
    )
    listed = page[page.index('<ul class="symconv-mistakes">') :]
    assert listed[: listed.index("</ul>")].count("<li>") == len({mistake.name for mistake in family}) > 100
    assert "<li>strides swapped</li>" in page


WRITE = "write it as file.py::name, file.py::name as adapter, or file.py::name at layer"


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("nowhere.py::conv", "there is no docs/examples/nowhere.py"),
        ("rotated.py::nothing", "there is no nothing in docs/examples/rotated.py"),
        ("rotated.py::conv at layer", "there is no layer in docs/examples/rotated.py"),
        ("rotated.py::conv as nhwc", "there is no adapter nhwc"),
        ("rotated.py", WRITE),
        ("../rotated.py::conv", WRITE),
        ("/etc/passwd.py::conv", WRITE),
        ("rotated.py::conv at Geometry(3, 2)", WRITE),
        ("rotated.py::conv.__globals__", WRITE),
        ("", WRITE),
    ],
)
def test_a_marker_that_names_nothing_is_an_error(subject, said, caplog):
    marker = f"<!-- verdict: {subject} -->"
    with caplog.at_level(logging.WARNING, logger="mkdocs.symconv"):
        html = rendered(f"Words.\n\n{marker}\n")
    said = said.replace("docs/examples", EXAMPLES.as_posix())
    assert caplog.messages == [f"page: {marker}: {said}"]
    assert "symconv-error" in html


def test_a_marker_in_a_sentence_is_text():
    sentence = "Write `<!-- verdict: nowhere.py::conv -->` on a line of its own."
    assert "&lt;!-- verdict: nowhere.py::conv --&gt;" in rendered(sentence)


def test_a_marker_in_a_fence_is_code():
    html = rendered("```\n<!-- verdict: nowhere.py::conv -->\n```\n")
    assert "verdict: nowhere.py::conv" in html
    assert "symconv-error" not in html


def test_a_marker_that_names_nothing_fails_the_build(project):
    project.joinpath("docs", "index.md").write_text("# A\n\n<!-- verdict: nowhere.py::conv -->\n", "utf-8")
    built = mkdocs("build", "--strict", cwd=project)
    assert built.returncode != 0
    assert (
        "index.md: <!-- verdict: nowhere.py::conv -->: there is no docs/examples/nowhere.py" in built.stderr
    )
