// The unmodified SDK against an https:// URL; run as a program of its own, because a process reads
// the authorities it trusts when it starts.
import assert from "node:assert/strict";
import dns from "node:dns";
import { EventSource } from "eventsource";
import PocketBase from "pocketbase";

dns.lookup = (name, options, done) => {
  const answer = typeof options === "function" ? options : done;
  if (options.all) answer(null, [{ address: "127.0.0.1", family: 4 }]);
  else answer(null, "127.0.0.1", 4);
};
globalThis.EventSource = EventSource;

const [url, email, password] = process.argv.slice(2);
const pb = new PocketBase(url).autoCancellation(false);
await pb.collection("_superusers").authWithPassword(email, password);
const name = `notes${Date.now()}`;
const fields = [{ name: "title", type: "text" }];
await pb.collections.create({ name, type: "base", fields });
let told;
const heard = new Promise((resolve) => (told = resolve));
await pb.collection(name).subscribe("*", told);
const made = await pb.collection(name).create({ title: "over TLS" });
const message = await heard;
assert.equal(message.record.id, made.id);
assert.equal((await pb.collection(name).getList(1, 1)).items[0].title, "over TLS");
await pb.collection(name).unsubscribe();
console.log("the SDK was served by TLS");
process.exit(0);
