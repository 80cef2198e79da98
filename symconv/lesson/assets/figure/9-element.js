// The figure, part 9 of 9: the element <symconv-figure>. It finds its tables in the page as Python wrote them, lights
// up what belongs together, steps and plays, and sets the tables anew when the reader changes a size.
const symconvFigure = (() => {
  "use strict"
  const { KEYS, product, ravel, refusal, tooLarge, readState, writeState } = symconvPlan
  const { layer, entriesOf, products, placesOf } = symconvLayer
  const { productLatex, sumLatex, repl } = symconvLatex
  const { layerHtml } = symconvTables
  const { svg } = symconvSvg
  const { say } = symconvWords
  const { make, button, controls } = symconvControls
  const SECONDS_A_STEP = 1.1
  const PARTS = ["input", "kernel", "output", "P", "W", "Y"]
  const HUES = { input: "x", P: "x", kernel: "w", W: "w", output: "y", Y: "y" }
  const LIT = ["symconv-fig-x", "symconv-fig-w", "symconv-fig-y", "symconv-fig-tap"]
  const PICKED = { row: "r", tap: "q", filter: "f", read: "p" } // of what is picked, in the address
  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches

  return class extends HTMLElement {
    connectedCallback() {
      if (!this.stage) {
        const given = (text) => (text ? JSON.parse(text) : null)
        this.authors = readState(this.dataset)
        this.given = { x: given(this.dataset.x), w: given(this.dataset.w), hidden: Number(this.dataset.hidden) }
        this.stage = make("div", { class: "symconv-fig-stage" }, ...this.childNodes)
        this.furnish()
        this.listen()
        this.state = structuredClone(this.authors)
        this.set(null)
        if (this.addressed()) this.restore()
      }
      this.onAddress = () => this.addressed() && this.restore()
      addEventListener("hashchange", this.onAddress)
      // plays only while it can be seen
      this.watch = new IntersectionObserver(([{ isIntersecting }]) => (this.seen = isIntersecting))
      this.watch.observe(this)
      if (this.dataset.play && !this.addressed()) this.play()
    }

    disconnectedCallback() {
      this.pause()
      this.watch.disconnect()
      removeEventListener("hashchange", this.onAddress)
    }

    // ---- the state, and the address that carries it

    /** The author's state, with what the address says of this figure. */
    restore() {
      this.pause()
      const said = this.addressed()
      this.state = { ...readState({ ...writeState(this.authors), ...said }), start: this.authors.start }
      const rank = this.authors.input.length
      const whole = ["input", "kernel", "stride", "padding", "dilation"].every((key) => this.state[key].length === rank)
      if (!whole) this.state = structuredClone(this.authors) // an address that somebody made up
      const picked = Object.entries(PICKED).filter(([key]) => said[key] !== undefined)
      this.set(picked.length ? Object.fromEntries(picked.map(([key, name]) => [name, Number(said[key])])) : null)
      this.scrollIntoView({ block: "center" })
    }

    /** figure-1, figure-2 …: its place among the figures of the page; or its id. */
    name() {
      return this.id || `figure-${[...document.querySelectorAll("symconv-figure")].indexOf(this) + 1}`
    }

    /** What the address says of this figure: texts by their keys, or nothing. */
    addressed() {
      const own = `${this.name()}.`
      const said = [...new URLSearchParams(location.hash.slice(1))].filter(([key]) => key.startsWith(own))
      return said.length ? Object.fromEntries(said.map(([key, value]) => [key.slice(own.length), value])) : null
    }

    /** The page's address with this figure's state in it; what it says of other figures stays. */
    address() {
      const own = `${this.name()}.`
      const others = location.hash
        .slice(1)
        .split("&")
        .filter((part) => /^[\w-]+\.\w+=/.test(part) && !part.startsWith(own))
      const [now, authors] = [writeState(this.state), writeState(this.authors)]
      const changed = KEYS.filter((key) => now[key] !== authors[key]).map((key) => `${own}${key}=${now[key]}`)
      const picked = Object.entries(PICKED)
        .filter(([, name]) => this.pinned?.[name] !== undefined)
        .map(([key, name]) => `${own}${key}=${this.pinned[name]}`)
      return `${location.href.split("#")[0]}#${[...others, ...changed, ...picked].join("&")}`
    }

    /** Let the address follow, a moment after the reader is done: browsers refuse too many changes at once. */
    remember() {
      this.link.href = this.address()
      clearTimeout(this.remembering)
      this.remembering = setTimeout(() => this.isConnected && history.replaceState(history.state, "", this.address()), 200)
    }

    change(state) {
      this.pause()
      this.state = state
      this.set(this.pinned)
      this.remember()
    }

    /** Compute everything anew from the state, or say why there is no such layer. */
    set(pick) {
      const sentence = refusal(this.state) || tooLarge(this.state)
      this.refused.textContent = sentence
      this.refused.hidden = !sentence
      this.toggleAttribute("data-refused", Boolean(sentence))
      for (const part of [this.bar, this.sum, this.stage, this.copies]) part.inert = Boolean(sentence)
      this.controls.fill()
      if (sentence) return
      this.layer = layer({ ...this.state, ...entriesOf(this.state, this.authors, this.given) })
      const html = layerHtml(this.layer)
      if (html !== this.html) {
        // the author's tables are in the page already
        if (this.html !== undefined || this.stage.innerHTML !== html) this.stage.innerHTML = html
        this.html = html
        this.index()
      }
      this.slider.max = this.layer.P.length * this.layer.g.kernels - 1
      this.pin(pick && this.fits(pick) ? pick : this.first())
    }

    /** Whether there is what is picked: the layer may have become smaller. */
    fits({ r = 0, q = 0, f = 0, p = 0 }) {
      const below = (i, n) => Number.isInteger(i) && i >= 0 && i < n
      const { P, W, g, around } = this.layer
      return below(r, P.length) && below(q, W.length) && below(f, g.kernels) && below(p, around.length)
    }

    /** The output cell that is lit at first: the one that the block names, or the first. */
    first() {
      const [f, ...place] = (this.dataset.cell ?? "").split(",").map(Number)
      const { output, g } = this.layer
      const there = this.dataset.cell && place.length === output.length && f < g.kernels && place.every((i, a) => i < output[a])
      return there ? { r: ravel(place, output), f } : { r: 0, f: 0 }
    }

    // ---- the tables

    /** Find the cells of each table, and let one cell of each part be reached with the tab key. */
    index() {
      this.cells = new Map()
      this.lit = []
      for (const table of this.stage.querySelectorAll("table")) {
        table.setAttribute("role", "grid")
        const found = [...table.querySelectorAll("tbody td")]
        this.cells.set(`${table.dataset.part} ${table.dataset.index}`, found)
        found.forEach((cell, i) => (cell.number = i))
      }
      for (const part of PARTS) this.stage.querySelector(`table[data-part="${part}"] tbody td`).tabIndex = 0
      this.style.setProperty("--symconv-ground", this.ground())
    }

    /** The colour behind the figure: of heads that stay in sight while cells pass beneath them. */
    ground() {
      const themes = "var(--md-default-bg-color)"
      if (getComputedStyle(this).getPropertyValue("--md-default-bg-color")) return themes
      for (let behind = this; behind; behind = behind.parentElement) {
        const { backgroundColor } = getComputedStyle(behind)
        if (!/transparent|, 0\)$/.test(backgroundColor)) return backgroundColor
      }
      return "Canvas"
    }

    /** What is picked by pointing at an element of the tables: r a row of P, q a tap, f a filter, p a padded cell. */
    pickOf(element) {
      const cell = element.closest?.("td, th")
      const table = cell?.closest("table")
      if (!table || !this.stage.contains(table)) return null
      const { g, W, weight, weights, own, padded } = this.layer
      const { part, index } = table.dataset
      const current = this.pinned?.f ?? 0
      if (cell.tagName === "TH") {
        const down = cell.scope === "row" ? cell.parentElement.sectionRowIndex : null
        const across = cell.cellIndex - 1
        if (part === "P") return down === null ? { q: across } : { r: down, f: current }
        if (part === "W") return down === null ? { f: across } : { q: down }
        if (part === "Y") return down === null ? { f: across } : { r: down, f: current }
        return null
      }
      const i = cell.number
      if (i === undefined) return null
      const along = (width) => [Math.floor(i / width), i % width]
      if (part === "input") return { p: Number(index) * product(padded) + i }
      if (part === "output") return { r: i, f: Number(index) }
      if (part === "kernel") {
        const f = Math.floor(index / own)
        const group = Math.floor(f / (g.kernels / g.groups))
        return { q: (group * own + (index % own)) * product(g.kernel) + i, f }
      }
      if (part === "W") {
        const [q, f] = along(g.kernels)
        return { q, f }
      }
      if (part === "Y") {
        const [r, f] = along(g.kernels)
        return { r, f }
      }
      const [r, q] = along(W.length)
      // the filter that is looked at; where this tap is not in its group, the first one of the tap's
      return { r, q, f: weight[q][current] !== weights ? current : weight[q].findIndex((n) => n !== weights) }
    }

    /** Light up everything that belongs to what is picked, and spell it out. */
    show(pick, live = "polite") {
      for (const cell of this.lit) cell.classList.remove(...LIT)
      this.lit = []
      this.shown = pick
      this.sum.setAttribute("aria-live", live)
      if (!pick) {
        this.sum.textContent = "Point at a cell, or step."
        return
      }
      const light = (part, table, cell, name = `symconv-fig-${HUES[part]}`) => {
        const element = this.cells.get(`${part} ${table}`)[cell]
        element.classList.add(name)
        this.lit.push(element)
      }
      const { r, q, f, p } = pick
      const found = products(this.layer, r === undefined ? pick : { r, f })
      for (const one of found) for (const place of placesOf(this.layer, one)) light(...place)
      if (r !== undefined && q !== undefined) {
        for (const place of placesOf(this.layer, [r, q, f])) light(...place, "symconv-fig-tap")
      }
      if (p !== undefined) {
        const cells = product(this.layer.padded)
        for (const name of [undefined, "symconv-fig-tap"]) light("input", Math.floor(p / cells), p % cells, name)
      }
      this.sum.innerHTML = say(this.layer, pick)
      if (r !== undefined && f !== undefined) {
        const at = f * this.layer.P.length + r
        this.slider.value = at
        this.slider.setAttribute("aria-valuetext", this.sum.textContent)
        this.count.textContent = `${at + 1} of ${Number(this.slider.max) + 1}`
      }
    }

    /** Show what is picked until something else is; what is pointed at goes when the pointer does. */
    pin(pick, live) {
      this.pinned = pick
      this.show(pick, live)
      this.reveal()
    }

    /** Scroll a lit row into its box, without moving the page. */
    reveal() {
      if (this.pinned?.r === undefined) return
      for (const box of this.stage.querySelectorAll(".symconv-fig-line")) {
        const lit = this.lit.find((cell) => box.contains(cell) && cell.closest("[data-part=P], [data-part=input]"))
        if (!lit || box.scrollHeight <= box.clientHeight + 1) continue
        const head = box.querySelector("thead").getBoundingClientRect().height
        const [outer, inner] = [box.getBoundingClientRect(), lit.getBoundingClientRect()]
        if (inner.top < outer.top + head) box.scrollTop -= outer.top + head - inner.top
        else if (inner.bottom > outer.bottom - 16) box.scrollTop += inner.bottom - outer.bottom + 16
      }
    }

    // ---- step and play

    step(by) {
      const { P, g } = this.layer
      const { r, f } = this.pinned ?? {}
      const at = r === undefined || f === undefined ? (by > 0 ? -1 : 0) : f * P.length + r
      const all = P.length * g.kernels
      this.to((at + by + all) % all)
    }

    to(at, live) {
      const rows = this.layer.P.length
      this.pin({ r: at % rows, f: Math.floor(at / rows) }, live)
    }

    play() {
      if (this.timer || calm() || this.hasAttribute("data-refused")) return
      this.player.textContent = "Pause"
      this.timer = setInterval(() => {
        if (document.hidden || this.hovered || !this.seen) return
        const { P, g } = this.layer
        const { r = -1, f = 0 } = this.pinned ?? {}
        this.to((f * P.length + r + 1) % (P.length * g.kernels), "off")
      }, SECONDS_A_STEP * 1000)
    }

    pause() {
      clearInterval(this.timer)
      this.timer = 0
      this.player.textContent = "Play"
    }

    // ---- what stands around the tables

    furnish() {
      const act = (what) => () => {
        this.pause()
        what()
        this.remember()
      }
      this.player = button("Play", () => (this.timer ? act(() => {})() : this.play()), { class: "symconv-fig-play" })
      this.slider = make("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": "output cell" })
      this.slider.addEventListener("input", act(() => this.to(Number(this.slider.value))))
      this.count = make("span", { class: "symconv-fig-count" })
      this.sum = make("p", { class: "symconv-fig-sum", "aria-live": "polite", "aria-atomic": "true" })
      this.refused = make("p", { class: "symconv-fig-refused", role: "alert", hidden: true })
      this.controls = controls({
        authors: this.authors,
        numbers: Boolean(this.given.x || this.given.w),
        now: () => this.state,
        change: (state) => this.change(state),
      })
      const open = this.dataset.controls === "open"
      const sizes = make("details", { class: "symconv-fig-controls", open }, make("summary", {}, "Change the sizes"))
      sizes.append(this.controls.element)
      const back = button("Back", act(() => this.step(-1)))
      const step = button("Step", act(() => this.step(1)))
      this.bar = make("div", { class: "symconv-fig-bar" }, back, this.player, step, this.slider, this.count)
      this.copies = this.copying()
      this.append(this.bar, this.sum, this.stage, this.copies)
      // fields that are open stand above what they change, folded ones out of the way
      if (open) this.prepend(sizes, this.refused)
      else this.append(sizes, this.refused)
    }

    copying() {
      const texts = {
        LaTeX: () => {
          const { r = 0, f = 0 } = this.pinned ?? {}
          return `${productLatex(this.layer)}\n\n${sumLatex(this.layer, r, f)}\n`
        },
        SVG: () => svg(this.layer, (part, index, cell) => this.hue(part, index, cell)),
        Python: () => `${repl(this.layer)}\n`,
        link: () => this.address(),
      }
      const said = make("span", { role: "status" })
      const text = make("textarea", { readonly: true, rows: 6, hidden: true, "aria-label": "text to copy" })
      const copy = (name) => async (event) => {
        event.preventDefault()
        text.hidden = true
        text.value = texts[name]()
        try {
          await navigator.clipboard.writeText(text.value)
          said.textContent = `${name[0].toUpperCase()}${name.slice(1)} copied.`
        } catch {
          // a page from a folder may not write to the clipboard, but its reader may
          text.hidden = false
          text.focus()
          text.select()
          said.textContent = "Press Ctrl+C (⌘C) to copy:"
        }
      }
      this.link = make("a", { href: "#" }, "link")
      this.link.addEventListener("click", copy("link"))
      const buttons = ["LaTeX", "SVG", "Python"].map((name) => button(name, copy(name)))
      return make("div", { class: "symconv-fig-copy" }, make("span", {}, "Copy"), ...buttons, this.link, said, text)
    }

    /** What a cell is lit as: x, w, y, or nothing. */
    hue(part, index, cell) {
      const { classList } = this.cells.get(`${part} ${index}`)[cell]
      return ["x", "w", "y"].find((hue) => classList.contains(`symconv-fig-${hue}`)) ?? ""
    }

    // ---- pointer and keyboard

    listen() {
      this.stage.addEventListener("pointerover", (event) => {
        if (event.pointerType === "touch") return
        const pick = this.pickOf(event.target)
        this.hovered = Boolean(pick)
        if (pick || this.shown !== this.pinned) this.show(pick ?? this.pinned, "off")
      })
      this.stage.addEventListener("pointerleave", () => {
        this.hovered = false
        if (this.shown !== this.pinned) this.show(this.pinned, "off")
      })
      this.stage.addEventListener("click", (event) => {
        if (this.pickOf(event.target)) this.focusOn(event.target.closest("td, th"))
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

    /** Focus a cell, and let the tab key come back to it: one cell of each part can be reached with it. */
    focusOn(cell) {
      const { part } = cell.closest("table").dataset
      for (const other of this.stage.querySelectorAll(`[data-part="${part}"] [tabindex]`)) other.tabIndex = -1
      cell.tabIndex = 0
      if (cell === document.activeElement) cell.blur() // so that what it picks is picked again
      cell.focus()
    }

    key(event) {
      const cell = event.target.closest("td, th")
      if (!cell || event.altKey || event.metaKey) return
      if (event.key === "Escape") {
        this.pause()
        this.pin(null)
        this.remember()
        return
      }
      const table = cell.closest("table")
      const [row, column] = [cell.parentElement.rowIndex, cell.cellIndex]
      const reached = (one) => (one && this.pickOf(one) ? one : null)
      let next = null
      if (event.key in MOVES) {
        const [down, across] = MOVES[event.key]
        const tables = [...this.stage.querySelectorAll(`[data-part="${table.dataset.part}"]`)]
        const beyond = tables[tables.indexOf(table) + down + across] // at the edge of a table, its neighbour
        next = reached(table.rows[row + down]?.cells[column + across]) ?? reached(beyond?.rows[row]?.cells[column])
      } else if (event.key === "Home" || event.key === "End") {
        const line = (event.ctrlKey ? table.tBodies[0] : cell.parentElement).querySelectorAll("td")
        next = reached(event.key === "Home" ? line[0] : line[line.length - 1])
      } else return
      event.preventDefault()
      if (next) this.focusOn(next)
    }
  }
})()
// a theme that swaps pages without loading them anew comes here again
if (!customElements.get("symconv-figure")) customElements.define("symconv-figure", symconvFigure)
