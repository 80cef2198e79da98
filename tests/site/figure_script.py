"""The pure parts of the figure's JavaScript in an engine of their own, to be compared with Python."""

from html import unescape
from pathlib import Path
from re import findall

from py_mini_racer import MiniRacer

import symconv
from symconv.lesson.interactive import interactive

ASSETS = Path(symconv.__file__).parent / "lesson" / "assets" / "figure"
PURE = [f for f in sorted(ASSETS.glob("*.js")) if f.name < "8"]
# What the element does when it finds itself in a page, up to what needs one.
FOUND = """
const found = (data, changed) => {
  const given = (text) => (text ? JSON.parse(text) : null)
  const authors = symconvPlan.readState(data)
  const state = symconvPlan.readState({ ...data, ...changed })
  const own = { x: given(data.x), w: given(data.w), hidden: Number(data.hidden) }
  return symconvLayer.layer({ ...state, ...symconvLayer.entriesOf(state, authors, own) })
}
const asked = (name, data, changed, ...rest) => {
  const l = found(data, changed)
  const { text } = symconvEntries
  const answers = {
    html: () => symconvTables.layerHtml(l),
    maps: () => [l.patch, l.weight, l.reads, l.output, l.cells, l.weights],
    entries: () => [l.P, l.W, l.Y].map((matrix) => matrix.map((row) => row.map(text))),
    product: () => symconvLatex.productLatex(l),
    sum: () => symconvLatex.sumLatex(l, ...rest),
    repl: () => symconvLatex.repl(l),
    svg: () => symconvSvg.svg(l, (part, table, cell) => (cell ? "" : { input: "x", W: "w", Y: "y" }[part])),
    say: () => symconvWords.say(l, ...rest),
    products: () => symconvLayer.products(l, ...rest).map((one) => [one, symconvLayer.placesOf(l, one)]),
  }
  return JSON.stringify(answers[name]())
}
"""


def engine():
    """A JavaScript engine that has read the figure's pure parts; close it, or the process hangs."""
    racer = MiniRacer()
    racer.eval(";\n".join([*(f.read_text("utf-8") for f in PURE), FOUND]))
    return racer


def data_of(block):
    """The data attributes of a block's figure."""
    tag = interactive(block).split(">", 1)[0]
    return {name: unescape(value) for name, value in findall(r'data-([a-z]+)="([^"]*)"', tag)}
