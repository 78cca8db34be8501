import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { spawnCloud } from "../test/cloud.ts";
import { processCpuMicros, residentMb } from "./measure/cpu.ts";
import { printTable } from "./measure/table.ts";

/**
 * Distributed Maps over the lines of an object in S3, each item a child execution of one Pass, the results written to S3: items a second, CPU and memory of
 * the cloud while the run goes on. `node bench/map-runs.ts [items]`; the memory of a run of a tenth of the items stands beside it.
 */
const items = Number(process.argv[2] ?? 100_000);
const bucket = "bench";
const roleArn = "arn:aws:iam::000000000000:role/r";
const datasets = { JSONL: "items.jsonl", CSV: "items.csv" } as const;
type Format = keyof typeof datasets;
type ChildType = "STANDARD" | "EXPRESS";

const contentOf = (format: Format, count: number): string => {
  const lines = Array.from({ length: count }, (_, index) =>
    format === "CSV" ? `${index},item ${index}` : JSON.stringify({ id: index, name: `item ${index}` }),
  );
  return (format === "CSV" ? ["id,name", ...lines] : lines).join("\n");
};

const readerOf = (format: Format) => (format === "CSV" ? { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" } : { InputType: "JSONL" });

const definitionOf = (format: Format, type: ChildType) =>
  JSON.stringify({
    StartAt: "Map",
    States: {
      Map: {
        Type: "Map",
        MaxConcurrency: 1_000,
        ItemReader: {
          Resource: "arn:aws:states:::s3:getObject",
          ReaderConfig: readerOf(format),
          Parameters: { Bucket: bucket, "Key.$": "$.key" },
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: type },
          StartAt: "Pass",
          States: { Pass: { Type: "Pass", End: true } },
        },
        ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: bucket, "Prefix.$": "$.prefix" } },
        End: true,
      },
    },
  });

const folder = mkdtempSync(join(process.env["TANDEM_BENCH_FOLDER"] ?? tmpdir(), "tandem-bench-"));
const quarters = [0, 0.25, 0.5, 0.75, 1];

/** One run in a cloud of its own. */
const run = async (format: Format, type: ChildType, count: number): Promise<string[]> => {
  await using cloud = await spawnCloud(mkdtempSync(join(folder, "cloud-")));
  const pid = cloud.process.pid ?? 0;
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  const sfn = new SFNClient(cloud.client);
  const key = datasets[format];
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: contentOf(format, count) }));
  const definition = definitionOf(format, type);
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name: "map", roleArn, definition }));
  const input = JSON.stringify({ key, prefix: "results" });

  const resident: number[] = [residentMb(pid)];
  let peak = 0;
  const cpu = processCpuMicros(pid);
  const began = performance.now();
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  const succeeded = async () => {
    const [mapRun] = (await sfn.send(new ListMapRunsCommand({ executionArn }))).mapRuns ?? [];
    if (!mapRun) return 0;
    return (await sfn.send(new DescribeMapRunCommand({ mapRunArn: mapRun.mapRunArn }))).itemCounts?.succeeded ?? 0;
  };
  for (;;) {
    await pause(200);
    peak = Math.max(peak, residentMb(pid));
    const done = await succeeded();
    while (resident.length < quarters.length - 1 && done >= count * (quarters[resident.length] ?? 1)) resident.push(residentMb(pid));
    const { status, output = "", cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === "RUNNING") continue;
    if (status !== "SUCCEEDED") throw new Error(`The execution is ${status}: ${cause}`);
    const seconds = (performance.now() - began) / 1_000;
    const each = (processCpuMicros(pid) - cpu) / count;
    resident.push(residentMb(pid));
    const { Key: manifest } = (JSON.parse(output) as { ResultWriterDetails: { Key: string } }).ResultWriterDetails;
    const written = await (await s3.send(new GetObjectCommand({ Bucket: bucket, Key: manifest }))).Body?.transformToString();
    if (!written?.includes("SUCCEEDED_0.json")) throw new Error(`The manifest tells of no results: ${written}`);
    sfn.destroy();
    s3.destroy();
    return [
      `${count.toLocaleString("en-US")} lines of ${format}, ${type} children`,
      Math.round(count / seconds).toLocaleString("en-US"),
      each.toFixed(0),
      resident.map((mb) => mb.toFixed(0)).join(", "),
      peak.toFixed(0),
    ];
  }
};

try {
  // The first start of all makes the bundle.
  await (await spawnCloud(join(folder, "bundle"))).kill();
  const rows: string[][] = [];
  for (const [format, type] of [
    ["JSONL", "EXPRESS"],
    ["JSONL", "STANDARD"],
    ["CSV", "EXPRESS"],
  ] as const)
    for (const count of [items / 10, items]) rows.push(await run(format, type, count));
  printTable(["", "items a second", "CPU µs an item", "MB resident at 0, 25, 50, 75, 100 %", "at most"], rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
