import { loadApp } from "../app/load-app.ts";
import type { Command } from "../command.ts";
import { readArguments } from "../read-arguments.ts";

const usage = `synth APP
  Writes the app's CloudFormation template to stdout. APP is its file, or a folder with an app.ts.
  The code and images that it names are uploaded by \`tandem deploy\`.`;

export const synth: Command = {
  usage,
  run: async (args, terminal) => {
    const { positionals } = readArguments(args, { options: {}, usage, positionals: { atLeast: 1, atMost: 1 } });
    const { template } = await loadApp(positionals[0] ?? "");
    terminal.result(template, () => JSON.stringify(template, null, 2));
    return 0;
  },
};
