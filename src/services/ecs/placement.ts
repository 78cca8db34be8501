/** What a task reserves. */
export type Need = { cpuUnits: number; memoryBytes: number };

/** What there is, and what is taken by others than the tasks of this service. */
export type Room = { cpuUnits: number; memoryBytes: number; othersCpuUnits: number; othersMemoryBytes: number };

export type Shortage = "RESOURCE:CPU" | "RESOURCE:MEMORY";

/** What is lacking for a task beside those that are placed already; undefined when it fits. */
export const shortageOf = (need: Need, placed: Need, room: Room): Shortage | undefined => {
  if (placed.memoryBytes + room.othersMemoryBytes + need.memoryBytes > room.memoryBytes) return "RESOURCE:MEMORY";
  if (placed.cpuUnits + room.othersCpuUnits + need.cpuUnits > room.cpuUnits) return "RESOURCE:CPU";
  return undefined;
};

/**
 * What others have reserved of the engine. Tasks that have just started may be in the engine's sum already, though not yet known as running: then others
 * seem to have more than they do, and whoever asks now asks again.
 */
export const othersShare = (engineReserved: Need, running: Need): Need => ({
  cpuUnits: Math.max(0, engineReserved.cpuUnits - running.cpuUnits),
  memoryBytes: Math.max(0, engineReserved.memoryBytes - running.memoryBytes),
});

/** What remains, for a container instance's description. */
export const remaining = (placed: Need, room: Room): Need => ({
  cpuUnits: Math.max(0, room.cpuUnits - room.othersCpuUnits - placed.cpuUnits),
  memoryBytes: Math.max(0, room.memoryBytes - room.othersMemoryBytes - placed.memoryBytes),
});

export const waitingReason = (shortage: Shortage, need: Need): string =>
  shortage === "RESOURCE:CPU"
    ? `RESOURCE:CPU: the task needs ${need.cpuUnits} CPU units, and the machine has not as many free.`
    : `RESOURCE:MEMORY: the task needs ${Math.ceil(need.memoryBytes / (1 << 20))} MiB of memory, and the machine has not as much free.`;
