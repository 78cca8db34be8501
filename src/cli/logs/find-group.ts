import { paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CliError } from "../cli-error.ts";

/** The log group that is meant: by its own name, by that of a function or task, or by what the app's file calls one. */
export const findGroup = async (client: CloudWatchLogsClient, name: string): Promise<string> => {
  const groups: string[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {}))
    groups.push(...logGroups.map(({ logGroupName = "" }) => logGroupName));
  const ways = [
    (group: string) => group === name,
    (group: string) => group === `/aws/lambda/${name}` || group === `/ecs/${name}`,
    (group: string) => group.endsWith(`-${name}`) || group.endsWith(`/${name}`),
  ];
  for (const matches of ways) {
    const found = groups.filter(matches);
    if (found.length > 1) throw new CliError(`${name} may be any of these; give one of them in full:\n${found.join("\n")}`);
    if (found[0] !== undefined) return found[0];
  }
  throw new CliError(
    `There is no log group of ${name}. ${groups.length === 0 ? "There are none yet." : `There are:\n${groups.join("\n")}`}`,
  );
};
