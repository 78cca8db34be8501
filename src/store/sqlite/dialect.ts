import {
  DefaultQueryExecutor,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  Transaction,
  type ConnectionProvider,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type KyselyProps,
} from "kysely";

/** Kysely over a connection, to read with: it begins no transactions of its own. */
export const queriesOn = (connection: DatabaseConnection): Kysely<unknown> => new Kysely(propsFor(connection));

/** Kysely over the connection of a transaction that has begun. */
export const transactionOn = (connection: DatabaseConnection): Transaction<unknown> => new Transaction(propsFor(connection));

const propsFor = (connection: DatabaseConnection): KyselyProps => {
  const provider: ConnectionProvider = { provideConnection: (consumer) => consumer(connection) };
  return { config: { dialect }, dialect, driver, executor: new DefaultQueryExecutor(compiler, adapter, provider) };
};

const compiler = new SqliteQueryCompiler();
const adapter = new SqliteAdapter();

const refuse = async (): Promise<never> => {
  throw new Error("Transactions and connections are the store's own: call store.transaction or store.close.");
};

const driver: Driver = {
  init: async () => {},
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: refuse,
  destroy: refuse,
};

const dialect: Dialect = {
  createDriver: () => driver,
  createQueryCompiler: () => compiler,
  createAdapter: () => adapter,
  createIntrospector: (queries) => new SqliteIntrospector(queries),
};
