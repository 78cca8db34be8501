import type { TaskRecord } from "./ecs.ts";
import type { Call } from "#wire/operation.ts";
import { Fault } from "#wire/fault.ts";

/** Reads the variables that containers take from files in buckets. Files that come first win. */
export const readEnvironmentFiles = async (
  task: TaskRecord,
  call: Call,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> => {
  const all = new Map<string, Record<string, string>>();
  for (const { name = "", environmentFiles } of task.wanted.definition.containerDefinitions) {
    const variables: Record<string, string> = {};
    for (const { value = "" } of environmentFiles ?? []) Object.assign(variables, { ...(await readFile(value, call)), ...variables });
    all.set(name, variables);
  }
  return all;
};

const readFile = async (arn: string, call: Call): Promise<Record<string, string>> => {
  const [, Bucket = "", Key = ""] = /^arn:aws[a-z-]*:s3:::([^/]+)\/(.+)$/.exec(arn) ?? [];
  try {
    const { Body } = await call("s3", "GetObject", { Bucket, Key });
    if (Body === undefined || Body instanceof Uint8Array) return parseVariables(Buffer.from(Body ?? []).toString());
    const pieces: Uint8Array[] = [];
    for await (const piece of Body as AsyncIterable<Uint8Array>) pieces.push(piece);
    return parseVariables(Buffer.concat(pieces).toString());
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Error(`ResourceInitializationError: failed to download env files: file ${arn}: ${error.code}: ${error.message}`, {
      cause: error,
    });
  }
};

/** Lines of `NAME=value`; empty ones and those that begin with `#` say nothing, and quotes are part of the value. */
const parseVariables = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#") && line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
