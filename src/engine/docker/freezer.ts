import type Docker from "dockerode";
import { EngineError } from "../engine.ts";
import { findControlGroups, isFrozen, writeFreezer, type ControlGroups } from "./cgroups.ts";
import { asking, unless } from "./docker-fault.ts";

type Running = { id: string; pid: number; paused: boolean };

/** Stops and continues the processes of containers: by their control group where it can be written, else by the engine's pause. */
export class Freezer {
  readonly #docker: Docker;
  /** The groups of running containers by task: looked up once, since a thaw is on the way of an invocation. */
  readonly #tasks = new Map<string, Map<string, ControlGroups>>();
  /** The tasks frozen by a write: the engine does not know of it. What it paused itself it must let go itself. */
  readonly #written = new Set<string>();

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  groups(taskId: string, { id, pid }: { id: string; pid: number }): ControlGroups {
    const containers = this.#tasks.get(taskId) ?? new Map<string, ControlGroups>();
    const known = containers.get(id);
    if (known) return known;
    const found = findControlGroups({ id, pid });
    this.#tasks.set(taskId, containers.set(id, found));
    return found;
  }

  isFrozen(taskId: string, container: Running): boolean {
    return container.paused || isFrozen(this.groups(taskId, container));
  }

  /** Writes to the groups of a task without asking the engine anything. False when not all of them are known and in reach. */
  writeKnown(taskId: string, frozen: boolean): boolean {
    const containers = this.#tasks.get(taskId);
    if (containers === undefined || containers.size === 0 || (!frozen && !this.#written.has(taskId))) return false;
    if (![...containers.values()].every((groups) => writeFreezer(groups, frozen))) return false;
    if (frozen) this.#written.add(taskId);
    else this.#written.delete(taskId);
    return true;
  }

  async set(taskId: string, container: Running, frozen: boolean): Promise<void> {
    if (!container.paused && writeFreezer(this.groups(taskId, container), frozen)) return;
    if (container.paused === frozen) return;
    const handle = this.#docker.getContainer(container.id);
    await (frozen ? asking("NotFound", handle.pause()) : asking("NotFound", handle.unpause()));
  }

  /** Before a container is killed: in version 1 a frozen process does not even die. */
  async release(taskId: string, id: string): Promise<void> {
    const inspected = await unless([404], this.#docker.getContainer(id).inspect());
    if (!inspected?.State.Running) return;
    try {
      await this.set(taskId, { id, pid: inspected.State.Pid, paused: inspected.State.Paused }, false);
    } catch (error) {
      // Ended or thawed meanwhile.
      if (!(error instanceof EngineError) || error.code === "Unavailable") throw error;
    }
  }

  /** A container that does not run has no groups. */
  forget(taskId: string, id?: string): void {
    const containers = this.#tasks.get(taskId);
    if (id !== undefined) containers?.delete(id);
    if (id !== undefined && containers?.size !== 0) return;
    this.#tasks.delete(taskId);
    this.#written.delete(taskId);
  }
}
