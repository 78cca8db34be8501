import type Docker from "dockerode";
import type { ContainerStatus, TaskStatus } from "../engine.ts";
import { asking, unless } from "./docker-fault.ts";
import type { Freezer } from "./freezer.ts";
import { label } from "./labels.ts";
import { containerStatus, taskStatus, type Inspected } from "./task-status.ts";

/** So many questions to Docker at once; more only wait in its queue. */
const concurrentInspections = 8;

export type ObservedTask = { status: TaskStatus; labels: Readonly<Record<string, string>>; containers: readonly Inspected[] };

const mapLimited = async <A, B>(items: readonly A[], map: (item: A) => Promise<B>): Promise<B[]> => {
  const results: B[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrentInspections, items.length) }, work));
  return results;
};

/** Looks at tasks through Docker, which holds all there is to know of them. */
export class Observer {
  readonly cloudId: string;
  readonly #docker: Docker;
  readonly #freezer: Freezer;
  readonly #digests = new Map<string, string>();

  constructor(docker: Docker, cloudId: string, freezer: Freezer) {
    this.#docker = docker;
    this.cloudId = cloudId;
    this.#freezer = freezer;
  }

  async task(taskId: string): Promise<ObservedTask | undefined> {
    return (await this.#tasks([`${label.task}=${taskId}`]))[0];
  }

  tasks(): Promise<ObservedTask[]> {
    return this.#tasks([]);
  }

  async status(inspected: Inspected): Promise<ContainerStatus> {
    const taskId = inspected.Config.Labels[label.task] ?? "";
    const { Pid, Running, Paused } = inspected.State;
    const frozen = Running && this.#freezer.isFrozen(taskId, { id: inspected.Id, pid: Pid, paused: Paused });
    if (!Running) this.#freezer.forget(taskId, inspected.Id);
    return containerStatus(inspected, { frozen, imageDigest: await this.#digestOf(inspected.Image) });
  }

  /** Containers of this cloud, in no order, with one question. */
  containers(labels: readonly string[]): Promise<Docker.ContainerInfo[]> {
    const filters = JSON.stringify({ label: [`${label.cloud}=${this.cloudId}`, ...labels] });
    return asking("Unavailable", this.#docker.listContainers({ all: true, filters }));
  }

  async #tasks(filters: readonly string[]): Promise<ObservedTask[]> {
    const found = await this.containers([`${label.role}=container`, ...filters]);
    const inspected = await mapLimited(found, ({ Id }) => unless([404], this.#docker.getContainer(Id).inspect()));
    const groups = Map.groupBy(
      inspected.filter((one) => one !== undefined),
      (one) => one.Config.Labels[label.task] ?? "",
    );
    return mapLimited([...groups.values()], async (containers) => {
      const labels = containers[0]?.Config.Labels ?? {};
      const statuses = await Promise.all(containers.map((container) => this.status(container)));
      return { status: taskStatus(labels, statuses), labels, containers };
    });
  }

  /** The digest under which a registry gave the image; an image that was only built has none. */
  async #digestOf(imageId: string): Promise<string | undefined> {
    const known = this.#digests.get(imageId);
    if (known !== undefined) return known || undefined;
    const image = await unless([404], this.#docker.getImage(imageId).inspect());
    const digest = image?.RepoDigests?.[0]?.split("@")[1] ?? "";
    if (this.#digests.size > 1_000) this.#digests.clear();
    this.#digests.set(imageId, digest);
    return digest || undefined;
  }
}
