// The figure, part 6 of 9: the figure as an SVG that stands alone.
const symconvSvg = (() => {
  "use strict"
  const { text, split } = symconvEntries
  const { tables } = symconvTables

  const CELL = 30
  const GAP = 14
  const COLOURS = { x: "#0072b2", w: "#d55e00", y: "#009e73" }

  const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
  const entrySvg = (v) => {
    if (v.name === undefined) return escape(text(v).replace("-", "−"))
    const [letter, below] = split(v.name)
    return `<tspan font-style="italic">${letter}</tspan>` + (below ? `<tspan font-size="9" dy="3">${below}</tspan>` : "")
  }

  /**
   * The figure as an SVG of its own, in one colour scheme that reads on white and on dark grounds.
   * lit(part, index, cell) says which of x, w, y a cell is lit as, and nothing for the others.
   */
  const svg = (l, lit = () => "") => {
    const { inputs, kernels, outputs, matrices } = tables(l)
    const widest = Math.max(...[...inputs, ...kernels, ...outputs, ...matrices].flatMap((t) => t.cells.map(([v]) => text(v).length)))
    const wide = Math.max(CELL, (l.symbolic ? 5.2 : 7.4) * widest + 8)
    const size = (t) => [t.columns.length * wide, 18 + (t.cells.length / t.columns.length) * CELL]
    const draw = (t, left, top) => {
      const title = `<text x="${left}" y="${top + 11}" font-size="11" text-anchor="start">${escape(t.caption)}</text>`
      const body = t.cells.map(([v, kind], i) => {
        const x = left + (i % t.columns.length) * wide
        const y = top + 18 + Math.floor(i / t.columns.length) * CELL
        const colour = COLOURS[lit(t.part, t.index, i)]
        const fill = colour ? ` fill="${colour}" fill-opacity="0.3"` : ' fill="none"'
        const dashes = kind ? ' stroke-dasharray="3 2"' : ""
        return (
          `<rect x="${x}" y="${y}" width="${wide}" height="${CELL}" stroke="#888"${fill}${dashes}/>` +
          `<text x="${x + wide / 2}" y="${y + CELL / 2 + 5}">${entrySvg(v)}</text>`
        )
      })
      return title + body.join("")
    }
    const parts = []
    const mark = (text, x, y) => parts.push(`<text x="${x}" y="${y + 5}" font-size="18">${text}</text>`)
    const tall = (column) => column.reduce((sum, t) => sum + size(t)[1] + GAP, -GAP)
    /** Columns of tables from left to right with signs before them; first(column) is where each begins. */
    const row = (columns, top, first) => {
      const end = ({ column, pitch }) => (pitch ? column.length * pitch - GAP : tall(column))
      const height = Math.max(...columns.map((one) => (one.from ?? 0) + end(one)))
      let left = GAP
      for (const { column, before, from, pitch } of columns) {
        if (before) {
          mark(before, left + 8, top + height / 2)
          left += 16 + GAP
        }
        let y = top + (from ?? first(column, height))
        for (const t of column) {
          parts.push(draw(t, left, y))
          y += pitch ?? size(t)[1] + GAP
        }
        const captions = column.map((t) => t.caption.length * 5.6)
        left += Math.max(...column.map((t) => size(t)[0]), ...captions) + GAP
      }
      return [left, top + height + 2 * GAP]
    }
    // each kernel beside the channels that it reads; all of one channel's kernels in one column
    const pitch = Math.max(size(inputs[0])[1], size(kernels[0])[1]) + GAP
    const beside = Array.from({ length: l.g.kernels }, (_, f) => {
      const group = Math.floor((f * l.g.groups) / l.g.kernels)
      const column = kernels.slice(f * l.own, (f + 1) * l.own)
      return { column, before: f ? "" : "∗", from: group * l.own * pitch, pitch }
    })
    const one = l.g.channels === 1
    const middle = (column, height) => (height - tall(column)) / 2
    const line = one ? [{ column: kernels, before: "∗" }] : beside
    const first = one ? { column: inputs } : { column: inputs, from: 0, pitch }
    const [right, below] = row([first, ...line, { column: outputs, before: "=" }], GAP, middle)
    const [P, W, Y] = matrices
    const product = [{ column: [P] }, { column: [W], before: "·" }, { column: [Y], before: "=" }]
    const [across, end] = row(product, below, () => 0)
    const [w, h] = [Math.ceil(Math.max(right, across)), Math.ceil(end)]
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" fill="#222" ` +
      `font-family="system-ui, sans-serif" font-size="13" text-anchor="middle"><rect width="${w}" height="${h}" ` +
      `fill="#fff"/>${parts.join("")}</svg>`
    )
  }

  return { svg }
})()
