import { CliError } from "../cli-error.ts";
import { commands } from "../command.ts";
import type { Command } from "../command.ts";
import { table } from "../terminal.ts";

export const help: Command = {
  usage: "help [COMMAND] [--json]",
  run: async ([name], terminal) => {
    if (name === undefined) {
      const list = Object.entries(commands).map(([each, { summary }]) => ({ command: each, summary }));
      terminal.result(list, () =>
        [
          "Tandem: a cloud that people own.",
          "",
          "Usage: tandem COMMAND [OPTIONS]",
          "",
          table(list.map(({ command, summary }) => ["", command, summary])),
          "",
          "Each command takes --help, and --json for output that programs read.",
          "Commands that call a cloud take --endpoint, else AWS_ENDPOINT_URL, else http://127.0.0.1:4566.",
        ].join("\n"),
      );
      return 0;
    }
    const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!found) throw new CliError(`There is no command ${name}. \`tandem help\` lists those that there are.`, { exitCode: 2 });
    const { usage } = await found.load();
    terminal.result({ command: name, summary: found.summary, usage }, () => `Usage: tandem ${usage}`);
    return 0;
  },
};
