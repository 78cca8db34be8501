import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { jsonLines, tandem } from "./cli/tandem.ts";

const containersOf = async (cloudId: string): Promise<string[]> => {
  const { stdout } = await promisify(execFile)("docker", ["ps", "-aq", "--filter", `label=tandem.cloud=${cloudId}`]);
  return stdout.split("\n").filter(Boolean);
};

test("the demonstration goes from a video to its thumbnail on real containers, and leaves none", async () => {
  const output = join(tmpdir(), `tandem-test-thumbnail-${process.pid}.jpg`);
  const { code, stdout, stderr } = await tandem(["demo", "--output", output, "--json"]);
  assert.equal(code, 0, `${stderr}\n${stdout}`);
  const lines = jsonLines(stdout);
  const texts = (step: string) => lines.filter((line) => line["step"] === step).map(({ text }) => String(text));
  const statuses = lines.filter(({ step }) => step === "task").map(({ status }) => status);
  assert.deepEqual(
    statuses.filter((status) => status !== "PROVISIONING"),
    ["PENDING", "RUNNING", "STOPPED"],
  );
  assert.ok(texts("image").some((text) => /pushed/.test(text)));
  assert.ok(texts("stack").some((text) => /is up/.test(text)));
  assert.ok(texts("function").some((text) => /onNewVideo: cold start [\d.]+ ms/.test(text)));
  assert.ok(texts("function").includes("onNewThumbnail: *** New thumbnail: file sample_00-01.mp4.jpg."));
  const result = lines.find((line) => line["thumbnail"] === output);
  const thumbnail = await readFile(output);
  await rm(output);
  assert.equal(result?.["sizeBytes"], thumbnail.length);
  // The marks of a JPEG's first and last bytes.
  assert.deepEqual([thumbnail.subarray(0, 3).toString("hex"), thumbnail.subarray(-2).toString("hex")], ["ffd8ff", "ffd9"]);
  const cloudId = lines.at(-1)?.["cloudId"];
  assert.ok(typeof cloudId === "string" && cloudId !== "", "the last line names the cloud");
  assert.deepEqual(await containersOf(cloudId), []);
});
