import type { OpenedService } from "#wire/dispatch.ts";
import { notImplemented } from "#wire/fault.ts";
import { readModel } from "#wire/model.ts";
import type { Model } from "#wire/model.ts";
import type { ServiceName } from "#wire/sdk.ts";
import type { ResourceType } from "#services/resource-type.ts";
import type { Platform, Service, ServiceDefinition } from "#services/service.ts";

export type Opened = OpenedService & { service: Service };

/** Opens services when they are first called, each once. */
export type ServiceOpener = {
  /** A service ready for calls: with its schemas, whose import is what costs. */
  open(name: ServiceName): Promise<Opened>;
  /** A service whose loops run, without its schemas as long as nobody calls it. */
  wake(name: ServiceName): Promise<Service>;
  /** A service's schemas alone, if there is a service of that name. */
  model(name: string): Promise<Model | undefined>;
  /** Those that are awake, or waking. */
  awake(): Promise<[ServiceName, Service][]>;
  resourceTypes(): Promise<ReadonlyMap<string, ResourceType>>;
  /** What each service has, and what its SDK knows besides. */
  coverage(): Promise<Coverage[]>;
};

export type Coverage = {
  service: ServiceName;
  protocols: readonly string[];
  operations: string[];
  missing: string[];
  resourceTypes: string[];
};

export const newServiceOpener = (definitions: readonly ServiceDefinition[], platform: () => Platform): ServiceOpener => {
  const byName = new Map(definitions.map((definition) => [definition.binding.name, definition]));
  const waking = new Map<ServiceName, Promise<Service>>();
  const reading = new Map<ServiceName, Promise<Model>>();
  const opening = new Map<ServiceName, Promise<Opened>>();

  const once = <T>(
    known: Map<ServiceName, Promise<T>>,
    name: ServiceName,
    make: (definition: ServiceDefinition) => Promise<T>,
  ): Promise<T> => {
    const before = known.get(name);
    if (before) return before;
    const definition = byName.get(name);
    if (!definition) return Promise.reject(notImplemented(name, "*"));
    const made = make(definition);
    known.set(name, made);
    made.catch(() => known.delete(name));
    return made;
  };

  const wake = (name: ServiceName) => once(waking, name, async ({ open }) => (await open())(platform()));

  const read = (name: ServiceName) => once(reading, name, async ({ binding, sdk }) => readModel(binding, await sdk()));

  const open = (name: ServiceName) =>
    once(opening, name, async () => {
      const [model, service] = await Promise.all([read(name), wake(name)]);
      const { operations, context, crossOrigin } = service;
      return { service, model, operations, context, crossOrigin };
    });

  return {
    open,
    wake,
    model: async (name) => {
      const definition = definitions.find(({ binding }) => binding.name === name);
      return definition && read(definition.binding.name);
    },
    awake: () => Promise.all([...waking].map(async ([name, service]): Promise<[ServiceName, Service]> => [name, await service])),
    coverage: () => Promise.all([...byName.keys()].map(async (name) => coverageOf(name, await open(name)))),
    resourceTypes: async () => {
      const all = await Promise.all([...byName.keys()].map(wake));
      return new Map(all.flatMap(({ resourceTypes }) => (resourceTypes ?? []).map((type) => [type.name, type] as const)));
    },
  };
};

const coverageOf = (service: ServiceName, { model, operations, service: { resourceTypes } }: Opened): Coverage => ({
  service,
  protocols: model.binding.protocols,
  operations: Object.keys(operations).toSorted(),
  missing: [...model.operations.keys()].filter((name) => !(name in operations)).toSorted(),
  resourceTypes: (resourceTypes ?? []).map(({ name }) => name).toSorted(),
});
