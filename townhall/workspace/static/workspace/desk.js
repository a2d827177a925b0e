// The look-up answers as somebody types; the page works the same without this. What was typed stays out of the address bar.

const box = document.querySelector("form[data-look-up]");
const list = document.querySelector("[data-found]");
const PAUSE = 250; // milliseconds without a key before we ask
const LEAST = 3; // letters

let waiting = 0;
let asking = null;

async function ask(form) {
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  query.set("part", "1");
  try {
    const answer = await fetch(`${form.action}?${query}`, { signal: asking.signal, headers: { Accept: "text/html" } });
    if (answer.redirected || !answer.ok) return;
    list.innerHTML = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

if (box && list) {
  const typed = box.querySelector("[data-search]");
  typed.addEventListener("input", () => {
    clearTimeout(waiting);
    if (typed.value.trim().length >= LEAST) waiting = setTimeout(() => ask(box), PAUSE);
  });
  typed.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    const first = list.querySelector("a, button");
    if (first) {
      event.preventDefault();
      first.focus();
    }
  });
}

// A place set on the map is the place chosen.
document.addEventListener("townhall:place", () => {
  const chosen = document.querySelector('input[name="choice"][value="map"]');
  if (chosen) chosen.checked = true;
});
