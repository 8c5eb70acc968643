// Mail servers to talk to: real SMTP, with TLS of a certificate authority of our own.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { eventually, tempDir } from "./server.mjs";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 3600 * 1000;

/** A certificate for this machine, and the file of the authority that signed it. */
export async function certificate() {
  x509.cryptoProvider.set(webcrypto);
  const keys = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const [authorityKeys, serverKeys] = [await keys(), await keys()];
  const times = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...times,
    serialNumber: "01",
    name: "CN=Test authority",
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const own = await x509.X509CertificateGenerator.create({
    ...times,
    serialNumber: "02",
    subject: "CN=localhost",
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const authorityFile = path.join(tempDir(), "authority.pem");
  fs.writeFileSync(authorityFile, authority.toString("pem"));
  const key = await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
  return {
    authorityFile,
    cert: own.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}

/** A mail server; `mails` are those it took, `logins` who signed in, and how. */
export class MailServer {
  constructor(options = {}) {
    this.options = options;
    this.mails = [];
    this.logins = [];
  }

  static async start(options, port = 0) {
    const server = new MailServer(options);
    await server.listen(port);
    return server;
  }

  async listen(port) {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      ...this.options,
      onAuth: (auth, session, done) => {
        const { method, username, password } = auth;
        this.logins.push({ method, username, password, secure: session.secure });
        done(null, { user: username });
      },
      onData: (stream, session, done) => {
        simpleParser(stream).then((mail) => {
          const { mailFrom, rcptTo } = session.envelope;
          const envelope = { from: mailFrom.address, to: rcptTo.map((to) => to.address) };
          this.mails.push({ ...mail, envelope, secure: session.secure });
          done();
        }, done);
      },
    });
    // A client that breaks off is not this test's failure.
    this.server.on("error", () => {});
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    this.port = this.server.server.address().port;
  }

  /** Settings that lead here. */
  settings(smtp = {}) {
    return { smtp: { enabled: true, host: "localhost", port: this.port, ...smtp } };
  }

  /** The newest mail to an address whose subject has this in it. */
  async mail(to, subject, timeout) {
    const found = () => this.mails.findLast((m) => m.to.text === to && m.subject.includes(subject));
    return eventually(`a mail to ${to}`, found, { timeout });
  }

  async close() {
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The token in the link of a mail: the same in HTML and in plain text. */
export function token(mail, page) {
  const link = new RegExp(`/_/#/auth/${page}/([\\w.-]+)`);
  const [, fromText] = mail.text.match(link);
  const [, fromHtml] = mail.html.match(link);
  assert.equal(fromText, fromHtml);
  return fromText;
}
