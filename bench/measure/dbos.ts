import { DBOS } from "@dbos-inc/dbos-sdk";
import { startPostgres } from "./postgres.ts";

/** The peer: durable workflows as a library over PostgreSQL, each step's result committed before the next one begins. */
export type Dbos = AsyncDisposable & {
  name: string;
  /** Runs a workflow of so many steps that do nothing but hand on their input. */
  chain(length: number, input: string): Promise<string>;
  /** CPU time of the database's processes so far. */ databaseCpuMicros(): number;
};

const connections = 20;

/** In this process, with a database of its own; undefined where PostgreSQL isn't installed. */
export const startDbos = async (): Promise<Dbos | undefined> => {
  const postgres = await startPostgres();
  if (!postgres) return undefined;
  const chain = DBOS.registerWorkflow(
    async (length: number, input: string) => {
      let data = input;
      // oxlint-disable-next-line no-await-in-loop -- one step after the other
      for (let index = 0; index < length; index += 1) data = await DBOS.runStep(async () => data, { name: `S${index}` });
      return data;
    },
    { name: "chain" },
  );
  const quiet = () => {};
  // Its connections are still closing when the server ends.
  let isClosing = false;
  const unlessClosing = (log: (...said: unknown[]) => void) => (entry: unknown) => isClosing || log(entry);
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: postgres.url.replace(/postgres$/, "dbos"),
    systemDatabasePoolSize: connections,
    logger: { debug: quiet, info: quiet, warn: unlessClosing(console.warn), error: unlessClosing(console.error) },
  });
  await DBOS.launch();
  return {
    name: `DBOS on ${postgres.version.replace(/postgres \((\S+)\) (\S+).*/, "$1 $2")}`,
    chain: (length, input) => chain(length, input),
    databaseCpuMicros: postgres.cpuMicros,
    [Symbol.asyncDispose]: async () => {
      isClosing = true;
      await DBOS.shutdown();
      await postgres[Symbol.asyncDispose]();
    },
  };
};
