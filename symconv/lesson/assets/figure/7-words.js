// The figure, part 7 of 9: the line of text, which says of what is picked what it comes to.
const symconvWords = (() => {
  "use strict"
  const { html, named } = symconvEntries
  const { ownTaps, products } = symconvLayer
  const MOST_TERMS = 40 // of a sum that is spelled out

  const marked = (hue, text) => `<span class="symconv-fig-${hue}">${text}</span>`
  const listed = (all, joint) =>
    all.length > MOST_TERMS
      ? [...all.slice(0, MOST_TERMS - 1), `… ${all.length - MOST_TERMS} more …`, all.at(-1)].join(joint)
      : all.join(joint)
  const outputName = (l, r, f) =>
    html(named("y", [f, ...l.positions[r]].slice(l.hidden - 1), l.g.start))
  const negative = (v) => v.n !== undefined && v.n < 0n
  const term = (l, [r, q, f], on) => {
    const dot = l.P[r][q].name === undefined || l.W[q][f].name === undefined ? " · " : " "
    const factor = (v) => (negative(v) ? `(${html(v)})` : html(v))
    const words = `${marked("w", factor(l.W[q][f]))}${dot}${marked("x", factor(l.P[r][q]))}`
    return `<span class="symconv-fig-term${on ? " symconv-fig-tap" : ""}">${words}</span>`
  }
  const say = (l, pick) => {
    const found = products(l, pick)
    const { r, q, f, p } = pick
    const place = (index) => index.map((i) => i + l.g.start).join(",")
    const tap = (n) => `tap ${place(l.g.channels > 1 ? l.taps[n] : l.taps[n].slice(1))}`
    if (r !== undefined && f !== undefined) {
      const terms = ownTaps(l, f).map((n) => term(l, [r, n, f], n === q))
      const value = l.symbolic ? "" : ` = ${marked("y", html(l.Y[r][f]))}`
      return `${marked("y", outputName(l, r, f))} = ${listed(terms, " + ")}${value}`
    }
    if (p !== undefined) {
      const n = l.around[p]
      const what = n === l.cells ? "This padding zero" : `The input cell ${marked("x", html(l.x[n]))}`
      if (!found.length) return `${what} is in no window.`
      const inOrder = found.toSorted((a, b) => a[2] - b[2] || a[0] - b[0])
      const uses = inOrder.map(([row, t, filter]) => `${outputName(l, row, filter)} by ${marked("w", html(l.W[t][filter]))}`)
      return `${what} goes into ${listed(uses, ", ")}.`
    }
    if (q !== undefined) {
      if (!found.length) return `This weight is a zero: ${tap(q)} is in another group than kernel ${f + l.g.start}.`
      const filters = [...new Set(found.map((one) => one[2]))].map((one) => marked("w", html(l.W[q][one])))
      const cells = l.P.map((row) => marked("x", html(row[q])))
      return `${tap(q).replace("t", "T")} multiplies column ${q + 1} of P by ${listed(filters, " and ")}: ${listed(cells, ", ")}.`
    }
    const one = l.g.kernels > 1 ? `Kernel ${f + l.g.start}` : "The kernel"
    return `${one} is column ${f + 1} of W, and makes column ${f + 1} of Y: ${l.P.length} sums of ${ownTaps(l, f).length} products.`
  }

  return { say }
})()
