import type { Machine } from "../language/definition.ts";
import { SeededChance } from "../language/interpreter/chance.ts";
import type { MapRunSpec } from "../language/interpreter/map-run-spec.ts";
import { batchesOf } from "../language/map-run/batch.ts";
import type { Batch } from "../language/map-run/batch.ts";
import { datasetOf } from "../language/map-run/dataset.ts";
import type { ObjectSource } from "../language/map-run/dataset.ts";
import { selectItem } from "../language/map-run/item.ts";
import type { Item } from "../language/map-run/item.ts";
import type { ChildRows } from "./child-rows.ts";

type Parts = {
  machine: Machine;
  spec: MapRunSpec;
  mapRunArn: string;
  source: ObjectSource;
  children: Pick<ChildRows, "given">;
  now: () => number;
  newId: () => string;
};

const page = 1000;

/** The batches of a map run's dataset that no child has been given yet, read as they are asked for. */
export class Batches {
  readonly #parts: Parts;
  readonly #batches: AsyncGenerator<Batch>;
  #seen = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#batches = batchesOf(parts.spec.batcher, this.#selected());
  }

  /** Items of the dataset that were read; all of them when no batch is left. */
  get itemsSeen(): number {
    return this.#seen;
  }

  /** At most so many more; fewer than that means the dataset is at its end. */
  async take(most: number): Promise<Batch[]> {
    const taken: Batch[] = [];
    while (taken.length < most) {
      // oxlint-disable-next-line no-await-in-loop -- a stream, one after the other
      const { done, value } = await this.#batches.next();
      if (done) break;
      taken.push(value);
    }
    return taken;
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }

  async *#selected(): AsyncGenerator<{ index: number; value: Item["value"] }> {
    const { machine, spec, source, now, newId } = this.#parts;
    const given = new Given(this.#parts);
    for await (const item of datasetOf(spec, source)) {
      this.#seen = item.index + 1;
      if (await given.has(item.index)) continue;
      yield { index: item.index, value: await selectItem(machine, spec, { item, nowMs: now(), chance: new SeededChance(newId()) }) };
    }
  }
}

/** Which items have a child already, asked for in their order. */
class Given {
  readonly #parts: Pick<Parts, "mapRunArn" | "children">;
  #ranges: { firstItem: number; items: number }[] = [];
  #isLast = false;

  constructor(parts: Pick<Parts, "mapRunArn" | "children">) {
    this.#parts = parts;
  }

  async has(index: number): Promise<boolean> {
    while (this.#ranges[0] && index >= this.#ranges[0].firstItem + this.#ranges[0].items) this.#ranges.shift();
    if (this.#ranges.length === 0 && !this.#isLast) {
      this.#ranges = await this.#parts.children.given(this.#parts.mapRunArn, index, page);
      // What is given from now on lies behind what is read.
      this.#isLast = this.#ranges.length < page;
    }
    const [next] = this.#ranges;
    return next !== undefined && index >= next.firstItem && index < next.firstItem + next.items;
  }
}
