import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Clients that tests drive as programs; `npm test` installs them and says where they are. */
export const programs = {
  /** Debian's awscli 2.9, which knows no `AWS_ENDPOINT_URL`. */
  oldAws: process.env["TANDEM_TEST_AWS_OLD"] ?? "/usr/bin/aws",
  newAws: process.env["TANDEM_TEST_AWS_NEW"] ?? "aws",
  python: process.env["TANDEM_TEST_PYTHON"] ?? "python3",
};

/** Runs a program to its end and answers with what it wrote to stdout; a failure carries stderr. Never synchronous: the cloud lives in this process. */
export const run = async (program: string, args: readonly string[], environment: Record<string, string>): Promise<string> => {
  const { stdout } = await execute(program, [...args], { env: environment, encoding: "utf8", timeout: 120_000, maxBuffer: 64 << 20 });
  return stdout;
};
