export type Variant = {
  name: string;
  /** Does what is measured, and answers with how often. */
  round(): Promise<number>;
  /** CPU time so far of other processes that work for it, microseconds. */
  otherCpuMicros?: () => number;
};

export type Spread = { median: number; min: number; max: number };

export type Measured = {
  name: string;
  perSecond: Spread;
  /** CPU time of this process, all threads, and of those that work for the variant, microseconds. */ cpuMicrosEach: Spread;
};

/**
 * Measures variants in turns, so that a noisy moment hits all of them, after one round that does not count.
 */
export const measureRounds = async (variants: readonly Variant[], rounds: number): Promise<Measured[]> => {
  const figures = variants.map(() => ({ perSecond: [] as number[], cpuMicrosEach: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    for (const [index, variant] of variants.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- in turns
      const one = await measureRound(variant);
      if (round < 0) continue;
      figures[index]?.perSecond.push(one.perSecond);
      figures[index]?.cpuMicrosEach.push(one.cpuMicrosEach);
    }
  }
  return variants.map(({ name }, index) => ({
    name,
    perSecond: spreadOf(figures[index]?.perSecond ?? []),
    cpuMicrosEach: spreadOf(figures[index]?.cpuMicrosEach ?? []),
  }));
};

const measureRound = async ({ round, otherCpuMicros }: Variant) => {
  const others = otherCpuMicros?.() ?? 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const count = await round();
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: count / seconds, cpuMicrosEach: (user + system + (otherCpuMicros?.() ?? 0) - others) / count };
};

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
};

/** Keeps `count` workers busy until `total` calls are done. */
export const concurrently = async (count: number, total: number, call: (index: number) => Promise<unknown>): Promise<number> => {
  let next = 0;
  const work = async () => {
    // oxlint-disable-next-line no-await-in-loop -- each worker does one at a time
    while (next < total) await call(next++);
  };
  await Promise.all(Array.from({ length: count }, work));
  return total;
};
