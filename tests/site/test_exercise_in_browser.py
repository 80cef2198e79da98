"""Exercises as a reader meets them: by mouse and keyboard, in both schemes, in print, without a script."""

import pytest

from symconv.lesson.exercises.catalogue import KINDS
from tests.site.conftest import ROOT, mkdocs

pytestmark = pytest.mark.browser

LAYER = "input: 4x5\nkernel: 2x3"
BODIES = {
    "same": "input: 7x8\nkernel: 4x3\nstride: [3, 2]",
    "winograd": "",
    "fourier": "",
    "transposed": "input: 2x3\nkernel: 2x2\nstride: 2",
    "toeplitz": "input: 3x4\nkernel: 2x2\npadding: 1",
}
SETTINGS = """site_name: Exercises
use_directory_urls: false
theme:
  name: {theme}
  {more}
plugins: []
markdown_extensions: [pymdownx.superfences, symconv]
"""
MATERIAL = """font: false
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default}
    - {media: "(prefers-color-scheme: dark)", scheme: slate}"""
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AUDIT = """() => axe.run('.symconv-exercise', {preload: false}).then(found =>
  found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).slice(0, 3).join(' ')))"""
# at once, since a hundred blanks filled in one by one take half a minute
FILL = """(exercise, [empty, wrong]) => {
  const fields = [...exercise.querySelectorAll("input")]
  fields.forEach((field, number) => {
    const answer = field.dataset.answer.split("|")[0]
    field.value = number < empty ? "" : number < empty + wrong ? "77777" : answer
    field.dispatchEvent(new Event("input", {bubbles: true}))
  })
  return fields.length
}"""
CRAMPED = """exercise => [...exercise.querySelectorAll("input")].filter(field => {
  const box = field.getBoundingClientRect()
  return box.height < 24 || box.width < 24 || field.scrollWidth > field.clientWidth
}).map(field => field.getAttribute("aria-label"))"""


def block(kind, body=None, **more):
    lines = [f"exercise: {kind}", BODIES.get(kind, LAYER) if body is None else body]
    lines += [f"{key}: {value}" for key, value in more.items()]
    return "```symconv\n" + "\n".join(line for line in lines if line) + "\n```\n"


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """A small site in the theme of ours and in one that has no variables: one page with every kind."""
    built = {}
    for theme, more in (("material", MATERIAL), ("readthedocs", "highlightjs: false")):
        folder = tmp_path_factory.mktemp(theme)
        (folder / "docs").mkdir()
        every = "\n".join(f"## {kind}\n\n{block(kind)}" for kind in KINDS)
        pages = {
            "index": f"# Every kind\n\n{every}",
            "letters": "# Letters\n\n" + block("patches", entries="letters", start=1),
            "sheet": "# A sheet\n\n" + block("output", key="none") + "\n" + block("output", key="open"),
        }
        for name, text in pages.items():
            (folder / "docs" / f"{name}.md").write_text(text)
        (folder / "mkdocs.yml").write_text(SETTINGS.format(theme=theme, more=more))
        done = mkdocs("build", "--strict", cwd=folder)
        assert done.returncode == 0, done.stderr
        built[theme] = folder / "site"
    return built


@pytest.fixture
def visit(browser, sites):
    """Open a page from its folder; at the end complain of whatever it asked for or stumbled over."""
    contexts, complaints = [], []

    def open_page(name="index", width=1280, scheme="light", theme="material", **settings):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **settings
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("request", lambda r: r.url.startswith("http") and complaints.append(r.url))
        page.goto((sites[theme] / f"{name}.html").as_uri())
        page.wait_for_load_state("load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def of_kind(page, kind):
    return page.locator(f'.symconv-exercise[data-kind="{kind}"]')


def fill(exercise, wrong=0, empty=0):
    """Write the right answers into the blanks, but for the first few; returns how many blanks there are."""
    return exercise.evaluate(FILL, [empty, wrong])


def result(exercise):
    return exercise.locator(".symconv-result").inner_text()


@pytest.mark.parametrize("theme", ["material", "readthedocs"])
def test_every_kind_is_marked(visit, theme):
    page = visit(theme=theme)
    for kind in KINDS:
        exercise = of_kind(page, kind)
        count = fill(exercise, wrong=1, empty=1)
        exercise.get_by_role("button", name="Check").click()
        assert result(exercise).startswith(f"{count - 2} of {count} right, 1 wrong, 1 empty. Look again at ")
        assert exercise.locator('[aria-invalid="true"]').count() == 1
        assert exercise.locator('td[data-state="right"]').count() == count - 2
        fill(exercise)
        assert exercise.locator("[aria-invalid]").count() == 0
        exercise.get_by_role("button", name="Check").click()
        assert result(exercise) == f"All {count} are right."


def test_a_blank_that_is_written_in_again_is_not_wrong_any_more(visit):
    exercise = of_kind(visit(), "output")
    field = exercise.locator("input").first
    field.fill("77777")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    field.press("Backspace")
    assert field.get_attribute("aria-invalid") is None


def test_answers_are_shown_and_do_not_count_as_right(visit):
    exercise = of_kind(visit(), "output")
    count = exercise.locator("input").count()
    exercise.locator("input").first.fill(exercise.locator("input").first.get_attribute("data-answer"))
    exercise.get_by_role("button", name="Show answers").click()
    assert result(exercise) == f"{count - 1} answers filled in."
    assert exercise.locator('td[data-state="shown"]').count() == count - 1
    exercise.get_by_role("button", name="Check").click()
    assert result(exercise) == f"1 of {count} right, {count - 1} shown."
    exercise.get_by_role("button", name="Start again").click()
    assert [field.input_value() for field in exercise.locator("input").all()] == [""] * count
    assert result(exercise) == ""
    assert exercise.locator("input").first.evaluate("field => field === document.activeElement")


def test_by_keyboard_alone(visit):
    page = visit()
    exercise = of_kind(page, "weights")
    fields = exercise.locator("input")
    fields.first.focus()
    for number in range(fields.count()):
        assert fields.nth(number).evaluate("field => field === document.activeElement")
        page.keyboard.type(fields.nth(number).get_attribute("data-answer").replace("-", "−"))
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
    assert result(exercise) == f"All {fields.count()} are right."
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Answer key"
    page.keyboard.press("Enter")
    assert exercise.locator(".symconv-key table").first.is_visible()


def test_letters_are_accepted_as_people_write_them(visit):
    page = visit("letters")
    exercise = of_kind(page, "patches")
    for field in exercise.locator("input").all():
        answer = field.get_attribute("data-answer").split("|")[0]
        letter, subscripts = answer[0], answer[1:]
        field.fill(f"{letter}_{{{subscripts}}}" if letter == "x" else answer)
    exercise.get_by_role("button", name="Check").click()
    assert result(exercise).startswith("All ")


def test_without_javascript_the_key_opens_and_no_dead_button_is_there(visit):
    page = visit(java_script_enabled=False)
    exercise = of_kind(page, "output")
    assert exercise.locator("input").first.is_visible()
    assert exercise.get_by_role("button").count() == 0
    exercise.locator("summary").click()
    assert exercise.locator(".symconv-answer").first.is_visible()


def test_in_print_there_are_blanks_and_the_key_only_if_it_is_open(visit):
    page = visit()
    page.emulate_media(media="print")
    exercise = of_kind(page, "output")
    assert exercise.locator("input").first.is_visible()
    assert not exercise.locator(".symconv-key summary").is_visible()
    assert not exercise.locator(".symconv-answer").first.is_visible()
    assert not exercise.locator(".symconv-checking").is_visible()
    exercise.locator("details").evaluate("key => key.open = true")
    assert exercise.locator(".symconv-answer").first.is_visible()


def test_a_sheet_has_no_answers_and_its_key_has(visit):
    page = visit("sheet")
    sheet, key = page.locator(".symconv-exercise").all()
    assert sheet.locator("input").count() == 8
    assert sheet.locator("[data-answer], button, details").count() == 0
    assert key.locator(".symconv-answer").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_scrolls_sideways_and_no_rule_of_accessibility_is_broken(visit, width, scheme):
    page = visit(width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    exercise = of_kind(page, "patches")
    fill(exercise, wrong=1, empty=1)
    exercise.get_by_role("button", name="Check").click()
    of_kind(page, "sum").get_by_role("button", name="Show answers").click()
    of_kind(page, "output").locator("summary").click()
    if not AXE.exists():
        pytest.skip("axe-core is not here: python3 scripts/test.py fetches it")
    page.add_script_tag(content=AXE.read_text("utf-8"))
    assert page.evaluate(AUDIT) == []


def test_a_blank_is_large_enough_for_a_thumb_and_shows_its_answer_whole(visit):
    page = visit(width=390)
    for kind in KINDS:
        exercise = of_kind(page, kind)
        exercise.get_by_role("button", name="Show answers").click()
        assert exercise.evaluate(CRAMPED) == []
