// Mails and second steps in a browser: what people do who follow the links of mails.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import PocketBase from "pocketbase";
import { Server, ours, root } from "../sdk/support/server.mjs";
import { bothThemes, launch, shot, visit } from "./support/browser.mjs";
import { dashboardUrl, withDashboard } from "./support/dashboard.mjs";
import { Mailbox, linkIn } from "./support/mailbox.mjs";

const ada = "ada@example.com";
const first = "the first password";
const second = "the second password";

let server, browser, mailbox, superuser;
before(async () => {
  mailbox = await Mailbox.open();
  server = withDashboard(new Server());
  await server.superuser("upsert", root.email, root.password);
  await server.start();
  superuser = await signedIn("_superusers", root.email, root.password);
  await superuser.settings.update({ meta: { appName: "Acme", appURL: server.url } });
  await superuser.collections.update("users", { createRule: "" });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await mailbox?.close();
});

const home = (hash = "") => dashboardUrl(server) + hash;

/** The page a mail's link leads to. Beside the reference the dashboard lies elsewhere. */
function follow(mail) {
  const link = linkIn(mail);
  assert.ok(link.startsWith(`${server.url}/_/#/auth/`), link);
  return visit(browser, link.replace(`${server.url}/_/`, dashboardUrl(server)));
}

async function signedIn(collection, email, password) {
  const client = new PocketBase(server.url);
  client.autoCancellation(false);
  await client.collection(collection).authWithPassword(email, password);
  return client;
}

const users = () => new PocketBase(server.url).collection("users");
const box = (page, label) => page.getByLabel(label, { exact: true });

async function enter(page, email, password) {
  await page.getByLabel("E-mail").fill(email);
  await box(page, "Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function fitsPhone(page, name) {
  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(overflow, false, `${name} sticks out at 390 px`);
  await shot(page, `${name}-phone`);
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function over(page) {
  assert.deepEqual(page.errors, []);
  await page.context().close();
}

test("the mail server is set up in the settings, and proved", async () => {
  const page = await visit(browser, home("#/settings/mail"));
  await enter(page, root.email, root.password);
  await page.getByRole("heading", { name: "SMTP server" }).waitFor();
  await page.getByRole("switch", { name: /Send mails through/ }).check();
  await box(page, "Host").fill("not a host");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings were not saved.").waitFor();
  assert.equal(await box(page, "Host").getAttribute("aria-invalid"), "true");
  await bothThemes(page, "settings-mail-error");
  await box(page, "Host").fill("127.0.0.1");
  await box(page, "Port").fill(String(mailbox.port));
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Settings saved").waitFor();
  await box(page, "To").fill("postmaster@example.com");
  await page.getByRole("button", { name: "Send test mail" }).click();
  await page.getByText("Sent to postmaster@example.com.").waitFor();
  await mailbox.take("postmaster@example.com", /Verify/);
  await bothThemes(page, "settings-mail");
  await fitsPhone(page, "settings-mail");
  await page.getByRole("link", { name: "Application" }).click();
  await page.getByLabel("Name of the app").waitFor();
  await bothThemes(page, "settings-app");
  await over(page);
});

test("somebody signs up and confirms the address", async () => {
  await users().create({ email: ada, password: first, passwordConfirm: first });
  await users().requestVerification(ada);
  const mail = await mailbox.take(ada, /Verify your Acme email/);
  const page = await follow(mail);
  await page.getByRole("heading", { name: "Your e-mail address is confirmed" }).waitFor();
  await bothThemes(page, "confirmed");
  await fitsPhone(page, "confirmed");
  const { record } = await users().authWithPassword(ada, first);
  assert.equal(record.verified, true);

  // A link that a mail program has cut.
  await page.goto(home("#/auth/confirm-verification/eyJhbGciOi"));
  await page.getByRole("heading", { name: "This link is not complete" }).waitFor();
  await bothThemes(page, "link-cut");
  await over(page);
});

test("a forgotten password is set anew, once", async () => {
  await users().requestPasswordReset(ada);
  const mail = await mailbox.take(ada, /Reset your Acme password/);
  const page = await follow(mail);
  await page.getByText(`For the account ${ada}.`).waitFor();
  await box(page, "New password").fill("short");
  await box(page, "New password, once more").fill("other");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("The two passwords differ.").waitFor();
  await box(page, "New password, once more").fill("short");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.locator(".error").waitFor();
  assert.equal(await box(page, "New password").getAttribute("aria-invalid"), "true");
  await bothThemes(page, "reset-error");
  await fitsPhone(page, "reset");
  await box(page, "New password").fill(second);
  await box(page, "New password, once more").fill(second);
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByRole("heading", { name: "Your password is changed" }).waitFor();
  await bothThemes(page, "reset-done");
  await users().authWithPassword(ada, second);
  await assert.rejects(users().authWithPassword(ada, first));

  await page.reload();
  await box(page, "New password").fill(first);
  await box(page, "New password, once more").fill(first);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "This link no longer works" }).waitFor();
  await bothThemes(page, "link-used");
  await users().authWithPassword(ada, second);
  await over(page);
});

test("a new address is confirmed with the password", async () => {
  const client = await signedIn("users", ada, second);
  await client.collection("users").requestEmailChange("grace@example.com");
  const mail = await mailbox.take("grace@example.com", /Confirm your Acme new email/);
  const page = await follow(mail);
  await page.getByLabel("Your password").fill("wrong password");
  await page.keyboard.press("Enter");
  await page.getByText("This is not the password of the account.").waitFor();
  await bothThemes(page, "change-error");
  await page.getByLabel("Your password").fill(second);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your e-mail address is changed" }).waitFor();
  await bothThemes(page, "change-done");
  const { record } = await users().authWithPassword("grace@example.com", second);
  assert.equal(record.email, "grace@example.com");
  await over(page);
});

test("where a sign-in with another service ends", async () => {
  for (const [end, heading] of [
    ["success", "Done here"],
    ["failure", "The sign-in did not work"],
  ]) {
    const page = await visit(browser, home(`#/auth/oauth2-redirect-${end}`));
    await page.getByRole("heading", { name: heading }).waitFor();
    await bothThemes(page, `oauth2-${end}`);
    await over(page);
  }
});

test("a superuser forgets the password", async () => {
  const page = await visit(browser, home());
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByLabel("E-mail").fill("nobody@example.com");
  await bothThemes(page, "forgot");
  await page.getByRole("button", { name: "Send link" }).click();
  await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
  await page.getByRole("link", { name: "Back to sign-in" }).click();
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByLabel("E-mail").fill(root.email);
  await page.getByRole("button", { name: "Send link" }).click();
  await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
  await bothThemes(page, "forgot-sent");
  await over(page);

  const reset = await follow(await mailbox.take(root.email, /Reset/));
  await box(reset, "New password").fill(root.password);
  await box(reset, "New password, once more").fill(root.password);
  await reset.keyboard.press("Enter");
  await reset.getByRole("link", { name: "Go to sign-in" }).click();
  await reset.getByRole("heading", { name: "Sign in" }).waitFor();
  await over(reset);
  const addressed = mailbox.mails.map((mail) => mail.to.text);
  assert.ok(!addressed.includes("nobody@example.com"), "an unknown address gets no mail");
});

test("a superuser signs in with a second step", async () => {
  superuser = await signedIn("_superusers", root.email, root.password);
  await superuser.collections.update("_superusers", {
    otp: { enabled: true },
    mfa: { enabled: true },
  });
  const page = await visit(browser, home("#/settings"));
  await enter(page, root.email, root.password);
  await page.getByRole("heading", { name: "Second step" }).waitFor();
  await bothThemes(page, "second-step");
  await page.getByRole("button", { name: "Send code" }).click();
  const mail = await mailbox.take(root.email, /OTP/);
  const [code] = mail.text.match(/\b\d{8}\b/);
  const codeBox = page.getByLabel("Code from the e-mail");
  await codeBox.fill(code === "00000000" ? "11111111" : "00000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("This code is wrong or too old.").waitFor();
  await bothThemes(page, "second-step-wrong");
  await fitsPhone(page, "second-step");
  await codeBox.fill(code);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Application" }).waitFor();
  await over(page);
});

/** The six digits an authenticator app shows now (RFC 6238). */
function codeOfApp(secret) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", Buffer.from(bytes)).update(step).digest();
  const at = digest.at(-1) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("a superuser sets up an authenticator app and signs in with it", ours, async () => {
  await superuser.collections.update("_superusers", {
    otp: { enabled: false },
    mfa: { enabled: false },
  });
  const page = await visit(browser, home("#/settings/account"));
  await enter(page, root.email, root.password);
  await page.getByText("switched off for superusers").waitFor();
  await bothThemes(page, "account");
  await page.getByRole("button", { name: "Switch them on" }).click();
  await page.getByLabel("Your password").fill(root.password);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByAltText("QR code for the authenticator app").waitFor();
  await bothThemes(page, "account-app");
  await fitsPhone(page, "account-app");
  const secret = (await page.locator(".secret code").innerText()).replaceAll(" ", "");
  await page.getByLabel("Code of the app").fill(codeOfApp(secret));
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("Keep these recovery codes").waitFor();
  await bothThemes(page, "account-codes");
  const [recovery] = await page.locator(".codes li").allInnerTexts();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("10 recovery codes left.").waitFor();

  const fresh = await visit(browser, home("#/settings/account"));
  await enter(fresh, root.email, root.password);
  await fresh.getByLabel("Code of the authenticator app").waitFor();
  await bothThemes(fresh, "sign-in-app");
  await fresh.getByLabel("Code of the authenticator app").fill("12345");
  await fresh.getByRole("button", { name: "Sign in" }).click();
  await fresh.getByText("This code is wrong.").waitFor();
  await fresh.getByRole("button", { name: "Use a recovery code" }).click();
  await fresh.getByLabel("Recovery code").fill(recovery);
  await fresh.getByRole("button", { name: "Sign in" }).click();
  await fresh.getByText("9 recovery codes left.").waitFor();
  await over(fresh);
  await over(page);
});
