import { exceedsBytes, isArray, isObject, member, type Json, type JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import type { WriterSpec } from "../interpreter/map-run-spec.ts";

/** A child execution that has ended, as DescribeExecution tells it; or one that was never started, because its run ended before. */
export type ChildResult = {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING";
  readonly startedAt: number | undefined;
  readonly stoppedAt: number | undefined;
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly redriveCount?: number;
};

type Children = AsyncIterable<ChildResult> | Iterable<ChildResult>;
type Format = Pick<WriterSpec, "transformation" | "outputType">;

/** The record of a child execution in a result file, with the transformation NONE: members in alphabetical order. */
const resultRecord = (child: ChildResult): JsonObject => ({
  ...(child.cause === undefined ? {} : { Cause: child.cause }),
  ...(child.error === undefined ? {} : { Error: child.error }),
  ExecutionArn: child.executionArn,
  Input: child.input,
  InputDetails: { Included: true },
  Name: child.name,
  ...(child.output === undefined ? {} : { Output: child.output, OutputDetails: { Included: true } }),
  ...redriveOf(child),
  ...timeOf("StartDate", child.startedAt),
  StateMachineArn: child.stateMachineArn,
  Status: child.status,
  ...timeOf("StopDate", child.stoppedAt),
});

const redriveOf = ({ status, redriveCount = 0 }: ChildResult): JsonObject => {
  const closed = status === "FAILED" || status === "TIMED_OUT" || status === "ABORTED";
  if (closed) return { RedriveCount: redriveCount, RedriveStatus: "REDRIVABLE" };
  const reason = `Execution is ${status} and cannot be redriven`;
  return { RedriveCount: redriveCount, RedriveStatus: "NOT_REDRIVABLE", RedriveStatusReason: reason };
};

const timeOf = (name: string, ms: number | undefined): JsonObject => (ms === undefined ? {} : { [name]: new Date(ms).toISOString() });

/** The texts that one child contributes to a file or to the state's result; without success it is a record whatever the transformation. */
const contribution = (child: ChildResult, { transformation }: Pick<Format, "transformation">): readonly string[] => {
  if (transformation === "NONE" || child.status !== "SUCCEEDED") return [JSON.stringify(resultRecord(child))];
  const text = child.output ?? "null";
  if (transformation === "COMPACT" || !text.trimStart().startsWith("[")) return [text];
  const output = JSON.parse(text) as Json;
  return isArray(output) ? output.map((value) => JSON.stringify(value)) : [text];
};

/** The text of a result file in pieces, one for each value: a JSON array, or a line each. */
export async function* resultTexts(children: Children, format: Format): AsyncGenerator<string> {
  const lines = format.outputType === "JSONL";
  let before = lines ? "" : "[";
  for await (const child of children) {
    for (const text of contribution(child, format)) {
      yield lines ? `${oneLine(text)}\n` : before + text;
      if (!lines) before = ",";
    }
  }
  if (!lines) yield before === "[" ? "[]" : "]";
}

/** Line breaks in a JSON text stand between its tokens only. */
const oneLine = (text: string): string => (/[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, " ") : text);

/** What a Map state's result came to: nothing more is read once it is too large. */
export type Collected = { readonly kind: "collected"; readonly output: string } | { readonly kind: "dataLimitExceeded" };

/** The result of a Map state without a destination, in the order of the items; lines are given as one string. */
export const collectResults = async (children: Children, spec: WriterSpec | undefined): Promise<Collected> => {
  const format: Format = spec ?? { transformation: "COMPACT", outputType: "JSON" };
  let output = "";
  for await (const text of resultTexts(children, format)) {
    output += text;
    if (output.length > limits.payloadBytes) return { kind: "dataLimitExceeded" };
  }
  if (format.outputType === "JSONL") output = JSON.stringify(output);
  return exceedsBytes(output, limits.payloadBytes) ? { kind: "dataLimitExceeded" } : { kind: "collected", output };
};

/** By which of the three kinds of result files a child is told of. */
export type ResultGroup = "SUCCEEDED" | "FAILED" | "PENDING";

/** The kind of result file for a child's status: one that timed out or was aborted has failed. */
export const resultGroup = (status: ChildResult["status"]): ResultGroup =>
  status === "SUCCEEDED" || status === "PENDING" ? status : "FAILED";

/** The name of the nth result file of a kind, from 0. */
export const resultFileName = (group: ResultGroup, index: number, { outputType }: Pick<Format, "outputType">): string =>
  `${group}_${index}.${outputType === "JSONL" ? "jsonl" : "json"}`;

export type ResultFile = { readonly Key: string; readonly Size: number };

/** The manifest that names the result files by the status of their executions. */
export const manifest = (
  mapRunArn: string,
  bucket: string,
  files: { readonly succeeded: readonly ResultFile[]; readonly failed: readonly ResultFile[]; readonly pending: readonly ResultFile[] },
): JsonObject => ({
  DestinationBucket: bucket,
  MapRunArn: mapRunArn,
  ResultFiles: { FAILED: [...files.failed], PENDING: [...files.pending], SUCCEEDED: [...files.succeeded] },
});

/** Where the writer puts the files of a run: bucket and the prefix of its keys. */
export const destination = ({ arguments: given }: WriterSpec, runId: string): { bucket: string; prefix: string } => {
  const text = (name: string) => {
    const value = given !== undefined && isObject(given) ? member(given, name) : undefined;
    return typeof value === "string" ? value : "";
  };
  const prefix = text("Prefix").replace(/\/+$/, "");
  return { bucket: text("Bucket"), prefix: prefix === "" ? `${runId}/` : `${prefix}/${runId}/` };
};

/** The result of a Map state whose results were written to S3. */
export const writtenResult = (mapRunArn: string, bucket: string, prefix: string): JsonObject => ({
  MapRunArn: mapRunArn,
  ResultWriterDetails: { Bucket: bucket, Key: `${prefix}manifest.json` },
});
