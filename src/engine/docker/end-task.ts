import type Docker from "dockerode";
import { stopOrder } from "../plan-start.ts";
import { unless } from "./docker-fault.ts";
import type { Freezer } from "./freezer.ts";
import { label, splitNames } from "./labels.ts";
import type { ObservedTask, Observer } from "./observe.ts";
import type { TaskNetworks } from "./task-networks.ts";

type Ending = { docker: Docker; observer: Observer; freezer: Freezer; networks: TaskNetworks };

/** Asks containers to end, dependents before what they depend on, and kills them when their time is up. */
export const stopTask = async ({ docker, freezer }: Ending, task: ObservedTask, graceSeconds: number): Promise<void> => {
  const running = task.containers.filter((container) => container.State.Running);
  await Promise.all(running.map((container) => freezer.release(task.status.id, container.Id)));
  const byName = new Map(running.map((container) => [container.Config.Labels[label.container] ?? "", container]));
  const order = stopOrder(
    [...byName].map(([name, container]) => ({ name, dependsOn: splitNames(container.Config.Labels[label.dependsOn]) })),
  );
  for (const group of order) {
    await Promise.all(
      group.map(async (name) => {
        const container = byName.get(name);
        if (!container) return;
        const own = container.Config.Labels[label.stopTimeout];
        const t = Math.ceil(own === undefined ? graceSeconds : Number(own));
        await unless([304, 404], docker.getContainer(container.Id).stop({ t }));
      }),
    );
  }
};

/** Waits out a removal that someone else has begun, so that names and volumes are free when this returns. */
const removeContainer = async (docker: Docker, id: string): Promise<void> => {
  const container = docker.getContainer(id);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    await unless([404, 409], container.remove({ force: true, v: true }));
    if ((await unless([404], container.inspect())) === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Removes all that belongs to a task: its containers, its sandbox, its volumes. */
export const removeTask = async ({ docker, observer, freezer, networks }: Ending, taskId: string): Promise<void> => {
  const containers = await observer.containers([`${label.task}=${taskId}`]);
  const members = containers.filter((container) => container.Labels[label.role] === "container");
  await Promise.all(
    members.map(async ({ Id, State }) => {
      if (State === "running" || State === "paused") await freezer.release(taskId, Id);
      await removeContainer(docker, Id);
    }),
  );
  freezer.forget(taskId);
  const sandboxes = new Set([
    ...members.flatMap(({ Labels }) => Labels[label.sandbox] || []),
    ...containers.flatMap(({ Id, Labels }) => (Labels[label.role] === "sandbox" ? [Id] : [])),
  ]);
  await Promise.all([...sandboxes].map((id) => networks.remove(id)));
  if (members.some(({ Mounts }) => Mounts.some((mount) => mount.Type === "volume"))) await removeVolumes(docker, observer.cloudId, taskId);
};

const removeVolumes = async (docker: Docker, cloudId: string, taskId: string): Promise<void> => {
  const filters = JSON.stringify({ label: [`${label.cloud}=${cloudId}`, `${label.task}=${taskId}`] });
  const found = await unless([], docker.listVolumes({ filters } as unknown as Docker.VolumeListOptions));
  await Promise.all((found?.Volumes ?? []).map(({ Name }) => unless([404, 409], docker.getVolume(Name).remove())));
};
