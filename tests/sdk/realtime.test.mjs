// The realtime service of the SDK: every method, and what it makes of a server that goes away.
import { after, afterEach, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { EventSource } from "eventsource";
import { Server, eventually, ours } from "./support/server.mjs";
import { guest, superuser, user } from "./support/client.mjs";

// Node has none of its own.
globalThis.EventSource = EventSource;

let server, root;
before(async () => {
  server = await Server.start();
  root = await superuser(server);
  await root.collections.create({
    name: "authors",
    fields: [{ name: "name", type: "text" }],
    listRule: "",
    viewRule: "",
  });
  const { id } = await root.collections.getOne("authors");
  await root.collections.create({
    name: "notes",
    fields: [
      { name: "title", type: "text" },
      { name: "n", type: "number" },
      { name: "author", type: "relation", collectionId: id },
      { name: "owner", type: "relation", collectionId: "_pb_users_auth_" },
    ],
    listRule: '@request.headers.x_key = "open" || owner = "" || owner = @request.auth.id',
    viewRule: "",
  });
});
after(() => server?.stop());

const open = new Set();
afterEach(async () => {
  for (const client of open) await client.realtime.unsubscribe();
  open.clear();
});
function opened(client) {
  open.add(client);
  return client;
}

const notes = () => root.collection("notes");
const short = (told) => told.map(({ action, record }) => `${action} ${record.title}`).join(", ");

/** Waits until the last thing that was told is this one, and returns it all in short. */
async function toldUntil(told, title) {
  await eventually(`"${title}" is told`, () => told.at(-1)?.record.title === title);
  return short(told);
}

describe("to subscribe", () => {
  test("to all records of a collection, and to one", async () => {
    const client = opened(guest(server));
    const [all, one] = [[], []];
    const note = await notes().create({ title: "a" });
    await client.collection("notes").subscribe("*", (event) => all.push(event));
    await client.collection("notes").subscribe(note.id, (event) => one.push(event));
    assert.ok(client.realtime.isConnected);
    assert.match(client.realtime.clientId, /^[a-zA-Z0-9]{40}$/);
    await notes().create({ title: "b" });
    const changed = await notes().update(note.id, { title: "c" });
    await notes().delete(note.id);
    await notes().create({ title: "end" });
    assert.equal(await toldUntil(all, "end"), "create b, update c, delete c, create end");
    assert.equal(short(one), "update c, delete c");
    assert.deepEqual(one[0], { action: "update", record: changed });
  });

  test("with a filter, an expansion, fields and headers", async () => {
    const client = opened(guest(server));
    const author = await root.collection("authors").create({ name: "Ada" });
    const owner = await user(server, "headers");
    const told = { filter: [], expand: [], fields: [], headers: [] };
    const subscribe = (name, options) =>
      client.collection("notes").subscribe("*", (event) => told[name].push(event), options);
    await subscribe("filter", { filter: 'n > 5 && author.name = "Ada"' });
    await subscribe("expand", { expand: "author", filter: 'title != "owned"' });
    await subscribe("fields", { fields: "title,n" });
    await subscribe("headers", { headers: { "X-Key": "open" } });
    await notes().create({ title: "few", n: 1, author: author.id });
    await notes().create({ title: "owned", n: 2, owner: owner.authStore.record.id });
    await notes().create({ title: "many", n: 9, author: author.id });
    assert.equal(await toldUntil(told.headers, "many"), "create few, create owned, create many");
    await toldUntil(told.fields, "many");
    await toldUntil(told.expand, "many");
    await toldUntil(told.filter, "many");
    assert.equal(short(told.filter), "create many");
    assert.equal(told.expand[0].record.expand.author.name, "Ada");
    assert.deepEqual(told.fields[0].record, { title: "few", n: 1 });
  });

  test("through the realtime service itself, twice to one topic", async () => {
    const client = opened(guest(server));
    const [first, second] = [[], []];
    await client.realtime.subscribe("notes/*", (event) => first.push(event));
    await client.realtime.subscribe("notes", (event) => second.push(event));
    await client.realtime.subscribe("notes", (event) => second.push(event));
    await notes().create({ title: "x" });
    await eventually("both are told", () => first.length === 1 && second.length === 2);
  });

  test("as somebody", async () => {
    const [ann, other] = [opened(await user(server, "ann")), opened(await user(server, "other"))];
    const [hers, others] = [[], []];
    await ann.collection("notes").subscribe("*", (event) => hers.push(event));
    await other.collection("notes").subscribe("*", (event) => others.push(event));
    await notes().create({ title: "hers", owner: ann.authStore.record.id });
    await notes().create({ title: "end" });
    assert.equal(await toldUntil(hers, "end"), "create hers, create end");
    assert.equal(await toldUntil(others, "end"), "create end");
  });
});

describe("to unsubscribe", () => {
  test("by the function that subscribing returned", async () => {
    const client = opened(guest(server));
    const [gone, stays] = [[], []];
    const leave = await client.collection("notes").subscribe("*", (event) => gone.push(event));
    await client.realtime.subscribe("notes", (event) => stays.push(event));
    await leave();
    await notes().create({ title: "later" });
    await toldUntil(stays, "later");
    assert.deepEqual(gone, []);
  });

  test("from a topic, whatever its options", async () => {
    const client = opened(guest(server));
    const [gone, stays] = [[], []];
    await client.collection("notes").subscribe("*", (event) => gone.push(event));
    await client.collection("notes").subscribe("*", (event) => gone.push(event), { filter: "n<9" });
    await client.realtime.subscribe("notes", (event) => stays.push(event));
    await client.collection("notes").unsubscribe("*");
    await notes().create({ title: "later" });
    await toldUntil(stays, "later");
    assert.deepEqual(gone, []);
  });

  test("by prefix", async () => {
    const client = opened(guest(server));
    const [gone, stays] = [[], []];
    const note = await notes().create({ title: "a" });
    await client.collection("notes").subscribe(note.id, (event) => gone.push(event));
    await client.collection("notes").subscribe("*", (event) => gone.push(event));
    await client.realtime.subscribe("notes", (event) => stays.push(event));
    await client.realtime.unsubscribeByPrefix("notes/");
    await notes().update(note.id, { title: "later" });
    await toldUntil(stays, "later");
    assert.deepEqual(gone, []);
  });

  test("one listener of a topic", async () => {
    const client = opened(guest(server));
    const [gone, stays] = [[], []];
    const listener = (event) => gone.push(event);
    await client.realtime.subscribe("notes/*", listener);
    await client.realtime.subscribe("notes/*", (event) => stays.push(event));
    await client.realtime.unsubscribeByTopicAndListener("notes/*", listener);
    await notes().create({ title: "later" });
    await toldUntil(stays, "later");
    // The SDK wraps listeners, so it finds none by this one; what counts is that others stay.
    assert.ok(gone.length <= 1);
  });

  test("from everything, which ends the connection", async () => {
    const client = guest(server);
    const left = [];
    client.realtime.onDisconnect = (topics) => left.push(topics);
    await client.collection("notes").subscribe("*", () => {});
    await client.collection("authors").subscribe("*", () => {});
    await client.realtime.unsubscribe();
    assert.equal(client.realtime.isConnected, false);
    await eventually("the SDK says so", () => left.length === 1);
    assert.deepEqual(left, [[]]);
  });
});

describe("a server that goes away", () => {
  test("is found again, with all subscriptions", async () => {
    const client = opened(await user(server, "patient"));
    const [all, mine] = [[], []];
    const left = [];
    client.realtime.onDisconnect = (topics) => left.push(topics);
    await client.collection("notes").subscribe("*", (event) => all.push(event));
    await client.collection("notes").subscribe("*", (event) => mine.push(event), { filter: "n=1" });
    const first = client.realtime.clientId;
    const { port } = server;
    await server.stop();
    await eventually("the SDK notices", () => left.length > 0);
    assert.equal(left[0].length, 2);
    await server.start({ port });
    await eventually("it is back", () => {
      return client.realtime.isConnected && client.realtime.clientId !== first;
    });
    // Its subscriptions are sent right behind; until then nothing is told.
    await eventually("it is told", async () => {
      await notes().create({ title: "back", n: 1, owner: client.authStore.record.id });
      return all.length > 0 && mine.length > 0;
    }, { pause: 200 });
    assert.equal(all[0].record.title, "back");
  });

  test("and stops at once, however many listen", ours, async () => {
    // Not by the SDK, whose attempts to connect again would outlive the test.
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${server.url}/api/realtime`)),
    );
    const { port } = server;
    const started = performance.now();
    await server.stop();
    const took = performance.now() - started;
    const texts = await Promise.all(streams.map((stream) => stream.text()));
    assert.ok(texts.every((text) => text.includes("PB_CONNECT")));
    await server.start({ port });
    assert.ok(took < 2000, `${took.toFixed(0)} ms`);
  });
});
