// A stock Node client: grpc-js with the contract's own files, and gRPC-Web through fetch, as a page would.
// `client.js ADDRESS ORIGIN`. Prints a line for each check; the exit code says whether all passed.
"use strict";

const assert = require("node:assert/strict");
const path = require("node:path");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [address, origin] = process.argv.slice(2);
const proto = path.join(__dirname, "../../proto");
const options = { keepCase: true, defaults: true, enums: String, oneofs: true, includeDirs: [proto] };
const contract = loader.loadSync("parallax/v1/analysis_service.proto", options);
const { AnalysisService } = grpc.loadPackageDefinition(contract).parallax.v1;
const SECONDS = 120;

// Astral and combining characters: offsets in bytes, code points and UTF-16 units differ.
const TEXT =
  "🌉 The bridge at Ångby is closed. “It was not safe,” said Ada Brook, the mayor of Ångby, on Monday. " +
  "Engineers found cracks in two of the six piers. The repair takes a year.";

const client = new AnalysisService(address, grpc.credentials.createInsecure());
const deadline = (seconds = SECONDS) => ({ deadline: Date.now() + seconds * 1000 });
const item = (number, text = TEXT) => ({ request: { article: { id: `article-${number}`, text } } });

function analyze(text, { seconds, from = client } = {}) {
  return new Promise((resolve, reject) => {
    const answered = (error, reply) => (error ? reject(error) : resolve(reply));
    from.AnalyzeArticle({ article: { text } }, deadline(seconds), answered);
  });
}

async function refused(promise) {
  return promise.then(() => assert.fail("the call was answered"), (error) => error);
}

async function offsetsAreCodePointsAndBytes() {
  const reply = await analyze(TEXT);
  assert.equal(reply.coverage.code_points, [...TEXT].length);
  assert.ok(reply.summary.sentences.length > 0);
  for (const { text, span } of reply.summary.sentences) {
    assert.equal([...TEXT].slice(span.start_code_point, span.end_code_point).join(""), text);
    assert.equal(Buffer.from(TEXT).subarray(span.start_byte, span.end_byte).toString(), text);
  }
}

async function anErrorHasItsCodeAndDetails() {
  const error = await refused(analyze(""));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
  const [details] = error.metadata.get("grpc-status-details-bin");
  assert.ok(details.includes("article.text"));
}

async function aDeadlineIsToldAsSuch() {
  const error = await refused(analyze(`${TEXT} `.repeat(2000), { seconds: 0.5 }));
  assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
}

async function gzipChangesNoAnswer() {
  const packing = { "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip };
  const from = new AnalysisService(address, grpc.credentials.createInsecure(), packing);
  const [plain, packed] = [await analyze(TEXT), await analyze(TEXT, { from })];
  from.close();
  assert.deepEqual([packed.summary, packed.stance], [plain.summary, plain.stance]);
}

// The caller writes only while the transport takes it, closes its half, and reads to the end.
async function manyArticlesAreAnsweredOverOneStream() {
  const stream = client.AnalyzeArticles(deadline());
  const write = async () => {
    for (let number = 0; number < 50; number++) {
      const taken = stream.write(item(number, number === 7 ? "" : `${TEXT} Item ${number}.`));
      if (!taken) await new Promise((resolve) => stream.once("drain", resolve));
    }
    stream.end();
  };
  const written = write();
  const outcomes = new Map();
  for await (const reply of stream) outcomes.set(reply.index, reply);
  await written;
  assert.equal(outcomes.size, 50);
  for (const [index, reply] of outcomes) {
    assert.equal(reply.article_id, `article-${index}`);
    assert.equal(reply.outcome, index === 7 ? "error" : "response");
  }
  assert.equal(outcomes.get(7).error.code, grpc.status.INVALID_ARGUMENT);
}

async function eachReplyMayDecideTheNextRequest() {
  const stream = client.AnalyzeArticles(deadline());
  stream.write(item(0));
  const indices = [];
  for await (const reply of stream) {
    indices.push(reply.index);
    if (reply.index < 4) stream.write(item(reply.index + 1));
    else stream.end();
  }
  assert.deepEqual(indices, [0, 1, 2, 3, 4]);
}

async function aCancelledStreamLeavesTheConnectionUsable() {
  const stream = client.AnalyzeArticles(deadline());
  for (let number = 0; number < 100; number++) stream.write(item(number, `${TEXT} Cancelled ${number}.`));
  const read = async () => {
    for await (const _ of stream) stream.cancel();
  };
  assert.equal((await refused(read())).code, grpc.status.CANCELLED);
  await analyze(TEXT);
}

// A flag, the length in four bytes, the message.
function framed(message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

// Each part is encoded by itself, so that the padding stands in the middle too.
function fromBase64(text) {
  return Buffer.concat(text.match(/[^=]+=*/g).map((part) => Buffer.from(part, "base64")));
}

async function post(request, type) {
  const { path: method, requestSerialize } = AnalysisService.service.AnalyzeArticle;
  const body = framed(requestSerialize(request));
  return fetch(`http://${address}${method}`, {
    method: "POST",
    headers: { "content-type": type, accept: type, "x-grpc-web": "1", origin },
    body: type.includes("text") ? body.toString("base64") : body,
  });
}

async function aPageIsAnswered() {
  const { responseDeserialize } = AnalysisService.service.AnalyzeArticle;
  for (const type of ["application/grpc-web+proto", "application/grpc-web-text+proto"]) {
    const reply = await post({ article: { text: TEXT } }, type);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get("access-control-allow-origin"), origin);
    const bytes = Buffer.from(await reply.arrayBuffer());
    const body = type.includes("text") ? fromBase64(bytes.toString()) : bytes;
    const length = body.readUInt32BE(1);
    const answer = responseDeserialize(body.subarray(5, 5 + length));
    assert.equal(answer.coverage.code_points, [...TEXT].length);
    assert.equal(body[5 + length], 0x80, "trailers");
    assert.match(body.subarray(10 + length).toString(), /grpc-status:\s*0/);
  }
}

async function aPageIsToldWhatIsWrong() {
  const reply = await post({ article: { text: "" } }, "application/grpc-web+proto");
  assert.equal(reply.headers.get("grpc-status"), String(grpc.status.INVALID_ARGUMENT));
}

const CHECKS = [
  offsetsAreCodePointsAndBytes,
  anErrorHasItsCodeAndDetails,
  aDeadlineIsToldAsSuch,
  gzipChangesNoAnswer,
  manyArticlesAreAnsweredOverOneStream,
  eachReplyMayDecideTheNextRequest,
  aCancelledStreamLeavesTheConnectionUsable,
  aPageIsAnswered,
  aPageIsToldWhatIsWrong,
];

async function main() {
  let passed = 0;
  for (const check of CHECKS) {
    const name = check.name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    try {
      await check();
      passed++;
      console.log(`ok      ${name}`);
    } catch (error) {
      console.error(error);
      console.log(`FAILED  ${name}`);
    }
  }
  const { version } = require("@grpc/grpc-js/package.json");
  console.log(`Node, grpc-js ${version} and gRPC-Web: ${passed} of ${CHECKS.length} checks passed`);
  client.close();
  process.exitCode = passed === CHECKS.length ? 0 : 1;
}

main();
