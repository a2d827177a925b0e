// Small helps on the case pages. Everything works without this file.

// While the page is open it says so four times a minute, and hears who else is there.
for (const box of document.querySelectorAll("[data-presence]")) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const beat = async () => {
    if (document.hidden || !token) return;
    const body = new URLSearchParams({ doing: box.dataset.doing, csrfmiddlewaretoken: token });
    const answer = await fetch(box.dataset.presence, { method: "POST", body, redirect: "manual" });
    if (!answer.ok) return;
    const words = (await answer.text()).trim();
    if (words !== box.innerHTML.trim()) box.innerHTML = words;
  };
  setInterval(beat, 15000);
  if (box.dataset.doing !== "viewing") beat();
}

// Calls for help from nearby appear on whatever page is open, a few seconds after they are made.
for (const box of document.querySelectorAll("[data-alarms]")) {
  const ask = async () => {
    const answer = await fetch(box.dataset.alarms, { redirect: "manual" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const words = (await answer.text()).trim();
    if (words !== box.dataset.shown) {
      box.dataset.shown = words;
      box.innerHTML = words;
    }
  };
  setInterval(ask, 5000);
  ask();
}

// How far something is that is under way: asked again every three seconds until it is over.
for (const box of document.querySelectorAll("[data-again]")) {
  const timer = setInterval(async () => {
    const answer = await fetch(box.dataset.again, { redirect: "manual" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const words = (await answer.text()).trim();
    if (words !== box.innerHTML.trim()) box.innerHTML = words;
    if (box.querySelector("[data-over]")) clearInterval(timer);
  }, 3000);
}

// Parts of a page that may come a moment later; without this file a link leads to them.
for (const part of document.querySelectorAll("[data-part]")) {
  fetch(`${part.dataset.part}?part=1`, { redirect: "manual" }).then(async (answer) => {
    if (answer.ok) part.innerHTML = await answer.text();
  });
}

// What somebody waits for: a manager's answer, or the calls that wait for one. Asked every few seconds; not while it is written in.
for (const box of document.querySelectorAll("[data-poll]")) {
  const look = async () => {
    if (document.hidden || box.contains(document.activeElement)) return;
    if ([...box.querySelectorAll("input:not([type=hidden])")].some((field) => field.value)) return;
    const answer = await fetch(box.dataset.poll, { redirect: "manual" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const words = (await answer.text()).trim();
    if (words !== box.dataset.last) box.innerHTML = box.dataset.last = words;
  };
  setInterval(look, 4000);
}
