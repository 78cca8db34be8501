import type { Command } from "../command.ts";
import { packageVersion } from "../package-root.ts";

export const version: Command = {
  usage: "version [--json]",
  run: async (_args, terminal) => {
    const parts = { tandem: packageVersion(), node: process.versions.node };
    terminal.result(parts, () => `tandem ${parts.tandem} (Node ${parts.node})`);
    return 0;
  },
};
