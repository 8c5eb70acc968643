// Opens a data folder that PocketBase made, and compares the answers to 300 and some requests with
// those PocketBase gives over a copy of the same folder: users and their tokens, rules, filters,
// sorts, relations, views, files and thumbs, then some writes.
//
//   GREENROOM_BIN=… node tests/load/folder.mjs --reference /path/to/pocketbase [--keep DIR]
//
// --keep DIR   keeps the folder there, and takes the one that is there already
// Not part of CI, which has no PocketBase. Ends with 1 where an answer differs.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { binary, eventually, freePort, root, tempDir } from "../sdk/support/server.mjs";
import { collections, dice, password, records, sizes } from "./estate.mjs";
import { fill, questions, writes } from "./estate-questions.mjs";

const { values } = parseArgs({
  options: { reference: { type: "string" }, keep: { type: "string" }, show: { type: "string" } },
});
if (!values.reference) {
  console.error("give --reference /path/to/pocketbase");
  process.exit(2);
}
const reference = path.resolve(values.reference);
const work = tempDir();
const made = path.join(values.keep ? path.resolve(values.keep) : work, "pb_data");

class Process {
  static async start(command, dir, extra) {
    const port = await freePort();
    const child = spawn(command, ["serve", "--http", `127.0.0.1:${port}`, "--dir", dir, ...extra], {
      cwd: work,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const self = new Process(child, `http://127.0.0.1:${port}`);
    child.stderr.setEncoding("utf8").on("data", (chunk) => (self.errors += chunk));
    process.once("exit", () => child.kill("SIGKILL"));
    await eventually(`${path.basename(command)} answers`, async () => {
      if (child.exitCode !== null) throw new Error(self.errors);
      return (await fetch(`${self.url}/api/health`)).ok;
    });
    return self;
  }
  constructor(child, url) {
    Object.assign(this, { child, url, errors: "" });
  }
  stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    return ended;
  }
}

const startReference = (dir) =>
  Process.start(reference, dir, [
    "--automigrate=false",
    `--hooksDir=${path.join(work, "hooks")}`,
    `--migrationsDir=${path.join(work, "migrations")}`,
    `--publicDir=${path.join(work, "public")}`,
  ]);

async function call(server, token, method, url, body) {
  const headers = token ? { Authorization: token } : {};
  const isForm = body instanceof FormData;
  if (body && !isForm) headers["Content-Type"] = "application/json";
  const sent = body && !isForm ? JSON.stringify(body) : body;
  const answer = await fetch(server.url + url, { method, headers, body: sent });
  const text = await answer.text();
  if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

async function signIn(server, collection, identity, secret) {
  const url = `/api/collections/${collection}/auth-with-password`;
  return (await call(server, "", "POST", url, { identity, password: secret })).token;
}

/** Lets PocketBase make the folder. */
async function make() {
  fs.mkdirSync(path.dirname(made), { recursive: true });
  const upsert = ["superuser", "upsert", root.email, root.password, "--dir", made];
  const done = spawnSync(reference, upsert, { cwd: work, encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  const server = await startReference(made);
  const token = await signIn(server, "_superusers", root.email, root.password);
  const ask = (method, url, body) => call(server, token, method, url, body);
  await ask("PATCH", "/api/settings", {
    batch: { enabled: true, maxRequests: 1000, timeout: 60 },
    meta: { appName: "Estate", appURL: "https://estate.example" },
  });
  const ids = { users: "_pb_users_auth_" };
  const seen = "verified = true || id = @request.auth.id";
  await ask("PATCH", "/api/collections/users", { listRule: seen, viewRule: seen });
  for (const definition of collections) {
    const collection = await ask("POST", "/api/collections", definition(ids));
    ids[collection.name] = collection.id;
  }
  const { fields } = await ask("GET", "/api/collections/tree");
  const parent = { name: "parent", type: "relation", collectionId: ids.tree };
  await ask("PATCH", "/api/collections/tree", { fields: [...fields, parent] });
  let total = 0;
  for (const [name, size] of Object.entries(sizes)) {
    const d = dice(total + 1);
    for (let from = 0; from < size; from += 500) {
      const requests = [];
      for (let n = from; n < Math.min(size, from + 500); n += 1) {
        const url = `/api/collections/${name}/records`;
        requests.push({ method: "POST", url, body: records[name](n, d) });
      }
      await ask("POST", "/api/batch", { requests });
    }
    total += size;
    console.log(`${name}: ${size}`);
  }
  await fill((method, url, body) => ask(method, url, body));
  await server.stop();
  console.log(`${collections.length + 1} collections, ${total} records`);
}

if (!fs.existsSync(path.join(made, "data.db"))) await make();
const copies = ["reference", "candidate"].map((name) => path.join(work, name, "pb_data"));
for (const copy of copies) fs.cpSync(made, copy, { recursive: true });
const [start, began] = [Date.now(), performance.now()];
const servers = await Promise.all([
  startReference(copies[0]),
  Process.start(binary, copies[1], ["--no-open"]),
]);
console.log(`both answer after ${Math.round(performance.now() - began)} ms`);

// Tokens of one for both: the secrets are in the folder.
const tokens = { guest: "" };
for (const [who, collection, identity, secret] of [
  ["root", "_superusers", root.email, root.password],
  ["user", "users", "u3@example.com", undefined],
  ["other", "users", "u4@example.com", undefined],
  ["member", "members", "member5", undefined],
  ["staff", "staff", "s1@example.com", undefined],
]) {
  tokens[who] = await signIn(servers[0], collection, identity, secret ?? password);
}
const fileTokens = { guest: "" };
for (const who of ["root", "user", "other"]) {
  const url = "/api/files/token";
  fileTokens[who] = (await call(servers[0], tokens[who], "POST", url)).token;
}

const claims = (token) => {
  const { exp, ...rest } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  return { ...rest, exp: exp > 0 };
};

/** What may differ from run to run, by its form alone. */
function settled(value, key) {
  if (Array.isArray(value)) return value.map((item) => settled(item));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, settled(v, k)]));
  }
  if (key === "token" && typeof value === "string" && value.split(".").length === 3) {
    return claims(value);
  }
  const isFresh = typeof value === "string" && Date.parse(value) >= start;
  if (["created", "updated"].includes(key) && isFresh) return "now";
  return value;
}

async function answer(server, question) {
  const { method = "GET", who = "guest", body, form, headers = {} } = question;
  const url = server.url + question.url.replace("{token}", fileTokens[who]);
  const all = { ...headers, ...(tokens[who] && !question.bare ? { Authorization: tokens[who] } : {}) };
  if (body) all["Content-Type"] = "application/json";
  const sent = form ? form() : body && JSON.stringify(body);
  const response = await fetch(url, { method, headers: all, body: sent });
  const bytes = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get("content-type") ?? "";
  const result = { status: response.status, type };
  if (type.startsWith("application/json")) result.body = settled(JSON.parse(bytes.toString()));
  else if (question.isThumb) result.size = pngSize(bytes);
  else result.bytes = bytes.toString("base64");
  for (const name of ["content-range", "content-disposition"]) {
    if (response.headers.has(name)) result[name] = response.headers.get(name);
  }
  return result;
}

/** Width and height of a PNG. */
const pngSize = (bytes) =>
  bytes.subarray(1, 4).toString() === "PNG"
    ? [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
    : bytes.toString("base64", 0, 60);

const names = {};
for (const [collection, filter] of [["posts", "picture != ''"], ["vault", ""], ["users", ""]]) {
  const query = new URLSearchParams({ filter, sort: "id", perPage: 30 });
  const url = `/api/collections/${collection}/records?${query}`;
  names[collection] = (await call(servers[0], tokens.root, "GET", url)).items;
}
const asked = [...questions(names), ...writes()];
const [differing, slow] = [[], []];
const taken = [0, 0];
for (const question of asked) {
  const [answers, ms] = [[], []];
  for (const [at, server] of servers.entries()) {
    const begun = performance.now();
    answers.push(await answer(server, question));
    ms[at] = performance.now() - begun;
    taken[at] += ms[at];
  }
  if (ms[1] > ms[0] + 50) slow.push({ ms: ms.map(Math.round), url: question.url });
  if (!isDeepStrictEqual(answers[0], answers[1])) differing.push({ question, answers });
}
for (const { question, answers } of differing.slice(0, Number(values.show ?? 20))) {
  console.log(`\n${question.method ?? "GET"} ${question.url} as ${question.who ?? "guest"}`);
  console.log(`  reference: ${JSON.stringify(answers[0]).slice(0, 700)}`);
  console.log(`  candidate: ${JSON.stringify(answers[1]).slice(0, 700)}`);
}
console.log(`\n${asked.length - differing.length} of ${asked.length} answers are equal`);
for (const { ms, url } of slow) console.log(`slower: ${ms[1]} ms where it took ${ms[0]}: ${url}`);
console.log(`reference ${Math.round(taken[0])} ms, candidate ${Math.round(taken[1])} ms`);
await Promise.all(servers.map((server) => server.stop()));
process.exit(differing.length === 0 ? 0 : 1);
