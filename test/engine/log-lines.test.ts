import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readFrames, type Frame } from "#engine/docker/frames.ts";
import { LineReader, parseMicroseconds, sinceOf } from "#engine/docker/log-lines.ts";
import type { LogLine, LogPosition } from "#engine/engine.ts";

const startMicroseconds = 1_795_248_000_000_000;

type Written = { microseconds: number; stream: Frame["stream"]; text: string };

const stamp = (microseconds: number): string =>
  `${new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, 19)}.${String(microseconds % 1_000_000).padStart(6, "0")}123Z`;

/** What Docker gives of a log since a position. */
const framesSince = (log: readonly Written[], { timestamp }: LogPosition): Frame[] =>
  log
    .filter((line) => line.microseconds >= timestamp)
    .map((line) => ({ stream: line.stream, bytes: Buffer.from(`${stamp(line.microseconds)} ${line.text}\n`) }));

const readFrom = (log: readonly Written[], position: LogPosition): LogLine[] => {
  const reader = new LineReader(position);
  reader.rewind();
  return framesSince(log, position).flatMap((frame) => [...reader.read(frame)]);
};

/** Lines in the order they were written, some stamped up to two milliseconds before the one written before them. */
const logOf = fc
  .array(
    fc.record({
      gap: fc.oneof(fc.nat(300), fc.nat(200_000)),
      early: fc.nat(2_000),
      stream: fc.constantFrom("stdout" as const, "stderr" as const),
    }),
    {
      maxLength: 60,
    },
  )
  .map((lines) => {
    let at = startMicroseconds;
    return lines.map(({ gap, early, stream }, index): Written => {
      at += gap;
      return { microseconds: at - (gap < 1_000 ? early : 0), stream, text: `line ${index}` };
    });
  });

test("reading goes on exactly after any line, whatever the times", () => {
  fc.assert(
    fc.property(logOf, fc.nat(60), (log, cut) => {
      const all = readFrom(log, { timestamp: 0, lines: 0 });
      assert.deepEqual(
        all.map((line) => line.text),
        log.map((line) => line.text),
      );
      const last = all[Math.min(cut, all.length - 1)];
      if (!last) return;
      const rest = readFrom(log, last.position);
      assert.deepEqual(
        [...all.slice(0, all.indexOf(last) + 1), ...rest].map((line) => line.text),
        log.map((line) => line.text),
      );
      assert.deepEqual(rest.at(-1)?.position ?? last.position, all.at(-1)?.position);
    }),
  );
});

test("a line that comes in parts is one line, and one without an end is given at the end", () => {
  const reader = new LineReader({ timestamp: 0, lines: 0 });
  const frame = (text: string): Frame => ({ stream: "stdout", bytes: Buffer.from(`${stamp(startMicroseconds)} ${text}`) });
  assert.deepEqual([...reader.read(frame("one "))], []);
  assert.deepEqual(
    [...reader.read(frame("line\n")), ...reader.read(frame("rest")), ...reader.end()].map((line) => line.text),
    ["one line", "rest"],
  );
});

test("times keep their microseconds on the way to the engine and back", () => {
  const at = parseMicroseconds("2026-11-21T07:36:28.530607009Z");
  assert.equal(at, Date.parse("2026-11-21T07:36:28.530Z") * 1000 + 607);
  assert.equal(sinceOf({ timestamp: at, lines: 0 }), `${Math.floor(at / 1_000_000)}.530607000`);
  assert.equal(parseMicroseconds("2026-11-21T07:36:28Z") % 1_000_000, 0);
  assert.equal(sinceOf({ timestamp: 0, lines: 0 }), undefined);
});

test("frames are found however the stream is cut", async () => {
  const frames = fc.array(fc.record({ stream: fc.constantFrom("stdout" as const, "stderr" as const), text: fc.string({ maxLength: 30 }) }));
  await fc.assert(
    fc.asyncProperty(frames, fc.array(fc.integer({ min: 1, max: 20 })), async (written, cuts) => {
      const bytes = Buffer.concat(
        written.flatMap(({ stream, text }) => {
          const body = Buffer.from(text);
          const header = Buffer.alloc(8);
          header[0] = stream === "stdout" ? 1 : 2;
          header.writeUInt32BE(body.length, 4);
          return [header, body];
        }),
      );
      const chunks: Buffer[] = [];
      let left = bytes;
      for (const cut of cuts) {
        chunks.push(left.subarray(0, cut));
        left = left.subarray(cut);
      }
      async function* source(): AsyncGenerator<Buffer> {
        yield* [...chunks, left];
      }
      const found = await Array.fromAsync(readFrames(source(), false));
      assert.deepEqual(
        found.map(({ stream, bytes: body }) => ({ stream, text: body.toString() })),
        written.map(({ stream, text }) => ({ stream, text })),
      );
    }),
  );
});
