// Asks whether an answer's time tells who exists: known and unknown identities, in turns that are
// drawn, and the two samples compared by their ranks (Mann-Whitney).
//
// A z beyond 3 either way would be a difference that chance seldom makes. To be read by people on a
// quiet machine: no part of the tests that must pass.
//
//   node tests/load/identities.mjs [--tries 500]
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Server, root } from "../sdk/support/server.mjs";

const { values } = parseArgs({ options: { tries: { type: "string", default: "500" } } });
const tries = Number(values.tries);

const server = await Server.start();
async function call(method, target, body, { token, address } = {}) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = token;
  if (address) headers["X-Forwarded-For"] = address;
  const started = performance.now();
  const options = { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(server.url + target, options);
  const text = await answer.text();
  return { status: answer.status, text, ms: performance.now() - started };
}

const admin = { identity: root.email, password: root.password };
const signedIn = await call("POST", "/api/collections/_superusers/auth-with-password", admin);
const { token } = JSON.parse(signedIn.text);
// Each try comes from an address of its own: the brakes on guessing are not what is measured.
const settings = { trustedProxy: { headers: ["X-Forwarded-For"] } };
assert.equal((await call("PATCH", "/api/settings", settings, { token })).status, 200);
const otp = { otp: { enabled: true } };
assert.equal((await call("PATCH", "/api/collections/users", otp, { token })).status, 200);
const users = "/api/collections/users";
const people = 50;
for (let i = 0; i < people; i++) {
  const password = "correct horse battery";
  const body = { email: `known${i}@example.com`, password, passwordConfirm: password };
  assert.equal((await call("POST", `${users}/records`, body, { token })).status, 200);
}

/** How far the ranks of `a` among both lie from what chance would make of them. */
function zOf(a, b) {
  const all = [...a.map((ms) => [ms, 1]), ...b.map((ms) => [ms, 0])].sort((x, y) => x[0] - y[0]);
  const ranks = all.reduce((sum, [, isA], i) => sum + (isA ? i + 1 : 0), 0);
  const u = ranks - (a.length * (a.length + 1)) / 2;
  const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
  return (u - (a.length * b.length) / 2) / deviation;
}
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

const routes = {
  "auth-with-password": (email) => ({ identity: email, password: "wrong password" }),
  "request-otp": (email) => ({ email }),
  "request-password-reset": (email) => ({ email }),
  "request-verification": (email) => ({ email }),
};
console.log(`identities: ${tries} tries of each kind`);
for (const [route, form] of Object.entries(routes)) {
  const times = { known: [], unknown: [] };
  const shapes = { known: new Set(), unknown: new Set() };
  const turns = Array.from({ length: 2 * tries }, (_, i) => (i < tries ? "known" : "unknown"));
  for (let i = turns.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [turns[i], turns[j]] = [turns[j], turns[i]];
  }
  for (const [i, kind] of turns.entries()) {
    const body = form(`${kind}${i % people}@example.com`);
    const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    const answer = await call("POST", `${users}/${route}`, body, { address });
    times[kind].push(answer.ms);
    // An id is another one each time.
    shapes[kind].add(`${answer.status} ${answer.text.replace(/"otpId":"[a-z0-9]{15}"/, '"otpId"')}`);
  }
  const [known, unknown] = [median(times.known), median(times.unknown)];
  const z = zOf(times.known, times.unknown);
  assert.deepEqual([...shapes.known].sort(), [...shapes.unknown].sort(), route);
  console.log(
    `  ${route}: ${[...shapes.known].join(" | ")}\n    median ${known.toFixed(2)} ms known, ` +
      `${unknown.toFixed(2)} ms unknown, z = ${z.toFixed(2)}` +
      (Math.abs(z) > 3 ? "  DIFFERENT" : ""),
  );
}
await server.stop();
