// Checks what a reader writes into the blanks of an exercise. The answers were proved and recomputed when the
// page was built; here they are only compared with what was written, as numbers where they are numbers.
const symconvExercise = (() => {
  "use strict"

  const whole = (sign, digits, decimals = "") => {
    const text = digits + decimals
    if (!/^\d+$/.test(text)) return null
    return [BigInt(`${sign === "-" ? "-" : ""}${text}`), 10n ** BigInt(decimals.length)]
  }

  // a real number as a fraction of whole numbers, or null
  const real = (text) => {
    let found
    if ((found = /^([+-]?)(\d{1,3}(?:[ ,']\d{3})+)$/.exec(text))) return whole(found[1], found[2].replace(/[ ,']/g, ""))
    if ((found = /^([+-]?) ?(\d+) (\d+) ?\/ ?(\d+)$/.exec(text))) {
      const [, sign, one, over, under] = found // one and a half
      if (!BigInt(under)) return null
      const top = BigInt(one) * BigInt(under) + BigInt(over)
      return [sign === "-" ? -top : top, BigInt(under)]
    }
    if ((found = /^([+-]?) ?(\d+) ?\/ ?(\d+)$/.exec(text))) {
      const [top] = whole(found[1], found[2])
      return BigInt(found[3]) ? [top, BigInt(found[3])] : null
    }
    if ((found = /^([+-]?) ?(\d*)[.,]?(\d*)$/.exec(text))) return whole(found[1], found[2], found[3])
    return null
  }

  // the readings of a text as a complex number: [real part, imaginary part], each a fraction
  const readings = (text) => {
    const zero = [0n, 1n]
    const plain = real(text)
    const found = plain ? [[plain, zero]] : []
    if (plain && /^[+-]?\d{1,3}(,\d{3})$/.test(text)) found.push([real(text.replace(",", ".")), zero])
    const parts = /^(?:([+-]?[\d./]+))?(?:([+-]?)([\d./]*)\*?[ij])?$/.exec(text.replace(/\s/g, ""))
    if (parts && /[ij]$/.test(text) && !(parts[1] && !parts[2])) {
      const [re, im] = [parts[1] ? real(parts[1]) : zero, real(`${parts[2]}${parts[3] || "1"}`)]
      if (re && im) found.push([re, im])
    } else if (/^[+-]?[\d./]*\*?[ij]$/.test(text.replace(/\s/g, ""))) {
      const im = real(text.replace(/\s|\*?[ij]$/g, "").replace(/^([+-]?)$/, "$11"))
      if (im) found.push([zero, im])
    }
    return found
  }

  const same = (one, other) => one[0] * other[1] === other[0] * one[1]

  const tidy = (typed) =>
    typed
      .replace(/[¼-¾⅐-⅞]/g, " $&") // or one and a half would read as eleven halves
      .normalize("NFKC")
      .replace(/[\u2010-\u2015\u2212\ufe63]/g, "-")
      .replace(/[\u2044\u2215]/g, "/")
      .replace(/\s+/g, " ")
      .trim()

  // whether what was typed is the answer, given as the ways to write it with a bar between
  const isRight = (typed, answer) => {
    const text = tidy(typed).slice(0, 40)
    const ways = answer.split("|")
    const numbers = readings(ways[0])
    if (numbers.length) {
      const [[re, im]] = numbers
      return readings(text).some((read) => same(read[0], re) && same(read[1], im))
    }
    const name = text.replace(/[\s_{}()[\]]/g, "").replace(/;/g, ",")
    return ways.includes(name) || ways.includes(name.toLowerCase())
  }

  const counted = (number, words) => `${number} ${words}`

  const fields = (exercise) => [...exercise.querySelectorAll("input[data-answer]")]

  const mark = (field, state) => {
    field.closest("td").dataset.state = state
    if (state === "wrong") field.setAttribute("aria-invalid", "true")
    else field.removeAttribute("aria-invalid")
  }

  const say = (exercise, words) => {
    exercise.querySelector(".symconv-result").textContent = words
  }

  const check = (exercise) => {
    const every = fields(exercise)
    const wrong = []
    let right = 0
    let shown = 0
    let empty = 0
    for (const field of every) {
      if (field.closest("td").dataset.state === "shown") shown += 1
      else if (!tidy(field.value)) {
        empty += 1
        mark(field, "")
      } else if (isRight(field.value, field.dataset.answer)) {
        right += 1
        mark(field, "right")
      } else {
        wrong.push(field)
        mark(field, "wrong")
      }
    }
    if (right === every.length) {
      say(exercise, every.length === 1 ? "Right." : `All ${every.length} are right.`)
      return
    }
    const said = [`${right} of ${every.length} right`]
    if (wrong.length) said.push(counted(wrong.length, "wrong"))
    if (empty) said.push(counted(empty, "empty"))
    if (shown) said.push(counted(shown, "shown"))
    const where = wrong.length ? ` Look again at ${wrong[0].getAttribute("aria-label")}.` : ""
    say(exercise, `${said.join(", ")}.${where}`)
  }

  const show = (exercise) => {
    let shown = 0
    for (const field of fields(exercise)) {
      if (isRight(field.value, field.dataset.answer) && field.closest("td").dataset.state !== "shown") {
        mark(field, "right")
        continue
      }
      shown += 1
      field.value = field.dataset.answer.split("|")[0].replace("-", "\u2212")
      mark(field, "shown")
    }
    say(exercise, shown ? `${counted(shown, shown === 1 ? "answer" : "answers")} filled in.` : "All were right already.")
  }

  const clear = (exercise) => {
    for (const field of fields(exercise)) {
      field.value = ""
      mark(field, "")
    }
    say(exercise, "")
    fields(exercise)[0]?.focus()
  }

  const actions = { check, show, clear }

  const start = () => {
    for (const box of document.querySelectorAll(".symconv-checking")) box.hidden = false
  }

  if (typeof document !== "undefined") {
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.(".symconv-checking button")
      if (button) actions[button.dataset.action](button.closest(".symconv-exercise"))
    })
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches?.(".symconv-exercise input[data-answer]")) return
      event.preventDefault()
      check(event.target.closest(".symconv-exercise"))
    })
    document.addEventListener("input", (event) => {
      // what is being written is neither right nor wrong yet
      if (event.target.matches?.(".symconv-exercise input[data-answer]")) mark(event.target, "")
    })
    start()
    if (typeof document$ !== "undefined") document$.subscribe(start)
  }
  return { isRight }
})()
