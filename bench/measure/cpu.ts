import { readFileSync, readdirSync } from "node:fs";

const ticksASecond = 100;

type Times = { parent: number; ticks: number; ofTheReaped: number };

const timesOf = (pid: number): Times | undefined => {
  try {
    // The name, in parentheses, may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    const at = (index: number) => Number(fields[index]);
    return { parent: at(1), ticks: at(11) + at(12), ofTheReaped: at(13) + at(14) };
  } catch {
    return undefined;
  }
};

/** CPU time of a process alone, user and system, in microseconds (to 10 ms). */
export const processCpuMicros = (pid: number): number => ((timesOf(pid)?.ticks ?? 0) * 1e6) / ticksASecond;

/** CPU time of a process and its children, also those that have ended, in microseconds (to 10 ms). */
export const familyCpuMicros = (pid: number): number => {
  const own = timesOf(pid);
  const others = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const children = others.map((name) => timesOf(Number(name))).filter((times) => times?.parent === pid);
  const ticks = children.reduce((sum, times) => sum + (times?.ticks ?? 0), (own?.ticks ?? 0) + (own?.ofTheReaped ?? 0));
  return (ticks * 1e6) / ticksASecond;
};

/** Megabytes of memory that a process holds. */
export const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024e-6;
