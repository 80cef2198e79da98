// Puts a button to copy beside the LaTeX and the Python of each figure, where the theme does not.
(() => {
  "use strict"
  const config = document.getElementById("__config")
  const has = config && (JSON.parse(config.textContent).features || []).includes("content.code.copy")
  if (has || !navigator.clipboard) return
  const add = () => {
    for (const box of document.querySelectorAll(".symconv-source .highlight")) {
      if (box.querySelector("button")) continue
      const button = document.createElement("button")
      button.type = "button"
      button.className = "symconv-copy"
      button.textContent = "Copy"
      box.append(button)
    }
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".symconv-copy")
    if (!button) return
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent)
    button.textContent = "Copied"
    setTimeout(() => { button.textContent = "Copy" }, 2000)
  })
  add()
  if (typeof document$ !== "undefined") document$.subscribe(add)
})()
