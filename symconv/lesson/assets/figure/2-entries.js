// The figure, part 2 of 9: what stands in a cell. Numbers are exact fractions {n, d, decimal}, as in Python;
// a letter is {name}.
const symconvEntries = (() => {
  "use strict"

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

  return { ZERO, fraction, plus, times, read, text, split, html, latex, named }
})()
