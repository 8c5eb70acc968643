// Callers and requests: the unmodified SDK, and raw requests for what the SDK would not send.
import PocketBase, { ClientResponseError } from "pocketbase";
import assert from "node:assert/strict";
import { root } from "./server.mjs";

export { ClientResponseError };

/** A caller that nobody signed in. */
export function guest(server) {
  return new PocketBase(server.url).autoCancellation(false);
}

export async function superuser(server) {
  const client = guest(server);
  await client.collection("_superusers").authWithPassword(root.email, root.password);
  return client;
}

const password = "a long enough password";

/** Signs up in `users` and signs in. */
export async function user(server, name, values = {}) {
  const client = guest(server);
  const email = `${name}@example.com`;
  await client
    .collection("users")
    .create({ email, name, password, passwordConfirm: password, ...values });
  await client.collection("users").authWithPassword(email, password);
  return client;
}
user.password = password;

/**
 * Expects a refusal with `status`; returns its body. `fields` are the expected codes per path,
 * such as { title: "validation_required" }.
 */
export async function refused(promise, status, fields) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    assert.ok(error instanceof ClientResponseError, error.stack);
    assert.equal(error.status, status, JSON.stringify(error.response));
    envelope(error.response, status);
    if (fields) assert.deepEqual(codes(error.response.data), fields);
    return error.response;
  }
  assert.fail(`expected ${status}, got ${JSON.stringify(answer)?.slice(0, 500)}`);
}

/** The error envelope: exactly three keys. */
export function envelope(body, status) {
  assert.deepEqual(Object.keys(body).sort(), ["data", "message", "status"]);
  assert.equal(body.status, status);
  assert.equal(typeof body.message, "string");
  assert.match(body.message, /^[A-Z].*[.?!]$/s);
  assert.equal(typeof body.data, "object");
}

/** Field errors as one flat object: path -> code. */
export function codes(data, prefix = "") {
  const flat = {};
  for (const [key, value] of Object.entries(data ?? {})) {
    if (typeof value?.code === "string") flat[prefix + key] = value.code;
    else Object.assign(flat, codes(value, `${prefix}${key}.`));
  }
  return flat;
}

/** A request as it stands, for bodies and methods the SDK cannot make. */
export async function raw(server, method, path, { body, headers = {}, token } = {}) {
  const all = { ...headers };
  if (token) all.Authorization = token;
  const url = server.url + path;
  const response = await fetch(url, { method, body, headers: all, redirect: "manual" });
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

export const json = (value, extra = {}) => ({
  body: typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value),
  headers: { "Content-Type": "application/json" },
  ...extra,
});
