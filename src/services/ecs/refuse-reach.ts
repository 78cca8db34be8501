import type { ContainerDefinition, Volume } from "@aws-sdk/client-ecs";
import { clientFault } from "./faults.ts";

type Definition = {
  networkMode?: string | undefined;
  volumes?: readonly Volume[] | undefined;
  containerDefinitions: readonly ContainerDefinition[];
};

/** What Docker gives every container by default: nothing of it reaches beyond the container. */
const harmless = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT SYS_PTRACE".split(
    " ",
  ),
);

/** A cloud that asks who calls may be used by several: their tasks may not reach into the machine that they share. */
export const refuseReach = ({ networkMode, volumes, containerDefinitions }: Definition): void => {
  const refused = (what: string) => clientFault(`${what} would reach into the machine, which this cloud does not allow with --auth.`);
  if (networkMode === "host") throw refused("networkMode=host");
  const path = volumes?.find(({ host }) => host?.sourcePath)?.host?.sourcePath;
  if (path !== undefined) throw refused(`The volume at '${path}'`);
  for (const { linuxParameters } of containerDefinitions)
    for (const capability of linuxParameters?.capabilities?.add ?? [])
      if (!harmless.has(capability.toUpperCase().replace(/^CAP_/, ""))) throw refused(`The capability ${capability}`);
};
