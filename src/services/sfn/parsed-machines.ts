import type { Machine } from "./language/definition.ts";
import type { CheckTaskInput } from "./language/task-check.ts";
import type { MachineRows, Revision } from "./machine-rows.ts";

/** A revision with its definition read. */
export type Parsed = { revision: Revision; machine: Machine };
export type ParsedMachines = { get(revisionId: string): Promise<Parsed>; of(revision: Revision): Promise<Parsed> };

const most = 500;

/** Keeps the machines that were read last, since revisions never change. Many who ask at once wait for one reading. */
export const newParsedMachines = (machines: Pick<MachineRows, "revision">, checkTaskInput?: CheckTaskInput): ParsedMachines => {
  const known = new Map<string, Promise<Parsed>>();
  const parse = async (revision: Revision): Promise<Parsed> => {
    const { parseDefinition } = await import("./language/parse/parse.ts");
    const { machine } = parseDefinition(revision.definition, checkTaskInput ? { checkTaskInput } : {});
    if (!machine) throw new Error(`The definition of revision ${revision.id} cannot be read any more`);
    return { revision, machine };
  };
  const once = (id: string, read: () => Promise<Parsed>): Promise<Parsed> => {
    const before = known.get(id);
    if (before) return before;
    for (const oldest of known.keys()) {
      if (known.size < most) break;
      known.delete(oldest);
    }
    const reading = read();
    known.set(id, reading);
    reading.catch(() => known.delete(id));
    return reading;
  };
  return {
    of: (revision) => once(revision.id, () => parse(revision)),
    get: (revisionId) =>
      once(revisionId, async () => {
        const revision = await machines.revision(revisionId);
        if (!revision) throw new Error(`Revision ${revisionId} is gone`);
        return parse(revision);
      }),
  };
};
