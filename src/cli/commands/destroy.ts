import { stat } from "node:fs/promises";
import { parseCloudAddress } from "#config";
import { loadApp } from "../app/load-app.ts";
import { CliError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { cloudOptions, readArguments } from "../read-arguments.ts";
import { emptyBuckets } from "../stack/empty-buckets.ts";
import { destroyStack } from "../stack/destroy-stack.ts";

const usage = `destroy STACK|APP [OPTIONS]
  Removes a stack with everything it made; its buckets must be empty, as on AWS.
  STACK is its name; APP the file or folder of the app that was deployed under its own name.
  --empty-buckets        removes what is in the stack's buckets first
  --endpoint URL, --region NAME, --json`;

export const destroy: Command = {
  usage,
  run: async (args, terminal) => {
    const options = { ...cloudOptions, "empty-buckets": { type: "boolean" } } as const;
    const { values, positionals } = readArguments(args, { options, usage, positionals: { atLeast: 1, atMost: 1 } });
    const named = positionals[0] ?? "";
    const isFile = (await stat(named).catch(() => undefined)) !== undefined;
    const stackName = isFile ? (await loadApp(named)).name : named;
    const { CloudFormationClient } = await import("@aws-sdk/client-cloudformation");
    const address = parseCloudAddress(values);
    const client = new CloudFormationClient(address);
    if (values["empty-buckets"] === true) await emptyBuckets(stackName, { client, address, terminal });
    if (!(await destroyStack(stackName, { client, terminal })))
      throw new CliError(`There is no stack ${stackName}. \`tandem status\` lists those that there are.`);
    terminal.result({ stack: stackName, destroyed: true }, () => `${stackName} is gone.`);
    return 0;
  },
};
