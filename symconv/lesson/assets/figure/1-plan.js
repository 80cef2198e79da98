// The figure, part 1 of 9: a layer's sizes, the sentences that refuse impossible ones, and the index map.
// Plain arithmetic without a page, so that it can be compared with Python's, geometry by geometry.
const symconvPlan = (() => {
  "use strict"
  const MOST_CELLS = 2500 // of all tables together: as many as are set again within a few hundredths of a second
  const product = (sizes) => sizes.reduce((all, n) => all * n, 1)

  /** Every index of an array of these sizes, in row-major order. */
  const indices = (sizes) =>
    sizes.reduce((found, n) => found.flatMap((i) => Array.from({ length: n }, (_, k) => [...i, k])), [[]])

  /** The row-major number of a cell. */
  const ravel = (index, sizes) => index.reduce((number, i, axis) => number * sizes[axis] + i, 0)

  const outputSize = (g) =>
    g.input.map((n, a) =>
      Math.floor((n + g.padding[a][0] + g.padding[a][1] - g.dilation[a] * (g.kernel[a] - 1) - 1) / g.stride[a]) + 1,
    )

  const padded = (g) => g.input.map((n, a) => n + g.padding[a][0] + g.padding[a][1])

  /** How many cells all tables of the figure have together. */
  const drawn = (g) => {
    const rows = product(outputSize(g))
    const taps = g.channels * product(g.kernel)
    return (
      g.channels * product(padded(g)) + (g.kernels * taps) / g.groups + 2 * g.kernels * rows + taps * (rows + g.kernels)
    )
  }

  const whole = (value, name, least = 1) => {
    if (String(value).trim() === "") return `${name} is empty: give an int of at least ${least}`
    if (!Number.isInteger(Number(value))) return `${name}=${value} is not an integer: give an int of at least ${least}`
    return value < least ? `${name}=${value} is too small: give an int of at least ${least}` : ""
  }

  /** Why there is no such layer, in the words of Python's GeometryError; empty if there is one. */
  const refusal = (g) => {
    const sizes = [
      ...g.input.map((n) => [n, "input_size"]),
      ...g.kernel.map((n) => [n, "kernel_size"]),
      ...g.stride.map((n) => [n, "stride"]),
      ...g.dilation.map((n) => [n, "dilation"]),
      ...g.padding.flat().map((n) => [n, "padding", 0]),
      [g.channels, "in_channels"],
      [g.kernels, "out_channels"],
      [g.groups, "groups"],
    ]
    for (const size of sizes) if (whole(...size)) return whole(...size)
    for (const [name, count] of [["in_channels", g.channels], ["out_channels", g.kernels]]) {
      if (count % g.groups) {
        return `${name}=${count} does not divide into groups=${g.groups}: make ${name} a multiple of groups`
      }
    }
    const cells = padded(g)
    for (const [axis, out] of outputSize(g).entries()) {
      if (out >= 1) continue
      const [k, d] = [g.kernel[axis], g.dilation[axis]]
      const reach = d * (k - 1) + 1
      const spread = d > 1 ? ` (spread over ${reach} cells by dilation=${d})` : ""
      return (
        `kernel_size=${k}${spread} on axis ${axis} is larger than the padded input of ${cells[axis]} ` +
        `cells: use a kernel of at most ${Math.floor((cells[axis] - 1) / d) + 1}, ` +
        `or add padding of ${reach - cells[axis]} more`
      )
    }
    return ""
  }

  /** Why a layer that there is cannot be drawn; empty if it can. */
  const tooLarge = (g) => {
    if (drawn(g) <= MOST_CELLS) return ""
    const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",")
    const taps = g.channels * product(g.kernel)
    return (
      `this layer has an output of ${outputSize(g).join("×")}, P of ${count(product(outputSize(g)))}×${count(taps)} ` +
      `and W of ${count(taps)}×${count(g.kernels)}: its tables would have ${count(drawn(g))} cells, and a figure ` +
      `shows at most ${count(MOST_CELLS)}, so choose smaller sizes`
    )
  }

  /**
   * The index map of a layer.
   * patch[r][q] is the number of the input cell in row r and column q of P, or `cells` for padding;
   * weight[q][f] the number of the kernel cell in row q and column f of W, or `weights` for a zero of another
   * group; reads[r][q] the number, among all cells of the padded input, of what P has in row r and column q.
   */
  const plan = (g) => {
    const output = outputSize(g)
    const around = padded(g)
    const taps = indices([g.channels, ...g.kernel])
    const positions = indices(output)
    const cells = g.channels * product(g.input)
    const own = g.channels / g.groups
    const weights = g.kernels * own * product(g.kernel)
    const patch = []
    const reads = []
    for (const position of positions) {
      const row = taps.map(([c, ...tap]) => [c, ...tap.map((t, a) => position[a] * g.stride[a] + t * g.dilation[a])])
      reads.push(row.map((place) => ravel(place, [g.channels, ...around])))
      patch.push(row.map((place) => inputNumber(g, place)))
    }
    const weight = taps.map(([c, ...tap]) =>
      Array.from({ length: g.kernels }, (_, f) => {
        const inside = Math.floor(c / own) === Math.floor(f / (g.kernels / g.groups))
        return inside ? ravel([f, c % own, ...tap], [g.kernels, own, ...g.kernel]) : weights
      }),
    )
    return { output, padded: around, positions, taps, patch, weight, reads, cells, weights, own }
  }

  /** The number of the input cell at a place (channel, then along each axis) of the padded input. */
  const inputNumber = (g, [c, ...place]) => {
    const inside = place.map((i, a) => i - g.padding[a][0])
    const outside = inside.some((i, a) => i < 0 || i >= g.input[a])
    return outside ? g.channels * product(g.input) : ravel([c, ...inside], [g.channels, ...g.input])
  }

  // ---- a state as text, in the attributes of the element and in the address

  const KEYS = ["input", "kernel", "channels", "kernels", "groups", "stride", "padding", "dilation", "entries"]
  const numbers = (text) => text.split("x").map(Number)

  /** The sizes and hyper-parameters of an element's data attributes; several axes are joined by an x. */
  const readState = (data) => ({
    ...Object.fromEntries(["input", "kernel", "stride", "dilation"].map((key) => [key, numbers(data[key])])),
    ...Object.fromEntries(["channels", "kernels", "groups"].map((key) => [key, Number(data[key])])),
    padding: data.padding.split("x").map((pair) => pair.split(",").map(Number)),
    start: Number(data.start ?? 0),
    entries: data.entries ?? "given",
  })

  /** The texts of a state, which readState reads. */
  const writeState = (g) => ({
    ...Object.fromEntries(["input", "kernel", "stride", "dilation"].map((key) => [key, g[key].join("x")])),
    ...Object.fromEntries(["channels", "kernels", "groups", "entries"].map((key) => [key, String(g[key])])),
    padding: g.padding.map((pair) => pair.join(",")).join("x"),
  })

  return {
    MOST_CELLS,
    KEYS,
    product,
    indices,
    ravel,
    outputSize,
    padded,
    drawn,
    refusal,
    tooLarge,
    plan,
    inputNumber,
    readState,
    writeState,
  }
})()
