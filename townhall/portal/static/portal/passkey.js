// Passkeys: a form with data-passkey asks the server for options, the device for its answer, and sends that back.
// Browsers without the JSON helpers of WebAuthn level 3 never see these forms; a password works everywhere.

const helpers = { add: "parseCreationOptionsFromJSON", get: "parseRequestOptionsFromJSON" };

async function post(address, fields) {
  const answer = await fetch(address, { method: "POST", body: fields, headers: { Accept: "application/json" } });
  if (answer.redirected) return { next: answer.url };
  return answer.json();
}

async function use(form) {
  const options = await post(form.dataset.options, new FormData(form));
  if (options.next) return options;
  const publicKey = PublicKeyCredential[helpers[form.dataset.passkey]](options);
  const made = form.dataset.passkey === "add" ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  const fields = new FormData(form);
  fields.set("credential", JSON.stringify(made));
  return post(form.dataset.send, fields);
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential?.[helpers[form.dataset.passkey]]) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-problem]");
    problem.textContent = "";
    try {
      const answer = await use(form);
      if (answer.next) location.assign(answer.next);
      else problem.textContent = answer.problem || form.dataset.failed;
    } catch {
      problem.textContent = form.dataset.failed;
    }
  });
}
