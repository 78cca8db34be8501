import type { MapState } from "../definition.ts";
import { isArray, isObject, type Json, type JsonObject } from "../json.ts";
import { batchesOf } from "../map-run/batch.ts";
import { datasetOf, itemsInState, type ObjectSource } from "../map-run/dataset.ts";
import { itemView, selectItem, type Item } from "../map-run/item.ts";
import { itemReaderFailed } from "../map-run/reader-failure.ts";
import { itemContext } from "./context-object.ts";
import type { ItemsMocked, StateMocked } from "./events.ts";
import type { Thread } from "./execution.ts";
import { recover } from "./failure.ts";
import { leaveWith } from "./leave.ts";
import type { MapRunSpec, ReaderSpec } from "./map-run-spec.ts";
import { itemsOf } from "./maps.ts";
import type { Run } from "./run.ts";
import { evaluatePayload, selectedInput, viewOf } from "./view.ts";

/** Notes the items of a tested Map at each stage before its iterations; none of them is run. */
export const mockItems = async (run: Run, { thread: id, data }: ItemsMocked): Promise<void> => {
  const thread = run.thread(id);
  const state = run.state(thread);
  if (state.type !== "Map") return;
  if (thread.phase.kind === "mapRun") await noteDistributed(run, thread, { state, spec: thread.phase.run.spec, data });
  else await noteInline(run, thread, state);
};

/** Ends a tested Map or Parallel as the mock says; what would run inside of it is forgotten. */
export const mockState = async (run: Run, mocked: StateMocked): Promise<void> => {
  const { thread: id } = mocked;
  run.prune(id);
  run.phase(id, { kind: "running" });
  if ("output" in mocked) await leaveWith(run, id, { state: run.state(run.thread(id)), result: run.read(mocked.output) });
  else await recover(run, id, mocked);
};

const noteSelected = (run: Run, selected: readonly Json[]): void =>
  run.note(() => ({ items: selected.length, afterItemSelector: run.write(selected) }));

const noteInline = async (run: Run, thread: Thread, { flow, itemSelector }: MapState): Promise<void> => {
  const items = (run.execution.items[thread.id] ?? []).map((text) => run.read(text));
  const input = selectedInput(run, thread, flow);
  const select = async (item: Json, index: number): Promise<Json> =>
    itemSelector === undefined ? item : evaluatePayload(itemSelector, viewOf(run, thread, { input, item: itemContext(index, item) }));
  noteSelected(run, await Promise.all(items.map(select)));
};

type Dataset = { readonly state: MapState; readonly spec: MapRunSpec; readonly data: string | undefined };

const noteDistributed = async (run: Run, thread: Thread, { state, spec, data }: Dataset): Promise<void> => {
  const items =
    spec.reader !== undefined && data !== undefined
      ? await readGiven(run, spec.reader, data)
      : itemsInState(spec.items === undefined ? await givenAsRead(run, thread, state) : run.read(spec.items));
  const at = { nowMs: run.now, chance: run.chance };
  const selected: Json[] = [];
  // One after the other, so that what chance gives to each is the same every time.
  for (const item of items) selected.push(await selectItem(run.machine, spec, { ...at, item })); // oxlint-disable-line no-await-in-loop
  noteSelected(run, selected);
  if (spec.batcher === undefined) return;
  const batches: Json[] = [];
  for await (const { input } of batchesOf(
    spec.batcher,
    selected.map((value, index) => ({ index, value })),
  ))
    batches.push(run.read(input));
  run.note(() => ({ afterItemBatcher: run.write(batches) }));
};

/** Without the reader's data the state's input stands for what was read. */
const givenAsRead = async (run: Run, thread: Thread, state: MapState): Promise<Json> => {
  const input = selectedInput(run, thread, state.flow);
  const items = await itemsOf(state, viewOf(run, thread, { input }));
  run.note(() => ({ afterItemsPath: run.write(items) }));
  return items;
};

const readGiven = async (run: Run, reader: ReaderSpec, data: string): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const item of datasetOf({ items: undefined, reader }, sourceOf(data))) items.push(item);
  if (reader.itemsPointer !== undefined) run.note(() => ({ afterItemsPointer: run.write(asDataset(items)) }));
  return items;
};

/** The reader's calls, answered with the data of the test. */
const sourceOf = (data: string): ObjectSource => {
  const bytes = new TextEncoder().encode(data);
  return {
    get: async () => ({ bytes: once(bytes), sizeBytes: bytes.length }),
    getRange: async (_, from, to) => bytes.subarray(from, to),
    list: async () => ({ contents: listed(data), nextToken: undefined }),
  };
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What is listed comes as the operation answers, or as the array of objects alone. */
const listed = (data: string): JsonObject[] => {
  let found: Json;
  try {
    found = JSON.parse(data) as Json;
  } catch {
    throw itemReaderFailed("Attempting to read the item failed: it is not valid JSON.");
  }
  const contents = isObject(found) ? found["Contents"] : found;
  return isArray(contents) ? contents.filter(isObject) : [];
};

const asDataset = (items: readonly Item[]): Json =>
  items.some(({ key }) => key !== undefined)
    ? Object.fromEntries(items.map(({ key, value }) => [key ?? "", value]))
    : items.map(({ value }) => value);

/** What `$$.Map` shows inside of a distributed Map when a single state of it is tested: the first item, which is the input. */
export const firstItem = (value: Json, source: string | undefined): JsonObject =>
  itemView({ index: 0, value, ...(source === undefined ? {} : { source }) });
