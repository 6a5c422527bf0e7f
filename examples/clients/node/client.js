// Analyses files: one call, then all of them on one stream. `node client.js TARGET FILE...`
//
// TARGET is host:port, or dns:///parallax-headless.news:50051 for every replica. PARALLAX_API_KEY and PARALLAX_CA (a PEM
// file of authorities, for TLS) come from the environment.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const grpc = require("@grpc/grpc-js");
const protoLoader = require("@grpc/proto-loader");

const PROTO = path.join(__dirname, "..", "..", "..", "proto");
const CALL_MS = 30_000;
const STREAM_MS = 300_000;
const OPTIONS = {
  // Load balancing and retries; docs/clients.md says what each part does.
  "grpc.service_config": fs.readFileSync(path.join(__dirname, "..", "service_config.json"), "utf8"),
  // A long article's quotations and sentences add up; the default is 4 MiB.
  "grpc.max_receive_message_length": 64 << 20,
  // Is the other side still there? The interval is the server's own.
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 20_000,
};

function connect(target) {
  const definition = protoLoader.loadSync("parallax/v1/analysis_service.proto", {
    includeDirs: [PROTO],
    defaults: true,
    enums: String,
    oneofs: true,
  });
  const { AnalysisService } = grpc.loadPackageDefinition(definition).parallax.v1;
  const authorities = process.env.PARALLAX_CA;
  const credentials = authorities
    ? grpc.credentials.createSsl(fs.readFileSync(authorities))
    : grpc.credentials.createInsecure();
  return new AnalysisService(target, credentials, OPTIONS);
}

function metadata() {
  // Waits for a server that is just starting, within the deadline.
  const metadata = new grpc.Metadata({ waitForReady: true });
  const key = process.env.PARALLAX_API_KEY;
  if (key) metadata.set("authorization", `Bearer ${key}`);
  return metadata;
}

// A deadline on every call: the server drops what nobody waits for.
const within = (ms) => ({ deadline: Date.now() + ms });

const request = (file) => ({ article: { id: file, text: fs.readFileSync(file, "utf8") } });

function describe({ articleId, stance, summary }) {
  return `${articleId}: ${stance.status} ${stance.framing?.label ?? ""}: ${summary.text}`;
}

const analyze = (client, file) =>
  new Promise((resolve, reject) => {
    const done = (error, answer) => (error ? reject(error) : resolve(answer));
    client.analyzeArticle(request(file), metadata(), within(CALL_MS), done);
  });

// Writes no faster than the server reads: `write` says when the transport is full.
async function write(stream, files) {
  for (const file of files) {
    if (!stream.write({ request: request(file) })) {
      await new Promise((resolve) => stream.once("drain", resolve));
    }
  }
  stream.end();
}

async function read(stream) {
  for await (const { index, outcome, response, error } of stream) {
    console.log(`${index}: ${outcome === "error" ? error.message : describe(response)}`);
  }
}

async function analyzeAll(client, files) {
  const stream = client.analyzeArticles(metadata(), within(STREAM_MS));
  await Promise.all([write(stream, files), read(stream)]);
}

async function main([target, ...files]) {
  const client = connect(target);
  try {
    console.log(describe(await analyze(client, files[0])));
    await analyzeAll(client, files);
  } finally {
    client.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`${grpc.status[error.code] ?? error.name}: ${error.details ?? error.message}`);
  process.exitCode = 1;
});
