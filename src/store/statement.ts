import { CompiledQuery } from "kysely";
import type { Kysely } from "kysely";

/** A query that is compiled once: the hot paths pay for its execution alone. Parameters go in the order in which the SQL has them. */
export type Statement<Row> = (on: Kysely<never>, ...parameters: readonly unknown[]) => Promise<Row[]>;

/** Takes the SQL of a query that was built with stand-ins for its parameters. */
export const prepare = <Row>(query: { compile(): CompiledQuery }): Statement<Row> => {
  const { sql } = query.compile();
  return async (on, ...parameters) => (await on.executeQuery<Row>(CompiledQuery.raw(sql, [...parameters]))).rows;
};

/** The same for a statement that only writes: what `store.write` runs. */
export const prepareWrite = (query: { compile(): CompiledQuery }): ((...parameters: readonly unknown[]) => CompiledQuery) => {
  const { sql } = query.compile();
  return (...parameters) => CompiledQuery.raw(sql, [...parameters]);
};
