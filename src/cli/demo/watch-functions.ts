import type { CloudAddress } from "#config";
import type { Terminal } from "../terminal.ts";

type Access = { address: CloudAddress; terminal: Terminal };

export type FunctionWatch = {
  /** Tells what the functions have written since the last look. */
  look(): Promise<void>;
  /** Whether one of them wrote a line with this in it. */
  said(text: string): boolean;
  lines(): readonly string[];
};

/** Follows the log groups of an app's functions. */
export const newFunctionWatch = async (
  { address, terminal }: Access,
  { stackName, names }: { stackName: string; names: readonly string[] },
): Promise<FunctionWatch> => {
  const { CloudWatchLogsClient, FilterLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient(address);
  const seen = new Set<string>();
  const lines: string[] = [];
  const lookAt = async (name: string): Promise<void> => {
    const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${stackName}-${name}` }));
    for (const { eventId = "", message = "" } of events) {
      if (seen.has(eventId)) continue;
      seen.add(eventId);
      lines.push(`${name}: ${message.trimEnd()}`);
      tell(name, message.trimEnd(), terminal);
    }
  };
  return {
    look: async () => void (await Promise.all(names.map(lookAt))),
    said: (text) => lines.some((line) => line.includes(text)),
    lines: () => lines,
  };
};

const tell = (name: string, message: string, terminal: Terminal): void => {
  const [, report] = /^REPORT RequestId: \S+\s+(.*)$/s.exec(message) ?? [];
  if (report !== undefined) {
    const millisecondsOf = (what: string) => Number(new RegExp(`(?:^|\\s)${what}: ([\\d.]+) ms`).exec(report)?.[1] ?? Number.NaN);
    const [initMs, durationMs] = [millisecondsOf("Init Duration"), millisecondsOf("(?<!Billed |Init )Duration")];
    const start = Number.isNaN(initMs) ? "warm" : `cold start ${initMs} ms`;
    return terminal.step("function", `${name}: ${start}, ran ${durationMs} ms`, {
      function: name,
      initMs: initMs || undefined,
      durationMs,
    });
  }
  if (/^(START|END|INIT_START) /.test(message)) return;
  // The runtime puts the time, request id and level before what console.log writes.
  const text = message.split("\t").at(-1) ?? message;
  terminal.step("function", `${name}: ${text}`, { function: name, line: text });
};
