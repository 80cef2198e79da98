"""The built site in a real Chromium, as a reader meets it."""

import pytest

pytestmark = pytest.mark.browser

LESSON = "lessons/one-matrix-product.html"
FAST = "lessons/why-it-is-fast.html"
EVERY_SIZE = "lessons/one-proof-for-every-size.html"
EVERY_SIZE = "lessons/one-proof-for-every-size.html"
CHANNELS = "lessons/many-channels.html"
GRADIENTS = "lessons/gradients.html"
SMALLER = "lessons/smaller-convolutions.html"
FORMS = [SMALLER, "lessons/winograd.html", "lessons/the-fourier-view.html", "lessons/seven-layouts.html"]
WIDTHS = {"wide": 1280, "narrow": 390}
SCHEMES = {"light": "default", "dark": "slate"}


def test_the_lesson_shows_its_numbers(visit):
    page = visit(LESSON)
    maps = page.locator(".symconv-windows").last.locator(".symconv-then table")
    assert maps.last.locator("td").all_inner_texts() == ["83", "113", "173", "203"]
    for number in ("83", "113", "173", "203"):
        assert page.locator(f".katex-html .mord:text-is('{number}')").first.is_visible()


def test_formulas_in_sight_are_set_first_and_the_rest_when_there_is_time_or_a_print(visit):
    page = visit(LESSON)
    page.add_init_script("window.requestIdleCallback = () => {}")  # there is never time
    page.reload()
    first, last = page.locator(".arithmatex").first, page.locator(".arithmatex").last
    first.locator(".katex").wait_for()
    assert last.locator(".katex").count() == 0
    last.scroll_into_view_if_needed()
    last.locator(".katex").wait_for()
    unset = page.locator(".arithmatex:not(:has(.katex))")
    assert unset.count() > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert unset.count() == 0


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("part", ["exercise", "further-reading"])
def test_a_link_into_a_page_leads_to_its_heading(visit, part, width):
    page = visit(f"{EVERY_SIZE}#{part}", width)
    top = f"document.getElementById('{part}').getBoundingClientRect().top"
    page.wait_for_timeout(300)
    assert 0 <= page.evaluate(top) < 900 - 100


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_formulas_are_not_cut_off_where_they_cannot_be_scrolled_to(visit, width):
    page = visit(LESSON, width)
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".arithmatex .katex-html")].filter((formula) => {
             const box = formula.getBoundingClientRect()
             let scroller = formula.parentElement
             while (scroller && !["auto", "scroll"].includes(getComputedStyle(scroller).overflowX))
               scroller = scroller.parentElement
             const left = scroller ? scroller.getBoundingClientRect().left + scroller.clientLeft : 0
             const reach = scroller ? left + scroller.scrollWidth - scroller.scrollLeft : innerWidth
             return box.width > 0 && (box.left < left - 1 || box.right > reach + 1)
           }).map((formula) => formula.textContent.slice(0, 60))"""
    )
    assert cut == []


@pytest.mark.parametrize("path", [LESSON, CHANNELS, GRADIENTS])
def test_a_box_with_more_behind_its_edge_shows_it_by_a_shadow(visit, path):
    page = visit(path, WIDTHS["narrow"])
    shadows = page.evaluate(
        """() => [...document.querySelectorAll(
             ".symconv-math > .arithmatex, .symconv-scroll, .symconv-fig-line"
           )].filter((box) => box.scrollWidth > box.clientWidth + 1)
             .map((box) => getComputedStyle(box).backgroundImage.split("linear-gradient").length - 1)"""
    )
    assert shadows
    assert set(shadows) == {4}


def test_the_sums_of_windows_of_two_channels_are_in_sight(visit):
    page = visit(CHANNELS)
    sums = page.locator(".symconv-windows .arithmatex")
    assert sums.count() == 2
    assert sums.evaluate_all("boxes => boxes.every((box) => box.scrollWidth <= box.clientWidth + 1)")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_link_of_a_heading_does_not_take_a_line_of_its_own(visit, width):
    page = visit(LESSON, width)
    taller = page.evaluate(
        """() => [...document.querySelectorAll("h2:has(> .headerlink)")].filter((heading) => {
             const before = heading.offsetHeight
             heading.querySelector(".headerlink").style.display = "none"
             return heading.offsetHeight < before
           }).map((heading) => heading.textContent)"""
    )
    assert taller == []


def test_the_reader_chooses_a_size(visit):
    page = visit(LESSON)
    figure = page.locator("figure:has(.symconv-choice)")
    shown = figure.locator(".symconv-variant:visible")
    tables = shown.locator("annotation")  # the LaTeX that KaTeX keeps in a formula
    assert shown.count() == 1
    assert "x_{2,2}" in tables.last.text_content()
    assert "x_{2,3}" not in tables.last.text_content()
    figure.get_by_label("input").select_option("3×4")
    figure.get_by_label("kernel").select_option("2×3")
    assert shown.count() == 1
    assert "x_{2,3}" in tables.last.text_content()
    assert "w_{1,2}" in tables.last.text_content()
    assert shown.locator(".katex").first.is_visible()


def test_the_reader_chooses_the_size_at_which_a_proof_is_shown(visit):
    page = visit(EVERY_SIZE)
    figure = page.locator("figure:has(.symconv-choice)")
    shown = figure.locator(".symconv-variant:visible")
    assert "12 entries" not in shown.inner_text()
    figure.get_by_label("input").select_option("4×5")
    figure.get_by_label("kernel").select_option("2×2")
    assert shown.count() == 1
    assert "12 entries, 48 terms on each side" in shown.inner_text()
    figure.get_by_label("stride").select_option("[1, 2]")
    assert "6 entries, 24 terms on each side" in shown.inner_text()


def test_every_figures_latex_can_be_copied(visit):
    page = visit(LESSON, permissions=["clipboard-read", "clipboard-write"])
    for source in page.locator("details.symconv-source:visible").all():
        source.locator("summary").click()
        code = source.locator("pre > code")
        assert code.is_visible()
        source.locator("button[data-clipboard-target], button[data-md-type=copy]").click()
        assert page.evaluate("navigator.clipboard.readText()").strip() == code.inner_text().strip()


def test_search_finds_the_lesson(visit):
    page = visit("index.html")
    page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("patch matrix")
    result = page.locator(".md-search-result__link[href*='one-matrix-product']").first
    result.wait_for()
    result.click()
    page.wait_for_url("**/one-matrix-product.html*")


def test_the_scheme_can_be_switched(visit):
    page = visit(LESSON)
    seen = set()
    for _ in range(3):
        seen.add(page.evaluate("document.body.getAttribute('data-md-color-scheme')"))
        page.locator("label.md-header__button:visible[for^=__palette]").click()
    assert seen == {"default", "slate"}


def test_a_proof_is_printed_with_the_side_conditions_that_are_folded_on_the_screen(visit):
    page = visit(EVERY_SIZE)
    conditions = page.locator("ol.symconv-steps").first.locator("details ul")
    seen = "lists => lists.map((list) => list.checkVisibility({ contentVisibilityAuto: true }))"
    assert conditions.evaluate_all(seen) == [False] * 9
    page.emulate_media(media="print")
    assert conditions.evaluate_all(seen) == [True] * 9


def test_in_print_there_are_no_buttons_and_every_window(visit):
    page = visit(LESSON)
    page.emulate_media(media="print")
    assert page.locator(".symconv-source:visible").count() == 0
    assert page.locator(".symconv-choice:visible").count() == 0
    assert page.locator(".symconv-windows").first.locator("li:visible").count() == 4


def test_without_javascript_every_variant_is_there_to_read(visit):
    page = visit(LESSON, java_script_enabled=False)
    figure = page.locator("figure:has(.symconv-choice)")
    assert (
        figure.locator(".symconv-variant:visible").count() == figure.locator(".symconv-variant").count() > 1
    )
    assert page.locator(".symconv-window").first.is_visible()


def test_pieces_are_marked_and_stay_inside_their_cards(visit):
    page = visit(SMALLER, 390)
    marked = page.locator(".symconv-pieces").first.locator("li").first.locator("td.symconv-marked")
    assert marked.all_inner_texts() == ["1", "3", "5", "7", "1", "100"]
    outside = page.evaluate(
        """() => [...document.querySelectorAll(".symconv-pieces > li")].filter((card) =>
             [...card.querySelectorAll(".symconv-cells, .arithmatex, .symconv-label")].some(
               (part) => part.getBoundingClientRect().right > card.getBoundingClientRect().right)).length"""
    )
    assert outside == 0


@pytest.mark.parametrize("path", FORMS)
def test_a_wide_table_scrolls_in_its_box_and_can_be_reached(visit, path):
    page = visit(path, 390)
    boxes = page.locator(".symconv-scroll")
    assert boxes.count() > 0
    for box in boxes.all():
        assert box.get_attribute("tabindex") == "0"
        assert box.get_attribute("aria-label") == box.locator("caption").text_content()
        assert box.evaluate("e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)")


def test_the_reader_chooses_the_other_layout(visit):
    page = visit("lessons/seven-layouts.html")
    figure = page.locator("figure:has(.symconv-choice)")
    shown = figure.locator(".symconv-variant:visible")
    assert "matlab: c kw kh down" in shown.inner_text()
    figure.get_by_label("other").select_option("onnx")
    assert shown.count() == 1
    assert "onnx: c kh kw down" in shown.inner_text()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_charts_take_the_pages_colours_and_say_in_words_what_they_show(visit, scheme):
    page = visit(FAST, scheme=scheme)
    charts = page.locator("svg.chart")
    assert charts.count() == 2
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for chart in charts.all():
        assert chart.get_attribute("role") == "img"
        assert len(chart.get_attribute("aria-label")) > 80
        assert chart.bounding_box()["width"] > 500
        assert chart.locator("text").first.evaluate("e => getComputedStyle(e).fill") != background
    colours = charts.first.locator(".chart-line").evaluate_all(
        "es => es.map((e) => getComputedStyle(e).color)"
    )
    assert len(set(colours)) == len(colours) > 2
