/**
 * A stream of many small things, handed on in runs: a step of an async generator costs more than most items do.
 * Each run is lazy and must be gone through before the next is asked for.
 */
export type Batched<T> = AsyncGenerator<Iterable<T>>;
