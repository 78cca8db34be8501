import { isArray, isObject, member, type Json, type JsonObject } from "../json.ts";
import type { WriterSpec } from "../interpreter/map-run-spec.ts";

/** A child execution that has ended, as DescribeExecution tells it. */
export type ChildResult = {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  readonly startedAt: number;
  readonly stoppedAt: number;
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
};

const time = (ms: number): string => new Date(ms).toISOString();

/** The record of a child execution in a result file, with the transformation NONE. */
export const resultRecord = (child: ChildResult): JsonObject => ({
  ...(child.cause === undefined ? {} : { Cause: child.cause }),
  ...(child.error === undefined ? {} : { Error: child.error }),
  ExecutionArn: child.executionArn,
  Input: child.input,
  InputDetails: { Included: true },
  Name: child.name,
  ...(child.output === undefined ? {} : { Output: child.output, OutputDetails: { Included: true } }),
  RedriveCount: 0,
  RedriveStatus: child.status === "SUCCEEDED" ? "NOT_REDRIVABLE" : "REDRIVABLE",
  StartDate: time(child.startedAt),
  StateMachineArn: child.stateMachineArn,
  Status: child.status,
  StopDate: time(child.stoppedAt),
});

type Format = Pick<WriterSpec, "transformation" | "outputType">;

/** What one child contributes to a file or to the state's result; failures stay records whatever the transformation is. */
export const contribution = (child: ChildResult, { transformation }: Pick<Format, "transformation">): readonly Json[] => {
  if (transformation === "NONE" || child.status !== "SUCCEEDED") return [resultRecord(child)];
  const output = JSON.parse(child.output ?? "null") as Json;
  return transformation === "FLATTEN" && isArray(output) ? output : [output];
};

/** The text of a result file, piece by piece. */
export async function* resultTexts(children: AsyncIterable<ChildResult>, format: Format): AsyncGenerator<string> {
  const isLines = format.outputType === "JSONL";
  let before = isLines ? "" : "[";
  for await (const child of children)
    for (const value of contribution(child, format)) {
      yield `${before}${JSON.stringify(value)}${isLines ? "\n" : ""}`;
      before = isLines ? "" : ",";
    }
  if (!isLines) yield before === "[" ? "[]" : "]";
}

/** The text of a result file. */
export const resultFile = (children: readonly ChildResult[], format: Format): string => {
  const texts = children.flatMap((child) => contribution(child, format)).map((value) => JSON.stringify(value));
  return format.outputType === "JSONL" ? texts.map((text) => `${text}\n`).join("") : `[${texts.join(",")}]`;
};

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

/** The result of a Map state without a destination: the outputs in the order of the items, failures left out. */
export const collectedResult = (children: readonly ChildResult[], spec: WriterSpec | undefined): Json =>
  children
    .filter(({ status }) => status === "SUCCEEDED")
    .flatMap((child) => contribution(child, { transformation: spec?.transformation ?? "COMPACT" }));
