// The figure, part 2 of 4: what stands in the cells. Numbers are exact fractions, as in Python; a cell that is
// a letter makes every output a name. Texts of sums, LaTeX, and the call that makes the same layer in Python.
const symconvEntries = (() => {
  "use strict"
  const { product, indices, ravel, plan, padded, inputNumber } = symconvPlan

  // ---- numbers: {n, d, decimal}, or {name} for a letter

  const gcd = (a, b) => (b ? gcd(b, a % b) : a < 0n ? -a : a)
  const terminates = (d) => {
    for (const prime of [2n, 5n]) while (d % prime === 0n) d /= prime
    return d === 1n
  }
  /** A fraction in lowest terms; a decimal as long as its digits end. */
  const fraction = (n, d = 1n, decimal = false) => {
    const common = gcd(n, d) || 1n
    return { n: n / common, d: d / common, decimal: decimal && terminates(d / common) }
  }
  const plus = (a, b) => fraction(a.n * b.d + b.n * a.d, a.d * b.d, a.decimal || b.decimal)
  const times = (a, b) => fraction(a.n * b.n, a.d * b.d, a.decimal || b.decimal)
  const ZERO = fraction(0n)

  /** An entry from its text: a letter with or without a subscript, a whole number, a fraction or a decimal. */
  const read = (text) => {
    if (/^[A-Za-z]/.test(text)) return { name: text }
    if (text.includes("/")) return fraction(...text.split("/").map(BigInt))
    const [whole, digits] = text.split(".")
    if (digits === undefined) return fraction(BigInt(text))
    return fraction(BigInt(whole + digits), 10n ** BigInt(digits.length), true)
  }

  /** An entry as text, as Python writes it. */
  const text = (v) => {
    if (v.name !== undefined) return v.name
    if (v.d === 1n) return String(v.n)
    if (!v.decimal) return `${v.n}/${v.d}`
    let places = 0
    let scaled = v.n < 0n ? -v.n : v.n
    let scale = 1n
    while ((scaled * scale) % v.d) (scale *= 10n), places++
    scaled = String((scaled * scale) / v.d).padStart(places + 1, "0")
    return `${v.n < 0n ? "-" : ""}${scaled.slice(0, -places)}.${scaled.slice(-places)}`
  }

  const split = (name) => {
    const [letter, ...rest] = name.split("_")
    return [letter, rest.join("_").replace(/^\{|\}$/g, "")]
  }
  const html = (v) => {
    if (v.name === undefined) return text(v).replace("-", "−")
    const [letter, below] = split(v.name)
    return `<i>${letter}</i>${below ? `<sub>${below}</sub>` : ""}`
  }
  const latex = (v) => {
    if (v.name !== undefined || v.d === 1n || v.decimal) return text(v)
    return `${v.n < 0n ? "-" : ""}\\frac{${v.n < 0n ? -v.n : v.n}}{${v.d}}`
  }
  const named = (letter, place, start) => ({ name: `${letter}_{${place.map((i) => i + start).join(",")}}` })

  // ---- a layer's cells

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
    const x = filled(state.x, "x", xs, (i) => fraction(BigInt((i % 9) + 1)))
    const w = filled(state.w, "w", ws, (i) => fraction(BigInt((i * 2 + 1 + Math.floor(i / product(g.kernel))) % 5) - 1n))
    const P = maps.patch.map((row) => row.map((n) => (n === maps.cells ? ZERO : x[n])))
    const W = maps.weight.map((row) => row.map((n) => (n === maps.weights ? ZERO : w[n])))
    const symbolic = [...x, ...w].some((v) => v.name !== undefined)
    const name = (r, f) => named("y", [f, ...maps.positions[r]].slice(hidden - 1), g.start)
    const Y = P.map((row, r) =>
      W[0].map((_, f) => (symbolic ? name(r, f) : row.map((v, q) => times(v, W[q][f])).reduce(plus))),
    )
    const around = indices([g.channels, ...padded(g)]).map((place) => inputNumber(g, place))
    return { g, ...maps, x, w, P, W, Y, symbolic, bare, around }
  }

  /** The taps of the group that a filter is in: the others' weights are zeros of W. */
  const ownTaps = (l, f) => l.taps.map((_, q) => q).filter((q) => l.weight[q][f] !== l.weights)

  // ---- LaTeX, as symconv.show.latex writes it

  const MOST_ROWS = 36
  const MOST_COLUMNS = 12
  const HEAD = 3
  const range = (n, step = 1) => Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step)

  /** Which of `count` rows or columns are shown: all, or a head, the dots (null) and the end. */
  const shown = (count, whole, block = 0) => {
    if (count <= whole) return range(count)
    if (!(block > 1 && block < count)) return [...range(HEAD), null, count - 1]
    const inside = shown(block, 4)
    const starts = count > 3 * block ? [0, block, null, count - block] : range(count, block)
    return starts.flatMap((s) => (s === null ? [null] : inside.map((i) => (i === null ? null : s + i))))
  }

  const bracketed = (entry, rows, columns, block = 0) => {
    let previous = null
    const alignment = columns
      .map((place, i) => {
        const begins = place === null && previous !== null ? previous + 1 : place
        previous = place
        return (i > 0 && begins !== null && block && begins % block === 0 ? "|" : "") + "c"
      })
      .join("")
    const lines = rows.map((r) =>
      columns
        .map((c) => (r === null ? (c === null ? "\\ddots" : "\\vdots") : c === null ? "\\cdots" : latex(entry(r, c))))
        .join(" & "),
    )
    const end = lines.some((line) => line.includes("\\frac")) ? " \\\\[0.35em]" : " \\\\"
    return `\\left[\\begin{array}{${alignment}}\n${lines.join(`${end}\n`)}\n\\end{array}\\right]`
  }

  /** P·W = Y as matrices, each with its letter beneath. */
  const productLatex = (l) => {
    const block = l.g.kernel.at(-1)
    const rows = shown(l.P.length, MOST_ROWS)
    const taps = shown(l.W.length, MOST_COLUMNS, block)
    const filters = shown(l.g.kernels, MOST_COLUMNS)
    const letter = (body, name) => `\\underbrace{${body}}_{${name}}`
    return [
      letter(bracketed((r, q) => l.P[r][q], rows, taps, taps.length < l.W.length ? block : 0), "P"),
      letter(bracketed((q, f) => l.W[q][f], taps, filters), "W"),
      "=",
      letter(bracketed((r, f) => l.Y[r][f], rows, filters), "Y"),
    ].join("\n")
  }

  const factor = (v) => (latex(v).startsWith("-") ? `(${latex(v)})` : latex(v))
  const productOf = (a, b) => `${factor(a)}${b.name !== undefined ? " " : " \\cdot "}${factor(b)}`

  /** One output cell as a sum, tap by tap in reading order. */
  const sumLatex = (l, r, f) => {
    const terms = ownTaps(l, f).map((q) => productOf(l.W[q][f], l.P[r][q]))
    const result = latex(l.Y[r][f])
    const most = l.symbolic ? 3 : 6
    if (terms.length <= most) return l.symbolic ? `${result} = ${terms.join(" + ")}` : `${terms.join(" + ")} = ${result}`
    const line = l.g.kernel.at(-1) > 1 ? l.g.kernel.at(-1) : most
    const lines = shown(Math.ceil(terms.length / line), 9).map((i) => {
      if (i === null) return "& + \\cdots"
      const taken = terms.slice(i * line, (i + 1) * line)
      const kept = shown(taken.length, MOST_COLUMNS).map((k) => (k === null ? "\\cdots" : taken[k]))
      return `${i ? "& +" : l.symbolic ? `${result} = {} &` : "&"} ${kept.join(" + ")}`
    })
    return `\\begin{aligned}\n${lines.join(" \\\\\n")}${l.symbolic ? "" : ` = ${result}`}\n\\end{aligned}`
  }

  // ---- the same layer in Python

  const nested = (values, shape) => {
    if (!shape.length) return values[0]
    const step = product(shape.slice(1))
    return `[${range(shape[0]).map((i) => nested(values.slice(i * step, (i + 1) * step), shape.slice(1))).join(", ")}]`
  }
  const tuple = (values) => `(${values.join(", ")}${values.length === 1 ? "," : ""})`
  const written = (v) => {
    if (v.name !== undefined) return `sympy.Symbol("${v.name}")`
    return v.d === 1n ? String(v.n) : `${v.decimal ? "Decimal" : "Fraction"}("${text(v)}")`
  }

  /** The lines that make the same layer in a REPL. */
  const repl = (l) => {
    const { g } = l
    const alike = (values) => (values.every((v) => String(v) === String(values[0])) ? String(values[0]) : tuple(values))
    const pads = g.padding.every(([before, after]) => before === after)
      ? alike(g.padding.map(([before]) => before))
      : tuple(g.padding.map(tuple))
    const options = [
      ["stride", alike(g.stride), "1"],
      ["padding", pads, "0"],
      ["dilation", alike(g.dilation), "1"],
      ["groups", String(g.groups), "1"],
      ["start", String(g.start), "0"],
    ]
    const words = options.filter(([, value, plain]) => value !== plain).map(([name, value]) => `, ${name}=${value}`)
    const own = (values, letter, names) => values.every((v, i) => v.name === named(letter, names[i], g.start).name)
    const xShape = l.bare ? g.input : [g.channels, ...g.input]
    const wShape = l.bare ? g.kernel : [g.kernels, l.own, ...g.kernel]
    const symbols = (letter, shape) => `sc.symbolic("${letter}", ${tuple(shape)}${g.start ? `, start=${g.start}` : ""})`
    const given = (values, letter, shape) => {
      if (own(values, letter, indices(shape))) return symbols(letter, shape)
      // one channel under several kernels: its letters have no index of a channel
      if (letter === "x" && !l.bare && own(values, letter, indices(g.input))) return `${symbols(letter, g.input)}[None]`
      return nested(values.map(written), shape)
    }
    const [x, w] = [given(l.x, "x", xShape), given(l.w, "w", wShape)]
    const needs = [
      ["Decimal(", "from decimal import Decimal"],
      ["Fraction(", "from fractions import Fraction"],
      ["sympy.", "import sympy"],
    ]
    return [
      ...needs.filter(([word]) => (x + w).includes(word)).map(([, line]) => line),
      "import symconv as sc",
      `x = ${x}`,
      `w = ${w}`,
      `u = sc.unroll(x, w${words.join("")})`,
      "u.patch_matrix, u.weight_matrix, u.output",
      "u.prove()",
    ].join("\n")
  }

  return { layer, ownTaps, text, html, latex, split, named, productLatex, sumLatex, repl }
})()
