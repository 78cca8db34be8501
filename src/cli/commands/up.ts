import { join } from "node:path";
import { configOptions, parseConfig } from "#config";
import { CliError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { readArguments } from "../read-arguments.ts";

const usage = `up [OPTIONS]
  --host 127.0.0.1       the address to answer at; any but this machine's own needs --auth
  --port 4566            0 takes a free one
  --data .tandem         the folder that holds everything
  --auth                 verify signatures and enforce policies
  --engine docker        what runs containers: docker or memory
  --substitute-runtimes  take the nearest runtime of the same language where a function's own has no image
  --log-level warn       debug, info, warn or error
  --json`;

export const up: Command = {
  usage,
  run: async (args, terminal) => {
    readArguments(args, { options: configOptions, usage });
    const config = parseConfig(args);
    const { startCloud } = await import("../../main.ts");
    const cloud = await startCloud(config).catch((error: unknown) => {
      throw explainStart(error, config);
    });
    const credentials = join(config.dataPath, "credentials");
    terminal.result({ endpoint: cloud.endpoint, data: config.dataPath, ...(config.auth ? { credentials } : {}), ready: true }, () =>
      [
        `Tandem answers at ${cloud.endpoint} (data in ${config.dataPath})`,
        ...(config.auth ? [`Keys of its root: export AWS_SHARED_CREDENTIALS_FILE=${credentials}`] : []),
        "Ready.",
      ].join("\n"),
    );
    await new Promise<void>((resolve) => process.once("SIGINT", () => resolve()).once("SIGTERM", () => resolve()));
    await cloud.close();
    return 0;
  },
};

const explainStart = (error: unknown, { host, port }: { host: string; port: number }): unknown => {
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return new CliError(
      `Port ${port} is taken: by another cloud, perhaps (\`tandem status\` asks it). Stop that, or choose another with --port; 0 takes a free one.`,
    );
  if (code === "EACCES") return new CliError(`Port ${port} is not for this user. Choose one above 1023 with --port.`);
  if (code === "EADDRNOTAVAIL") return new CliError(`This machine has no address ${host}. Choose another with --host.`);
  if (/is in use by process/.test(error.message)) return new CliError(`${error.message.replace(/\.$/, "")} with --data.`);
  return error;
};
