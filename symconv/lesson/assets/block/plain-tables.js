// Some themes mark every table as one of theirs when a page loads. Those of figures are drawn, not listed.
(() => {
  "use strict"
  const plain = () => {
    for (const table of document.querySelectorAll(":is(.symconv, .symconv-verdict) table")) {
      table.classList.remove("docutils", "table", "table-striped", "table-hover")
    }
  }
  addEventListener("DOMContentLoaded", plain)
  addEventListener("load", plain)
})()
