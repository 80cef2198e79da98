// Sets the page's mathematics with KaTeX: at once, which also works from a folder, and again whenever
// the theme puts a new page in place of the old one.
(() => {
  "use strict"
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
    }
  }
  set()
  if (typeof document$ !== "undefined") document$.subscribe(set)
})()
