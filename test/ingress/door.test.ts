import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { DockerEngine } from "#engine/docker/docker-engine.ts";
import { CertificateAuthority } from "#ingress/certificates.ts";
import { openDoor, type Door } from "#ingress/door.ts";
import type { PortState } from "#ingress/held-port.ts";
import { NameTable } from "#ingress/name-table.ts";
import { surroundings } from "#ingress/surroundings.ts";
import { newCloudId, oneContainer, openTestEngine } from "../engine/cloud.ts";
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

test("two clouds share the machine: each container reaches its own, whichever cloud takes its connection", async () => {
  const [first, second] = [await openCloud("first"), await openCloud("second")];
  await first.engine.warmUp();
  await second.engine.warmUp();
  second.names.register("db.internal.test", ["169.254.170.77"]);
  for (const { states } of [first, second]) assert.deepEqual(new Set(states.map(({ state }) => state)), new Set(["open"]));
  // As many connections as it takes for each of the two to have some of either's.
  const script = (host: string): string =>
    `curl -sS https://${host}/a; for i in $(seq 12); do curl -sS http://169.254.170.2/b; curl -sS http://${host}/c; done; getent hosts db.internal.test`;
  const lines = (name: string, host: string, own: string | undefined): string[] => [
    `${name} GET ${host} /a 0 ${own} true`,
    ...Array.from({ length: 12 }, () => [`${name} GET 169.254.170.2 /b 0 ${own} false`, `${name} GET ${host} /c 0 ${own} false`]).flat(),
  ];
  const here = await output(first, "here", script("s3.amazonaws.com"));
  assert.deepEqual(here.text.split("\n"), lines("first", "s3.amazonaws.com", here.own));
  const there = await output(second, "there", script("sqs.us-east-1.amazonaws.com"));
  const told = there.text.split("\n");
  assert.match(told.pop() ?? "", /169\.254\.170\.77\s+db\.internal\.test/);
  assert.deepEqual(told, lines("second", "sqs.us-east-1.amazonaws.com", there.own));
  await first.door().close();
  await second.door().close();
});

test("clouds come and go, and no container of another is refused a connection or a name", async () => {
  const stays = await openCloud("stays");
  // A connection that is half made when its listener goes is reset (about one in a thousand goings); one that is refused finds no listener at all.
  const ask = "curl -sS http://s3.amazonaws.com/";
  const asked = output(
    stays,
    "asks",
    `for i in $(seq 150); do ${ask} 2> /tmp/said || { grep -q reset /tmp/said && ${ask}; } || cat /tmp/said; done`,
  );
  let over = false;
  const comeAndGo = async (): Promise<number> => {
    for (let times = 0; ; times += 1) {
      if (over) return times;
      const guest = await openCloud(`guest${times}`);
      await guest.engine.warmUp();
      await setTimeout(30);
      await guest.door().close();
    }
  };
  const guests = comeAndGo();
  const { text, own } = await asked.finally(() => (over = true));
  assert.deepEqual([...new Set(text.split("\n"))], [`stays GET s3.amazonaws.com / 0 ${own} false`]);
  assert.equal(text.split("\n").length, 150);
  assert.ok((await guests) > 1);
  await stays.door().close();
});

test("a door that closes lets the request of another cloud's container end", async () => {
  const owner = newCloudId();
  const open = (cloudId: string, plain: number[]): Promise<Door> =>
    openDoor({
      cloudId,
      address: "127.0.0.1",
      ports: { dns: [], plain, tls: [] },
      socketFolder: folder,
      names: new NameTable("127.0.0.1"),
      certificates: new CertificateAuthority({ folder: join(folder, "none"), now: Date.now }),
      cloudOf: async () => owner,
      onRequest: async (_request, response) => {
        await setTimeout(150);
        response.end(`of ${cloudId}`);
      },
      onState: () => undefined,
    });
  const probe = createServer();
  const port = await listenAnywhere(probe);
  await new Promise((resolve) => probe.close(resolve));
  const [own, neighbour] = [await open(owner, []), await open(newCloudId(), [port])];
  after(() => own.close());
  const answer = fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  await setTimeout(50);
  await neighbour.close();
  assert.equal(await (await answer).text(), `of ${owner}`);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
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

test("a port that a stranger has is told, and one that another cloud has is shared", async () => {
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
  assert.deepEqual(second.states().find(({ protocol }) => protocol === "tcp")?.state, "open");
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
