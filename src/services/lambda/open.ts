import { randomBytes } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { handlersOf } from "../service.ts";
import type { OpenService, Platform } from "../service.ts";
import { newAliasRows } from "./alias-rows.ts";
import { CreateAlias, DeleteAlias, GetAlias, ListAliases, UpdateAlias } from "./aliases.ts";
import { cachedFunctions } from "./cached-functions.ts";
import { newCodeStore, openCodeFolder } from "./code/code-store.ts";
import { newCodeLocations } from "./code/locations.ts";
import { DeleteFunctionConcurrency, GetAccountSettings, GetFunctionConcurrency, PutFunctionConcurrency } from "./concurrency.ts";
import { newEventRows } from "./event-rows.ts";
import { newExecutions } from "./execution/executions.ts";
import type { Executions } from "./execution/executions.ts";
import { newFunctionRows } from "./function-rows.ts";
import type { FunctionRows } from "./function-rows.ts";
import { CreateFunction, DeleteFunction, GetFunction, GetFunctionConfiguration, ListFunctions } from "./functions.ts";
import { Invoke, InvokeAsync } from "./invoke.ts";
import type { FunctionName, LambdaContext } from "./lambda.ts";
import { activationLoop, keyOf } from "./loops/activation.ts";
import { eventLoop } from "./loops/events.ts";
import { migrations } from "./migrations/all.ts";
import { AddPermission, GetPolicy, RemovePermission } from "./permissions.ts";
import { newPolicyRows } from "./policy-rows.ts";
import { ListTags, TagResource, UntagResource } from "./tags.ts";
import { UpdateFunctionCode, UpdateFunctionConfiguration } from "./updates.ts";
import { resourceTypes } from "./template-resources.ts";
import { ListVersionsByFunction, PublishVersion } from "./versions.ts";

const operations = handlersOf<"lambda", LambdaContext>()({
  AddPermission,
  CreateAlias,
  CreateFunction,
  DeleteAlias,
  DeleteFunction,
  DeleteFunctionConcurrency,
  GetAccountSettings,
  GetAlias,
  GetFunction,
  GetFunctionConcurrency,
  GetFunctionConfiguration,
  GetPolicy,
  Invoke,
  InvokeAsync,
  ListAliases,
  ListFunctions,
  ListTags,
  ListVersionsByFunction,
  PublishVersion,
  PutFunctionConcurrency,
  RemovePermission,
  TagResource,
  UntagResource,
  UpdateAlias,
  UpdateFunctionCode,
  UpdateFunctionConfiguration,
});

export const openLambda: OpenService = async (platform) => {
  const { store, loops, now, newId, config, log } = platform;
  await store.migrate("lambda", migrations);
  const folder = join(config.dataPath, "functions");
  const environmentsFolder = join(config.dataPath, "environments");
  await openCodeFolder(folder, store.blobs);
  const functions = cachedFunctions(newFunctionRows(store));
  const aliases = newAliasRows(store);
  const events = newEventRows(store);
  const code = newCodeStore({ blobs: store.blobs, folder, newId });
  const executions = newExecutions({ platform, code, folder: environmentsFolder });
  const locations = newCodeLocations({ blobs: store.blobs, secret: randomBytes(32), now });
  const ready = comeBack(platform, { environmentsFolder, executions, functions });
  const activation = loops.add(activationLoop({ functions, code, executions }));
  const delivery = loops.add(eventLoop({ events, functions, aliases, executions: after(ready, executions), now, log }));
  const context: Omit<LambdaContext, keyof import("#wire/context.ts").RequestContext> = {
    functions,
    aliases,
    policies: newPolicyRows(store),
    events,
    code,
    locations,
    executions: after(ready, executions),
    store,
    isShared: config.auth,
    activate: (fn: FunctionName) => activation.enqueue(keyOf(fn)),
    deliver: (eventId: string) => delivery.enqueue(eventId),
  };
  const reset = async () => {
    await functions.clear();
    await executions.clear();
    await code.clear();
  };
  return { operations, context, resourceTypes, http: locations.serve, reset, close: executions.close };
};

/** Environments do not outlive the process whose Runtime API they know: those left by one that died go, and new ones are made for what is there. */
const comeBack = async (
  { log }: Platform,
  { environmentsFolder, executions, functions }: { environmentsFolder: string; executions: Executions; functions: FunctionRows },
): Promise<void> => {
  const left = await access(environmentsFolder).then(
    () => true,
    () => false,
  );
  if (left)
    await executions.reap().catch((error: unknown) => log.warn({ error }, "environments of an earlier process could not be removed"));
  const warm = async () => {
    for (const version of await functions.ofEachRuntime()) await executions.prepare(version);
  };
  warm().catch((error: unknown) => log.warn({ error }, "no environments wait for functions"));
};

/** Invocations begin when what an earlier process left is gone. */
const after = (ready: Promise<void>, executions: Executions): Executions => ({
  ...executions,
  invoke: async (version, request) => {
    await ready;
    return executions.invoke(version, request);
  },
});
