import type { FunctionRows } from "./function-rows.ts";
import type { FunctionName } from "./lambda.ts";

const maxEntries = 10_000;

/** Remembers reads until the next change: an invocation asks for its function and its version each time. This process is the only writer. */
export const cachedFunctions = (rows: FunctionRows): FunctionRows => {
  const known = new Map<string, unknown>();
  let changes = 0;

  const remembered = async <T>(key: string, read: () => Promise<T>): Promise<T> => {
    if (known.has(key)) return known.get(key) as T;
    const before = changes;
    const found = await read();
    // What was read while something changed may be what was there before.
    if (before === changes && found !== undefined && known.size < maxEntries) known.set(key, found);
    return found;
  };

  const forgetting =
    <Args extends unknown[], T>(change: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      changes += 1;
      known.clear();
      try {
        return await change(...args);
      } finally {
        changes += 1;
        known.clear();
      }
    };

  const keyOf = ({ account, region, name }: FunctionName, version = "") => `${account}/${region}/${name}/${version}`;
  return {
    ...rows,
    find: (fn) => remembered(keyOf(fn), () => rows.find(fn)),
    findVersion: (fn, version) => remembered(keyOf(fn, version), () => rows.findVersion(fn, version)),
    add: forgetting(rows.add),
    replaceLatest: forgetting(rows.replaceLatest),
    setState: forgetting(rows.setState),
    publish: forgetting(rows.publish),
    setConcurrency: forgetting(rows.setConcurrency),
    setTags: forgetting(rows.setTags),
    remove: forgetting(rows.remove),
    removeVersion: forgetting(rows.removeVersion),
    clear: forgetting(rows.clear),
  };
};
