// Parts of a page that may come a moment later; without this file a link leads to each.

for (const part of document.querySelectorAll("[data-part]")) {
  part.setAttribute("aria-busy", "true");
  fetch(`${part.dataset.part}?part=1`, { redirect: "manual" })
    .then(async (answer) => {
      if (answer.ok) part.innerHTML = await answer.text();
    })
    .catch(() => {})
    .finally(() => part.removeAttribute("aria-busy"));
}
