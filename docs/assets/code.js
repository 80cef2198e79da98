// What the theme leaves out for those who use a keyboard or a screen reader: a name for the copy button's place
// beside each block of code, and a way to reach a block that scrolls sideways.
(() => {
  "use strict"
  const reach = (code) => {
    const wide = code.scrollWidth > code.clientWidth || code.scrollHeight > code.clientHeight
    if (wide) code.tabIndex = 0
    else code.removeAttribute("tabindex")
  }
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target)))
  const name = () => {
    for (const [number, nav] of document.querySelectorAll("nav.md-code__nav").entries()) {
      if (!nav.hasAttribute("aria-label")) nav.setAttribute("aria-label", `block of code ${number + 1}`)
    }
    for (const code of document.querySelectorAll("article pre > code:not([data-watched])")) {
      code.dataset.watched = "yes"
      watch.observe(code)
    }
  }
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true })
  name()
})()
