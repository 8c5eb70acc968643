// Clients that come by TLS, wherever the name they ask for leads.
import { spawn } from "node:child_process";
import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import tls from "node:tls";
import { fileURLToPath } from "node:url";

/** The certificate that is shown for `name`, whether it is trusted or not. */
export function shown(port, name, options = {}) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      port,
      host: "127.0.0.1",
      servername: name,
      rejectUnauthorized: false,
      ...options,
    });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      const { fingerprint256, subjectaltname, valid_to: until } = socket.getPeerCertificate();
      const { authorized, authorizationError: problem } = socket;
      const protocol = socket.getProtocol();
      socket.destroy();
      resolve({ fingerprint256, subjectaltname, until, authorized, problem, protocol });
    });
  });
}

/** A request without TLS under any name. */
export function plain(port, path, { method = "GET", host = "127.0.0.1" } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: "127.0.0.1", path, method, headers: { host } });
    request.once("error", reject);
    request.once("response", (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      const { statusCode: status, headers } = response;
      response.on("end", () => resolve({ status, headers, text }));
    });
    request.end();
  });
}

/** A connection by HTTP/2. */
export function connect2(port, name, ca) {
  const options = {
    ca,
    servername: name,
    lookup: (_, { all }, done) =>
      done(null, ...(all ? [[{ address: "127.0.0.1", family: 4 }]] : ["127.0.0.1", 4])),
  };
  const session = http2.connect(`https://${name}:${port}`, options);
  session.on("error", () => {});
  return session;
}

/** One request on such a connection. */
export function ask2(session, headers, body) {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let answer;
    let text = "";
    stream.setEncoding("utf8");
    stream.once("error", reject);
    stream.once("response", (got) => (answer = got));
    stream.on("data", (chunk) => (text += chunk));
    stream.on("end", () => resolve({ status: answer[":status"], headers: answer, text }));
    if (body !== undefined) stream.end(body);
  });
}

/** The messages of a realtime connection by HTTP/2, as they come. */
export function stream2(session, path) {
  const stream = session.request({ ":path": path });
  const messages = [];
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("error", () => {});
  stream.on("data", (chunk) => {
    const parts = (rest + chunk).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const lines = part.split("\n").map((line) => line.split(/:(.*)/s));
      const event = Object.fromEntries(lines);
      if (event.data) messages.push({ event: event.event, data: JSON.parse(event.data) });
    }
  });
  return { messages, close: () => stream.close() };
}

/** The SDK in a process that trusts `authorityFile` and finds every name on this machine. */
export async function sdkOverTls(url, authorityFile, { email, password }) {
  const script = fileURLToPath(new URL("./over-tls.mjs", import.meta.url));
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authorityFile };
  const child = spawn(process.execPath, [script, url, email, password], { env });
  let output = "";
  for (const side of [child.stdout, child.stderr]) side.on("data", (text) => (output += text));
  const alarm = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(alarm);
  assert.equal(code, 0, output);
  return output;
}
