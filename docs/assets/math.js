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
  const watched = new Set()
  const resized = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target)))
  const watch = (element) => {
    watched.add(element)
    resized.observe(element)
  }
  // a formula grows in its place when its font arrives
  document.fonts.addEventListener("loadingdone", () => watched.forEach(reach))
  // the theme looks at widths alone, and takes from what is only too tall the way to reach it
  new MutationObserver((records) => {
    for (const { target } of records)
      if (target.getAttribute("role") === "group" && watched.has(target) && !target.hasAttribute("tabindex"))
        reach(target)
  }).observe(document.body, { subtree: true, attributeFilter: ["tabindex"] })
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
      if (element.tagName === "DIV") watch(element)
    }
    for (const code of document.querySelectorAll(".md-typeset pre > code")) watch(code)
  }
  // the theme adds these later: boxes around tables, and copy buttons as landmarks, too many to be of use
  const themes = () => {
    for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) watch(box)
    for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "none")
  }
  new MutationObserver(themes).observe(document.body, { childList: true, subtree: true })
  set()
  if (typeof document$ !== "undefined") document$.subscribe(set)
})()
