// Shows the variant of a figure that the reader chose. Every variant was derived and proved when the page
// was built; nothing is computed here.
(() => {
  "use strict"
  const follow = (figure) => {
    const chosen = [...figure.querySelectorAll(".symconv-choice select")].map((select) => select.value).join("|")
    for (const variant of figure.querySelectorAll(".symconv-variant")) {
      variant.hidden = variant.dataset.choice !== chosen
    }
  }
  document.addEventListener("change", (event) => {
    const figure = event.target.closest("figure.symconv")
    if (figure && event.target.closest(".symconv-choice")) follow(figure)
  })
  const restore = () => {
    // a browser that comes back to the page keeps the select's value, so the figure has to follow it
    for (const choice of document.querySelectorAll(".symconv-choice")) follow(choice.closest("figure"))
  }
  restore()
  if (typeof document$ !== "undefined") document$.subscribe(restore)
})()
