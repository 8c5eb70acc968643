// What a server takes that nobody asks anything: time of a core, writes to the disk, memory; and
// how soon it answers after its start.
//
//   node tests/load/idle.mjs [--seconds 60] [--reference PATH] [--starts 5]
//
// It fails above 0.5 % of a core or with a write within that time. A superuser has signed in once
// and made a record, so that everything has run that runs in an ordinary server. With `--reference`
// the same is done to that binary, which is measured only. Linux only.
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { binary, root } from "../sdk/support/server.mjs";
import { Subject, agent, pause, request, rootToken } from "./support.mjs";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    starts: { type: "string", default: "5" },
    reference: { type: "string" },
  },
});
const seconds = Number(options.seconds);
const MOST_CPU = 0.005;
/** What is left of the last request (a checkpoint, rows of the log) is over by then. */
const SETTLE = 10_000;

async function measure(program, isReference) {
  const subject = new Subject(program, isReference);
  subject.command("superuser", "upsert", root.email, root.password);
  const starts = [];
  for (let n = 0; n < Number(options.starts); n++) {
    if (n > 0) await subject.stop();
    const started = performance.now();
    await subject.start();
    starts.push(performance.now() - started);
  }
  const fresh = subject.memory();
  const token = await rootToken(subject);
  const fields = [{ name: "title", type: "text" }];
  const body = { name: "notes", fields, listRule: "" };
  const made = await request(subject, "POST", "/api/collections", { token, body });
  assert.equal(made.status, 200);
  const records = "/api/collections/notes/records";
  await request(subject, "POST", records, { token, body: { title: "one" } });
  await request(subject, "GET", records);
  await pause(SETTLE);
  const [cpu, written] = [subject.cpu(), subject.written()];
  await pause(seconds * 1000);
  const result = {
    cpu: (subject.cpu() - cpu) / seconds,
    written: subject.written() - written,
    fresh,
    memory: subject.memory(),
    start: starts.sort((a, b) => a - b)[starts.length >> 1],
  };
  await subject.stop();
  return result;
}

function tell(name, { cpu, written, fresh, memory, start }) {
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
  console.log(
    `idle: ${name}: ${(cpu * 100).toFixed(3)} % of a core and ${written} bytes written in ` +
      `${seconds} s, ${mib(fresh)} MiB after the start, ${mib(memory)} MiB after a sign-in, ` +
      `answers after ${start.toFixed(0)} ms`,
  );
}

const own = await measure(binary, false);
tell("greenroom", own);
if (options.reference) tell("reference", await measure(options.reference, true));
agent.destroy();
assert.ok(own.cpu <= MOST_CPU, "it does nothing, and takes more than half a percent of a core");
assert.equal(own.written, 0, "it does nothing, and writes");
