// Sign-in with another service, in a browser, with the official SDK and a real OpenID provider.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import PocketBase from "pocketbase";
import { Server, eventually, freePort, root, tempDir } from "../sdk/support/server.mjs";
import { launch, visit } from "./support/browser.mjs";
import { signInThere, startIdentityProvider } from "./support/identity.mjs";

const sdk = fileURLToPath(new URL("node_modules/pocketbase/dist/", import.meta.url));
const page = `<!doctype html><title>An app</title><button>Sign in</button>
<script type="module">
  import PocketBase from "/pocketbase.es.mjs";
  window.pb = new PocketBase("/");
  document.querySelector("button").onclick = () => {
    window.done = pb.collection("users").authWithOAuth2({ provider: window.chosen }).then(
      (result) => ({ ok: true, result }),
      (error) => ({ ok: false, status: error.status, response: error.response }),
    );
  };
  window.ready = true;
</script>`;

let server, browser, identity, superuser;
before(async () => {
  const publicDir = tempDir();
  for (const name of ["index.html", "back.html"]) fs.writeFileSync(path.join(publicDir, name), page);
  fs.copyFileSync(path.join(sdk, "pocketbase.es.mjs"), path.join(publicDir, "pocketbase.es.mjs"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  identity = await startIdentityProvider(`${url}/api/oauth2-redirect`, `${url}/back.html`);
  server = new Server({ publicDir });
  await server.superuser("upsert", root.email, root.password);
  await server.start({ port });
  superuser = new PocketBase(server.url);
  await superuser.collection("_superusers").authWithPassword(root.email, root.password);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await identity?.stop();
});

const offer = (...providers) =>
  superuser.collections.update("users", { oauth2: { enabled: true, providers } });

async function app() {
  const person = await visit(browser, `${server.url}/`);
  await person.waitForFunction(() => window.ready);
  return person;
}

/** The all-in-one flow: a window of the provider opens, and the page gets the rest by itself. */
async function allInOne(person, provider, name) {
  await person.evaluate((chosen) => (window.chosen = chosen), provider);
  const [popup] = await Promise.all([
    person.waitForEvent("popup"),
    person.getByRole("button", { name: "Sign in" }).click(),
  ]);
  const went = [];
  popup.on("framenavigated", (frame) => went.push(frame.url()));
  await signInThere(popup, name);
  const done = await person.evaluate(() => window.done);
  // The window may close itself once it has shown how it ended.
  const end = `${server.url}/_/#/auth/oauth2-redirect-success`;
  if (done.ok) await eventually("the window is sent to our page", () => went.includes(end));
  if (!popup.isClosed()) await popup.close();
  return done;
}

/** The flow by code: the page goes to the provider and comes back with a code. */
async function byCode(person, provider, name, change = {}) {
  const methods = await person.evaluate(() => pb.collection("users").listAuthMethods());
  const chosen = methods.oauth2.providers.find((offered) => offered.name === provider);
  const back = `${server.url}/back.html`;
  await person.goto(chosen.authURL + encodeURIComponent(back));
  await signInThere(person, name);
  await person.waitForURL((url) => url.pathname === "/back.html");
  await person.waitForFunction(() => window.ready);
  const brought = new URL(person.url()).searchParams;
  assert.equal(brought.get("state"), chosen.state);
  const form = { code: brought.get("code"), verifier: chosen.codeVerifier, back, ...change };
  const done = await person.evaluate(
    ({ provider, code, verifier, back }) =>
      pb.collection("users").authWithOAuth2Code(provider, code, verifier, back).then(
        (result) => ({ ok: true, result }),
        (error) => ({ ok: false, status: error.status, response: error.response }),
      ),
    { provider, ...form },
  );
  return { ...done, chosen };
}

test("a person signs up in one go, with PKCE, and comes back as the same one", async () => {
  await offer(identity.options("oidc", "strict"));
  const person = await app();
  const first = await allInOne(person, "oidc", "ada");
  assert.ok(first.ok, JSON.stringify(first));
  const { record, meta } = first.result;
  assert.equal(record.email, "ada@example.com");
  assert.equal(record.verified, true);
  assert.equal(record.name, "ADA");
  assert.deepEqual(
    [meta.id, meta.username, meta.isNew, meta.rawUser.sub],
    ["ada", "ada", true, "ada"],
  );
  assert.ok(await person.evaluate(() => pb.authStore.isValid));
  const own = await person.evaluate(() => pb.collection("users").getOne(pb.authStore.record.id));
  assert.equal(own.id, record.id);

  const elsewhere = await app();
  const second = await allInOne(elsewhere, "oidc", "ada");
  assert.equal(second.result.record.id, record.id);
  assert.equal(second.result.meta.isNew, false);
  assert.deepEqual(person.errors, []);
});

test("a code works once, with its own verifier and address only", async () => {
  await offer(identity.options("oidc", "strict"));
  const person = await app();
  for (const wrong of [
    { verifier: "x".repeat(43) },
    { verifier: "" },
    { back: `${server.url}/api/oauth2-redirect` },
    { code: "made-up" },
  ]) {
    const refused = await byCode(await app(), "oidc", "bob", wrong);
    assert.equal(refused.ok, false, JSON.stringify(wrong));
    assert.equal(refused.response.message, "Failed to fetch OAuth2 token.");
  }
  const good = await byCode(person, "oidc", "bob");
  assert.ok(good.ok, JSON.stringify(good));
  assert.equal(good.result.record.email, "bob@example.com");
  const again = await person.evaluate(
    ([verifier, back]) =>
      pb
        .collection("users")
        .authWithOAuth2Code("oidc", new URLSearchParams(location.search).get("code"), verifier, back)
        .then(() => 200, (error) => error.status),
    [good.chosen.codeVerifier, `${server.url}/back.html`],
  );
  assert.equal(again, 400);
});

test("without PKCE nothing of it is sent", async () => {
  await offer(identity.options("oidc", "basic", { pkce: false }));
  const done = await byCode(await app(), "oidc", "carol");
  assert.ok(done.ok, JSON.stringify(done));
  assert.ok(!done.chosen.authURL.includes("code_challenge"), done.chosen.authURL);
  assert.equal(done.chosen.codeVerifier, "");
});

test("an id token says who it is where there is no address for that", async () => {
  const more = (issuers) => ({
    userInfoURL: "",
    extra: { jwksURL: `${identity.issuer}/jwks`, issuers },
  });
  await offer(identity.options("oidc2", "basic", more([identity.issuer])));
  const done = await byCode(await app(), "oidc2", "erin");
  assert.ok(done.ok, JSON.stringify(done));
  assert.equal(done.result.record.email, "erin@example.com");
  assert.equal(done.result.meta.rawUser.iss, identity.issuer);
  await offer(identity.options("oidc2", "basic", more(["https://issuer.example.com"])));
  const refused = await byCode(await app(), "oidc2", "erin");
  assert.equal(refused.response?.message, "Failed to fetch OAuth2 user.");
});

test("who is signed in links an account, and unlinks it", async () => {
  await offer(identity.options("oidc", "basic"));
  const account = { email: "frank@example.org", password: "a long enough password" };
  const made = { ...account, passwordConfirm: account.password };
  const { id } = await superuser.collection("users").create(made);
  const person = await app();
  const signIn = ({ email, password }) => pb.collection("users").authWithPassword(email, password);
  await person.evaluate(signIn, account);
  const linked = await allInOne(person, "oidc", "frank");
  assert.equal(linked.result?.record.id, id, JSON.stringify(linked));
  assert.equal(linked.result.record.email, account.email);
  const links = await person.evaluate(() => pb.collection("_externalAuths").getFullList());
  assert.deepEqual(links.map((link) => [link.provider, link.providerId]), [["oidc", "frank"]]);
  const other = await allInOne(await app(), "oidc", "frank");
  assert.equal(other.result.record.id, id);
  await person.evaluate((link) => pb.collection("_externalAuths").delete(link), links[0].id);
  const stranger = await allInOne(await app(), "oidc", "frank");
  assert.equal(stranger.result.meta.isNew, true);
  assert.notEqual(stranger.result.record.id, id);
});

test("an address that the provider does not vouch for opens nothing", async () => {
  await offer(identity.options("oidc", "basic"));
  const taken = { email: "unproved@example.com", password: "a long enough password" };
  await superuser.collection("users").create({ ...taken, passwordConfirm: taken.password });
  const refused = await allInOne(await app(), "oidc", "unproved");
  assert.equal(refused.status, 400, JSON.stringify(refused));
  assert.equal(refused.response.data.email.code, "validation_required");
});

test("no code, token or client secret is in the log", async () => {
  await superuser.logs.getList(1, 1);
  const logs = await superuser.logs.getList(1, 500);
  const text = JSON.stringify(logs.items) + server.output;
  assert.ok(text.includes("auth-with-oauth2"), "the log knows of the sign-ins");
  for (const secret of ["the secret of", "code_verifier", "access_token", "id_token"]) {
    assert.ok(!text.includes(secret), secret);
  }
  assert.doesNotMatch(text, /[?&]code=(?!\*\*\*)/);
});
