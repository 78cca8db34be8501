import { AppError } from "../app-error.ts";

/** CPU units and the memory that goes with them, in MiB: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html */
const sizes: readonly { cpuUnits: number; memoryMib: readonly number[] }[] = [
  { cpuUnits: 256, memoryMib: [512, 1024, 2048] },
  { cpuUnits: 512, memoryMib: [1024, 2048, 3072, 4096] },
  { cpuUnits: 1024, memoryMib: gibs(2, 8, 1) },
  { cpuUnits: 2048, memoryMib: gibs(4, 16, 1) },
  { cpuUnits: 4096, memoryMib: gibs(8, 30, 1) },
  { cpuUnits: 8192, memoryMib: gibs(16, 60, 4) },
  { cpuUnits: 16_384, memoryMib: gibs(32, 120, 8) },
];

function gibs(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => (from + index * step) * 1024);
}

export type FargateSize = { cpuUnits: number; memoryMib: number };

/** The smallest size that Fargate has with at least so much of both. */
export const fargateSize = (name: string, cpuUnits: number, memoryMib: number): FargateSize => {
  for (const size of sizes) {
    if (size.cpuUnits < cpuUnits) continue;
    const fitting = size.memoryMib.find((each) => each >= memoryMib);
    if (fitting !== undefined) return { cpuUnits: size.cpuUnits, memoryMib: fitting };
  }
  throw new AppError(`task "${name}": there is no size with ${cpuUnits} CPU units and ${memoryMib} MiB; the largest is 16384 and 122880.`);
};
