// Certificates made at run time, of an authority of our own.
import fs from "node:fs";
import path from "node:path";
import { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { tempDir } from "./server.mjs";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 3600 * 1000;

/** A certificate for this machine, and the file of the authority that signed it. */
export async function certificate(names = ["localhost"]) {
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
    subject: `CN=${names[0]}`,
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const authorityFile = path.join(tempDir(), "authority.pem");
  fs.writeFileSync(authorityFile, authority.toString("pem"));
  const key = await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
  return {
    authorityFile,
    authority: authority.toString("pem"),
    cert: own.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}
