import { EngineError } from "#engine/engine.ts";
import type { Engine, RegistryCredentials } from "#engine/engine.ts";
import { Fault } from "#wire/fault.ts";
import { defaultAccount, defaultRegion } from "#wire/identity.ts";
import type { Call } from "#wire/operation.ts";
import type { TaskRecord } from "../ecs.ts";
import { parseOwnImage } from "../image-names.ts";
import type { OwnImage } from "../image-names.ts";
import type { ImagesSeen } from "../plan-task.ts";

type Parts = {
  engine: () => Promise<Engine>;
  /** In-process calls with the task's execution role, in a region. */
  callFor: (task: TaskRecord, region: string) => Call;
  endpoint: () => string;
  auth: boolean;
  now: () => number;
  /** What else has to be there before containers start: log streams. It throws what the task is to say. */
  prepare: (task: TaskRecord) => Promise<void>;
  look: (taskId: string) => void;
};

const retryMs = 1_000;

/** Why a task can't have an image, in ECS's words. */
class PullError extends Error {}

export type TaskImages = {
  seen(taskId: string): ImagesSeen;
  /** Begins to fetch what the task needs; it is looked at again when that is done. */
  begin(task: TaskRecord): void;
  /** What to run for each image's name. */
  resolve(task: TaskRecord): Promise<ReadonlyMap<string, string>>;
  forget(taskId: string): void;
  /** Takes away the names under which images of our registry were fetched. */
  clear(): Promise<void>;
};

/** Brings the images of tasks onto the engine. What is under way is known to memory alone: after a restart it begins again. */
export const newTaskImages = (parts: Parts): TaskImages => {
  const states = new Map<string, ImagesSeen>();
  const resolved = new Map<string, ReadonlyMap<string, string>>();
  const fetched = new Set<string>();
  const resolve = async (task: TaskRecord): Promise<ReadonlyMap<string, string>> => {
    // A tag that moves while containers wait for each other must not give one task two versions of an image.
    const known = resolved.get(task.id);
    if (known) return known;
    const names = new Set(task.wanted.definition.containerDefinitions.map(({ image = "" }) => image));
    const found = await Promise.all([...names].map(async (name) => [name, await fetchImage(name, task, parts)] as const));
    for (const [name, reference] of found) if (name !== reference) fetched.add(reference);
    const images = new Map(found);
    resolved.set(task.id, images);
    return images;
  };
  return {
    seen: (taskId) => states.get(taskId) ?? { kind: "unknown" },
    begin: (task) => {
      const pullStartedAt = parts.now();
      states.set(task.id, { kind: "pulling" });
      const settle = (state: ImagesSeen): void => {
        if (states.has(task.id)) states.set(task.id, state);
        else resolved.delete(task.id);
        parts.look(task.id);
      };
      Promise.all([resolve(task), parts.prepare(task)]).then(
        () => settle({ kind: "ready", pullStartedAt, pullStoppedAt: parts.now() }),
        (error: unknown) => {
          // An engine that is being started again is no fault of the task.
          if (error instanceof EngineError && error.code === "Unavailable") setTimeout(() => settle({ kind: "unknown" }), retryMs).unref();
          else settle({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
        },
      );
    },
    resolve,
    forget: (taskId) => {
      states.delete(taskId);
      resolved.delete(taskId);
    },
    clear: async () => {
      if (fetched.size === 0) return;
      const { images } = await parts.engine();
      // One that a container still uses keeps its name.
      await Promise.allSettled([...fetched].map((reference) => images.remove(reference)));
      fetched.clear();
    },
  };
};

/** Answers with the name under which the engine has the image. One of ours is asked for by its digest, so that a moved tag is always followed. */
const fetchImage = async (name: string, task: TaskRecord, parts: Parts): Promise<string> => {
  const { images } = await parts.engine();
  const { port } = new URL(parts.endpoint());
  const own = parseOwnImage(name, { account: defaultAccount, region: defaultRegion, port });
  const call = own && parts.callFor(task, own.region);
  const wanted = own && call ? await ownReference(own, call, { name, port }) : name;
  if ((await images.find(wanted)) !== undefined) return wanted;
  try {
    await images.pull(wanted, own && call && parts.auth ? await credentialsOf(own, call) : undefined);
    return wanted;
  } catch (error) {
    throw error instanceof EngineError ? cannotPull(error.message) : error;
  }
};

const cannotPull = (why: string) => new PullError(`CannotPullContainerError: ${why}`);

const ownReference = async (image: OwnImage, call: Call, { name, port }: { name: string; port: string }): Promise<string> => {
  const { account, region, repository, tag, digest } = image;
  try {
    const { images } = await call("ecr", "BatchGetImage", {
      registryId: account,
      repositoryName: repository,
      imageIds: [digest === undefined ? { imageTag: tag } : { imageDigest: digest }],
    });
    const found = images?.[0]?.imageId?.imageDigest;
    if (found !== undefined) return `127.0.0.1:${port}/${account}.dkr.ecr.${region}/${repository}@${found}`;
  } catch (error) {
    if (error instanceof Fault) throw cannotPull(`failed to resolve ref ${name}: ${error.message}`);
    throw error;
  }
  throw cannotPull(`failed to resolve ref ${name}: ${name}: not found`);
};

const credentialsOf = async ({ account }: OwnImage, call: Call): Promise<RegistryCredentials> => {
  const { authorizationData } = await call("ecr", "GetAuthorizationToken", { registryIds: [account] });
  const text = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  return { username: "AWS", password: text.slice("AWS:".length) };
};
