// Sets the page's mathematics with KaTeX: at once, which also works from a folder, and again whenever
// the theme puts a new page in place of the old one.
(() => {
  "use strict"
  // a formula that is wider than its place scrolls there, so it has to be reachable with the keyboard
  const reach = (element) => {
    const wide = element.scrollWidth > element.clientWidth
    if (wide) {
      element.tabIndex = 0
      element.setAttribute("role", "group")
      element.setAttribute("aria-label", "formula, scrolls sideways")
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
  }
  set()
  if (typeof document$ !== "undefined") document$.subscribe(set)
})()
