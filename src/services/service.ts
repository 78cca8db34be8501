import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "#config";
import type { Engine } from "#engine/engine.ts";
import type { Loops } from "#reconcile/loops.ts";
import type { Store } from "#store/store.ts";
import type { Caller, FindCredentials, Handler, Log } from "#wire/context.ts";
import type { CrossOrigin } from "#wire/dispatch.ts";
import type { IdentifyAsker } from "#wire/identify-asker.ts";
import type { Binding, Model } from "#wire/model.ts";
import type { Call, Handlers } from "#wire/operation.ts";
import type { SchemaModule } from "#wire/schema.ts";
import type { SdkModules, ServiceName } from "#wire/sdk.ts";
import type { ResourceType } from "./resource-type.ts";

/** A service as the composition root lists it: enough to recognise its requests, and nothing loaded yet. */
export type ServiceDefinition = {
  binding: Binding;
  sdk: () => Promise<SchemaModule>;
  open: () => Promise<OpenService>;
  /** Opened at start rather than at its first request: it has loops, or deliverers, that go on after a restart. */
  wakes?: boolean;
  /** Paths that are this service's and no AWS operation's (`/v2/` of the registry). */
  ownsPath?: (path: string, host: string) => boolean;
};

/** Migrates the service's rows and starts its loops. */
export type OpenService = (platform: Platform) => Promise<Service>;

export type Service = {
  operations: Readonly<Record<string, Handler>>;
  /** What its handlers get besides the request's own context. */
  context: object;
  /** What templates can declare of it. */
  resourceTypes?: readonly ResourceType[];
  /** Serves `ownsPath`; `identify` says who asks, for paths that have no tokens of their own. */
  http?: (request: IncomingMessage, response: ServerResponse, identify: IdentifyAsker) => Promise<void>;
  crossOrigin?: CrossOrigin;
  /** Credentials that it has issued, for the gateway to know their bearers by. */
  findCredentials?: FindCredentials;
  /** Forgets all of its state: rows, containers, connections. */
  reset?: () => Promise<void>;
  close?: () => Promise<void>;
};

/** Checks handlers against the SDK while keeping the exact list of what is there. */
export const handlersOf =
  <S extends ServiceName, Context>() =>
  <H extends Handlers<SdkModules[S], Context>>(handlers: H): Readonly<Record<string, Handler>> =>
    handlers as unknown as Readonly<Record<string, Handler>>;

/** What the composition root gives every service. */
export type Platform = {
  config: Config;
  store: Store;
  loops: Loops;
  log: Log;
  now: () => number;
  newId: () => string;
  /** The compute engine; it connects when it is first asked for. */
  engine: () => Promise<Engine>;
  /** In-process calls for loops and deliverers, as `caller` in `region`; the id of the requests is drawn unless it is given. */
  callAs: (caller: Caller, region: string, requestId?: string) => Call;
  /** The schemas of a service, if the cloud has one of that name. */
  model: (service: string) => Promise<Model | undefined>;
  /** The gateway as programs on this machine reach it: `http://127.0.0.1:4566`. */
  endpoint: () => string;
  /** How containers reach the cloud. */
  containers: ContainerAccess;
  /** The resource types of all services by name: what CloudFormation can make. */
  resourceTypes: () => Promise<ReadonlyMap<string, ResourceType>>;
};

/** What a container needs to reach the cloud as if it were AWS. */
export type ContainerAccess = {
  /** Environment and read-only mounts: the local CA, `AWS_ENDPOINT_URL`, region. */
  grants: (
    region: string,
  ) => Promise<{ environment: Readonly<Record<string, string>>; mounts: readonly { source: string; target: string; readOnly: true }[] }>;
  /** Serves `http://169.254.170.2<path>` for the containers of this cloud; `address` is the caller's on the bridge. */
  serve: (prefix: string, handler: (request: IncomingMessage, response: ServerResponse, address: string) => Promise<void>) => void;
  /** Address and port at which containers reach a server that this process bound to a port of its own on the bridge. */
  bridgeAddress: () => Promise<string>;
};
