import type { OpenedService } from "#wire/dispatch.ts";
import { notImplemented } from "#wire/fault.ts";
import { readModel } from "#wire/model.ts";
import type { ServiceName } from "#wire/sdk.ts";
import type { ResourceType } from "#services/resource-type.ts";
import type { Platform, Service, ServiceDefinition } from "#services/service.ts";

export type Opened = OpenedService & { service: Service };

/** Opens services when they are first called, each once. */
export type ServiceOpener = {
  open(name: ServiceName): Promise<Opened>;
  /** Those that are open, or opening. */
  opened(): Promise<[ServiceName, Opened][]>;
  resourceTypes(): Promise<ReadonlyMap<string, ResourceType>>;
};

export const newServiceOpener = (definitions: readonly ServiceDefinition[], platform: () => Platform): ServiceOpener => {
  const opening = new Map<ServiceName, Promise<Opened>>();

  const load = async ({ binding, sdk, open }: ServiceDefinition): Promise<Opened> => {
    const [schemas, openService] = await Promise.all([sdk(), open()]);
    const service = await openService(platform());
    return { service, model: readModel(binding, schemas), operations: service.operations, context: service.context };
  };

  const open = (name: ServiceName): Promise<Opened> => {
    const known = opening.get(name);
    if (known) return known;
    const definition = definitions.find(({ binding }) => binding.name === name);
    if (!definition) return Promise.reject(notImplemented(name, "*"));
    const started = load(definition);
    opening.set(name, started);
    started.catch(() => opening.delete(name));
    return started;
  };

  return {
    open,
    opened: () => Promise.all([...opening].map(async ([name, service]): Promise<[ServiceName, Opened]> => [name, await service])),
    resourceTypes: async () => {
      const all = await Promise.all(definitions.map(({ binding }) => open(binding.name)));
      return new Map(all.flatMap(({ service }) => (service.resourceTypes ?? []).map((type) => [type.name, type] as const)));
    },
  };
};
