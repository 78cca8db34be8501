import type { Insertable, Selectable } from "kysely";
import type { Fact, RecordedFact } from "../outbox.ts";
import type { StoreTables } from "./schema.ts";

export const toRow = ({ topic, account, region, subject, at, detail }: Fact): Insertable<StoreTables["facts"]> => ({
  topic,
  account,
  region,
  subject,
  at,
  detail: JSON.stringify(detail ?? null),
});

export const toFact = ({ detail, ...fact }: Selectable<StoreTables["facts"]>): RecordedFact => ({
  ...fact,
  detail: JSON.parse(detail) as unknown,
});
