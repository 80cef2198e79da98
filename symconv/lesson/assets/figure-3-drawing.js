// The figure, part 3 of 4: a layer as tables (the same HTML that Python writes) and as an SVG.
const symconvDrawing = (() => {
  "use strict"
  const { product, indices, ravel } = symconvPlan
  const { html, split } = symconvEntries

  const counted = (n, one, many) => (n > 1 ? `${n} ${many}` : one)
  const times = (sizes) => sizes.join("×")
  const label = (place, start) => place.map((i) => String(i + start).replace("-", "−")).join(",")

  /** An array along one axis is drawn as one row. */
  const two = (sizes) => (sizes.length === 1 ? [1, ...sizes] : sizes)

  /**
   * The tables of a layer. Each has its part and its number among that part's tables, a caption, the labels of its
   * rows and columns, its cells row by row as [entry, class], and where it stands: its column and row in the
   * layer's line, or none for the matrices.
   */
  const tables = (l) => {
    const { g } = l
    const line = g.input.length === 1
    const labels = (sizes, before = [0, 0]) => {
      const [rows, columns] = two(sizes)
      const first = two(before.slice(-sizes.length))
      return {
        rows: line ? [] : Array.from({ length: rows }, (_, i) => label([i - first[0]], g.start)),
        columns: Array.from({ length: columns }, (_, i) => label([i - first[1]], g.start)),
      }
    }
    const channel = (c, all) => (all > 1 ? `, channel ${c + g.start}` : "")
    const cells = product(l.padded)
    const inputs = Array.from({ length: g.channels }, (_, c) => ({
      part: "input",
      caption: `input${channel(c, g.channels)}, ${times(g.input)}`,
      ...labels(l.padded, g.padding.map(([before]) => before)),
      cells: l.around.slice(c * cells, (c + 1) * cells).map((n) => (n === l.cells ? [zero, "padding"] : [l.x[n], ""])),
      at: [1, c + 1],
    }))
    const taps = product(g.kernel)
    const down = g.channels === 1
    const kernels = indices([g.kernels, l.own]).map(([f, c]) => ({
      part: "kernel",
      caption: `kernel${g.kernels > 1 ? ` ${f + g.start}` : ""}${channel(c, l.own)}, ${times(g.kernel)}`,
      ...labels(g.kernel),
      cells: l.w.slice((f * l.own + c) * taps, (f * l.own + c + 1) * taps).map((v) => [v, ""]),
      at: down ? [3, f + 1] : [3 + f, Math.floor(f / (g.kernels / g.groups)) * l.own + c + 1],
    }))
    const outputs = Array.from({ length: g.kernels }, (_, f) => ({
      part: "output",
      caption: `output${g.kernels > 1 ? ` ${f + g.start}` : ""}, ${times(l.output)}`,
      ...labels(l.output),
      cells: l.Y.map((row) => [row[f], ""]),
      at: down ? [5, f + 1] : [4 + g.kernels, 0],
    }))
    const positions = l.positions.map((place) => label(place, g.start))
    const names = l.taps.map((tap) => label(g.channels > 1 ? tap : tap.slice(1), g.start))
    const filters = Array.from({ length: g.kernels }, (_, f) => label([f], g.start))
    const matrix = (part, caption, rows, columns, entries) => ({
      part,
      caption: `${caption}, ${rows.length}×${columns.length}`,
      rows,
      columns,
      cells: entries,
    })
    const P = l.P.flatMap((row, r) => row.map((v, q) => [v, l.patch[r][q] === l.cells ? "padding" : ""]))
    const W = l.W.flatMap((row, q) => row.map((v, f) => [v, l.weight[q][f] === l.weights ? "outside" : ""]))
    const matrices = [
      matrix("P", "P: a row for each window", positions, names, P),
      matrix("W", `W: a column for ${counted(g.kernels, "the kernel", "kernels").replace(/^\d+ kernels/, "each kernel")}`, names, filters, W),
      matrix("Y", "Y = P · W", positions, filters, l.Y.flat().map((v) => [v, ""])),
    ]
    const numbered = (all) => all.map((table, index) => ({ ...table, index }))
    return { inputs: numbered(inputs), kernels: numbered(kernels), outputs: numbered(outputs), matrices: numbered(matrices) }
  }
  const zero = { n: 0n, d: 1n }

  // ---- HTML, character for character as symconv.lesson.interactive writes it

  const tableHtml = (table) => {
    const { rows, columns, cells, at } = table
    const head = columns.map((name) => `<th scope="col">${name}</th>`).join("")
    const corner = rows.length ? "<td></td>" : ""
    const body = Array.from({ length: cells.length / columns.length }, (_, r) => {
      const own = cells.slice(r * columns.length, (r + 1) * columns.length)
      const tds = own.map(([v, kind]) => `<td${kind ? ` class="symconv-fig-${kind}"` : ""}>${html(v)}</td>`).join("")
      return `<tr>${rows.length ? `<th scope="row">${rows[r]}</th>` : ""}${tds}</tr>`
    }).join("")
    const place = at && at[1] ? ` style="grid-area:${at[1]}/${at[0]}"` : ""
    return (
      `<table class="symconv-fig-table" data-part="${table.part}" data-index="${table.index}"${place}><caption>${table.caption}</caption>` +
      `<thead><tr>${corner}${head}</tr></thead><tbody>${body}</tbody></table>`
    )
  }

  const sign = (mark, column, rows) => {
    const place = column ? ` style="grid-area:1/${column}/span ${rows}"` : ""
    return `<span class="symconv-fig-sign"${place}>${mark}</span>`
  }

  /** The two lines of the figure: input ∗ kernels = output, and P · W = Y. */
  const layerHtml = (l) => {
    const { inputs, kernels, outputs, matrices } = tables(l)
    const all = (found) => found.map(tableHtml).join("")
    const [one, several] = [l.g.channels === 1, Math.max(l.g.channels, l.g.channels === 1 ? l.g.kernels : 1)]
    const end = one ? 4 : 3 + l.g.kernels
    const maps = one
      ? all(outputs)
      : `<div class="symconv-fig-stack" style="grid-area:1/${end + 1}/span ${several}">${all(outputs)}</div>`
    const [P, W, Y] = matrices.map(tableHtml)
    return (
      `<div class="symconv-fig-line symconv-fig-layer">${all(inputs)}${sign("∗", 2, several)}${all(kernels)}` +
      `${sign("=", end, several)}${maps}</div>` +
      `<div class="symconv-fig-line symconv-fig-product">${P}${sign("·")}${W}${sign("=")}${Y}</div>`
    )
  }

  // ---- SVG

  const CELL = 30
  const GAP = 14
  const COLOURS = { x: "#0072b2", w: "#d55e00", y: "#009e73" }

  const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
  const entrySvg = (v) => {
    if (v.name === undefined) return escape(symconvEntries.text(v).replace("-", "−"))
    const [letter, below] = split(v.name)
    return `<tspan font-style="italic">${letter}</tspan>` + (below ? `<tspan font-size="9" dy="3">${below}</tspan>` : "")
  }

  /**
   * The figure as an SVG of its own, in one colour scheme that reads on white and on dark grounds.
   * lit(part, index, cell) says which of x, w, y a cell is lit as, and nothing for the others.
   */
  const svg = (l, lit = () => "") => {
    const { inputs, kernels, outputs, matrices } = tables(l)
    const widest = Math.max(...[...inputs, ...kernels, ...outputs, ...matrices].flatMap((t) => t.cells.map(([v]) => symconvEntries.text(v).length)))
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
    // in a row each: columns of tables, one below the other, with signs between
    const row = (columns, top) => {
      let left = GAP
      let height = 0
      for (const column of columns) {
        const sizes = column.tables.map(size)
        height = Math.max(height, sizes.reduce((sum, [, h]) => sum + h + GAP, 0))
      }
      for (const { tables: column, before } of columns) {
        if (before) {
          mark(before, left + 8, top + height / 2)
          left += 16 + GAP
        }
        let y = top
        for (const t of column) {
          parts.push(draw(t, left, y))
          y += size(t)[1] + GAP
        }
        const captions = column.map((t) => t.caption.length * 5.6)
        left += Math.max(...column.map((t) => size(t)[0]), ...captions) + GAP
      }
      return [left, top + height + GAP]
    }
    const byFilter = Array.from({ length: l.g.kernels }, (_, f) => kernels.slice(f * l.own, (f + 1) * l.own))
    const drawnKernels = l.g.channels === 1 ? [byFilter.flat()] : byFilter
    const [right, below] = row(
      [
        { tables: inputs },
        ...drawnKernels.map((column, f) => ({ tables: column, before: f ? "" : "∗" })),
        { tables: outputs, before: "=" },
      ],
      GAP,
    )
    const [P, W, Y] = matrices
    const [across, end] = row([{ tables: [P] }, { tables: [W], before: "·" }, { tables: [Y], before: "=" }], below)
    const [w, h] = [Math.ceil(Math.max(right, across)), Math.ceil(end)]
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" fill="#222" ` +
      `font-family="system-ui, sans-serif" font-size="13" text-anchor="middle"><rect width="${w}" height="${h}" ` +
      `fill="#fff"/>${parts.join("")}</svg>`
    )
  }

  return { tables, layerHtml, svg, tableHtml }
})()
