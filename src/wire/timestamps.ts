import { NormalizedSchema } from "./schema.ts";

export type TimestampFormat = "date-time" | "http-date" | "epoch-seconds";

const formats: Readonly<Record<number, TimestampFormat>> = { 5: "date-time", 6: "http-date", 7: "epoch-seconds" };

/** A timestamp's own format trait, or what its place on the wire uses. */
export const timestampFormat = (schema: NormalizedSchema, otherwise: TimestampFormat): TimestampFormat =>
  formats[schema.getSchema() as unknown as number] ?? otherwise;

export const parseTimestamp = (format: TimestampFormat, text: string): Date =>
  format === "epoch-seconds" ? new Date(Number(text) * 1000) : new Date(text);

export const formatTimestamp = (format: TimestampFormat, date: Date): string => {
  if (format === "http-date") return date.toUTCString();
  return format === "epoch-seconds" ? String(date.getTime() / 1000) : date.toISOString();
};
