// A call that rings at this person's phone shows at the side within two seconds, and opens who is calling unless something is being typed.

const EVERY = 2000; // milliseconds
const place = document.querySelector("[data-ringing]");
let changed = false;
document.addEventListener("input", () => { changed = true; });

function isBusy() {
  const here = document.activeElement;
  return changed || document.querySelector("dialog[open]") || (here && /^(INPUT|TEXTAREA|SELECT)$/.test(here.tagName) && here.value);
}

function openOnce() {
  const ring = place.querySelector("[data-call]");
  if (!ring || sessionStorage.getItem("townhall-call") === ring.dataset.call || isBusy()) return;
  sessionStorage.setItem("townhall-call", ring.dataset.call);
  window.location.assign(ring.dataset.opens);
}

async function look() {
  if (document.hidden) return;
  const answer = await fetch(place.dataset.ringing, { redirect: "manual" }).catch(() => null);
  if (!answer || (answer.status !== 200 && answer.status !== 204)) return;
  const words = answer.status === 204 ? "" : (await answer.text()).trim();
  const calls = (html) => [...html.matchAll(/data-call="([^"]+)"/g)].map((found) => found[1]).join();
  if (calls(words) !== calls(place.innerHTML) || !words) place.innerHTML = words;
  openOnce();
}

if (place) {
  look();
  setInterval(look, EVERY);
}
