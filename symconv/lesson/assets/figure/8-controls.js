// The figure, part 8 of 9: small pieces of a page, and the fields in which the reader changes the sizes.
const symconvControls = (() => {
  "use strict"

  /** An element with attributes and children; an attribute is left out where it is false. */
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== false) element.setAttribute(name, value === true ? "" : value)
    }
    element.append(...children)
    return element
  }

  const button = (text, act, attributes = {}) => {
    const made = make("button", { type: "button", ...attributes }, text)
    made.addEventListener("click", act)
    return made
  }

  /**
   * The fields for the sizes of a figure, in the order in which one thinks of them: an element, and `fill`, which
   * lets the fields say what a state is, except the one that is being written in.
   *
   * authors: the state that the author wrote; numbers: whether the author gave numbers; now(): the state;
   * change(state): called with what the reader makes of it.
   */
  const controls = ({ authors, numbers, now, change }) => {
    const fields = []
    const listen = (input, kind, read, write) => {
      fields.push([input, read])
      input.addEventListener(kind, () => {
        const state = structuredClone(now())
        write(state, input.value)
        change(state)
      })
      return input
    }
    const field = (name, read, write, least = 1) =>
      listen(
        make("input", { type: "number", min: least, step: 1, "aria-label": name }),
        "input",
        read,
        (state, value) => write(state, value.trim() === "" ? "" : Number(value)),
      )
    const word = (text) => make("span", { "aria-hidden": "true" }, text)
    const group = (name, ...inside) => make("div", { role: "group", "aria-label": name }, word(name), ...inside)
    const flat = authors.input.length === 1
    const along = (key) =>
      group(
        key,
        ...(flat ? [""] : [" down", " across"]).flatMap((axis, a) => [
          ...(a ? [word("×")] : []),
          field(`${key}${axis}`, (s) => s[key][a], (s, n) => (s[key][a] = n)),
        ]),
      )
    const count = (key) => group(key, field(key, (s) => s[key], (s, n) => (s[key] = n)))
    const sides = flat ? [["before", "after"]] : [["above", "below"], ["left", "right"]]
    const padding = sides.flatMap((names, a) =>
      names.flatMap((side, i) => [
        word(side),
        field(`padding ${side}`, (s) => s.padding[a][i], (s, n) => (s.padding[a][i] = n), 0),
      ]),
    )
    const choices = numbers ? { given: "as given", letters: "letters" } : { given: "letters", numbers: "numbers" }
    const options = Object.entries(choices).map(([value, text]) => make("option", { value }, text))
    const entries = listen(
      make("select", { "aria-label": "entries" }, ...options),
      "change",
      (s) => s.entries,
      (s, value) => (s.entries = value),
    )
    const element = make(
      "div",
      { class: "symconv-fig-fields" },
      along("input"),
      along("kernel"),
      count("channels"),
      count("kernels"),
      count("groups"),
      along("stride"),
      along("dilation"),
      group("padding", ...padding),
      group("entries", entries),
      button("As it was", () => change(structuredClone(authors))),
    )
    const fill = () => {
      for (const [input, read] of fields) if (input !== document.activeElement) input.value = read(now())
    }
    return { element, fill }
  }

  return { make, button, controls }
})()
