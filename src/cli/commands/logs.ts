import { parseCloudAddress } from "#config";
import type { Command } from "../command.ts";
import { CliError } from "../cli-error.ts";
import { findGroup } from "../logs/find-group.ts";
import { readLines } from "../logs/read-lines.ts";
import { cloudOptions, readArguments } from "../read-arguments.ts";

const usage = `logs NAME [OPTIONS]
  NAME is a log group, or the name of a function or task, in full or as the app's file calls it.
  --follow               go on with what comes, until ctrl-c
  --since 1h             how far back to begin: 30s, 10m, 1h, 2d; all by default
  --filter PATTERN       a filter pattern of CloudWatch Logs
  --endpoint URL, --region NAME, --json`;

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const logs: Command = {
  usage,
  run: async (args, terminal) => {
    const options = {
      ...cloudOptions,
      follow: { type: "boolean", short: "f" },
      since: { type: "string" },
      filter: { type: "string" },
    } as const;
    const { values, positionals } = readArguments(args, { options, usage, positionals: { atLeast: 1, atMost: 1 } });
    const { CloudWatchLogsClient } = await import("@aws-sdk/client-cloudwatch-logs");
    const client = new CloudWatchLogsClient(parseCloudAddress(values));
    const group = await findGroup(client, positionals[0] ?? "");
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort()).once("SIGTERM", () => stop.abort());
    const from = values.since === undefined ? 0 : Date.now() - parseAge(values.since);
    const reading = { group, from, filter: values.filter, follow: values.follow === true, signal: stop.signal };
    for await (const line of readLines(client, reading))
      terminal.line(line, `${new Date(line.timestamp).toISOString()} ${line.stream.split("/").at(-1)?.slice(-8)} ${line.message}`);
    return 0;
  },
};

const parseAge = (text: string): number => {
  const [, count, unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new CliError(`--since takes a time such as 30s, 10m, 1h or 2d, not ${text}.`, { exitCode: 2 });
  return Number(count) * (unitMs[unit] ?? 0);
};
