import type { Log } from "#wire/context.ts";

const levels = ["debug", "info", "warn", "error"] as const;

/** One JSON line an entry on stderr, as pino writes it. Errors keep their stack; values under names of secrets are never written. */
export const newLog = (level: (typeof levels)[number], now: () => number): Log => {
  const write = (at: (typeof levels)[number]) => (fields: Record<string, unknown>, message: string) => {
    if (levels.indexOf(at) < levels.indexOf(level)) return;
    process.stderr.write(`${JSON.stringify({ level: at, time: now(), ...fields, msg: message }, redact)}\n`);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
};

const secret = /secret|password|token|authorization/i;

const redact = (key: string, value: unknown): unknown => {
  if (secret.test(key)) return "[redacted]";
  return value instanceof Error
    ? { name: value.name, message: value.message, stack: value.stack, ...(value.cause ? { cause: value.cause } : {}) }
    : value;
};
