"""The figure that answers back, in a real Chromium: mouse, keyboard, links, print, phones, both schemes."""

import json
import re

import numpy as np
import pytest
from markdown import Markdown

import symconv as sc
from symconv.errors import GeometryError
from symconv.index_map import index_map
from symconv.lesson.block import read_block
from symconv.lesson.interactive import interactive, tables
from tests.site.conftest import ROOT, mkdocs

pytestmark = pytest.mark.browser

BLOCKS = {
    "numbers": "input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nkernel: [[9, 8], [7, 6]]",
    "padded": "input: 5x4\nkernel: 3x2\nstride: [2, 1]\npadding: [[1, 0], [0, 2]]\nstart: 1\ncontrols: open",
    "groups": "input: 3x3\nkernel: 2x2\nchannels: 4\nkernels: 4\ngroups: 2\ncells: [[3, 0, 1]]",
    "sequence": "input: 7\nkernel: 3\ndilation: 2\npadding: [[2, 0]]",
    "moving": "input: 4x4\nkernel: 2x2\nkernels: 2\nplay: true",
}
PAGE = "# Figures\n\n" + "\n\n".join(
    f"## {name}\n\n```symconv\n{text}\nshow: [figure]\n```" for name, text in BLOCKS.items()
)
PLAIN = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Figures</title>
<meta name="viewport" content="width=device-width"></head><body><main>{body}</main></body></html>"""
THEMED = """site_name: figures
use_directory_urls: false
theme:
  name: material
  font: false
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default, primary: indigo, accent: deep orange}
    - {media: "(prefers-color-scheme: dark)", scheme: slate, primary: indigo, accent: deep orange}
plugins: []
markdown_extensions: [pymdownx.superfences, symconv]
"""
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FIGURES = list(BLOCKS)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A page without a theme, in a folder: the address of the file."""
    path = tmp_path_factory.mktemp("plain") / "figures.html"
    path.write_text(PLAIN.format(body=Markdown(extensions=["symconv"]).convert(PAGE)), "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def themed(tmp_path_factory):
    """The same page under Material, in a folder."""
    folder = tmp_path_factory.mktemp("themed")
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(PAGE, "utf-8")
    (folder / "mkdocs.yml").write_text(THEMED, "utf-8")
    built = mkdocs("build", "--strict", cwd=folder)
    assert built.returncode == 0, built.stderr
    return (folder / "site" / "index.html").as_uri()


@pytest.fixture
def visit(browser):
    """Open a page from a folder; complain at the end of errors, warnings and requests to anywhere else."""
    contexts, complaints = [], []

    def open_page(address, width=1280, **settings):
        context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("request", lambda r: r.url.startswith("http") and complaints.append(f"asked for {r.url}"))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def block_of(name):
    return read_block(f"{BLOCKS[name]}\nshow: [figure]")[0]


def figure(page, name):
    return page.locator("symconv-figure").nth(FIGURES.index(name))


def cell(page, name, part, index, number):
    return figure(page, name).locator(f'table[data-part="{part}"]').nth(index).locator("tbody td").nth(number)


LIT = """(figure) => {
  const found = { x: [], w: [], y: [], tap: [] }
  for (const { dataset, tBodies } of figure.querySelectorAll("table"))
    for (const [i, cell] of tBodies[0].querySelectorAll("td").entries())
      for (const hue in found)
        if (cell.classList.contains(`symconv-fig-${hue}`))
          found[hue].push(`${dataset.part} ${dataset.index} ${i}`)
  return found
}"""


def lit(page, name):
    """What is lit: for x, w, y and tap the cells as “part table cell”."""
    return {hue: set(cells) for hue, cells in figure(page, name).evaluate(LIT).items()}


def expected(name, picked):
    """What should be lit: where the factors and results of the picked products (row, tap, filter) stand."""
    block = block_of(name)
    g, plan = block.layer.geometry, block.layer.matrices.plan
    reads = index_map(g.padded()).patch
    size = int(np.prod([n + sum(pad) for n, pad in zip(g.input_size, g.padding, strict=True)]))
    taps = int(np.prod(g.kernel_size))
    found = {"x": set(), "w": set(), "y": set()}
    for q, f in np.argwhere(plan.weight != plan.kernel_cells).tolist():
        for r in range(len(reads)):
            p = int(reads[r, q])
            if picked(r=r, q=q, f=f, p=p):
                k = int(plan.weight[q, f])
                found["x"] |= {f"input {p // size} {p % size}", f"P 0 {r * reads.shape[1] + q}"}
                found["w"] |= {f"kernel {k // taps} {k % taps}", f"W 1 {q * g.out_channels + f}"}
                found["y"] |= {f"output {f} {r}", f"Y 2 {r * g.out_channels + f}"}
    return found


def said(page, name):
    return figure(page, name).locator(".symconv-fig-sum").inner_text().replace("\n", "")


def without_tap(found):
    return {hue: cells for hue, cells in found.items() if hue != "tap"}


def hash_of(page):
    page.wait_for_timeout(350)  # the address follows a moment later
    return page.evaluate("location.hash")


@pytest.mark.parametrize("name", FIGURES)
def test_the_first_output_cell_is_lit_and_spelled_out(visit, plain, name):
    page = visit(plain)
    r, f = (1, 3) if name == "groups" else (0, 0)
    if name != "moving":
        assert without_tap(lit(page, name)) == expected(name, lambda **at: (at["r"], at["f"]) == (r, f))
        terms = int(np.prod(block_of(name).layer.geometry.kernel_shape[1:]))
        assert said(page, name).count("+") == terms - 1
    if name == "numbers":
        assert said(page, name) == "y0,0 = 9 · 1 + 8 · 2 + 7 · 4 + 6 · 5 = 83"


POINTED = [
    ("numbers", "output", 0, 3, lambda r, f, **_: (r, f) == (3, 0),
     "y1,1 = 9 · 5 + 8 · 6 + 7 · 8 + 6 · 9 = 203"),
    ("numbers", "Y", 0, 1, lambda r, f, **_: (r, f) == (1, 0), "y0,1 = 9 · 2 + 8 · 3 + 7 · 5 + 6 · 6 = 113"),
    ("numbers", "input", 0, 4, lambda p, **_: p == 4,
     "The input cell 5 goes into y0,0 by 6, y0,1 by 7, y1,0 by 8, y1,1 by 9."),
    ("numbers", "kernel", 0, 2, lambda q, **_: q == 2, "Tap 1,0 multiplies column 3 of P by 7: 4, 5, 7, 8."),
    ("numbers", "W", 0, 1, lambda q, **_: q == 1, "Tap 0,1 multiplies column 2 of P by 8: 2, 3, 5, 6."),
    ("numbers", "P", 0, 6, lambda r, **_: r == 1, "y0,1 = 9 · 2 + 8 · 3 + 7 · 5 + 6 · 6 = 113"),
    ("padded", "input", 0, 0, lambda p, **_: p == 0, "This padding zero goes into y1,1 by w1,1."),
    ("padded", "output", 0, 4, lambda r, **_: r == 4, None),
    ("groups", "output", 2, 1, lambda r, f, **_: (r, f) == (1, 2), None),
    ("groups", "kernel", 5, 3, lambda q, f, **_: (q, f) == (15, 2), None),
    ("groups", "input", 3, 4, lambda p, **_: p == 3 * 9 + 4, None),
    ("groups", "W", 0, 3 * 4 + 2, lambda **_: False,
     "This weight is a zero: tap 0,1,1 is in another group than kernel 2."),
    ("sequence", "output", 0, 2, lambda r, **_: r == 2, "y2 = w0 x0 + w1 x2 + w2 x4"),
    ("sequence", "input", 0, 0, lambda p, **_: p == 0, "This padding zero goes into y0 by w0."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "part", "index", "number", "picked", "words"), POINTED,
                         ids=[f"{row[0]}-{row[1]}-{row[3]}" for row in POINTED])  # fmt: skip
@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_what_belongs_together_lights_up(visit, plain, how, name, part, index, number, picked, words):
    page = visit(plain)
    target = cell(page, name, part, index, number)
    if how == "mouse":
        target.hover()
    else:
        walk(page, figure(page, name), part, target)
    wanted = expected(name, picked)
    if part == "input":
        wanted["x"].add(f"input {index} {number}")
    assert without_tap(lit(page, name)) == wanted
    if words:
        assert said(page, name) == words
    if how == "mouse":  # what is pointed at goes when the pointer does
        before = said(page, name)
        page.mouse.move(5, 5)
        assert said(page, name) != before or number == 0


def walk(page, of, part, target):
    """Reach a cell of a part by the tab key and the arrows alone."""
    of.get_by_role("slider", name="output cell").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        there = page.evaluate("document.activeElement.closest('[data-part]')?.dataset.part")
        inside = of.evaluate("(e) => e.contains(document.activeElement)")
        if inside and there == part:
            break
    place = "(e) => [+e.closest('table').dataset.index, e.parentElement.rowIndex, e.cellIndex]"
    wanted = target.evaluate(place)
    for _ in range(60):
        now = page.evaluate_handle("document.activeElement").evaluate(place)
        if now == wanted:
            return
        if now[0] != wanted[0]:
            page.keyboard.press("End")
            page.keyboard.press("ArrowRight" if now[0] < wanted[0] else "ArrowLeft")
        elif now[1] != wanted[1]:
            page.keyboard.press("ArrowDown" if now[1] < wanted[1] else "ArrowUp")
        else:
            page.keyboard.press("ArrowRight" if now[2] < wanted[2] else "ArrowLeft")
    raise AssertionError(f"no way to {wanted}, stuck at {now}")


@pytest.mark.parametrize(
    ("part", "scope", "number", "picked"),
    [
        ("P", "row", 2, lambda r, **_: r == 2),
        ("P", "col", 1, lambda q, **_: q == 1),
        ("W", "row", 3, lambda q, **_: q == 3),
        ("W", "col", 0, lambda f, **_: f == 0),
        ("Y", "row", 1, lambda r, **_: r == 1),
        ("Y", "col", 0, lambda f, **_: f == 0),
    ],
)
def test_rows_and_columns_are_picked_by_their_heads(visit, plain, part, scope, number, picked):
    page = visit(plain)
    head = figure(page, "numbers").locator(f'[data-part="{part}"] th[scope="{scope}"]').nth(number)
    head.hover()
    assert without_tap(lit(page, "numbers")) == expected("numbers", picked)
    page.mouse.move(5, 5)
    walk(page, figure(page, "numbers"), part, head)
    assert without_tap(lit(page, "numbers")) == expected("numbers", picked)


def test_a_cell_of_p_marks_its_tap_in_every_table(visit, plain):
    page = visit(plain)
    cell(page, "numbers", "P", 0, 6).hover()  # row 1, tap (1, 0)
    assert lit(page, "numbers")["tap"] == {"P 0 6", "W 1 2", "kernel 0 2", "input 0 4", "output 0 1", "Y 2 1"}
    marked = figure(page, "numbers").locator(".symconv-fig-term.symconv-fig-tap")
    assert marked.all_inner_texts() == ["7 · 5"]


def test_a_click_stays_and_escape_lets_go(visit, plain):
    page = visit(plain)
    cell(page, "numbers", "output", 0, 2).click()
    page.mouse.move(5, 5)
    assert said(page, "numbers").endswith("= 173")
    page.keyboard.press("Escape")
    assert lit(page, "numbers") == {"x": set(), "w": set(), "y": set(), "tap": set()}
    assert said(page, "numbers") == "Point at a cell, or step."
    figure(page, "numbers").get_by_role("button", name="Step").click()
    assert said(page, "numbers").endswith("= 83")


def test_home_and_end_and_the_next_channel(visit, plain):
    page = visit(plain)
    cell(page, "groups", "input", 0, 0).click()
    where = "[document.activeElement.closest('table').dataset.index, document.activeElement.innerText]"
    for key, wanted in (
        ("End", ["0", "x0,0,2"]),
        ("Control+End", ["0", "x0,2,2"]),
        ("ArrowDown", ["1", "x1,2,2"]),
        ("Home", ["1", "x1,2,0"]),
        ("Control+Home", ["1", "x1,0,0"]),
        ("ArrowUp", ["0", "x0,0,0"]),
        ("ArrowUp", ["0", "x0,0,0"]),
    ):
        page.keyboard.press(key)
        assert page.evaluate(where) == wanted
    stops = figure(page, "groups").locator("table [tabindex='0']")
    assert stops.count() == 6  # one for each part


def test_step_back_and_slider(visit, plain):
    page = visit(plain)
    of = figure(page, "numbers")
    seen = []
    for _ in range(4):
        of.get_by_role("button", name="Step").click()
        seen.append(said(page, "numbers").split("= ")[-1])
    assert seen == ["113", "173", "203", "83"]
    of.get_by_role("button", name="Back").click()
    assert said(page, "numbers").endswith("= 203")
    slider = of.get_by_role("slider", name="output cell")
    assert slider.input_value() == "3"
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert said(page, "numbers").endswith("= 173")
    assert slider.get_attribute("aria-valuetext") == said(page, "numbers").replace("\n", "")
    assert of.locator(".symconv-fig-count").inner_text() == "3 of 4"
    page.keyboard.press("Home")
    assert said(page, "numbers").endswith("= 83")
    # one step after the other through the maps of all kernels
    of = figure(page, "groups")
    of.get_by_role("slider", name="output cell").fill("15")
    assert said(page, "groups").startswith("y3,1,1 =")
    of.get_by_role("button", name="Step").click()
    assert said(page, "groups").startswith("y0,0,0 =")


def test_it_plays_and_pauses(visit, plain):
    page = visit(plain)
    of = figure(page, "numbers")
    play = of.locator(".symconv-fig-play")
    play.click()
    page.mouse.move(5, 5)
    assert play.inner_text() == "Pause"
    of.locator(".symconv-fig-count", has_text="3 of 4").wait_for()
    assert of.locator(".symconv-fig-sum").get_attribute("aria-live") == "off"
    play.click()
    at = of.locator(".symconv-fig-count").inner_text()
    page.wait_for_timeout(1500)
    assert (play.inner_text(), of.locator(".symconv-fig-count").inner_text()) == ("Play", at)


def test_a_figure_that_moves_does_so_while_it_is_seen(visit, plain):
    page = visit(plain)
    of = figure(page, "moving")
    assert of.locator(".symconv-fig-play").inner_text() == "Pause"
    page.wait_for_timeout(1500)
    assert of.locator(".symconv-fig-count").inner_text() == "1 of 18"
    of.scroll_into_view_if_needed()
    of.locator(".symconv-fig-count", has_text="3 of 18").wait_for()
    cell(page, "moving", "output", 1, 4).click()
    assert of.locator(".symconv-fig-play").inner_text() == "Play"
    assert of.locator(".symconv-fig-count").inner_text() == "14 of 18"


def test_with_reduced_motion_it_steps(visit, plain):
    page = visit(plain, reduced_motion="reduce")
    of = figure(page, "moving")
    of.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    assert not of.locator(".symconv-fig-play").is_visible()
    assert of.locator(".symconv-fig-count").inner_text() == "1 of 18"
    of.get_by_role("button", name="Step").click()
    assert of.locator(".symconv-fig-count").inner_text() == "2 of 18"


def open_sizes(page, name):
    of = figure(page, name)
    if not of.locator(".symconv-fig-fields").is_visible():
        of.locator("summary").click()
    return of


def test_the_reader_changes_every_size(visit, plain):
    page = visit(plain)
    of = open_sizes(page, "padded")
    fields = {
        "input down": 4, "input across": 6, "kernel down": 2, "kernel across": 3, "channels": 2, "kernels": 4,
        "groups": 2, "stride down": 1, "stride across": 2, "dilation down": 2, "dilation across": 1,
        "padding above": 0, "padding below": 1, "padding left": 2, "padding right": 1,
    }  # fmt: skip
    for name, value in fields.items():
        of.get_by_label(name, exact=True).and_(of.locator("input")).fill(str(value))
    (block,) = read_block(
        "input: 4x6\nkernel: 2x3\nchannels: 2\nkernels: 4\ngroups: 2\nstride: [1, 2]\ndilation: [2, 1]\n"
        "padding: [[0, 1], [2, 1]]\nstart: 1\nshow: [figure]"
    )
    assert texts(of) == texts_of(block)
    of.get_by_role("button", name="As it was").click()
    assert texts(of) == texts_of(block_of("padded"))


def texts(of):
    """The cells of every table as text, and the captions."""
    return of.locator("table").evaluate_all(
        """(all) => all.map((table) => [table.caption.innerText,
             ...[...table.querySelectorAll("tbody td")].map((cell) => cell.textContent)])"""
    )


def texts_of(block):
    found = []
    for table in re.findall(r"<table.*?</table>", tables(block.layer.matrices)):
        body = table.split("<tbody>")[1]
        caption = re.search(r"<caption>(.*?)</caption>", table)[1]
        found.append([caption, *(re.sub("<.*?>", "", td) for td in re.findall(r"<td.*?>(.*?)</td>", body))])
    return found


def test_letters_and_numbers_can_be_chosen(visit, plain):
    page = visit(plain)
    of = open_sizes(page, "numbers")
    of.get_by_label("entries", exact=True).and_(of.locator("select")).select_option("letters")
    assert said(page, "numbers") == "y0,0 = w0,0 x0,0 + w0,1 x0,1 + w1,0 x1,0 + w1,1 x1,1"
    of.get_by_label("entries", exact=True).and_(of.locator("select")).select_option("as given")
    assert said(page, "numbers").endswith("= 83")
    of = open_sizes(page, "sequence")
    of.get_by_label("entries", exact=True).and_(of.locator("select")).select_option("numbers")
    assert said(page, "sequence") == "y0 = 9 · 0 + 8 · 1 + 7 · 3 = 29"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kernel down", 9, {"kernel_size": (9, 2)}),
        ("stride across", 0, {"stride": (2, 0)}),
        ("groups", 2, {"groups": 2}),
        ("dilation across", 40, {"dilation": (1, 40)}),
    ],
)
def test_an_impossible_setting_says_why(visit, plain, field, value, words):
    layer = {"input_size": (5, 4), "kernel_size": (3, 2), "stride": (2, 1), "padding": ((1, 0), (0, 2))}
    with pytest.raises(GeometryError) as refused:
        sc.Geometry(**{**layer, **words})
    page = visit(plain)
    of = open_sizes(page, "padded")
    entry = of.get_by_label(field, exact=True).and_(of.locator("input"))
    before = entry.input_value()
    entry.fill(str(value))
    alert = of.get_by_role("alert")
    assert alert.inner_text() == str(refused.value)
    assert texts(of) == texts_of(block_of("padded"))  # what can still be seen is the last layer there was
    for part in (".symconv-fig-bar", ".symconv-fig-stage", ".symconv-fig-copy"):
        assert of.locator(part).evaluate("(e) => e.inert")
    entry.fill(before)
    assert not alert.is_visible()
    assert of.locator("[inert]").count() == 0


def test_a_layer_too_large_for_a_figure_says_so(visit, plain):
    page = visit(plain)
    of = open_sizes(page, "padded")
    of.get_by_label("input down", exact=True).fill("1000000")
    assert "and a figure shows at most 2,500, so choose smaller sizes" in of.get_by_role("alert").inner_text()


def test_the_address_carries_the_state_of_each_figure(visit, plain):
    page = visit(plain)
    cell(page, "numbers", "output", 0, 3).click()
    assert hash_of(page) == "#figure-1.row=3&figure-1.filter=0"
    of = open_sizes(page, "sequence")
    of.get_by_label("input", exact=True).and_(of.locator("input")).fill("6")
    assert (
        hash_of(page) == "#figure-1.row=3&figure-1.filter=0&figure-4.input=6&figure-4.row=0&figure-4.filter=0"
    )
    cell(page, "sequence", "input", 0, 4).click()
    cell(page, "numbers", "P", 0, 5).click()
    page.wait_for_timeout(350)
    address = page.url
    fresh = visit(address)
    for name in ("numbers", "sequence"):
        assert said(fresh, name) == said(page, name)
        assert lit(fresh, name) == lit(page, name)
    assert texts(figure(fresh, "sequence")) == texts(figure(page, "sequence"))
    assert said(fresh, "sequence") == "The input cell x2 goes into y0 by w2, y2 by w1."
    assert figure(fresh, "numbers").bounding_box() is not None


def test_a_link_goes_to_its_figure_also_from_the_same_page(visit, plain):
    page = visit(plain + "#figure-3.row=2&figure-3.filter=1")
    assert said(page, "groups").startswith("y1,1,0 =")
    assert figure(page, "groups").evaluate("(e) => e.getBoundingClientRect().top < innerHeight")
    page.evaluate("location.hash = '#figure-1.row=1&figure-1.filter=0'")
    page.wait_for_function("document.querySelector('.symconv-fig-sum').innerText.includes('113')")


@pytest.mark.parametrize(
    "said_of_it",
    [
        "input=zzz",
        "input=3",
        "input=1x2x3",
        "kernel=9x9",
        "stride=",
        "padding=1",
        "entries=zzz",
        "zzz=1",
        "row=99&figure-1.filter=0",
        "row=-1",
        "tap=x",
        "filter=1e3",
    ],
)
def test_an_address_that_somebody_made_up_breaks_nothing(visit, plain, said_of_it):
    page = visit(f"{plain}#figure-1.{said_of_it}")
    assert len(texts(figure(page, "numbers"))) == 6
    cell(page, "numbers", "output", 0, 1).click(force=True)
    figure(page, "numbers").get_by_role("button", name="Step").click(force=True)


def test_what_is_copied(visit, plain):
    page = visit(plain, permissions=["clipboard-read", "clipboard-write"])
    of = figure(page, "numbers")
    layer = block_of("numbers").layer
    cell(page, "numbers", "output", 0, 1).click()

    def copied(name):
        of.get_by_role("link" if name == "link" else "button", name=name, exact=True).click()
        of.get_by_role("status").filter(has_text="copied").wait_for()
        assert not of.locator("textarea").is_visible()
        return page.evaluate("navigator.clipboard.readText()")

    assert copied("LaTeX") == f"{layer.latex('product')}\n\n{layer.latex('sum', cell=(0, 1))}\n"
    names = {}
    exec(copied("Python"), names)  # noqa: S102 (what the reader would run)
    assert names["u"].output.tolist() == [[83, 113], [173, 203]]
    drawn = copied("SVG")
    assert drawn.startswith("<svg xmlns=")
    assert drawn.count('fill-opacity="0.3"') == sum(
        len(v) for v in without_tap(lit(page, "numbers")).values()
    )
    assert copied("link") == f"{plain}#figure-1.row=1&figure-1.filter=0"


@pytest.mark.parametrize("clipboard", ["{writeText: () => Promise.reject(new Error('no'))}", "undefined"])
def test_where_the_clipboard_is_refused_the_text_is_selected(visit, browser, plain, clipboard):
    page = visit("about:blank")
    page.add_init_script(f"Object.defineProperty(navigator, 'clipboard', {{value: {clipboard}}})")
    page.goto(plain)
    of = figure(page, "numbers")
    of.get_by_role("button", name="LaTeX").click()
    text = of.get_by_label("text to copy")
    assert text.input_value().startswith(block_of("numbers").layer.latex("product"))
    assert page.evaluate("getSelection().toString()") == text.input_value()
    assert "Ctrl+C" in of.get_by_role("status").inner_text()


def test_without_javascript_it_is_tables(visit, plain):
    page = visit(plain, java_script_enabled=False)
    for name in FIGURES:
        of = figure(page, name)
        assert of.locator("table:visible").count() == interactive(block_of(name)).count("<table")
        assert of.locator("button").count() == 0
        assert all(c.is_visible() for c in of.locator("caption").all())
    assert cell(page, "numbers", "Y", 0, 3).inner_text() == "203"


def test_in_print_it_is_tables(visit, plain):
    page = visit(plain)
    page.emulate_media(media="print")
    assert page.locator("symconv-figure :is(button, input, select, summary):visible").count() == 0
    for name in FIGURES:
        of = figure(page, name)
        assert of.locator("table:visible").count() == of.locator("table").count() >= 6
        for line in of.locator(".symconv-fig-line").all():
            assert line.evaluate("(e) => getComputedStyle(e).overflowX") == "visible"
            assert line.evaluate("(e) => getComputedStyle(e).maxHeight") == "none"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_scrolls_inside_itself(visit, themed, width, scheme):
    page = visit(themed, width, color_scheme=scheme)
    for name in FIGURES:
        open_sizes(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for line in page.locator(".symconv-fig-line").all():
        assert line.evaluate(
            "(e) => e.scrollWidth <= e.clientWidth || getComputedStyle(e).overflowX === 'auto'"
        )
    product = figure(page, "groups").locator(".symconv-fig-product")
    if width == 390:
        assert product.evaluate("(e) => e.scrollWidth > e.clientWidth")
        walk(page, figure(page, "groups"), "Y", cell(page, "groups", "Y", 0, 9))
        box, inner = product.bounding_box(), cell(page, "groups", "Y", 0, 9).bounding_box()
        assert box["x"] <= inner["x"] <= inner["x"] + inner["width"] <= box["x"] + box["width"] + 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("under", ["themed", "plain"])
def test_axe_finds_no_violation(visit, request, under, scheme):
    page = visit(request.getfixturevalue(under), color_scheme=scheme, reduced_motion="reduce")
    for name in FIGURES:
        open_sizes(page, name)
    cell(page, "numbers", "P", 0, 6).click()
    cell(page, "padded", "input", 0, 0).click()
    of = figure(page, "sequence")
    of.get_by_label("kernel", exact=True).and_(of.locator("input")).fill("9")
    assert of.get_by_role("alert").is_visible()
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run('symconv-figure', { preload: false })")
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    assert json.dumps(found["passes"])


def test_a_figure_that_comes_later_answers_as_well(visit, plain):
    page = visit(plain)
    html = interactive(read_block("input: [[1, 2], [3, 4]]\nkernel: [[5, 6]]\nshow: [figure]")[0])
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)
    later = page.locator("symconv-figure").last
    later.get_by_role("button", name="Step").click()
    assert later.locator(".symconv-fig-sum").inner_text().replace("\n", "") == "y1,0 = 5 · 3 + 6 · 4 = 39"
    # a theme may take a figure out of the page and put it back
    page.evaluate("(() => { const m = document.querySelector('main'); m.append(m.lastElementChild) })()")
    later.get_by_role("button", name="Back").click()
    assert later.locator(".symconv-fig-sum").inner_text().endswith("= 17")
    assert later.locator(".symconv-fig-bar").count() == 1


def test_a_finger_picks_too(visit, plain):
    page = visit(plain, 390, has_touch=True, is_mobile=True)
    cell(page, "numbers", "P", 0, 9).tap()
    assert said(page, "numbers").endswith("= 173")
    cell(page, "numbers", "input", 0, 8).tap()
    assert said(page, "numbers") == "The input cell 9 goes into y1,1 by 6."


def test_heads_that_stay_in_sight_have_the_colour_of_the_page(visit, plain, themed):
    for address, scheme in ((plain, "light"), (themed, "light"), (themed, "dark")):
        page = visit(address, color_scheme=scheme)
        if address == plain:
            page.evaluate("document.body.style.background = 'rgb(10, 20, 30)'")
            page.evaluate("document.querySelector('symconv-figure').index()")
        head = figure(page, "numbers").locator('[data-part="P"] thead th').first
        seen = head.evaluate("(e) => getComputedStyle(e).backgroundColor")
        wanted = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert seen == wanted != "rgba(0, 0, 0, 0)"


def test_the_lit_row_is_scrolled_into_its_box_and_the_page_stays(visit, plain):
    page = visit(plain)
    of = open_sizes(page, "padded")
    of.get_by_label("input down", exact=True).fill("20")
    of.get_by_label("input across", exact=True).fill("9")
    box = of.locator(".symconv-fig-product")
    assert box.evaluate("(e) => e.scrollHeight > e.clientHeight")
    before = page.evaluate("scrollY")
    of.get_by_role("slider", name="output cell").fill("70")
    row = cell(page, "padded", "P", 0, 70 * 6).bounding_box()
    outer = box.bounding_box()
    assert outer["y"] < row["y"] < row["y"] + row["height"] <= outer["y"] + outer["height"]
    assert page.evaluate("scrollY") == before
