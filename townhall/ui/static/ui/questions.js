// Questions with a condition appear as soon as it holds. The server asks the same conditions again (townhall.core.logic).

const form = document.querySelector("form[data-questions]");

function answers() {
  const found = {};
  for (const box of form.querySelectorAll("[data-question]:not([hidden])")) {
    const code = box.dataset.question;
    const boxes = [...box.querySelectorAll(`[name="${CSS.escape(code)}"]`)];
    const marks = boxes.filter((one) => one.type === "radio" || one.type === "checkbox");
    if (!boxes.length) continue;
    if (!marks.length) found[code] = boxes[0].value.trim() || null;
    else if (marks[0].type === "radio") found[code] = marks.find((one) => one.checked)?.value ?? null;
    else found[code] = marks.filter((one) => one.checked).map((one) => one.value);
  }
  return found;
}

const number = (value) => (typeof value === "number" || (typeof value === "string" && value.trim() !== "") ? Number(value) : NaN);
const truth = (value) => (Array.isArray(value) ? value.length > 0 : Boolean(value));
const same = (one, two) => (typeof one === typeof two ? one === two : number(one) === number(two));

function within(needle, hay) {
  if (Array.isArray(needle)) return needle.some((one) => within(one, hay));
  if (typeof hay === "string") return typeof needle === "string" && needle !== "" && hay.includes(needle);
  return Array.isArray(hay) && hay.some((one) => same(needle, one));
}

function value(rule, data) {
  if (Array.isArray(rule)) return rule.map((one) => value(one, data));
  if (rule === null || typeof rule !== "object") return rule;
  const [name, given] = Object.entries(rule)[0];
  const list = Array.isArray(given) ? given : [given];
  if (name === "var") return data[String(list[0]).split(".")[0]] ?? list[1] ?? null;
  if (name === "missing") return list.filter((one) => !truth(data[one] ?? null));
  if (name === "and" || name === "or") return chain(list, data, name === "or");
  if (name === "if") return choose(list, data);
  const parts = list.map((one) => value(one, data));
  return compare(name, parts);
}

function chain(list, data, stopAt) {
  let last = null;
  for (const one of list) {
    last = value(one, data);
    if (truth(last) === stopAt) return last;
  }
  return last;
}

function choose(list, data) {
  for (let i = 0; i + 1 < list.length; i += 2) if (truth(value(list[i], data))) return value(list[i + 1], data);
  return list.length % 2 ? value(list.at(-1), data) : null;
}

function compare(name, parts) {
  if (name === "!") return !truth(parts[0]);
  if (name === "!!") return truth(parts[0]);
  if (name === "==") return same(parts[0], parts[1]);
  if (name === "!=") return !same(parts[0], parts[1]);
  if (name === "in") return within(parts[0], parts[1]);
  const orders = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b };
  return parts.slice(1).every((one, i) => orders[name](number(parts[i]), number(one)));
}

function refresh() {
  for (const box of form.querySelectorAll("[data-shown-when]")) {
    const show = truth(value(JSON.parse(box.dataset.shownWhen), answers()));
    box.hidden = !show;
    box.querySelector('input[name="asked"]').disabled = !show;
  }
}

if (form) {
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  refresh();
}
