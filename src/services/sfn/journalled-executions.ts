import { Journal } from "#reconcile/journal.ts";
import { prepareWrite } from "#store/statement.ts";
import type { Store } from "#store/store.ts";
import { runsOn } from "./execution-rows.ts";
import type { Change, ExecutionRecord, ExecutionRows } from "./execution-rows.ts";
import { historyPieces, textOf } from "./history-pieces.ts";
import type { HistoryPiece } from "./history-pieces.ts";
import type { HistoryEvent } from "./language/interpreter/history.ts";
import { changeOf, withChange } from "./language/interpreter/changes.ts";
import type { ExecutionChange } from "./language/interpreter/changes.ts";
import type { SfnTables } from "./tables.ts";

type Parts = {
  store: Store;
  rows: ExecutionRows;
  /** Calls `settle` here in the execution's turn. */
  settleInTurn(arn: string): Promise<void>;
  failed(error: unknown): void;
};

export type JournalledExecutions = ReturnType<typeof newJournalledExecutions>;

/**
 * Executions as the rows and the journal together say. A step that leaves an execution running, and needs no rows of its own, is one append; others
 * write the rows, and with them what the journal has of that execution.
 */
export const newJournalledExecutions = ({ store, rows, settleInTurn, failed }: Parts) => {
  const append = prepareWrite(store.read<SfnTables>().insertInto("sfn_journal").values({ number: 0, steps: "" }));
  const drop = (upTo: number) =>
    store.transaction<SfnTables, unknown>((tx) => tx.deleteFrom("sfn_journal").where("number", "<=", upTo).execute());
  const journal = new Journal<ExecutionRecord, readonly HistoryPiece[]>({
    append: (number, steps) => store.write(append(number, `[${steps.join(",")}]`)),
    settle: settleInTurn,
    drop,
    failed,
  });
  const earlierOf = (arn: string): HistoryPiece[] => journal.get(arn)?.notes.flat() ?? [];
  const isBehind = (arn: string) => journal.get(arn) !== undefined;

  return {
    ...rows,
    find: async (arn: string): Promise<ExecutionRecord | undefined> => journal.get(arn)?.state ?? rows.find(arn),
    /** False, and nothing written, when a new execution's name is taken. */
    commit: async (change: Change, now: number): Promise<boolean> => {
      const { record } = change;
      const pieces = historyPieces(change.history);
      if (isStep(change) && isShort(pieces) && !journal.isFull(record.arn)) {
        await journal.append({ key: record.arn, state: record, text: entryOf(change, pieces), note: pieces });
        return true;
      }
      const isDone = await rows.commit({ ...change, pieces: [...earlierOf(record.arn), ...pieces] }, now);
      if (isDone) journal.settled(record.arn);
      return isDone;
    },
    /** Writes the rows of an execution that are behind. To be called in its turn. */
    settle: async (arn: string): Promise<void> => {
      const unsettled = journal.get(arn);
      if (unsettled) await rows.settle(unsettled.state, earlierOf(arn));
      journal.settled(arn);
    },
    /** Writes all rows that are behind. */
    settleAll: (): Promise<void> => journal.settle(),
    /** To be called before what `settleInTurn` calls is closed. */
    close: (): Promise<void> => journal.close(),
    /** The events of a range of ids, both inclusive. */
    history: async (arn: string, from: number, to: number): Promise<HistoryEvent[]> => {
      const earlier = earlierOf(arn);
      const events = await rows.history(arn, from, to);
      // What has been settled meanwhile is in both.
      const first = Math.max(from, (events.at(-1)?.id ?? 0) + 1);
      const unsettled = JSON.parse(textOf(earlier)) as HistoryEvent[];
      return [...events, ...unsettled.filter(({ id }) => id >= first && id <= to)];
    },
    due: async (now: number, limit: number): Promise<string[]> => {
      const unsettled = [...journal.all()];
      const due = unsettled.filter(([, { state }]) => wakeOf(state) <= now).map(([arn]) => arn);
      const settled = await rows.due(now, limit + unsettled.length);
      return [...due, ...settled.filter((arn) => !isBehind(arn))].slice(0, limit);
    },
    /** When the first one is due after a moment; it may turn out to have moved on. */
    nextWake: async (after: number): Promise<number | undefined> => {
      const wakes = Array.from(journal.all(), ([, { state }]) => wakeOf(state)).filter((at) => at > after);
      const first = Math.min((await rows.nextWake(after)) ?? never, ...wakes);
      return first === never ? undefined : first;
    },
    /** An execution that has ended. Its name may be used again, so the journal must not have it any more. */
    remove: async (arn: string): Promise<void> => {
      await journal.settle();
      await rows.remove(arn);
    },
    clear: async (): Promise<void> => {
      await rows.clear();
      for (const [arn] of journal.all()) journal.settled(arn);
    },
    /** Takes up what the journal of an earlier process has. To be called before anything else. */
    recover: async (): Promise<void> => {
      const found = await store.read<SfnTables>().selectFrom("sfn_journal").selectAll().orderBy("number").execute();
      const steps = found.flatMap(({ steps: texts }) => JSON.parse(texts) as Step[]);
      await Promise.all(
        Array.from(
          Map.groupBy(steps, ({ arn }) => arn),
          async ([arn, all]) => {
            const record = await rows.find(arn);
            const news = all.filter(({ step }) => record && step > record.step);
            if (record && news.length > 0)
              await rows.settle(
                news.reduce(caughtUp, record),
                news.flatMap(({ history }) => historyPieces(history)),
              );
          },
        ),
      );
      const last = found.at(-1);
      if (last) await drop(last.number);
    },
  };
};

const never = Number.POSITIVE_INFINITY;
const wakeOf = ({ wakeAt = never }: ExecutionRecord): number => wakeAt;

/** Longer texts are not worth being written twice. */
const longestText = 64 << 10;
const isShort = (pieces: readonly HistoryPiece[]): boolean => pieces.every(({ texts }) => texts.length <= longestText);

/** Whether a change needs no more than an entry. */
const isStep = (change: Change): boolean => runsOn(change) && change.newTasks.length === 0 && change.mapRuns.length === 0;

type Step = { arn: string; step: number; execution: ExecutionChange; wakeAt: number | undefined; history: readonly HistoryEvent[] };

const entryOf = ({ record, before }: Change, pieces: readonly HistoryPiece[]): string => {
  const { arn, step, execution, wakeAt } = record;
  const rest: Omit<Step, "history"> = { arn, step, execution: changeOf(before?.execution ?? execution, execution), wakeAt };
  return `{"history":${textOf(pieces)},${JSON.stringify(rest).slice(1)}`;
};

const caughtUp = (record: ExecutionRecord, { step, execution, wakeAt }: Step): ExecutionRecord => ({
  ...record,
  execution: withChange(record.execution, execution),
  wakeAt,
  step,
});
