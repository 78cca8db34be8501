import type { Machine } from "./language/definition.ts";
import type { CheckTaskInput } from "./language/task-check.ts";
import type { MachineRows, Revision } from "./machine-rows.ts";

/** A revision with its definition read. */
export type Parsed = { revision: Revision; machine: Machine };
export type ParsedMachines = { get(revisionId: string): Promise<Parsed>; of(revision: Revision): Promise<Parsed> };

const most = 500;

/** Keeps the machines that were read last, since revisions never change. */
export const newParsedMachines = (machines: Pick<MachineRows, "revision">, checkTaskInput?: CheckTaskInput): ParsedMachines => {
  const known = new Map<string, Parsed>();
  const of = async (revision: Revision): Promise<Parsed> => {
    const before = known.get(revision.id);
    if (before) return before;
    const { parseDefinition } = await import("./language/parse/parse.ts");
    const { machine } = parseDefinition(revision.definition, checkTaskInput ? { checkTaskInput } : {});
    if (!machine) throw new Error(`The definition of revision ${revision.id} cannot be read any more`);
    for (const oldest of known.keys()) {
      if (known.size < most) break;
      known.delete(oldest);
    }
    const parsed = { revision, machine };
    known.set(revision.id, parsed);
    return parsed;
  };
  return {
    of,
    get: async (revisionId) => {
      const before = known.get(revisionId);
      if (before) return before;
      const revision = await machines.revision(revisionId);
      if (!revision) throw new Error(`Revision ${revisionId} is gone`);
      return of(revision);
    },
  };
};
