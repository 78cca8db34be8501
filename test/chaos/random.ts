/** Random numbers that come again with their seed. */
export type Random = { below(limit: number): number; between(from: number, to: number): number };

/** The seed of the run: `TANDEM_TEST_SEED` repeats one. */
export const seedOfRun = (): number => Number(process.env["TANDEM_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** A linear congruential generator: enough to choose moments and sizes. */
export const newRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, between: (from, to) => from + below(to - from + 1) };
};
