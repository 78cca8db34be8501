import { CliError } from "./cli-error.ts";
import { commands } from "./command.ts";
import { explain } from "./explain.ts";
import { newTerminal } from "./terminal.ts";

/** `tandem -h`, `tandem --version`: as users of other tools type them. */
const aliases: Readonly<Record<string, string>> = { "-h": "help", "--help": "help", "-v": "version", "--version": "version" };

const main = async (words: readonly string[]): Promise<number> => {
  const args = words.filter((word) => word !== "--json");
  const terminal = newTerminal(args.length < words.length);
  const [first = "help", ...rest] = args;
  const name = aliases[first] ?? first;
  try {
    const known = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!known) throw new CliError(`There is no command ${first}. \`tandem help\` lists those that there are.`, { exitCode: 2 });
    const command = await known.load();
    if (rest.includes("--help") || rest.includes("-h")) {
      terminal.result({ usage: command.usage }, () => `Usage: tandem ${command.usage}`);
      return 0;
    }
    return await command.run(rest, terminal);
  } catch (error) {
    const { message, exitCode } = explain(error);
    terminal.error(message);
    return exitCode;
  }
};

// `tandem logs x | head`: whoever read has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const exitCode = await main(process.argv.slice(2));
// Whatever is still open by now (a kept-alive connection) has nothing left to say; but what was written must be out before the end.
process.exitCode = exitCode;
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))));
process.exit();
