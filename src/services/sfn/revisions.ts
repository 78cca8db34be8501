import type { Revision } from "./machine-rows.ts";

const initial = "INITIAL";

/** The id of what a state machine was created as. On the wire it has none, and `INITIAL` stands for it. */
export const firstRevision = (id: string): string => `${initial}-${id}`;

/** The name by which PublishStateMachineVersion may ask for a revision. */
export const revisionName = ({ id }: Pick<Revision, "id">): string => (id.startsWith(`${initial}-`) ? initial : id);

export const toldRevision = (revision: Pick<Revision, "id">): { revisionId?: string } => {
  const revisionId = revisionName(revision);
  return revisionId === initial ? {} : { revisionId };
};
