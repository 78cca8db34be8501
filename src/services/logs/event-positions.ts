import { invalidToken } from "./faults.ts";
import type { Position, StoredEvent } from "./logs.ts";

const digits = (value: number, width: number) => String(value).padStart(width, "0");

/** A place in a group's order as 56 digits, the form that AWS's event ids and tokens have. */
const writePosition = ({ at, sequence }: Position): string => digits(at, 20) + digits(sequence, 36);

const readPosition = (text: string): Position => ({ at: Number(text.slice(0, 20)), sequence: Number(text.slice(20)) });

export const eventIdOf = (event: StoredEvent): string => writePosition(event);

export const forwardToken = (position: Position): string => `f/${writePosition(position)}/s`;
export const backwardToken = (position: Position): string => `b/${writePosition(position)}/s`;

/** A token of GetLogEvents: forward reads what comes after its position, backward what comes before it. */
export const readEventToken = (token: string): { direction: "forward" | "backward"; position: Position } => {
  const [, direction, position] = /^([fb])\/(\d{56})\/s$/.exec(token) ?? [];
  if (position === undefined) throw invalidToken();
  return { direction: direction === "f" ? "forward" : "backward", position: readPosition(position) };
};

/** A token of FilterLogEvents: the position after which to go on. */
export const writeFilterToken = (position: Position): string => Buffer.from(writePosition(position)).toString("base64url");

export const readFilterToken = (token: string): Position => {
  const position = Buffer.from(token, "base64url").toString("latin1");
  if (!/^\d{56}$/.test(position)) throw invalidToken();
  return readPosition(position);
};
