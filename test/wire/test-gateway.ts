import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import type { FindCredentials, Handler } from "#wire/context.ts";
import { newGateway } from "#wire/gateway.ts";
import { readModel } from "#wire/model.ts";
import type { Binding } from "#wire/model.ts";
import type { SchemaModule } from "#wire/schema.ts";
import { credentials, region } from "../cloud.ts";

export type TestService = { binding: Omit<Binding, "name"> & { name: string }; sdk: SchemaModule; operations: Record<string, Handler> };

export type TestGateway = AsyncDisposable & {
  endpoint: string;
  port: number;
  client: { endpoint: string; region: string; credentials: typeof credentials; maxAttempts: number };
  /** What was logged as unexpected. */
  errors: unknown[];
};

/** A gateway over services that the test makes: the wire alone, with any SDK's schemas. */
export const openGateway = async (
  services: readonly TestService[],
  { auth = false, findCredentials = async () => undefined }: { auth?: boolean; findCredentials?: FindCredentials } = {},
): Promise<TestGateway> => {
  const errors: unknown[] = [];
  const silent = () => undefined;
  const opened = new Map(
    services.map(({ binding, sdk, operations }) => [binding.name, { model: readModel(binding as Binding, sdk), operations, context: {} }]),
  );
  const { server } = newGateway({
    bindings: services.map(({ binding }) => binding as Binding),
    services: async (name) => {
      const found = opened.get(name);
      if (!found) throw new Error(`no service ${name}`);
      return found;
    },
    others: [],
    auth,
    findCredentials,
    now: Date.now,
    newId: randomUUID,
    log: { debug: silent, info: silent, warn: silent, error: (fields) => errors.push(fields["error"]) },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    port,
    client: { endpoint, region, credentials, maxAttempts: 1 },
    errors,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
