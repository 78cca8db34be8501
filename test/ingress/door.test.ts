import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { DockerEngine } from "#engine/docker/docker-engine.ts";
import { CertificateAuthority } from "#ingress/certificates.ts";
import { openDoor, type Door } from "#ingress/door.ts";
import type { PortState } from "#ingress/held-port.ts";
import { isDoor, isNameServerOfDoor } from "#ingress/probe.ts";
import { NameTable } from "#ingress/name-table.ts";
import { surroundings } from "#ingress/surroundings.ts";
import { newCloudId, oneContainer, openTestEngine } from "../engine/cloud.ts";
import { until } from "../engine/contract.ts";
import { provideSandbox, shellImage } from "../engine/test-image.ts";
import { toolsImage } from "./tools-image.ts";

const address = "169.254.170.2";
const folder = await mkdtemp(join(tmpdir(), "tandem-door-"));
after(() => rm(folder, { recursive: true, force: true }));
await provideSandbox(await shellImage());
const image = await toolsImage();

const listenAnywhere = async (server: ReturnType<typeof createServer>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const place = server.address();
  assert.ok(typeof place === "object" && place);
  return place.port;
};

type Cloud = {
  engine: DockerEngine;
  door: () => Door;
  states: PortState[];
  certificates: CertificateAuthority;
  names: NameTable;
  bundle: string;
};

/** A cloud as far as containers see it: every request is answered with what is known of it. */
const openCloud = async (name: string): Promise<Cloud> => {
  const cloudId = `${newCloudId()}${name}`;
  const certificates = new CertificateAuthority({ folder: join(folder, name), now: Date.now });
  const names = new NameTable(address);
  const states: PortState[] = [];
  let door: Door | undefined;
  const engine = openTestEngine({
    cloudId,
    prepareSandboxes: async ({ cloudOf }) => {
      door = await openDoor({
        cloudId,
        address,
        ports: { dns: [53], plain: [80], tls: [443] },
        socketFolder: "/run/tandem",
        names,
        certificates,
        cloudOf,
        onRequest: (request, response, { remoteAddress, tls }) => {
          let bytes = 0;
          request.on("data", (chunk: Buffer) => (bytes += chunk.length));
          request.on("end", () =>
            response.end(`${name} ${request.method} ${request.headers.host} ${request.url} ${bytes} ${remoteAddress} ${tls}\n`),
          );
        },
        onState: (state) => states.push(state),
      });
      return { dns: [address] };
    },
  });
  after(() => door?.close());
  const opened = (): Door => {
    assert.ok(door);
    return door;
  };
  return { engine, door: opened, states, certificates, names, bundle: await certificates.bundlePath() };
};

const output = async ({ engine, bundle }: Cloud, id: string, script: string): Promise<{ text: string; own: string | undefined }> => {
  const { environment, mounts } = surroundings({ bundlePath: bundle, endpointUrl: `http://${address}`, region: "us-east-1" });
  const spec = oneContainer(id, { image, command: ["sh", "-c", `(${script}) 2>&1`], environment, mounts });
  const { address: own } = await engine.run(spec);
  const lines = await Array.fromAsync(engine.logs(id, "main", { follow: true }));
  await engine.remove(id);
  return { text: lines.map((line) => line.text).join("\n"), own };
};

test("an unmodified container reaches its cloud under AWS's names, over TLS it trusts, and by the credentials' address", async () => {
  const cloud = await openCloud("one");
  const script = [
    "curl -sS https://s3.us-east-1.amazonaws.com/bucket/key",
    "curl -sS https://my.dotted.bucket.s3.amazonaws.com/",
    "curl -sS http://169.254.170.2/v2/credentials",
    "curl -sS https://169.254.170.2/by-address",
    "head -c 3000000 /dev/zero | curl -sS -T - https://s3.amazonaws.com/large",
    "openssl s_client -connect sqs.eu-west-1.amazonaws.com:443 -servername sqs.eu-west-1.amazonaws.com -verify_return_error < /dev/null | grep -E 'Verify return code|subject='",
    "CURL_CA_BUNDLE= SSL_CERT_FILE= curl -sS https://lambda.us-east-1.amazonaws.com/system-roots",
    "getent ahosts ecs.us-east-1.api.aws | head -1",
  ].join("; ");
  const { text, own } = await output(cloud, "reach", script);
  const lines = text.split("\n");
  assert.deepEqual(lines.slice(0, 5), [
    `one GET s3.us-east-1.amazonaws.com /bucket/key 0 ${own} true`,
    `one GET my.dotted.bucket.s3.amazonaws.com / 0 ${own} true`,
    `one GET 169.254.170.2 /v2/credentials 0 ${own} false`,
    `one GET 169.254.170.2 /by-address 0 ${own} true`,
    `one PUT s3.amazonaws.com /large 3000000 ${own} true`,
  ]);
  assert.match(text, /subject=.*CN = sqs\.eu-west-1\.amazonaws\.com/);
  assert.match(text, /Verify return code: 0 \(ok\)/);
  assert.match(text, /one GET lambda\.us-east-1\.amazonaws\.com \/system-roots 0 \S+ true/);
  assert.match(text, /169\.254\.170\.2\s+STREAM/);
  await cloud.door().close();
});

test("two clouds share the machine: each container reaches its own, and the ports pass on when their holder goes", async () => {
  const [first, second] = [await openCloud("first"), await openCloud("second")];
  await first.engine.warmUp();
  await second.engine.warmUp();
  second.names.register("db.internal.test", ["169.254.170.77"]);
  assert.deepEqual(new Set(second.states.map((state) => state.state)), new Set(["taken"]));
  assert.match(second.states[0]?.reason ?? "", /another cloud or program listens on 169\.254\.170\.2/);
  const script =
    "curl -sS https://s3.amazonaws.com/a; curl -sS http://169.254.170.2/b; curl -sS http://sqs.us-east-1.amazonaws.com/c; getent hosts db.internal.test";
  const here = await output(first, "here", script);
  assert.match(
    here.text,
    /^first GET s3.amazonaws.com \/a .*\nfirst GET 169.254.170.2 \/b .*\nfirst GET sqs.us-east-1.amazonaws.com \/c [^\n]*$/,
  );
  const there = await output(second, "there", script);
  const expected = [
    "s3.amazonaws.com /a 0 ADDRESS true",
    "169.254.170.2 /b 0 ADDRESS false",
    "sqs.us-east-1.amazonaws.com /c 0 ADDRESS false",
  ];
  const lines = (own: string | undefined): string[] => expected.map((line) => `second GET ${line.replace("ADDRESS", own ?? "")}`);
  assert.deepEqual(there.text.split("\n").slice(0, 3), lines(there.own));
  assert.match(there.text, /169\.254\.170\.77\s+db\.internal\.test/);
  const closing = performance.now();
  await first.door().close();
  // Whichever cloud of the machine takes them: there may be more than these two.
  await until("the ports are taken over", async () => (await isDoor(address, 80, false)) && (await isDoor(address, 443, true)));
  await until("names are answered again", () => isNameServerOfDoor(address, 53));
  assert.ok(performance.now() - closing < 4_000);
  const after = await output(second, "after", script);
  assert.deepEqual(after.text.split("\n").slice(0, 3), lines(after.own));
});

test("what can't be opened is told with the reason, and the cloud goes on", async () => {
  const states: PortState[] = [];
  const door = await openDoor({
    cloudId: newCloudId(),
    address: "192.0.2.1",
    ports: { dns: [53], plain: [80], tls: [] },
    socketFolder: folder,
    names: new NameTable(address),
    certificates: new CertificateAuthority({ folder: join(folder, "none"), now: Date.now }),
    cloudOf: async () => undefined,
    onRequest: () => undefined,
    onState: (state) => states.push(state),
  });
  assert.equal(states.length, 3);
  for (const { state, reason } of states) {
    assert.equal(state, "closed");
    assert.match(reason ?? "", /this machine does not have the address 192\.0\.2\.1/);
  }
  await door.close();
});

test("whoever does not greet as a door does is hung up on, and nobody else is let in", async () => {
  const cloudId = newCloudId();
  const seen: string[] = [];
  const door = await openDoor({
    cloudId,
    address: "192.0.2.1",
    ports: { dns: [], plain: [80], tls: [] },
    socketFolder: folder,
    names: new NameTable(address),
    certificates: new CertificateAuthority({ folder: join(folder, "none"), now: Date.now }),
    cloudOf: async () => undefined,
    onRequest: (_request, response, { remoteAddress }) => {
      seen.push(remoteAddress);
      response.end();
    },
    onState: () => undefined,
  });
  const path = join(folder, `${cloudId}.sock`);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const say = (words: string): Promise<string> =>
    new Promise((resolve) => {
      let heard = "";
      const socket = connect({ path });
      socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(heard));
      socket.write(words);
    });
  const request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  for (const words of ["\n", "GET / HTTP/1.1\r\n\r\n", `${"1".repeat(100)}\n`, `evil 80\n${request}`, `1.2.3.4 999999\n${request}`])
    assert.equal(await say(words), "");
  assert.match(await say(`169.254.170.9 80\n${request}`), /^HTTP\/1\.1 200/);
  assert.deepEqual(seen, ["169.254.170.9"]);
  await door.close();
});

test("a port that a stranger has is told apart from one that another cloud has", async () => {
  const stranger = createServer((_request, response) => response.end("hello"));
  after(() => stranger.close());
  const taken = await listenAnywhere(stranger);
  // Free a moment ago, which is as sure as it gets.
  const probe = createServer();
  const free = await listenAnywhere(probe);
  await new Promise((resolve) => probe.close(resolve));
  const open = async (plain: number[], dns: number[]): Promise<Door> =>
    openDoor({
      cloudId: newCloudId(),
      address: "127.0.0.1",
      ports: { dns, plain, tls: [] },
      socketFolder: folder,
      names: new NameTable("127.0.0.1"),
      certificates: new CertificateAuthority({ folder: join(folder, "none"), now: Date.now }),
      cloudOf: async () => undefined,
      onRequest: () => undefined,
      onState: () => undefined,
    });
  const first = await open([taken, free], []);
  after(() => first.close());
  assert.deepEqual(
    new Map(first.states().map(({ port, state }) => [port, state])),
    new Map([
      [taken, "closed"],
      [free, "open"],
    ]),
  );
  assert.match(first.states().find(({ state }) => state === "closed")?.reason ?? "", /no cloud of this machine/);
  const second = await open([free], []);
  after(() => second.close());
  assert.deepEqual(second.states().find(({ protocol }) => protocol === "tcp")?.state, "taken");
});

test("the authority is made once, its key is its owner's alone, and only host names get certificates", async () => {
  const place = { folder: join(folder, "authority"), now: Date.now };
  const certificates = new CertificateAuthority(place);
  const made = await certificates.certificate();
  assert.equal(await new CertificateAuthority(place).certificate(), made);
  assert.equal((await stat(join(place.folder, "ca-key.pem"))).mode & 0o777, 0o600);
  assert.equal(certificates.context("a.test"), certificates.context("A.test"));
  for (const name of ["", "a b", "../x", "a..b", `${"a".repeat(300)}.test`])
    await assert.rejects(certificates.context(name), /not a host name/);
});
