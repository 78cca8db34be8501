import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";

const maxStatements = 1_000;

type Prepared = { statement: StatementSync; columns: readonly string[] };

/** Runs compiled queries on one SQLite connection and keeps their prepared statements, by their SQL. */
export class Connection implements DatabaseConnection {
  readonly database: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  // Not async: a rejected promise instead of a throw, without one more turn for each query.
  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return Promise.resolve(this.execute<Row>(query));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("Queries are not streamed, since an open read keeps the log from being reset: page through by key.");
  }

  /** To be called when tables have changed: the columns of `select *` may be others. */
  forgetStatements(): void {
    this.#prepared.clear();
    // A statement prepared before SQLite looked at its schema again would still name the old columns.
    this.database.exec("SELECT 1 FROM sqlite_schema LIMIT 1");
  }

  execute<Row>(query: CompiledQuery): QueryResult<Row> {
    const { statement, columns } = this.#prepare(query.sql);
    const parameters = query.parameters.map(toSqlite);
    if (columns.length === 0) {
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    }
    const rows: unknown[] = statement.all(...parameters);
    return { rows: rows.map((values) => toRow(columns, values as readonly unknown[]) as Row) };
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    const columns = statement.columns().map((column) => column.name);
    // Arrays made into plain objects here cost no more than SQLite's own objects, which lack a prototype.
    statement.setReturnArrays(columns.length > 0);
    for (const oldest of this.#prepared.keys()) {
      if (this.#prepared.size < maxStatements) break;
      this.#prepared.delete(oldest);
    }
    const prepared = { statement, columns };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

const toRow = (columns: readonly string[], values: readonly unknown[]): Record<string, unknown> => {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index++) row[columns[index] as string] = values[index];
  return row;
};

const toSqlite = (value: unknown): SQLInputValue => (typeof value === "boolean" ? Number(value) : (value as SQLInputValue));
