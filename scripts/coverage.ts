import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "#config";
import { startCloud } from "../src/main.ts";

type Coverage = { service: string; protocols: string[]; operations: string[]; missing: string[]; resourceTypes: string[] };

const section = ({ service, protocols, operations, missing, resourceTypes }: Coverage): string =>
  [
    `## ${service}`,
    "",
    `${operations.length} of ${operations.length + missing.length} operations, by ${protocols.join(", ")}.`,
    "",
    operations.map((name) => `\`${name}\``).join(" "),
    ...(resourceTypes.length > 0 ? ["", `Template resources: ${resourceTypes.map((name) => `\`${name}\``).join(" ")}`] : []),
    "",
  ].join("\n");

/** Asks a cloud of this code what it has, and writes that down; with `--check` it only says whether what is written is true. */
const path = join(import.meta.dirname, "../docs/coverage.md");
const dataPath = await mkdtemp(join(tmpdir(), "tandem-coverage-"));
const cloud = await startCloud(parseConfig(["--port", "0", "--data", dataPath]));
try {
  const { services } = (await (await fetch(`${cloud.endpoint}/_tandem/services`)).json()) as { services: Coverage[] };
  const head =
    "# Coverage\n\nWhat each service has, generated from the code by `npm run coverage`. Any other operation answers HTTP 501 and its own name.\n";
  const text = `${head}\n${services
    .toSorted((a, b) => a.service.localeCompare(b.service))
    .map(section)
    .join("\n")}`;
  if (!process.argv.includes("--check")) await writeFile(path, text);
  else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    process.stderr.write("docs/coverage.md is not what the code has: run `npm run coverage`.\n");
    process.exitCode = 1;
  }
} finally {
  await cloud.close();
  await rm(dataPath, { recursive: true, force: true });
}
