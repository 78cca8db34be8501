import { parseCloudAddress } from "#config";
import { deployApp } from "../app/deploy-app.ts";
import { CliError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { cloudOptions, readArguments } from "../read-arguments.ts";
import { table } from "../terminal.ts";

const usage = `deploy APP [OPTIONS]
  Builds and pushes the app's images, uploads its code, and hands its template to CloudFormation.
  APP is its file, or a folder with an app.ts.
  --stack NAME           by default the name of the app's folder
  --parameter NAME=VALUE a parameter of the template; may be repeated
  --endpoint URL, --region NAME, --json`;

export const deploy: Command = {
  usage,
  run: async (args, terminal) => {
    const options = { ...cloudOptions, stack: { type: "string" }, parameter: { type: "string", multiple: true } } as const;
    const { values, positionals } = readArguments(args, { options, usage, positionals: { atLeast: 1, atMost: 1 } });
    const parameters = Object.fromEntries((values.parameter ?? []).map(parseParameter));
    const wanted = { file: positionals[0] ?? "", stackName: values.stack, parameters };
    const { stackName, outputs, changed } = await deployApp(wanted, { address: parseCloudAddress(values), terminal });
    terminal.result({ stack: stackName, changed, outputs }, () =>
      table([["", terminal.bold(stackName)], ...Object.entries(outputs).map(([name, value]) => ["", `${name} = ${value}`])]),
    );
    return 0;
  },
};

const parseParameter = (text: string): [string, string] => {
  const at = text.indexOf("=");
  if (at < 1) throw new CliError(`--parameter takes NAME=VALUE, not ${text}.`, { exitCode: 2 });
  return [text.slice(0, at), text.slice(at + 1)];
};
