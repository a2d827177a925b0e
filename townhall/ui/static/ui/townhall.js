// Small helps on every page. Everything works without this file.

const page = document.body;

async function startComponents() {
  const { initAll } = await import(page.dataset.govuk);
  initAll();
}

// A form sent twice by a double click is sent once; the server's idempotency key is the real guard.
function guardAgainstSendingTwice() {
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("data-sent", "yes");
    setTimeout(() => forgetSent(form), 10000);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(forgetSent));
}

function forgetSent(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[data-sent]").forEach((button) => button.removeAttribute("data-sent"));
}

// Two minutes before an idle session ends, ask; other open tabs that stay signed in count as well.
function warnBeforeSessionEnds() {
  const dialog = document.getElementById("session-warning");
  if (!dialog || !dialog.dataset.stay || !dialog.showModal) return;
  const idle = Number(dialog.dataset.sessionSeconds);
  const warning = Math.min(120, idle / 2);
  const form = dialog.querySelector("[data-session-stay]");
  const shown = dialog.querySelector("[data-session-left]");
  const spoken = dialog.querySelector("[data-session-spoken]");
  const seen = () => localStorage.setItem("townhall-seen", String(Date.now()));
  const left = () => Math.round(idle - (Date.now() - Number(localStorage.getItem("townhall-seen"))) / 1000);
  seen();
  const tick = () => {
    const seconds = left();
    if (seconds <= 0) {
      window.location.assign(dialog.dataset.ended);
      return;
    }
    if (seconds > warning) {
      if (dialog.open) dialog.close();
      return;
    }
    const words = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "second", unitDisplay: "long" });
    shown.textContent = words.format(seconds);
    if (!dialog.open) dialog.showModal();
    if (seconds % 20 === 0) spoken.textContent = shown.textContent;
  };
  setInterval(tick, 1000);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (answer.ok) {
      seen();
      dialog.close();
    } else {
      window.location.assign(dialog.dataset.ended);
    }
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    form.requestSubmit();
  });
}

// `?` opens the list; `g` then a letter goes somewhere; keys of their own move to a box. Off while typing, and can be turned off (WCAG 2.1.4).
function listenForShortcuts() {
  const dialog = document.getElementById("shortcuts");
  if (!dialog || !dialog.showModal) return;
  const off = dialog.querySelector("[data-shortcuts-off]");
  off.checked = localStorage.getItem("townhall-shortcuts") === "off";
  off.addEventListener("change", () => localStorage.setItem("townhall-shortcuts", off.checked ? "off" : "on"));
  document.querySelectorAll('[data-opens="shortcuts"]').forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  });
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (off.checked || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      dialog.showModal();
    } else if (event.key === "g") {
      going = true;
      setTimeout(() => { going = false; }, 1500);
    } else {
      follow(dialog, event, going);
      going = false;
    }
  });
}

function isTyping(element) {
  if (element.tagName === "INPUT" && /^(radio|checkbox|button|submit)$/.test(element.type)) return false;
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || Boolean(element.closest(".th-map"));
}

function follow(dialog, event, going) {
  for (const row of dialog.querySelectorAll("[data-key]")) {
    if (row.dataset.key !== event.key) continue;
    const target = row.dataset.focus && document.querySelector(row.dataset.focus);
    if (target) {
      event.preventDefault();
      target.focus();
    } else if (going && row.dataset.href?.startsWith("#")) {
      press(event, document.querySelector(row.dataset.href));
    } else if (row.dataset.href && going) {
      window.location.assign(row.dataset.href);
    }
    return;
  }
}

// A form is sent; anything else is opened and gets the focus, so that Enter goes on.
function press(event, place) {
  event.preventDefault();
  if (place?.tagName === "FORM") place.requestSubmit();
  else place?.focus();
  place?.closest("details")?.setAttribute("open", "");
}

startComponents();
guardAgainstSendingTwice();
warnBeforeSessionEnds();
listenForShortcuts();
