import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { spawnCloud } from "../test/cloud.ts";
import { startDebianRegistry } from "./measure/debian-registry.ts";
import { concurrently, measureRounds } from "./measure/rounds.ts";
import type { Variant } from "./measure/rounds.ts";
import { printTable, spread } from "./measure/table.ts";

/**
 * The registry beside Debian's `docker-registry` (the reference implementation), both in processes of their own, asked by the same client in turns:
 * layers pulled and pushed, manifests read, small blobs pushed. `node bench/registry.ts [rounds]`
 */
const rounds = Number(process.argv[2] ?? 5);
const layerBytes = 64 << 20;
const layers = 8;
const manifestReads = 2000;
const smallPushes = 300;

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

type Answer = { status: number; location: string; sizeBytes: number };

const ask = (method: string, url: string, body?: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, "content-length": body?.length ?? 0 } }, (answer) => {
      let sizeBytes = 0;
      answer.on("data", (piece: Buffer) => (sizeBytes += piece.length));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? "", sizeBytes }));
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });

const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const push = async (endpoint: string, blob: Uint8Array, digest: string): Promise<void> => {
  const begun = await ask("POST", `${endpoint}/v2/bench/app/blobs/uploads/`);
  const url = new URL(begun.location, endpoint);
  url.searchParams.set("digest", digest);
  const { status } = await ask("PUT", url.href, blob, { "content-type": "application/octet-stream" });
  if (status !== 201) throw new Error(`The push was answered with ${status}.`);
};

const get = async (url: string, accept = "*/*"): Promise<number> => {
  const { status, sizeBytes } = await ask("GET", url, undefined, { accept });
  if (status !== 200) throw new Error(`${url} was answered with ${status}.`);
  return sizeBytes;
};

/** By curl: a client in Node would be slower than what it measures. */
const download = async (urls: readonly string[]): Promise<void> => {
  await promisify(execFile)("curl", ["--silent", "--fail", ...urls.flatMap((url) => ["--output", "/dev/null", url])]);
};

const layer = randomBytes(layerBytes);

/** Layers of the same size that differ in their first bytes; hashed before any clock runs. */
const freshLayers = Array.from({ length: (rounds + 1) * 2 + 1 }, () => {
  const start = randomBytes(64);
  start.copy(layer);
  return { start, digest: sha256(layer) };
});

const nextLayer = () => {
  const { start, digest } = freshLayers.pop() ?? { start: Buffer.alloc(0), digest: "" };
  start.copy(layer);
  return { start, blob: layer, digest };
};

const pulled = nextLayer();
const layerDigest = pulled.digest;

const prepare = async (endpoint: string): Promise<void> => {
  const config = Buffer.from("{}");
  pulled.start.copy(layer);
  await push(endpoint, layer, layerDigest);
  await push(endpoint, config, sha256(config));
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: "application/vnd.docker.container.image.v1+json", size: config.length, digest: sha256(config) },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", size: layer.length, digest: layerDigest }],
  });
  const { status } = await ask("PUT", `${endpoint}/v2/bench/app/manifests/1`, Buffer.from(manifest), { "content-type": mediaType });
  if (status !== 201) throw new Error(`The manifest was answered with ${status}.`);
};

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
const megabytes = layerBytes / 1e6;

type Subject = { name: string; endpoint: string };
const measures: { what: string; unit: string; variant: (subject: Subject) => Variant }[] = [
  {
    what: "pull a layer",
    unit: "MB/s",
    variant: ({ name, endpoint }) => ({
      name,
      round: async () => {
        await download(Array.from({ length: layers }, () => `${endpoint}/v2/bench/app/blobs/${layerDigest}`));
        return layers * megabytes;
      },
    }),
  },
  {
    what: "push a layer",
    unit: "MB/s",
    variant: ({ name, endpoint }) => ({
      name,
      round: async () => {
        const { blob, digest } = nextLayer();
        await push(endpoint, blob, digest);
        return megabytes;
      },
    }),
  },
  {
    what: "read a manifest by tag",
    unit: "/s",
    variant: ({ name, endpoint }) => ({
      name,
      round: () => concurrently(32, manifestReads, () => get(`${endpoint}/v2/bench/app/manifests/1`, manifestType)),
    }),
  },
  {
    what: "push 1 KiB",
    unit: "/s",
    variant: ({ name, endpoint }) => ({
      name,
      round: () =>
        concurrently(32, smallPushes, () => {
          const blob = randomBytes(1024);
          return push(endpoint, blob, sha256(blob));
        }),
    }),
  },
];

const folder = await mkdtemp(join(tmpdir(), "tandem-bench-"));
try {
  await using cloud = await spawnCloud(join(folder, "cloud"));
  using reference = await startDebianRegistry(join(folder, "registry"));
  const subjects: Subject[] = [
    { name: "ours", endpoint: cloud.endpoint },
    ...(reference ? [{ name: "docker-registry", endpoint: reference.endpoint }] : []),
  ];
  for (const { endpoint } of subjects) await prepare(endpoint);
  const rows: string[][] = [];
  for (const { what, unit, variant } of measures) {
    const [ours, peer] = await measureRounds(subjects.map(variant), rounds);
    if (!ours) continue;
    const ratio = peer ? `${(ours.perSecond.median / peer.perSecond.median).toFixed(2)}×` : "";
    rows.push([what, unit, spread(ours.perSecond, 0), peer ? spread(peer.perSecond, 0) : "not to be had", ratio]);
  }
  printTable(["", "unit", "ours (min … max)", "docker-registry (min … max)", "ratio"], rows);
} finally {
  agent.destroy();
  await rm(folder, { recursive: true, force: true });
}
