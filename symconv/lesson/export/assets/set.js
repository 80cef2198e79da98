// Sets the mathematics of the page with the KaTeX that stands in it.
for (const element of document.querySelectorAll(".arithmatex")) {
  const text = element.textContent.trim()
  katex.render(text.slice(2, -2), element, {
    displayMode: text.startsWith("\\["),
    output: "htmlAndMathml",
    throwOnError: false,
  })
}
