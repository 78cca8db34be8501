import { parseCloudAddress } from "#config";
import { CliError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { cloudOptions, readArguments } from "../read-arguments.ts";

const usage = `reset --yes [OPTIONS]
  Removes everything that the cloud holds: stacks, objects, images, tasks. Nothing of it comes back.
  --service NAME         only what one service holds
  --endpoint URL, --json`;

export const reset: Command = {
  usage,
  run: async (args, terminal) => {
    const options = { ...cloudOptions, yes: { type: "boolean" }, service: { type: "string" } } as const;
    const { values } = readArguments(args, { options, usage });
    const { endpoint } = parseCloudAddress(values);
    const what = values.service === undefined ? "everything" : `everything of ${values.service}`;
    if (values.yes !== true)
      throw new CliError(`This removes ${what} at ${endpoint} for good. Add --yes if you mean that.`, { exitCode: 2 });
    const query = values.service === undefined ? "" : `?service=${encodeURIComponent(values.service)}`;
    const response = await fetch(`${endpoint}/_tandem/reset${query}`, { method: "POST" });
    const answer = (await response.json().catch(() => ({}))) as { message?: string };
    if (!response.ok) throw new CliError(answer.message ?? `The cloud at ${endpoint} answered ${response.status}.`);
    terminal.result({ reset: values.service ?? "all" }, () => `${what.charAt(0).toUpperCase()}${what.slice(1)} is gone.`);
    return 0;
  },
};
