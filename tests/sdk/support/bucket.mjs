// A service that speaks S3 and checks signatures, with its buckets in a folder of its own.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import S3rver from "@20minutes/s3rver";
import { freePort, tempDir } from "./server.mjs";

const CONTENT = "._S3rver_object";
const LABELS = "._S3rver_metadata.json";
/** The pair that the service knows. */
export const keys = { accessKey: "S3RVER", secret: "S3RVER" };

export class BucketService {
  /** A running service with these buckets. */
  static async start(...buckets) {
    const service = new BucketService();
    service.dir = tempDir();
    service.buckets = buckets;
    service.port = await freePort();
    service.requests = [];
    /** Called before a request is answered; may take its time. */
    service.before = async () => {};
    /** Called before an answer that is ready goes out. */
    service.after = async () => {};
    await service.up();
    return service;
  }

  async up() {
    const s3 = new S3rver({
      silent: true,
      directory: this.dir,
      vhostBuckets: false,
      configureBuckets: this.buckets.map((name) => ({ name })),
    });
    await s3.configureBuckets();
    const answer = s3.callback();
    this.server = http.createServer(async (request, response) => {
      this.requests.push(`${request.method} ${request.url}`);
      await this.before(request);
      const end = response.end.bind(response);
      response.end = (...args) => {
        this.after(request).then(() => end(...args));
        return response;
      };
      answer(request, response);
    });
    await new Promise((resolve, reject) => {
      this.server.once("error", reject).listen(this.port, "127.0.0.1", resolve);
    });
  }

  /** Nobody answers any more; what is stored stays. */
  async down() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** The settings that lead to one of its buckets. */
  settings(bucket, changes = {}) {
    return {
      enabled: true,
      bucket,
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${this.port}`,
      ...keys,
      forcePathStyle: true,
      ...changes,
    };
  }

  /** The names of all objects of a bucket. */
  objects(bucket) {
    const dir = path.join(this.dir, bucket);
    const all = fs.readdirSync(dir, { recursive: true });
    const names = all.filter((name) => name.endsWith(CONTENT));
    return names.map((name) => name.slice(0, -CONTENT.length)).sort();
  }

  /** Where the content of an object lies. */
  file(bucket, name) {
    return path.join(this.dir, bucket, name + CONTENT);
  }

  content(bucket, name) {
    return fs.readFileSync(this.file(bucket, name));
  }

  /** The headers that an object was stored with. */
  labels(bucket, name) {
    return JSON.parse(fs.readFileSync(path.join(this.dir, bucket, name + LABELS), "utf8"));
  }

  /** Puts an object there behind everybody's back. */
  plant(bucket, name, content) {
    const file = path.join(this.dir, bucket, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file + CONTENT, content);
    fs.writeFileSync(file + LABELS, JSON.stringify({ "content-type": "text/plain" }));
    fs.writeFileSync(`${file + CONTENT}.md5`, "0".repeat(32));
  }
}
