/** Memory in MiB that goes with each CPU value. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
const memoryFor: Readonly<Record<number, { from: number; to: number; step: number }>> = {
  512: { from: 1024, to: 4096, step: 1024 },
  1024: { from: 2048, to: 8192, step: 1024 },
  2048: { from: 4096, to: 16_384, step: 1024 },
  4096: { from: 8192, to: 30_720, step: 1024 },
  8192: { from: 16_384, to: 61_440, step: 4096 },
  16_384: { from: 32_768, to: 122_880, step: 8192 },
};

export const isFargateSize = (cpuUnits: number, memoryMib: number): boolean => {
  if (cpuUnits === 256) return [512, 1024, 2048].includes(memoryMib);
  const range = memoryFor[cpuUnits];
  return range !== undefined && memoryMib >= range.from && memoryMib <= range.to && (memoryMib - range.from) % range.step === 0;
};

/** `256`, `.25 vCPU` and `1 vcpu` in CPU units; undefined when it is none of them. */
export const parseCpu = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text);
  const [, cores] = /^(\d*\.?\d+)\s*vcpu$/i.exec(text.trim()) ?? [];
  return cores === undefined ? undefined : Math.round(Number(cores) * 1024);
};

/** `512`, `0.5 GB` and `1GB` in MiB. */
export const parseMemory = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text);
  const [, gigabytes] = /^(\d*\.?\d+)\s*gb$/i.exec(text.trim()) ?? [];
  return gigabytes === undefined ? undefined : Math.round(Number(gigabytes) * 1024);
};
