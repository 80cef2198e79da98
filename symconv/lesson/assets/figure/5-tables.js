// The figure, part 5 of 9: a layer as tables, in the same HTML that symconv.lesson.interactive writes.
const symconvTables = (() => {
  "use strict"
  const { product, indices } = symconvPlan
  const { ZERO, html } = symconvEntries

  const times = (sizes) => sizes.join("×")
  const label = (place, start) => place.map((i) => String(i + start).replace("-", "−")).join(",")

  /** An array along one axis is drawn as one row. */
  const two = (sizes) => (sizes.length === 1 ? [1, ...sizes] : sizes)

  /**
   * The tables of a layer. Each has its part and its number among that part's tables, a caption, the labels of its
   * rows and columns, its cells row by row as [entry, class], and where it stands in the layer's line.
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
    const down = g.channels === 1 // then the kernels stand one below the other, each beside its output
    const inputs = Array.from({ length: g.channels }, (_, c) => ({
      part: "input",
      caption: `input${channel(c, g.channels)}, ${times(g.input)}`,
      ...labels(l.padded, g.padding.map(([before]) => before)),
      cells: l.around.slice(c * cells, (c + 1) * cells).map((n) => (n === l.cells ? [ZERO, "padding"] : [l.x[n], ""])),
      at: down ? `1/1/span ${g.kernels}` : `${c + 1}/1`,
    }))
    const taps = product(g.kernel)
    const kernels = indices([g.kernels, l.own]).map(([f, c]) => ({
      part: "kernel",
      caption: `kernel${g.kernels > 1 ? ` ${f + g.start}` : ""}${channel(c, l.own)}, ${times(g.kernel)}`,
      ...labels(g.kernel),
      cells: l.w.slice((f * l.own + c) * taps, (f * l.own + c + 1) * taps).map((v) => [v, ""]),
      at: down ? `${f + 1}/3` : `${Math.floor((f * g.groups) / g.kernels) * l.own + c + 1}/${3 + f}`,
    }))
    const outputs = Array.from({ length: g.kernels }, (_, f) => ({
      part: "output",
      caption: `output${g.kernels > 1 ? ` ${f + g.start}` : ""}, ${times(l.output)}`,
      ...labels(l.output),
      cells: l.Y.map((row) => [row[f], ""]),
      at: down ? `${f + 1}/5` : "",
    }))
    const positions = l.positions.map((place) => label(place, g.start))
    const names = l.taps.map((tap) => label(g.channels > 1 ? tap : tap.slice(1), g.start))
    const filters = Array.from({ length: g.kernels }, (_, f) => label([f], g.start))
    const matrix = (part, rows, columns, entries) => ({
      part,
      caption: `${part}, ${rows.length}×${columns.length}`,
      rows,
      columns,
      cells: entries,
    })
    const P = l.P.flatMap((row, r) => row.map((v, q) => [v, l.patch[r][q] === l.cells ? "padding" : ""]))
    const W = l.W.flatMap((row, q) => row.map((v, f) => [v, l.weight[q][f] === l.weights ? "outside" : ""]))
    const matrices = [
      matrix("P", positions, names, P),
      matrix("W", names, filters, W),
      matrix("Y", positions, filters, l.Y.flat().map((v) => [v, ""])),
    ]
    const numbered = (all) => all.map((table, index) => ({ ...table, index }))
    return {
      inputs: numbered(inputs),
      kernels: numbered(kernels),
      outputs: numbered(outputs),
      matrices: numbered(matrices),
    }
  }

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
    const place = at ? ` style="grid-area:${at}"` : ""
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
    const one = l.g.channels === 1
    const several = one ? l.g.kernels : l.g.channels
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

  return { tables, layerHtml }
})()
