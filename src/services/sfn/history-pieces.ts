import type { HistoryEvent } from "./language/interpreter/history.ts";

/** Consecutive events as JSON without brackets, so that pieces can be joined. */
export type HistoryPiece = { readonly firstId: number; readonly texts: string };

/** One piece of all events, or none. */
export const historyPieces = (events: readonly HistoryEvent[]): HistoryPiece[] =>
  events.slice(0, 1).map(({ id }) => ({ firstId: id, texts: JSON.stringify(events).slice(1, -1) }));

/** The JSON array of all their events. */
export const textOf = (pieces: readonly HistoryPiece[]): string => `[${pieces.map(({ texts }) => texts).join(",")}]`;
