import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Runs the benchmarks one after the other, each in a process of its own: `node bench/run.ts [filter …]`. A benchmark is a file of this folder
 * that prints when it is run; what they share is in `measure/`.
 */
const filters = process.argv.slice(2);
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".ts") && file !== "run.ts");
const chosen = files.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
if (chosen.length === 0) {
  console.error(`No benchmark is named like ${filters.join(", ")}. There are: ${files.map((file) => file.replace(".ts", "")).join(", ")}`);
  process.exit(2);
}

let failures = 0;
for (const file of chosen.toSorted()) {
  console.log(`\n# ${file.replace(".ts", "")}\n`);
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], { stdio: "inherit" });
  // oxlint-disable-next-line no-await-in-loop -- side by side they would measure each other
  const [code] = await once(child, "close");
  if (code !== 0) failures++;
}
process.exitCode = failures === 0 ? 0 : 1;
