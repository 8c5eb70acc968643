// pb.crons: what is due by the clock, listed and started by a superuser.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, eventually } from "./support/server.mjs";
import { guest, refused, superuser, user } from "./support/client.mjs";

let server;
let root;
before(async () => {
  server = await Server.start();
  root = await superuser(server);
});
after(() => server?.stop());

const own = [
  { id: "__pbDBOptimize__", expression: "0 0 * * *" },
  { id: "__pbMFACleanup__", expression: "0 * * * *" },
  { id: "__pbOTPCleanup__", expression: "0 * * * *" },
  { id: "__pbLogsCleanup__", expression: "0 */6 * * *" },
];

test("the list has what every server does by itself", async () => {
  assert.deepEqual(await root.crons.getFullList(), own);
});

test("each can be started at any time", async () => {
  for (const { id } of own) assert.equal(await root.crons.run(id), true, id);
});

test("a cron that there is not is refused", async () => {
  const body = await refused(root.crons.run("nope"), 404);
  assert.equal(body.message, "Missing or invalid cron job.");
});

test("nobody but superusers may do either", async () => {
  const nobody = guest(server);
  const ada = await user(server, "ada");
  for (const [client, status] of [
    [nobody, 401],
    [ada, 403],
  ]) {
    await refused(client.crons.getFullList(), status);
    await refused(client.crons.run("__pbOTPCleanup__"), status);
  }
});

test("lowering how long the log is kept and starting its cron deletes what is older", async () => {
  await eventually("the log has entries", async () => {
    return (await root.logs.getList(1, 1)).totalItems > 0;
  });
  await root.settings.update({ logs: { maxDays: 0 } });
  await root.crons.run("__pbLogsCleanup__");
  await eventually("the log is empty", async () => {
    return (await root.logs.getList(1, 1)).totalItems === 0;
  });
});
