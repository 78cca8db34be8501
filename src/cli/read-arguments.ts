import { parseArgs } from "node:util";
import type { ParseArgsOptionsConfig } from "node:util";
import { CliError } from "./cli-error.ts";

/** Options of every command that calls a cloud. */
export const cloudOptions = { endpoint: { type: "string" }, region: { type: "string" } } as const;

type Wanted<T extends ParseArgsOptionsConfig> = { options: T; usage: string; positionals?: { atLeast: number; atMost: number } };

/** Reads what follows a command. @throws CliError with the command's usage */
export const readArguments = <T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  { options, usage, positionals = { atLeast: 0, atMost: 0 } }: Wanted<T>,
) => {
  const read = () => {
    try {
      return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
    } catch (error) {
      throw usageError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error), usage);
    }
  };
  const parsed = read();
  const count = parsed.positionals.length;
  if (count < positionals.atLeast) throw usageError("Something is missing", usage);
  if (count > positionals.atMost) throw usageError(`Unexpected argument '${parsed.positionals[positionals.atMost]}'`, usage);
  return parsed;
};

const usageError = (problem: string, usage: string): CliError =>
  new CliError(`${problem.replace(/\.$/, "")}.\nUsage: tandem ${usage}`, { exitCode: 2 });
