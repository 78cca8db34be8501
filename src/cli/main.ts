import { ConfigError, parseConfig } from "#config";

const usage = "Usage: tandem up [--host 127.0.0.1] [--port 4566] [--data .tandem] [--auth] [--engine docker]";

const up = async (args: readonly string[]): Promise<void> => {
  const { startCloud } = await import("../main.ts");
  const cloud = await startCloud(parseConfig(args));
  const stop = () => {
    void cloud.close().then(() => process.exit(0));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  process.stdout.write(`Tandem answers at ${cloud.endpoint}\nReady.\n`);
};

const [command = "help", ...args] = process.argv.slice(2);
if (command === "up")
  await up(args).catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  });
else process.stdout.write(`${usage}\n`);
