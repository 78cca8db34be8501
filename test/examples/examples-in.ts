import assert from "node:assert/strict";
import { join } from "node:path";
import { jsonLines, tandem } from "../cli/tandem.ts";
import type { TestCloud } from "../cloud.ts";

export const exampleFolder = (name: string): string => join(import.meta.dirname, "../../examples", name);

/** Deploys an example as its README says, and answers with the outputs of its stack. */
export const deployExample = async (cloud: TestCloud, name: string): Promise<Record<string, string>> => {
  const { code, stdout, stderr } = await tandem(["deploy", exampleFolder(name), "--json"], cloud.environment);
  assert.equal(code, 0, `${stderr}\n${stdout}`);
  return (jsonLines(stdout).at(-1) as { outputs: Record<string, string> }).outputs;
};
