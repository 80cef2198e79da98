// The figure, part 3 of 9: a layer's entries gathered through the index map, and what belongs together in it.
const symconvLayer = (() => {
  "use strict"
  const { product, indices, ravel, plan, padded, inputNumber, writeState } = symconvPlan
  const { ZERO, fraction, plus, times, read, text, named } = symconvEntries

  /** Everything the figure shows of a state: the plan, and the entries of every table. */
  const layer = (state) => {
    const g = state
    const maps = plan(g)
    const bare = g.channels === 1 && g.kernels === 1
    const hidden = state.hidden ?? (bare ? 2 : 1) // axes that the output's names leave out
    const xs = g.channels === 1 ? g.input : [g.channels, ...g.input]
    const ws = bare ? g.kernel : [g.kernels, maps.own, ...g.kernel]
    const filled = (given, letter, shape, made) =>
      given ? given.map(read) : indices(shape).map((place, i) => (state.letters ? named(letter, place, g.start) : made(i)))
    const x = filled(state.x, "x", xs, (i) => fraction(BigInt(i + 1)))
    const w = filled(state.w, "w", ws, (i) => fraction(BigInt(9 - (i % 10))))
    const P = maps.patch.map((row) => row.map((n) => (n === maps.cells ? ZERO : x[n])))
    const W = maps.weight.map((row) => row.map((n) => (n === maps.weights ? ZERO : w[n])))
    const symbolic = [...x, ...w].some((v) => v.name !== undefined)
    const name = (r, f) => named("y", [f, ...maps.positions[r]].slice(hidden - 1), g.start)
    const Y = P.map((row, r) =>
      W[0].map((_, f) => (symbolic ? name(r, f) : row.map((v, q) => times(v, W[q][f])).reduce(plus))),
    )
    const around = indices([g.channels, ...padded(g)]).map((place) => inputNumber(g, place))
    return { g, ...maps, x, w, P, W, Y, symbolic, hidden, around }
  }

  /** The taps of the group that a filter is in: the others' weights are zeros of W. */
  const ownTaps = (l, f) => l.taps.map((_, q) => q).filter((q) => l.weight[q][f] !== l.weights)

  /**
   * Which entries a state's tables have: letters, numbers that count, or the author's own. Where the sizes are no
   * longer the author's, the cells that are still there keep theirs, and new ones get the numbers that count.
   */
  const entriesOf = (state, authors, given) => {
    if (state.entries !== "given") return { letters: state.entries === "letters" }
    if (!given.x && !given.w) return { letters: true }
    const [now, before] = [writeState(state), writeState(authors)]
    const sized = ["input", "kernel", "channels", "kernels", "groups"].every((key) => now[key] === before[key])
    if (sized) return { letters: true, ...given }
    const shapes = (s) => [[s.channels, ...s.input], [s.kernels, s.channels / s.groups, ...s.kernel]]
    const [[oldX, oldW], [newX, newW]] = [shapes(authors), shapes(state)]
    const made = layer({ ...state, letters: false })
    const keep = (values, old, shape, fresh) =>
      values &&
      indices(shape).map((place, i) =>
        place.every((n, a) => n < old[a]) ? values[ravel(place, old)] : text(fresh[i]),
      )
    return { letters: true, x: keep(given.x, oldX, newX, made.x), w: keep(given.w, oldW, newW, made.w) }
  }

  // ---- what belongs together: products, each of a row of P, a tap and a filter

  /** The products in which everything that is picked takes part: r a row, q a tap, f a filter, p a padded cell. */
  const products = (l, { r, q, f, p }) => {
    const some = (one, count) => (one === undefined ? Array.from({ length: count }, (_, i) => i) : [one])
    const found = []
    for (const filter of some(f, l.g.kernels)) {
      for (const tap of some(q, l.W.length)) {
        if (l.weight[tap][filter] === l.weights) continue
        for (const row of some(r, l.P.length)) {
          if (p === undefined || l.reads[row][tap] === p) found.push([row, tap, filter])
        }
      }
    }
    return found
  }

  /** Where each factor and the result of a product stand: [part, number of the table, cell in it]. */
  const placesOf = (l, [r, q, f]) => {
    const [cells, taps] = [product(l.padded), product(l.g.kernel)]
    return [
      ["input", Math.floor(l.reads[r][q] / cells), l.reads[r][q] % cells],
      ["kernel", Math.floor(l.weight[q][f] / taps), l.weight[q][f] % taps],
      ["output", f, r],
      ["P", 0, r * l.W.length + q],
      ["W", 1, q * l.g.kernels + f],
      ["Y", 2, r * l.g.kernels + f],
    ]
  }

  return { layer, ownTaps, entriesOf, products, placesOf }
})()
