import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { decode, encode, type Question } from "dns-packet";
import fc from "fast-check";
import { NameServer } from "#ingress/dns.ts";
import { frame, Frames } from "#ingress/dns-frames.ts";
import { NameTable } from "#ingress/name-table.ts";
import type { Resolver } from "#ingress/resolvers.ts";

const gateway = "169.254.170.2";
const table = new NameTable(gateway);
const nobody: Resolver = { address: "127.0.0.1", port: 1 };

const ask = async (server: NameServer, question: Question): Promise<ReturnType<typeof decode> & { rcode?: string }> => {
  const answer = await server.answer(encode({ type: "query", id: 7, flags: 0x100, questions: [question] }), "udp");
  assert.ok(answer);
  return decode(answer);
};
const addresses = async (server: NameServer, name: string): Promise<unknown[]> =>
  ((await ask(server, { type: "A", name })).answers ?? []).map((answer) => ("data" in answer ? answer.data : undefined));

test("AWS's names are the gateway, in any case, with an empty answer for other types", async () => {
  const server = new NameServer(table, () => []);
  for (const name of [
    "s3.us-east-1.amazonaws.com",
    "my.bucket.S3.AmazonAWS.com",
    "sqs.cn-north-1.amazonaws.com.cn",
    "lambda.us-east-1.api.aws",
    "localhost.localstack.cloud",
  ]) {
    assert.deepEqual(await addresses(server, name), [gateway]);
  }
  const empty = await ask(server, { type: "AAAA", name: "s3.amazonaws.com" });
  assert.deepEqual([empty.rcode, empty.answers, empty.id], ["NOERROR", [], 7]);
});

test("registered names come and go", async () => {
  const server = new NameServer(table, () => [nobody]);
  table.register("Api.Shop.Local", ["169.254.170.9", "169.254.170.10"]);
  assert.deepEqual(await addresses(server, "api.shop.local"), ["169.254.170.9", "169.254.170.10"]);
  table.unregister("api.shop.local");
  assert.equal((await ask(server, { type: "A", name: "api.shop.local" })).rcode, "SERVFAIL");
});

test("other names are asked of the machine's name servers, the next one when the first is silent, with the message as it was", async () => {
  const upstream = createSocket("udp4");
  const seen: Buffer[] = [];
  upstream.on("message", (message, from) => {
    seen.push(message);
    upstream.send(
      encode({ type: "response", id: decode(message).id ?? 0, answers: [{ type: "A", name: "example.org", data: "192.0.2.1" }] }),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) => upstream.bind(0, "127.0.0.1", resolve));
  const server = new NameServer(table, () => [nobody, { address: "127.0.0.1", port: upstream.address().port }]);
  const query = encode({
    type: "query",
    id: 99,
    questions: [{ type: "A", name: "example.org" }],
    additionals: [{ type: "OPT", name: ".", udpPayloadSize: 4096, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: true, options: [] }],
  });
  const answer = await server.answer(query, "udp");
  upstream.close();
  assert.deepEqual(seen, [query]);
  assert.equal(answer && decode(answer).id, 99);
});

test("with no name server to ask, the failure is told at once", async () => {
  assert.equal((await ask(new NameServer(table, () => [nobody]), { type: "A", name: "example.org" })).rcode, "SERVFAIL");
});

test("no message makes the name server throw, and answers are not answered", async () => {
  const server = new NameServer(table, () => []);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
      const answer = await server.answer(Buffer.from(bytes), "udp");
      if (answer) assert.ok((answer.readUInt8(2) & 0x80) !== 0);
    }),
    { numRuns: 500 },
  );
  assert.equal(await server.answer(encode({ type: "response", id: 1 }), "udp"), undefined);
});

test("queries over a stream are answered in turn, the last one after the client has finished speaking", async () => {
  const server = new NameServer(table, () => []);
  const listener = createServer({ allowHalfOpen: true }, (socket) => server.serve(socket));
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const place = listener.address();
  assert.ok(typeof place === "object" && place);
  const query = (id: number): Buffer => frame(encode({ type: "query", id, questions: [{ type: "A", name: "sts.amazonaws.com" }] }));
  const client = connect({ port: place.port, host: "127.0.0.1", allowHalfOpen: true });
  const both = Buffer.concat([query(1), query(2)]);
  client.write(both.subarray(0, 5));
  setTimeout(() => client.end(both.subarray(5)), 20);
  const frames = new Frames();
  const ids: unknown[] = [];
  for await (const chunk of client) for (const answer of frames.add(chunk as Buffer)) ids.push(decode(answer).id);
  assert.deepEqual(ids, [1, 2]);
  listener.close();
});

test("messages in a stream are found however it is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.array(fc.nat(30)), (messages, cuts) => {
      let left: Buffer = Buffer.concat(messages.map((message) => frame(Buffer.from(message))));
      const frames = new Frames();
      const found: Buffer[] = [];
      for (const cut of cuts) {
        found.push(...frames.add(left.subarray(0, cut)));
        left = left.subarray(cut);
      }
      found.push(...frames.add(left));
      assert.deepEqual(
        found.map((one) => [...one]),
        messages.map((one) => [...one]),
      );
    }),
  );
});
