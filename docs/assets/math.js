// Sets the page's mathematics with KaTeX, which also works from a folder: what is in sight first, the rest
// while the browser has nothing else to do. What scrolls can be reached with the keyboard.
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
  const waiting = new Set(document.querySelectorAll(".arithmatex"))
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) set(target)
    },
    { rootMargin: "50%" },
  )
  const set = (element) => {
    if (!waiting.delete(element)) return
    near.unobserve(element)
    const text = element.textContent.trim()
    katex.render(text.slice(2, -2), element, {
      displayMode: text.startsWith("\\["),
      output: "htmlAndMathml",
      throwOnError: false,
    })
    if (element.tagName === "DIV") watch(element)
  }
  // first all formulas are set, then those out of sight laid out, a few at a time: in between the page answers
  const AT_ONCE = 20 // milliseconds
  const idle = window.requestIdleCallback ?? ((go) => setTimeout(go, AT_ONCE))
  const AHEAD = "symconv-set-ahead"
  const ahead = []
  const setRest = () => {
    const end = performance.now() + AT_ONCE
    for (const element of waiting) {
      if (performance.now() > end) return idle(setRest)
      element.classList.add(AHEAD)
      ahead.push(element)
      set(element)
    }
    idle(layOut)
  }
  const layOut = () => {
    for (const element of ahead.splice(0, 4)) element.classList.remove(AHEAD)
    if (ahead.length) idle(layOut)
    else watched.forEach(reach)
  }
  for (const element of waiting) {
    element.dataset.set = "here" // and not by the scripts of blocks
    near.observe(element)
  }
  addEventListener("load", () => idle(setRest))
  addEventListener("beforeprint", () => waiting.forEach(set))
  for (const code of document.querySelectorAll(".md-typeset pre > code")) watch(code)
  // the theme adds these later: boxes around tables, and copy buttons as landmarks, too many to be of use
  const themes = () => {
    for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) watch(box)
    for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "none")
  }
  new MutationObserver(themes).observe(document.body, { childList: true, subtree: true })
})()
