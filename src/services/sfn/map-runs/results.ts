import { Readable } from "node:stream";
import { Fault } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";
import type { Execution } from "../language/interpreter/execution.ts";
import type { MapRunSpec, WriterSpec } from "../language/interpreter/map-run-spec.ts";
import { collectResults, destination, manifest, resultFileName, resultTexts, writtenResult } from "../language/map-run/results.ts";
import type { ChildResult, ResultFile } from "../language/map-run/results.ts";
import { dataLimitExceeded, StateFailure } from "../language/state-failure.ts";
import type { ChildRows } from "./child-rows.ts";
import { sumOf } from "./count-rows.ts";
import type { Count, Counts } from "./count-rows.ts";
import type { MapRun } from "./map-run-rows.ts";

type Parts = { arn: string; spec: MapRunSpec; counts: Counts; children: Pick<ChildRows, "after">; call: Call };
export type Result = { output: string; written: MapRun["written"] };

const page = 200;
const pieceLength = 65_536;

export const nothing: MapRun["written"] = { executions: 0, items: 0 };

/** What a map run came to: its children's outputs, or where they were written. */
export const resultOf = async (parts: Parts): Promise<Result> =>
  (await writtenResults(parts)) ?? { output: await collect(parts), written: nothing };

/** Writes the results to where the ResultWriter wants them, of a run that failed too; nothing where there is none. */
export const writtenResults = async (parts: Parts): Promise<Result | undefined> => {
  const { writer } = parts.spec;
  return writer?.resource === undefined ? undefined : write(parts, writer);
};

/** The children in the order of their items, so many at a time. */
async function* ended({ arn, children }: Parts, isWanted: (status: ChildResult["status"]) => boolean): AsyncGenerator<ChildResult> {
  let last = -1;
  for (;;) {
    const found = await children.after(arn, last, page);
    yield* found.map(({ execution }) => toResult(execution)).filter(({ status }) => isWanted(status));
    const [next] = found.slice(-1);
    if (!next || found.length < page) return;
    last = next.firstItem;
  }
}

const toResult = ({ origin, status, startedAt, stoppedAt, output, error, cause, redriveCount }: Execution): ChildResult => ({
  executionArn: origin.executionArn,
  name: origin.name,
  stateMachineArn: origin.stateMachineArn,
  status: status === "RUNNING" ? "ABORTED" : status,
  startedAt,
  stoppedAt: stoppedAt ?? startedAt,
  input: origin.input,
  output,
  error,
  cause,
  redriveCount,
});

const hasSucceeded = (status: ChildResult["status"]) => status === "SUCCEEDED";

/** With a WriterConfig a tolerated failure stands in the result as its execution; without, it leaves a gap. */
const collect = async (parts: Parts): Promise<string> => {
  const { writer, state } = parts.spec;
  const collected = await collectResults(ended(parts, writer ? () => true : hasSucceeded), writer);
  if (collected.kind === "dataLimitExceeded") throw dataLimitExceeded(state);
  return collected.output;
};

const write = async (parts: Parts, writer: WriterSpec): Promise<Result> => {
  const { arn, call, counts } = parts;
  const { bucket, prefix } = destination(writer, arn.slice(arn.lastIndexOf(":") + 1));
  const put = async (name: string, body: Readable | Uint8Array): Promise<string> => {
    const key = `${prefix}${name}`;
    await call("s3", "PutObject", { Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }).catch(unwritable);
    return key;
  };
  const file = async (kind: "SUCCEEDED" | "FAILED", { executions }: Count): Promise<ResultFile[]> => {
    if (executions === 0) return [];
    const isWanted = (status: ChildResult["status"]) => hasSucceeded(status) === (kind === "SUCCEEDED");
    let bytes = 0;
    const measured = async function* () {
      for await (const piece of piecesOf(resultTexts(ended(parts, isWanted), writer))) {
        bytes += piece.length;
        yield piece;
      }
    };
    const Key = await put(resultFileName(kind, 0, writer), Readable.from(measured(), { objectMode: false }));
    return [{ Key, Size: bytes }];
  };
  const [succeeded, failed] = [sumOf(counts, ["SUCCEEDED"]), sumOf(counts, ["FAILED", "TIMED_OUT", "ABORTED"])];
  const files = { succeeded: await file("SUCCEEDED", succeeded), failed: await file("FAILED", failed), pending: [] };
  await put("manifest.json", Buffer.from(JSON.stringify(manifest(arn, bucket, files))));
  const written = { executions: succeeded.executions + failed.executions, items: succeeded.items + failed.items };
  return { output: JSON.stringify(writtenResult(arn, bucket, prefix)), written };
};

/** Texts put together into pieces that are worth handing on. */
async function* piecesOf(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let gathered: string[] = [];
  let length = 0;
  for await (const text of texts) {
    gathered.push(text);
    length += text.length;
    if (length < pieceLength) continue;
    yield Buffer.from(gathered.join(""));
    gathered = [];
    length = 0;
  }
  if (length > 0) yield Buffer.from(gathered.join(""));
}

const unwritable = (error: unknown): never => {
  if (!(error instanceof Fault)) throw error;
  const { message, status = 400, code } = error;
  throw new StateFailure("States.ResultWriterFailed", `${message} (Service: Amazon S3; Status Code: ${status}; Error Code: ${code})`);
};
