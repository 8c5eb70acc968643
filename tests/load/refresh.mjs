// Kills the server while many clients refresh their sessions at once, again and again.
//
// Each client is a person with some tabs that share one refresh token and race for the next one.
// After each restart nobody is signed out: the token that each client has last been given, or its
// successor, whose answer was lost, works. At the end every token that was spent longer ago than
// the grace is refused and ends its session.
//
//   node tests/load/refresh.mjs [--rounds 10] [--clients 64] [--tabs 3] [--grace 10] [--seed N]
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Server, root } from "../sdk/support/server.mjs";
import { agent, pause, randomFrom, request, signIn } from "./support.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    clients: { type: "string", default: "64" },
    tabs: { type: "string", default: "3" },
    grace: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const [rounds, clients, tabs, grace] = ["rounds", "clients", "tabs", "grace"].map((name) =>
  Number(values[name]),
);
const random = randomFrom(values.seed);

const users = "/api/collections/users";
const password = "correct horse battery";
const counts = { refreshes: 0, lost: 0 };

/** Refreshes with the token that the tabs of a client share. */
async function refresh(server, client) {
  const shown = client.token;
  let answer;
  try {
    const body = { refreshToken: shown };
    answer = await request(server, "POST", `${users}/auth-refresh`, { body });
  } catch {
    counts.lost += 1;
    return false;
  }
  assert.equal(answer.status, 200, `client ${client.name}: ${JSON.stringify(answer.json)}`);
  counts.refreshes += 1;
  const next = answer.json.refreshToken;
  if (next !== shown && client.token === shown) {
    client.spent.push({ token: shown, at: Date.now() });
    client.token = next;
  }
  client.access = answer.json.token;
  return true;
}

/** One tab: refreshes, thinks, and refreshes again, until the server dies. */
async function tab(server, client) {
  while (await refresh(server, client)) {
    await pause(random() * 120);
  }
}

assert.equal(root.password, password);
const server = await Server.start();
const { token } = await signIn(server, "_superusers", root.email, password);
const session = { enabled: true, grace };
const set = await request(server, "PATCH", users, { token, body: { session } });
assert.equal(set.status, 200, JSON.stringify(set.json));
const people = [];
for (let i = 0; i < clients; i++) {
  const email = `client${i}@example.com`;
  const body = { email, password, passwordConfirm: password };
  const made = await request(server, "POST", `${users}/records`, { body });
  assert.equal(made.status, 200, JSON.stringify(made.json));
  const signedIn = await signIn(server, "users", email, password);
  people.push({ name: email, id: made.json.id, token: signedIn.refreshToken, spent: [] });
}

console.log(`refresh: ${rounds} kills, ${clients} clients of ${tabs} tabs, seed ${values.seed}`);
const started = performance.now();
for (let round = 1; round <= rounds; round++) {
  const before = counts.refreshes;
  const lost = counts.lost;
  const open = people.flatMap((client) => Array.from({ length: tabs }, () => tab(server, client)));
  await pause(200 + random() * 800);
  await server.kill();
  await Promise.all(open);
  const cut = counts.lost - lost;
  await server.start();
  // Nobody is signed out: not by the kill, and not by the answers that it cut off.
  for (const client of people) {
    assert.ok(await refresh(server, client), client.name);
    const own = await request(server, "GET", `${users}/records/${client.id}`, {
      token: client.access,
    });
    assert.equal(own.status, 200, `client ${client.name} in round ${round}`);
  }
  console.log(`  round ${round}: ${counts.refreshes - before} refreshes, ${cut} answers cut off`);
}

// Once the grace is over, a spent token opens nothing, and gives away that it was stolen.
await new Promise((resolve) => setTimeout(resolve, grace * 1000 + 500));
const spent = people.reduce((sum, client) => sum + client.spent.length, 0);
for (const client of people) {
  const { token: oldest } = client.spent[Math.floor(random() * client.spent.length)];
  for (const shown of [oldest, client.token]) {
    const body = { refreshToken: shown };
    const answer = await request(server, "POST", `${users}/auth-refresh`, { body });
    assert.equal(answer.status, 401, `a spent token of ${client.name} works`);
  }
  const own = `${users}/records/${client.id}`;
  const seen = await request(server, "GET", own, { token: client.access });
  assert.equal(seen.status, 404, `an access token of ${client.name} outlives its session`);
}
await server.stop();
agent.destroy();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `refresh: ok, ${rounds} kills, ${counts.refreshes} refreshes, ${counts.lost} answers cut off, ` +
    `nobody signed out; ${spent} tokens spent, those tried after ${grace} s all refused, ${seconds} s`,
);
