// Sets the formulas of figures with the KaTeX that the site has, if nothing else on the page has set them.
(() => {
  "use strict"
  const set = () => {
    if (typeof katex === "undefined") return
    for (const element of document.querySelectorAll(".symconv .arithmatex, .symconv-verdict .arithmatex")) {
      if (element.dataset.set || element.querySelector(".katex")) continue
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
