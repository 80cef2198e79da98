"""The course has one order, the menu's: what lists it or leads on follows it, and no page is left out."""

import re

import pytest
import yaml

from tests.site.conftest import ROOT

DOCS = ROOT / "docs"
MENU = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
COURSE = next(section["The course"] for section in MENU if "The course" in section)
NEW = (
    "many-kernels",
    "many-channels",
    "stride-padding-dilation",
    "groups",
    "playground",
    "what-proved-means",
    "glossary",
)


def in_menu(entry):
    """The pages under an entry of the menu, in order."""
    if isinstance(entry, str):
        return [entry]
    return [
        page for below in (entry.values() if isinstance(entry, dict) else entry) for page in in_menu(below)
    ]


def title(page):
    return re.search(r"^# (.+)$", (DOCS / page).read_text("utf-8"), re.MULTILINE)[1]


def test_every_lesson_and_guide_is_in_the_menu_once():
    pages = in_menu(MENU)
    written = {
        p.relative_to(DOCS).as_posix() for room in ("lessons", "using") for p in (DOCS / room).glob("*.md")
    }
    assert sorted(pages) == sorted({*written, "index.md"})


def test_the_front_page_lists_the_course_in_the_menus_order():
    front = (DOCS / "index.md").read_text("utf-8")
    listed = re.findall(r"^\d+\. \[(.+?)\]\((.+?)\): ", front, re.MULTILINE)
    assert [page for _, page in listed] == COURSE
    assert [name for name, _ in listed] == [title(page) for page in COURSE]


def test_the_readme_names_the_lessons_in_the_menus_order():
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    course = readme[readme.index("## The course") :]
    places = [course.find(title(page).split(":")[0].split(" of one matrix")[0]) for page in COURSE]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("page", COURSE)
def test_a_lesson_says_which_one_is_next(page):
    """Its title and its address are those of the page after it in the menu."""
    text = (DOCS / page).read_text("utf-8").rstrip()
    following = re.search(r"^Next: \[(.+)\]\((.+)\)$", text, re.MULTILINE)
    assert following is not None
    assert text.endswith(following[0])
    pages = in_menu(MENU)
    after = pages[pages.index(page) + 1]
    assert (DOCS / page).parent.joinpath(following[2]).resolve() == DOCS / after
    assert following[1] == title(after)


@pytest.mark.parametrize("name", NEW)
def test_a_lesson_has_the_parts_that_each_has(name):
    text = (DOCS / "lessons" / f"{name}.md").read_text("utf-8")
    parts = ["\n# ", "**After this page you can**", "!!! warning", "## Further reading", "\nNext: "]
    if name == "glossary":  # where nothing is taught
        parts.remove("**After this page you can**")
    places = [text.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_each_word_of_the_glossary_can_be_linked_to():
    text = (DOCS / "lessons" / "glossary.md").read_text("utf-8")
    words = re.findall(r"^- \[\*\*(.+?)\*\*\]\(#(.+?)\)\{#(.+?)\} – \S", text, re.MULTILINE)
    assert len(words) == text[text.index("## Words") : text.index("!!! warning")].count("\n- ")
    for word, link, anchor in words:
        assert link == anchor == re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
    folded = [re.sub(r"\W", "", word).lower() for word, _, _ in words]
    assert folded == sorted(set(folded))
