// The figure, part 4 of 9: texts to copy. LaTeX as symconv.show.latex writes it, and the same layer in Python.
const symconvLatex = (() => {
  "use strict"
  const { product, indices } = symconvPlan
  const { text, latex, named } = symconvEntries
  const { ownTaps } = symconvLayer

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
    const own = (values, letter, names) =>
      values.length === names.length && values.every((v, i) => v.name === named(letter, names[i], g.start).name)
    // letters that have no index of a channel or filter stand under an axis of one
    const given = (values, letter, shape, plain, lift) => {
      const names = (sizes) => `sc.symbolic("${letter}", ${tuple(sizes)}${g.start ? `, start=${g.start}` : ""})`
      if (l.hidden === 2) return own(values, letter, indices(plain)) ? names(plain) : nested(values.map(written), plain)
      if (own(values, letter, indices(shape))) return names(shape)
      if (own(values, letter, indices(plain))) return `${names(plain)}[${lift}]`
      return nested(values.map(written), shape)
    }
    const x = given(l.x, "x", [g.channels, ...g.input], g.input, "None")
    const w = given(l.w, "w", [g.kernels, l.own, ...g.kernel], g.kernel, "None, None")
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

  return { productLatex, sumLatex, repl }
})()
