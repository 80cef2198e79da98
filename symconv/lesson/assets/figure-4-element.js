// The figure, part 4 of 4: the element <symconv-figure>. It finds its tables in the page, as Python wrote them,
// lights up what belongs together, steps and plays, and sets the tables anew when the reader changes a size.
const symconvFigure = (() => {
  "use strict"
  const { product, indices, ravel, refusal, tooLarge } = symconvPlan
  const { layer, ownTaps, html, named, productLatex, sumLatex, repl } = symconvEntries
  const { layerHtml, svg } = symconvDrawing
  const SECONDS_A_STEP = 1.1
  const MOST_TERMS = 40 // of a sum that is spelled out
  const PARTS = ["input", "kernel", "output", "P", "W", "Y"]
  const HUES = { input: "x", P: "x", kernel: "w", W: "w", output: "y", Y: "y" }
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches

  // ---- a state as text: in the attributes of the element, and in the address

  const KEYS = ["input", "kernel", "channels", "kernels", "stride", "padding", "dilation", "groups", "entries"]
  const numbers = (text) => text.split("x").map(Number)
  const readState = (d) => ({
    input: numbers(d.input),
    kernel: numbers(d.kernel),
    channels: Number(d.channels),
    kernels: Number(d.kernels),
    stride: numbers(d.stride),
    padding: d.padding.split("x").map((pair) => pair.split(",").map(Number)),
    dilation: numbers(d.dilation),
    groups: Number(d.groups),
    start: Number(d.start ?? 0),
    entries: d.entries ?? "given",
  })
  const writeState = (s) => ({
    ...Object.fromEntries(["input", "kernel", "stride", "dilation"].map((key) => [key, s[key].join("x")])),
    ...Object.fromEntries(["channels", "kernels", "groups", "entries"].map((key) => [key, String(s[key])])),
    padding: s.padding.map((pair) => pair.join(",")).join("x"),
  })

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

  // ---- what the line of text says

  const marked = (hue, text) => `<span class="symconv-fig-${hue}">${text}</span>`
  const listed = (all, joint) =>
    all.length > MOST_TERMS
      ? [...all.slice(0, MOST_TERMS - 1), `… ${all.length - MOST_TERMS} more …`, all.at(-1)].join(joint)
      : all.join(joint)
  const outputName = (l, r, f) =>
    html(named("y", l.bare ? l.positions[r] : [f, ...l.positions[r]], l.g.start))
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
      const uses = found.map(([row, t, filter]) => `${outputName(l, row, filter)} by ${marked("w", html(l.W[t][filter]))}`)
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

  // ---- small pieces of a page

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "")
      else if (value !== false && value !== undefined) element.setAttribute(name, value)
    }
    element.append(...children)
    return element
  }
  const button = (text, act, attributes = {}) => {
    const made = make("button", { type: "button", ...attributes }, text)
    made.addEventListener("click", act)
    return made
  }

  class SymconvFigure extends HTMLElement {
    connectedCallback() {
      if (this.ready) return
      this.ready = true
      this.authors = readState(this.dataset)
      const texts = (given) => (given ? JSON.parse(given) : null)
      this.given = { x: texts(this.dataset.x), w: texts(this.dataset.w) }
      this.stage = make("div", { class: "symconv-fig-stage" }, ...this.childNodes)
      this.append(this.stage)
      this.furnish()
      this.listen()
      this.restore()
      if (this.dataset.play && !calm() && !this.addressed()) this.play()
    }

    disconnectedCallback() {
      this.pause()
      removeEventListener("hashchange", this.onAddress)
    }

    // -- the state

    /** The state that the author wrote, with what the address says of this figure. */
    restore() {
      const wanted = this.addressed()
      const authors = writeState(this.authors)
      let state = this.authors
      try {
        state = { ...readState({ ...authors, ...wanted }), start: this.authors.start }
      } catch {
        state = this.authors // an address that somebody made up
      }
      const rank = state.input.length
      if (!["kernel", "stride", "padding", "dilation"].every((key) => state[key].length === rank)) state = this.authors
      this.state = state
      const pick = {}
      for (const [key, name] of Object.entries({ row: "r", tap: "q", filter: "f", read: "p" })) {
        if (wanted?.[key] !== undefined) pick[name] = Number(wanted[key])
      }
      this.set(Object.keys(pick).length ? pick : undefined)
      if (wanted) this.scrollIntoView({ block: "center" })
    }

    /** What the address says of this figure: an object of texts, or nothing. */
    addressed() {
      const own = `${this.name()}.`
      const said = [...new URLSearchParams(location.hash.slice(1))].filter(([key]) => key.startsWith(own))
      return said.length ? Object.fromEntries(said.map(([key, value]) => [key.slice(own.length), value])) : null
    }

    /** figure-1, figure-2 …: its place among the figures of the page, or its id. */
    name() {
      return this.id || `figure-${[...document.querySelectorAll("symconv-figure")].indexOf(this) + 1}`
    }

    /** The address with this figure's state in it; what it says of other figures stays. */
    address() {
      const [now, authors] = [writeState(this.state), writeState(this.authors)]
      const own = `${this.name()}.`
      const others = location.hash.slice(1).split("&").filter((part) => /^[\w-]+\.\w+=/.test(part) && !part.startsWith(own))
      const changed = KEYS.filter((key) => now[key] !== authors[key]).map((key) => `${own}${key}=${now[key]}`)
      const picked = Object.entries({ row: "r", tap: "q", filter: "f", read: "p" })
        .filter(([, name]) => this.pinned?.[name] !== undefined)
        .map(([key, name]) => `${own}${key}=${this.pinned[name]}`)
      return `${location.href.split("#")[0]}#${[...others, ...changed, ...picked].join("&")}`
    }

    /** Let the address follow, a moment after the reader is done: browsers refuse too many changes. */
    remember() {
      clearTimeout(this.remembering)
      this.remembering = setTimeout(() => this.isConnected && history.replaceState(history.state, "", this.address()), 250)
      this.link.href = this.address()
    }

    /** The entries of the state: the author's where there are any, and the pattern's beyond them. */
    entries() {
      const { state, authors, given } = this
      const { entries } = state
      if (entries === "letters") return { letters: true }
      if (entries === "numbers" || (!given.x && !given.w)) return { letters: entries !== "numbers" }
      const same = writeState({ ...state, entries: "" })
      const before = writeState({ ...authors, entries: "" })
      const sized = ["input", "kernel", "channels", "kernels", "groups"].every((key) => same[key] === before[key])
      if (sized) return { letters: true, x: given.x, w: given.w, hidden: Number(this.dataset.hidden) }
      const made = layer({ ...state, letters: !given.x })
      const madeKernel = layer({ ...state, letters: !given.w })
      const keep = (values, old, shape, fresh) =>
        values &&
        indices(shape).map((place, i) => (place.every((n, a) => n < old[a]) ? values[ravel(place, old)] : symconvEntries.text(fresh[i])))
      const shapes = (s) => [[s.channels, ...s.input], [s.kernels, s.channels / s.groups, ...s.kernel]]
      const [[oldX, oldW], [newX, newW]] = [shapes(authors), shapes(state)]
      if (oldX.length !== newX.length) return { letters: false }
      return { letters: true, x: keep(given.x, oldX, newX, made.x), w: keep(given.w, oldW, newW, madeKernel.w) }
    }

    /** Compute everything anew from the state, or say why there is no such layer. */
    set(pick) {
      const sentence = refusal(this.state) || tooLarge(this.state)
      this.refused.textContent = sentence && `${sentence[0].toUpperCase()}${sentence.slice(1)}.`
      this.refused.hidden = !sentence
      this.toggleAttribute("data-refused", Boolean(sentence))
      this.fill()
      if (sentence) return this.pause()
      this.layer = layer({ ...this.state, ...this.entries() })
      const made = layerHtml(this.layer)
      if (made !== this.made) {
        if (this.made || writeState(this.state) !== writeState(this.authors)) this.stage.innerHTML = made
        this.made = made
      }
      this.index()
      this.slider.max = this.layer.P.length * this.layer.g.kernels - 1
      const fits = pick && this.fits(pick)
      this.pin(fits ? pick : this.first())
    }

    fits({ r = 0, q = 0, f = 0, p = 0 }) {
      const l = this.layer
      const below = (i, n) => Number.isInteger(i) && i >= 0 && i < n
      return below(r, l.P.length) && below(q, l.W.length) && below(f, l.g.kernels) && below(p, l.around.length)
    }

    /** The output cell that is lit at first: the one the block names, or the first. */
    first() {
      const [f, ...place] = (this.dataset.cell ?? "").split(",").map(Number)
      const { output, g } = this.layer
      if (place.length !== output.length || f >= g.kernels || place.some((i, a) => i >= output[a])) return { r: 0, f: 0 }
      return { r: ravel(place, output), f }
    }

    // -- the tables

    /** Find the cells of each table, and let one of each part be reached with the tab key. */
    index() {
      this.cells = new Map()
      this.lit = []
      for (const table of this.stage.querySelectorAll("table")) {
        table.setAttribute("role", "grid")
        const found = [...table.querySelectorAll("tbody td")]
        this.cells.set(`${table.dataset.part} ${table.dataset.index}`, found)
        found.forEach((cell, i) => (cell.number = i))
      }
      for (const part of PARTS) {
        this.stage.querySelector(`table[data-part="${part}"] tbody td`).tabIndex = 0
      }
    }

    /** What is picked by pointing at an element of the tables, or nothing. */
    pickOf(element) {
      const cell = element.closest?.("td, th")
      const table = cell?.closest("table")
      if (!table || !this.stage.contains(table)) return null
      const l = this.layer
      const part = table.dataset.part
      const filters = l.g.kernels
      const current = this.pinned?.f ?? 0
      if (cell.tagName === "TH") {
        const down = cell.scope === "row" ? cell.parentElement.sectionRowIndex : undefined
        const across = cell.cellIndex - 1
        if (part === "P") return down === undefined ? { q: across } : { r: down, f: current }
        if (part === "W") return down === undefined ? { f: across } : { q: down }
        if (part === "Y") return down === undefined ? { f: across } : { r: down, f: current }
        return null
      }
      const i = cell.number
      const index = Number(table.dataset.index)
      if (i === undefined) return null
      if (part === "input") return { p: index * product(l.padded) + i }
      if (part === "kernel") {
        const f = Math.floor(index / l.own)
        const group = Math.floor(f / (filters / l.g.groups))
        return { q: (group * l.own + (index % l.own)) * product(l.g.kernel) + i, f }
      }
      if (part === "output") return { r: i, f: index }
      if (part === "W") return { q: Math.floor(i / filters), f: i % filters }
      if (part === "Y") return { r: Math.floor(i / filters), f: i % filters }
      const [r, q] = [Math.floor(i / l.W.length), i % l.W.length]
      // the filter that is looked at, unless this tap is not in its group: then the first one of the tap's
      const own = l.weight[q][current] !== l.weights
      return { r, q, f: own ? current : l.weight[q].findIndex((n) => n !== l.weights) }
    }

    /** Light up everything that belongs to what is picked, and spell it out. */
    show(pick, live = "polite") {
      for (const cell of this.lit) cell.classList.remove("symconv-fig-x", "symconv-fig-w", "symconv-fig-y", "symconv-fig-tap")
      this.lit = []
      this.shown = pick
      this.sum.setAttribute("aria-live", live)
      if (!pick) return void (this.sum.innerHTML = "Point at a cell, or step.")
      const light = (one, name) => {
        for (const [part, table, cell] of placesOf(this.layer, one)) {
          const element = this.cells.get(`${part} ${table}`)[cell]
          element.classList.add(name ?? `symconv-fig-${HUES[part]}`)
          this.lit.push(element)
        }
      }
      const found = products(this.layer, pick)
      for (const one of found) light(one)
      const { r, q, f, p } = pick
      if (r !== undefined && q !== undefined && found.length) light([r, q, f], "symconv-fig-tap")
      if (p !== undefined) {
        const cells = product(this.layer.padded)
        const element = this.cells.get(`input ${Math.floor(p / cells)}`)[p % cells]
        element.classList.add("symconv-fig-x", "symconv-fig-tap")
        this.lit.push(element)
      }
      this.sum.innerHTML = say(this.layer, pick)
      if (r !== undefined && f !== undefined) {
        const at = f * this.layer.P.length + r
        this.slider.value = at
        this.slider.setAttribute("aria-valuetext", this.sum.textContent)
        this.count.textContent = `${at + 1} of ${Number(this.slider.max) + 1}`
      }
    }

    pin(pick, live) {
      this.pinned = pick
      this.show(pick, live)
      this.reveal()
    }

    /** Scroll the lit row into the box of the product, without moving the page. */
    reveal() {
      const r = this.pinned?.r
      for (const box of this.stage.querySelectorAll(".symconv-fig-line")) {
        const lit = this.lit.find((cell) => box.contains(cell) && ["P", "input"].includes(cell.closest("table").dataset.part))
        if (!lit || r === undefined) continue
        const [outer, inner] = [box.getBoundingClientRect(), lit.getBoundingClientRect()]
        const head = box.classList.contains("symconv-fig-product") ? 60 : 0
        if (inner.top < outer.top + head) box.scrollTop -= outer.top + head - inner.top
        if (inner.bottom > outer.bottom - 20) box.scrollTop += inner.bottom - outer.bottom + 20
      }
    }

    // -- step and play

    step(by = 1) {
      const rows = this.layer.P.length
      const all = rows * this.layer.g.kernels
      const { r, f } = this.pinned ?? {}
      const at = r === undefined || f === undefined ? (by > 0 ? -1 : 0) : f * rows + r
      this.to((at + by + all) % all)
    }

    to(at, live) {
      const rows = this.layer.P.length
      this.pin({ r: at % rows, f: Math.floor(at / rows) }, live)
    }

    play() {
      if (this.timer || calm()) return
      this.player.textContent = "Pause"
      this.timer = setInterval(() => {
        if (document.hidden || this.hovered) return
        const rows = this.layer.P.length
        const { r = -1, f = 0 } = this.pinned ?? {}
        this.to((f * rows + r + 1) % (rows * this.layer.g.kernels), "off")
      }, SECONDS_A_STEP * 1000)
    }

    pause() {
      if (!this.timer) return
      clearInterval(this.timer)
      this.timer = 0
      this.player.textContent = "Play"
    }

    // -- buttons, slider, controls

    furnish() {
      const act = (what) => () => {
        this.pause()
        what()
        this.remember()
      }
      this.sum = make("p", { class: "symconv-fig-sum", "aria-live": "polite", "aria-atomic": "true" })
      this.player = button("Play", () => (this.timer ? (this.pause(), this.remember()) : this.play()), {
        class: "symconv-fig-play",
      })
      this.slider = make("input", { type: "range", min: 0, value: 0, "aria-label": "output cell" })
      this.slider.addEventListener("input", act(() => this.to(Number(this.slider.value))))
      this.count = make("span", { class: "symconv-fig-count" })
      const bar = make(
        "div",
        { class: "symconv-fig-bar" },
        button("Back", act(() => this.step(-1))),
        this.player,
        button("Step", act(() => this.step(1))),
        this.slider,
        this.count,
      )
      this.stage.before(bar, this.sum)
      this.refused = make("p", { class: "symconv-fig-refused", role: "alert", hidden: true })
      this.controls = make("details", { class: "symconv-fig-controls", open: this.dataset.controls === "open" })
      this.controls.append(make("summary", {}, "Change the sizes"), this.form())
      bar.before(this.controls, this.refused)
      this.append(this.copying())
    }

    /** A field for each size, in the order in which one thinks of them. */
    form() {
      this.fields = []
      const field = (name, read, write, least = 1) => {
        const input = make("input", { type: "number", min: least, step: 1, "aria-label": name, inputmode: "numeric" })
        this.fields.push([input, read])
        input.addEventListener("input", () => {
          const state = structuredClone(this.state)
          write(state, input.value.trim() === "" ? "" : Number(input.value))
          this.change(state)
        })
        return input
      }
      const group = (name, ...fields) => make("div", { role: "group", "aria-label": name }, make("span", {}, name), ...fields)
      const axes = this.authors.input.length === 1 ? [""] : [" down", " across"]
      const along = (key, name) =>
        group(name, ...axes.map((axis, a) => field(`${name}${axis}`, (s) => s[key][a], (s, n) => (s[key][a] = n))))
      const count = (key) => group(key, field(key, (s) => s[key], (s, n) => (s[key] = n)))
      const sides = this.authors.input.length === 1 ? [["before", "after"]] : [["above", "below"], ["left", "right"]]
      const padding = sides.flatMap((names, a) =>
        names.map((side, i) => field(`padding ${side}`, (s) => s.padding[a][i], (s, n) => (s.padding[a][i] = n), 0)),
      )
      const choices = this.given.x || this.given.w ? ["given", "letters"] : ["given", "numbers"]
      const words = { given: this.given.x || this.given.w ? "as given" : "letters", letters: "letters", numbers: "numbers" }
      const entries = make("select", { "aria-label": "entries" }, ...choices.map((c) => make("option", { value: c }, words[c])))
      entries.addEventListener("change", () => this.change({ ...this.state, entries: entries.value }))
      this.fields.push([entries, (s) => s.entries])
      return make(
        "div",
        { class: "symconv-fig-fields" },
        along("input", "input"),
        along("kernel", "kernel"),
        count("channels"),
        count("kernels"),
        count("groups"),
        along("stride", "stride"),
        along("dilation", "dilation"),
        group("padding", ...padding),
        group("entries", entries),
        button("As it was", () => this.change(structuredClone(this.authors))),
      )
    }

    change(state) {
      this.pause()
      this.state = state
      this.set(this.pinned)
      this.remember()
    }

    /** Let the fields say what the state is, except the one that is being written in. */
    fill() {
      for (const [field, read] of this.fields) if (field !== document.activeElement) field.value = read(this.state)
    }

    // -- copying

    copying() {
      const texts = {
        LaTeX: () => {
          const { r = 0, f = 0 } = this.pinned ?? {}
          return `${productLatex(this.layer)}\n\n${sumLatex(this.layer, r, f)}\n`
        },
        SVG: () => svg(this.layer, (part, index, cell) => this.litAs(part, index, cell)),
        Python: () => `${repl(this.layer)}\n`,
        link: () => this.address(),
      }
      this.said = make("span", { role: "status" })
      this.shownText = make("textarea", { readonly: true, rows: 6, hidden: true, "aria-label": "text to copy" })
      this.link = make("a", { href: "#", class: "symconv-fig-link" }, "link")
      const copy = (name) => async (event) => {
        event.preventDefault()
        if (this.hasAttribute("data-refused")) return void (this.said.textContent = "There is nothing to copy.")
        const text = texts[name]()
        this.shownText.hidden = true
        try {
          await navigator.clipboard.writeText(text)
          this.said.textContent = `${name[0].toUpperCase()}${name.slice(1)} copied.`
        } catch {
          // a page from a folder may not write to the clipboard: the reader can
          this.shownText.value = text
          this.shownText.hidden = false
          this.shownText.focus()
          this.shownText.select()
          this.said.textContent = "Press Ctrl+C (or ⌘C) to copy."
        }
      }
      this.link.addEventListener("click", copy("link"))
      const buttons = ["LaTeX", "SVG", "Python"].map((name) => button(name, copy(name)))
      return make("div", { class: "symconv-fig-copy" }, make("span", {}, "Copy"), ...buttons, this.link, this.said, this.shownText)
    }

    litAs(part, index, cell) {
      const element = this.cells.get(`${part} ${index}`)[cell]
      return ["x", "w", "y"].find((hue) => element.classList.contains(`symconv-fig-${hue}`)) ?? ""
    }

    // -- pointer and keyboard

    listen() {
      this.onAddress = () => this.addressed() && this.restore()
      addEventListener("hashchange", this.onAddress)
      this.stage.addEventListener("pointerover", (event) => {
        if (event.pointerType === "touch") return
        const pick = this.pickOf(event.target)
        this.hovered = Boolean(pick)
        if (pick) this.show(pick, "off")
      })
      this.stage.addEventListener("pointerleave", () => {
        this.hovered = false
        if (this.shown !== this.pinned) this.show(this.pinned, "off")
      })
      this.stage.addEventListener("click", (event) => {
        const cell = event.target.closest("td, th")
        if (cell && this.pickOf(cell)) this.focusOn(cell)
      })
      this.stage.addEventListener("focusin", (event) => {
        const pick = this.pickOf(event.target)
        if (!pick) return
        this.pause()
        this.pin(pick)
        this.remember()
      })
      this.stage.addEventListener("keydown", (event) => this.key(event))
    }

    focusOn(cell) {
      const part = cell.closest("table").dataset.part
      for (const other of this.stage.querySelectorAll(`table[data-part="${part}"] [tabindex]`)) other.tabIndex = -1
      cell.tabIndex = 0
      cell.focus({ preventScroll: true })
      cell.scrollIntoView({ block: "nearest", inline: "nearest" })
    }

    key(event) {
      const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
      const cell = event.target.closest("td, th")
      if (event.key === "Escape") {
        this.pause()
        this.pin(null)
        return this.remember()
      }
      if (!cell || event.altKey || event.metaKey) return
      const table = cell.closest("table")
      const row = cell.parentElement.rowIndex
      const column = cell.cellIndex
      const reachable = (one) => one && this.pickOf(one)
      let next
      if (event.key in moves) {
        const [down, across] = moves[event.key]
        next = table.rows[row + down]?.cells[column + across]
        if (!reachable(next)) next = this.beyond(table, row, column, down + across)
      } else if (event.key === "Home" || event.key === "End") {
        const line = [...(event.ctrlKey ? table.querySelectorAll("tbody td") : cell.parentElement.querySelectorAll("td"))]
        next = event.key === "Home" ? line[0] : line.at(-1)
      } else return
      event.preventDefault()
      if (reachable(next)) this.focusOn(next)
    }

    /** The cell to go to from the edge of a table: in the part's next table, if there is one. */
    beyond(table, row, column, by) {
      const all = [...this.stage.querySelectorAll(`table[data-part="${table.dataset.part}"]`)]
      return all[all.indexOf(table) + by]?.rows[row]?.cells[column]
    }
  }

  return SymconvFigure
})()
// a theme that swaps pages without loading them anew runs this again
if (!customElements.get("symconv-figure")) customElements.define("symconv-figure", symconvFigure)
