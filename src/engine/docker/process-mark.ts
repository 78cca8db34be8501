import { readFileSync, readlinkSync } from "node:fs";

/** When a process began, in ticks since the machine did: a number that is given again has another. */
const beganAt = (pid: string): string | undefined => {
  try {
    // The name, in brackets, may hold blanks; the time is the twentieth word after it.
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
};

/** Where numbers of processes mean the same: this boot of this machine, and this namespace of processes. */
const placeOf = (): string | undefined => {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return undefined;
  }
};

/** Names this process, so that others can tell when it has died; empty where that can't be told. */
export const markProcess = (): string => {
  const [place, began] = [placeOf(), beganAt(String(process.pid))];
  return place && began ? `${place} ${process.pid} ${began}` : "";
};

/** Only if it is sure: a process of another machine, boot or namespace counts as alive. */
export const hasDied = (mark: string): boolean => {
  const match = /^(\S+ \S+) (\d+) (\d+)$/.exec(mark);
  return match !== null && match[1] === placeOf() && beganAt(match[2] ?? "") !== match[3];
};
