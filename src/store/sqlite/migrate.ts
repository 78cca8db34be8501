import type { Connection } from "./connection.ts";
import type { Commits } from "./commits.ts";
import type { Migration } from "../store.ts";

/** Applies what of `migrations` is new to `series`, in order, all in one transaction. */
export const migrate = async (
  { writer, commits, now }: { writer: Connection; commits: Commits; now: () => number },
  series: string,
  migrations: readonly Migration[],
): Promise<void> => {
  const { database } = writer;
  const applied = new Set(appliedTo(writer, series));
  const known = new Set(migrations.map(({ name }) => name));
  const newer = [...applied].find((name) => !known.has(name));
  if (newer !== undefined) {
    throw new Error(`This data folder is from a newer version, whose ${series} has ${newer}. Use that version, or another data folder.`);
  }
  if (migrations.every(({ name }) => applied.has(name))) return;
  await commits.run(async () => {
    const record = database.prepare("INSERT INTO migrations (series, name, applied_at) VALUES (?, ?, ?)");
    for (const { name, statements } of migrations) {
      if (applied.has(name)) continue;
      for (const statement of statements) run(writer, `${series} ${name}`, statement);
      record.run(series, name, now());
    }
  });
};

export const createMigrations = ({ database }: Pick<Connection, "database">): void => {
  database.exec(
    "CREATE TABLE IF NOT EXISTS migrations (series TEXT NOT NULL, name TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (series, name)) WITHOUT ROWID",
  );
};

const appliedTo = ({ database }: Connection, series: string): string[] =>
  database
    .prepare("SELECT name FROM migrations WHERE series = ?")
    .all(series)
    .map((row) => String(row["name"]));

const run = ({ database }: Connection, where: string, statement: string): void => {
  try {
    database.exec(statement);
  } catch (error) {
    throw new Error(`Migration ${where}: ${error instanceof Error ? error.message : String(error)} in: ${statement}`, { cause: error });
  }
};
