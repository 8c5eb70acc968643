// The page: one client, two views, and the server's rules decide what there is to see.
import PocketBase from "./vendor/pocketbase.es.mjs";

const client = new PocketBase(window.location.origin);
const users = client.collection("users");
const todos = client.collection("todos");
const $ = (id) => document.getElementById(id);

const state = { signingUp: false, show: "all", todos: [] };
const filters = { all: "", open: "done = false", done: "done = true" };

// -- errors ---------------------------------------------------------------------------------

/** Shows the server's answer: beside each field it names, else at the top of the page. */
function showError(error, form) {
  if (error.isAbort) return;
  if (error.status === 401) return leave("Your session has ended. Please sign in again.");
  const fields = Object.entries(error.response?.data ?? {});
  const lost = fields.filter(([name, { message }]) => !showFieldError(form, name, message));
  const general = lost.map(([name, { message }]) => `${name}: ${message}`).join(" ");
  if (general || fields.length === 0) {
    say(error.status === 0 ? "The server does not answer." : general || error.message);
  }
  form?.querySelector("[aria-invalid]")?.focus();
}

function showFieldError(form, name, message) {
  const input = form?.elements[name];
  if (!input) return false;
  const place = form.querySelector(`#${name}-error`) ?? form.querySelector(".error");
  place.id ||= `${name}-error-${crypto.randomUUID()}`;
  place.textContent = message;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", place.id);
  return true;
}

function clearErrors(form) {
  say("");
  for (const place of form?.querySelectorAll(".error") ?? []) place.textContent = "";
  for (const input of form?.querySelectorAll("[aria-invalid]") ?? []) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
}

function say(text) {
  $("notice").textContent = text;
  $("notice").hidden = text === "";
}

/** Runs one action of a form: buttons off meanwhile, errors where they belong. */
async function attempt(form, action) {
  clearErrors(form);
  const buttons = form?.querySelectorAll("button") ?? [];
  for (const button of buttons) button.disabled = true;
  try {
    await action();
  } catch (error) {
    showError(error, form);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

// -- signing in and out ---------------------------------------------------------------------

function showEntry() {
  const { signingUp } = state;
  $("todos").hidden = $("account").hidden = true;
  $("entry").hidden = false;
  $("confirm-field").hidden = !signingUp;
  $("entry-title").textContent = signingUp ? "Create an account" : "Sign in";
  $("enter").textContent = signingUp ? "Create account" : "Sign in";
  $("switch-text").textContent = signingUp ? "Have an account?" : "New here?";
  $("switch").textContent = signingUp ? "Sign in" : "Create an account";
  $("password").autocomplete = signingUp ? "new-password" : "current-password";
}

async function enter() {
  $("entry").hidden = true;
  $("todos").hidden = $("account").hidden = false;
  $("who").textContent = client.authStore.record.email;
  await load();
  $("title").focus();
}

function leave(reason = "") {
  client.authStore.clear();
  state.todos = [];
  $("list").replaceChildren();
  $("entry-form").reset();
  showEntry();
  say(reason);
}

$("switch").addEventListener("click", () => {
  state.signingUp = !state.signingUp;
  clearErrors($("entry-form"));
  showEntry();
  $("email").focus();
});

$("entry-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const { email, password, passwordConfirm } = Object.fromEntries(new FormData(form));
  attempt(form, async () => {
    if (state.signingUp) await users.create({ email, password, passwordConfirm });
    await users.authWithPassword(email, password).catch(nameTheField);
    state.signingUp = false;
    form.reset();
    await enter();
  });
});

/** The form calls it email, the server calls it identity. */
function nameTheField(error) {
  const data = error.response?.data;
  if (data?.identity) data.email = data.identity;
  delete data?.identity;
  throw error;
}

$("sign-out").addEventListener("click", () => leave());

// -- todos ----------------------------------------------------------------------------------

async function load() {
  const options = { filter: filters[state.show], sort: "-created" };
  state.todos = await todos.getFullList(options);
  draw();
}

function draw() {
  $("list").replaceChildren(...state.todos.map(drawTodo));
  const count = state.todos.length;
  const kind = { all: "todo", open: "open todo", done: "done todo" }[state.show];
  $("count").textContent = `${count} ${kind}${count === 1 ? "" : "s"}`;
  $("empty").hidden = count > 0;
  $("empty").textContent = {
    all: "Nothing to do. Write something down.",
    open: "Nothing is open. Well done.",
    done: "Nothing is done yet.",
  }[state.show];
}

function drawTodo(todo) {
  const item = $("todo").content.firstElementChild.cloneNode(true);
  const tick = item.querySelector("input");
  tick.checked = todo.done;
  item.querySelector(".text").textContent = todo.title;
  item.querySelector(".edit").setAttribute("aria-label", `Edit ${todo.title}`);
  item.querySelector(".delete").setAttribute("aria-label", `Delete ${todo.title}`);
  tick.addEventListener("change", () =>
    attempt(null, () => todos.update(todo.id, { done: tick.checked }).then(load)),
  );
  item.querySelector(".delete").addEventListener("click", () =>
    attempt(null, () => todos.delete(todo.id).then(load)),
  );
  item.querySelector(".edit").addEventListener("click", () => edit(item, todo));
  return item;
}

function edit(item, todo) {
  const form = $("editor").content.firstElementChild.cloneNode(true);
  const input = form.elements.title;
  input.value = todo.title;
  input.setAttribute("aria-label", `New text of ${todo.title}`);
  const close = () => item.replaceWith(drawTodo(todo));
  form.querySelector(".cancel").addEventListener("click", close);
  form.addEventListener("keydown", (event) => event.key === "Escape" && close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, () => todos.update(todo.id, { title: input.value.trim() }).then(load));
  });
  item.replaceChildren(form);
  input.select();
}

$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  attempt(form, async () => {
    const title = form.elements.title.value.trim();
    await todos.create({ title, done: false, owner: client.authStore.record.id });
    form.reset();
    await load();
    form.elements.title.focus();
  });
});

$("filter").addEventListener("change", (event) => {
  state.show = event.target.value;
  attempt(null, load);
});

// -- start ----------------------------------------------------------------------------------

async function start() {
  if (!client.authStore.isValid) return showEntry();
  try {
    await users.authRefresh();
    await enter();
  } catch (error) {
    if ([401, 403, 404].includes(error.status)) return leave();
    say("The server does not answer. Reload the page to try again.");
  }
}
start();
