// Sets the page's mathematics with KaTeX: at once, which also works from a folder, and again whenever
// the theme puts a new page in place of the old one. What scrolls can be reached with the keyboard.
(() => {
  "use strict"
  // a formula, program or table that is larger than its place scrolls there; a group, as regions are landmarks
  const reach = (element) => {
    const what = { CODE: "program", DIV: element.matches(".arithmatex") ? "formula" : "table" }[element.tagName]
    const wide = element.scrollWidth > element.clientWidth
    const tall = what === "program" && element.scrollHeight > element.clientHeight
    if (wide || tall) {
      element.tabIndex = 0
      element.setAttribute("role", "group")
      element.setAttribute("aria-label", `${what}, scrolls`)
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name)
    }
  }
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target)))
  const set = () => {
    for (const element of document.querySelectorAll(".arithmatex")) {
      if (element.dataset.set) continue
      const text = element.textContent.trim()
      element.dataset.set = "yes"
      katex.render(text.slice(2, -2), element, {
        displayMode: text.startsWith("\\["),
        output: "htmlAndMathml",
        throwOnError: false,
      })
      if (element.tagName === "DIV") watch.observe(element)
    }
    for (const code of document.querySelectorAll(".md-typeset pre > code")) watch.observe(code)
  }
  // the theme adds these later: boxes around tables, and copy buttons as landmarks, too many to be of use
  const themes = () => {
    for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) watch.observe(box)
    for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "none")
  }
  new MutationObserver(themes).observe(document.body, { childList: true, subtree: true })
  set()
  if (typeof document$ !== "undefined") document$.subscribe(set)
})()
