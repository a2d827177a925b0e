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

// What is typed is kept on the server a second after each change, and again until it is there; a page that opens puts it back.
const keeper = document.querySelector("[data-kept]");
const AFTER = 1000; // milliseconds without a change
const AGAIN = 3000; // milliseconds until the next try without a connection

function fieldsOfPage() {
  return [...document.querySelectorAll('main form[method="post"]:not(.th-inline-form) :is(input, textarea, select)')].filter(
    (field) => field.name && !field.readOnly && !["hidden", "submit", "image", "file", "password"].includes(field.type),
  );
}

function typedFields() {
  const data = new FormData();
  for (const field of fieldsOfPage()) {
    if (["radio", "checkbox"].includes(field.type) && !field.checked) continue;
    data.append(field.name, field.value);
  }
  return data;
}

function putBack(kept) {
  for (const field of fieldsOfPage()) {
    const values = kept[field.name];
    if (!values) continue;
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
    else field.value = values[0];
  }
}

function keepTyping() {
  const says = keeper.querySelector("[data-kept-says]");
  const back = keeper.querySelector("[data-kept-back]");
  const fields = keeper.querySelector("[data-kept-fields]");
  let waiting = 0;
  let sending = false;

  async function send(more) {
    const data = more ?? typedFields();
    data.set("kept-page", keeper.dataset.keptPage);
    data.set("csrfmiddlewaretoken", document.querySelector('main [name="csrfmiddlewaretoken"]').value);
    return fetch(keeper.dataset.kept, { method: "POST", body: data, redirect: "manual", keepalive: true });
  }

  async function keep() {
    try {
      const answer = await send();
      if (answer.status === 422) says.textContent = (await answer.json()).problem;
      else if (answer.ok) says.textContent = keeper.dataset.keptSaved;
      else {
        says.textContent = keeper.dataset.keptSignedOut;
        waiting = setTimeout(keep, AGAIN);
      }
    } catch {
      says.textContent = keeper.dataset.keptWaiting;
      waiting = setTimeout(keep, AGAIN);
    }
  }

  function later() {
    clearTimeout(waiting);
    if (!sending) waiting = setTimeout(keep, AFTER);
  }

  if (fields) {
    putBack(JSON.parse(fields.textContent));
    back.hidden = false;
    keeper.querySelector("[data-kept-forget]").addEventListener("click", async () => {
      const data = new FormData();
      data.set("kept-forget", "1");
      await send(data);
      window.location.reload();
    });
  }
  document.addEventListener("input", later);
  document.addEventListener("change", later);
  document.addEventListener("submit", () => {
    sending = true;
    clearTimeout(waiting);
  });
}

if (keeper && document.querySelector('main [name="csrfmiddlewaretoken"]')) keepTyping();
