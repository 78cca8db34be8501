import type { CloudAddress } from "#config";
import { deployStack } from "../stack/deploy-stack.ts";
import type { DeployedStack } from "../stack/deploy-stack.ts";
import { seconds } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { loadApp } from "./load-app.ts";
import { publishCode } from "./publish-code.ts";
import { publishImages } from "./publish-images.ts";

type Wanted = { file: string; stackName: string | undefined; parameters: Readonly<Record<string, string>> };

/** From an app's file to a running stack. What did not change since the last time is neither built nor uploaded again. */
export const deployApp = async (
  { file, stackName, parameters }: Wanted,
  { address, terminal }: { address: CloudAddress; terminal: Terminal },
): Promise<DeployedStack> => {
  const account = await accountOf(address);
  const app = await loadApp(file);
  terminal.step("app", `${app.name}: ${Object.keys(app.template.Resources).length} resources`, { app: app.name });
  await publishImages(app.images, { address, terminal });
  await publishCode(app.zips, { account, address, terminal });
  const { CloudFormationClient } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient(address);
  const startedAt = performance.now();
  try {
    const stack = await deployStack({ stackName: stackName ?? app.name, template: app.template, parameters }, { client, terminal });
    const ms = performance.now() - startedAt;
    if (stack.changed)
      terminal.step("stack", `${stack.stackName} is up, in ${seconds(ms)}`, { stack: stack.stackName, ms: Math.round(ms) });
    return stack;
  } finally {
    client.destroy();
  }
};

/** Asked first: a cloud that does not answer is told before anything is built. */
const accountOf = async (address: CloudAddress): Promise<string> => {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const client = new STSClient(address);
  const { Account = "" } = await client.send(new GetCallerIdentityCommand({}));
  client.destroy();
  return Account;
};
