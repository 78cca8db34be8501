import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Limits } from "../engine.ts";

/** The control groups of a container as folders of this machine; empty when they are out of reach (another machine, not root). */
export type ControlGroups = { version: 1 | 2; folderOf: (controller: string) => string } | undefined;

const root = "/sys/fs/cgroup";

/** Reads where a process's groups are. The path must name the container: with a remote engine the pid is a stranger's here. */
export const findControlGroups = (container: { id: string; pid: number }): ControlGroups => {
  if (container.pid <= 0) return undefined;
  let text: string;
  try {
    text = readFileSync(`/proc/${container.pid}/cgroup`, "utf8");
  } catch {
    return undefined;
  }
  const rows = text.split("\n").map((line) => line.split(":"));
  const paths = new Map(
    rows.flatMap(([, controllers, ...path]) => (controllers ?? "").split(",").map((name) => [name, path.join(":")] as const)),
  );
  const freezer = paths.get("freezer");
  if (freezer?.includes(container.id)) {
    return { version: 1, folderOf: (controller) => join(root, controller, paths.get(controller) ?? freezer) };
  }
  const unified = paths.get("");
  if (!unified?.includes(container.id) || !existsSync(join(root, unified, "cgroup.freeze"))) return undefined;
  return { version: 2, folderOf: () => join(root, unified) };
};

const written = (path: string, value: string): boolean => {
  try {
    writeFileSync(path, value);
    return true;
  } catch {
    return false;
  }
};

const freezerFile = (groups: NonNullable<ControlGroups>): string =>
  join(groups.folderOf("freezer"), groups.version === 1 ? "freezer.state" : "cgroup.freeze");

/** Freezes or thaws by one write, some ten times faster than the engine's pause. False when it can't. */
export const writeFreezer = (groups: ControlGroups, frozen: boolean): boolean => {
  if (!groups) return false;
  const value = groups.version === 1 ? (frozen ? "FROZEN" : "THAWED") : frozen ? "1" : "0";
  return written(freezerFile(groups), value);
};

export const isFrozen = (groups: ControlGroups): boolean => {
  if (!groups) return false;
  try {
    const text = readFileSync(freezerFile(groups), "utf8").trim();
    return text === "FROZEN" || text === "FREEZING" || text === "1";
  } catch {
    return false;
  }
};

const quotaPeriod = 100_000;

const quotaOf = (limits: Limits): string => {
  if (!limits.cpuIsHard || !limits.cpuUnits) return "";
  return String(Math.max(1_000, Math.round((limits.cpuUnits / 1024) * quotaPeriod)));
};

/** Version 2 weighs from 1 to 10,000; this is how runc translates the shares of version 1. */
const weightOf = (shares: number): number => Math.max(1, Math.floor(1 + ((shares - 2) * 9_999) / 262_142));

const files = (groups: NonNullable<ControlGroups>, limits: Limits): [path: string, value: string][] => {
  const at = (controller: string, file: string): string => join(groups.folderOf(controller), file);
  const shares = Math.max(2, limits.cpuUnits ?? 0);
  const quota = quotaOf(limits);
  if (groups.version === 2) {
    return [
      ...(limits.cpuUnits ? [[at("cpu", "cpu.weight"), String(weightOf(shares))] as [string, string]] : []),
      ...(quota ? [[at("cpu", "cpu.max"), `${quota} ${quotaPeriod}`] as [string, string]] : []),
      ...(limits.memoryBytes ? [[at("memory", "memory.max"), String(limits.memoryBytes)] as [string, string]] : []),
      ...(limits.pids ? [[at("pids", "pids.max"), String(limits.pids)] as [string, string]] : []),
    ];
  }
  return [
    ...(limits.cpuUnits ? [[at("cpu", "cpu.shares"), String(shares)] as [string, string]] : []),
    ...(quota ? [[at("cpu", "cpu.cfs_quota_us"), quota] as [string, string]] : []),
    ...(limits.pids ? [[at("pids", "pids.max"), String(limits.pids)] as [string, string]] : []),
  ];
};

/** With swap counted, version 1 wants the two ceilings moved in an order that never has memory above memory with swap. */
const writeMemory = (groups: NonNullable<ControlGroups>, bytes: number): boolean => {
  const plain = join(groups.folderOf("memory"), "memory.limit_in_bytes");
  const withSwap = join(groups.folderOf("memory"), "memory.memsw.limit_in_bytes");
  if (!existsSync(withSwap)) return written(plain, String(bytes));
  if (written(plain, String(bytes))) return written(withSwap, String(bytes));
  return written(withSwap, String(bytes)) && written(plain, String(bytes));
};

/** Sets the limits by writing them. False when any could not be. */
export const writeLimits = (groups: ControlGroups, limits: Limits): boolean => {
  if (!groups) return false;
  if (groups.version === 1 && limits.memoryBytes && !writeMemory(groups, limits.memoryBytes)) return false;
  return files(groups, limits).every(([path, value]) => written(path, value));
};
