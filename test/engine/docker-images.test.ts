import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseIgnore } from "#engine/docker/dockerignore.ts";
import { parseReference, pullable } from "#engine/docker/references.ts";
import { EngineError } from "#engine/engine.ts";
import { docker, newCloudId, openTestEngine } from "./cloud.ts";
import { provideSandbox, shellImage } from "./test-image.ts";

const image = await shellImage();
await provideSandbox(image);
const engine = openTestEngine();
const folder = await mkdtemp(join(tmpdir(), "tandem-build-"));
const tag = `tandem/test-build-${newCloudId()}:latest`;
after(async () => {
  await engine.images.remove(tag);
  await rm(folder, { recursive: true });
});

const context = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, name, path, ".."), { recursive: true });
    await writeFile(join(folder, name, path), text);
  }
  return join(folder, name);
};

test("an image is built from its folder without what .dockerignore excludes, tagged, and removed", async () => {
  const contextPath = await context("good", {
    Dockerfile: `FROM ${image}\nARG WORD\nCOPY . /app\nRUN echo "$WORD" > /app/word && cd /app && find . -type f -o -type l | sort > /tmp/list\nCMD ["cat", "/tmp/list", "/app/word"]\n`,
    ".dockerignore": "# not these\n**/*.log\nsecret\n!secret/kept.txt\n",
    "a.txt": "a",
    "a.log": "log",
    "deep/b.log": "log",
    "deep/empty": "",
    "secret/key": "key",
    "secret/kept.txt": "kept",
  });
  await symlink("a.txt", join(contextPath, "link"));
  const lines: string[] = [];
  const id = await engine.images.build({ contextPath, tag, arguments: { WORD: "hello" } }, (line) => lines.push(line));
  assert.equal(await engine.images.find(tag), id);
  assert.ok(lines.some((line) => line.startsWith("Step 3/5 : COPY . /app")));
  await engine.run({ id: "built", kind: "test", labels: {}, network: "none", containers: [{ name: "main", essential: true, image: tag }] });
  const output = (await Array.fromAsync(engine.logs("built", "main", { follow: true }))).map((line) => line.text);
  assert.deepEqual(output, [
    "./.dockerignore",
    "./Dockerfile",
    "./a.txt",
    "./deep/empty",
    "./link",
    "./secret/kept.txt",
    "./word",
    "hello",
  ]);
  await engine.remove("built");
  await engine.images.tag(tag, `${tag}-again`);
  assert.equal(await engine.images.find(`${tag}-again`), id);
  await engine.images.remove(`${tag}-again`);
  await engine.images.remove(`${tag}-again`);
  assert.equal(await engine.images.find(`${tag}-again`), undefined);
});

const fails = (contextPath: string, words: RegExp): Promise<void> =>
  assert.rejects(
    engine.images.build({ contextPath, tag: "tandem/test-never" }, () => undefined),
    (error) => error instanceof EngineError && error.code === "BuildFailed" && words.test(error.message),
  );

test("a build that fails says which step and what it printed", async () => {
  await fails(
    await context("failing", { Dockerfile: `FROM ${image}\nRUN echo before && echo the reason >&2 && exit 9\n` }),
    /Step 2\/2 : RUN .*\n(.*\n)*.*the reason\n(.*\n)*.*returned a non-zero code: 9/,
  );
  await fails(await context("syntax", { Dockerfile: `FROM ${image}\nRUMBLE\n` }), /unknown instruction: RUMBLE/i);
  await fails(await context("absent", { "a.txt": "a" }), /no Dockerfile in /);
  await fails(join(folder, "no-such-folder"), /no Dockerfile in /);
  await fails(await context("copy", { Dockerfile: `FROM ${image}\nCOPY nothing /\n` }), /nothing/);
});

test("what can't be pulled or pushed is told in the engine's words", async () => {
  const refused = (error: unknown): boolean =>
    error instanceof EngineError && error.code === "PullFailed" && /connection refused/.test(error.message);
  await assert.rejects(engine.images.pull("localhost:1/no/such:image"), refused);
  await docker.getImage(image).tag({ repo: "localhost:1/no/such", tag: "image" });
  await assert.rejects(
    engine.images.push("localhost:1/no/such:image", { username: "AWS", password: "x" }, () => undefined),
    (error) => error instanceof EngineError && error.code === "PushFailed",
  );
  await engine.images.remove("localhost:1/no/such:image");
});

test("names of images are read as Docker reads them", () => {
  assert.deepEqual(parseReference("localhost:4566/a/b:v1"), {
    registry: "localhost:4566",
    repository: "localhost:4566/a/b",
    tag: "v1",
    digest: undefined,
  });
  assert.deepEqual(parseReference("debian"), { registry: undefined, repository: "debian", tag: undefined, digest: undefined });
  assert.equal(parseReference("library/debian").registry, undefined);
  assert.equal(parseReference("1.dkr.ecr.us-east-1.amazonaws.com/a@sha256:00").digest, "sha256:00");
  assert.equal(pullable("localhost:5000/a"), "localhost:5000/a:latest");
  assert.equal(pullable("a@sha256:00"), "a@sha256:00");
});

test("patterns of .dockerignore match as Docker matches them", () => {
  const excluded = (text: string, path: string): boolean => parseIgnore(text).excludes(path);
  assert.ok(excluded("node_modules", "node_modules/a/b"));
  assert.ok(!excluded("node_modules", "deep/node_modules"));
  assert.ok(excluded("**/node_modules", "deep/er/node_modules/x"));
  assert.ok(excluded("**/node_modules", "node_modules"));
  assert.ok(excluded("*.md\n!README.md", "a.md"));
  assert.ok(!excluded("*.md\n!README.md", "README.md"));
  assert.ok(excluded("/temp?", "temp1"));
  assert.ok(!excluded("/temp?", "temp12"));
  assert.ok(excluded("a/**/z", "a/b/c/z"));
  assert.ok(excluded("[a-c].txt", "b.txt"));
  assert.ok(!excluded("[a-c].txt", "d.txt"));
  assert.ok(excluded("./x/../y", "y"));
  assert.ok(!excluded("a.c", "abc"));
  assert.ok(!excluded("# a", "a"));
});
