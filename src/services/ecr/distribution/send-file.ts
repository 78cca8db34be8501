import { open } from "node:fs/promises";
import { once } from "node:events";
import type { ServerResponse } from "node:http";

const pieceBytes = 1 << 20;

/**
 * Sends bytes `start` to `end` (inclusive) of a file. Two pieces of memory take turns, one being filled while the other is on its way: a stream would take new
 * memory for each piece, and most of the time of a pull would go into that.
 */
export const sendFile = async (response: ServerResponse, path: string, { start, end }: { start: number; end: number }): Promise<void> => {
  await using file = await open(path, "r");
  const pieces = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
  let sent: Promise<unknown> = Promise.resolve();
  for (let at = start, turn = 0; at <= end; turn = 1 - turn) {
    const piece = pieces[turn] ?? Buffer.alloc(0);
    const { bytesRead } = await file.read(piece, 0, Math.min(pieceBytes, end - at + 1), at);
    if (bytesRead === 0) throw new Error(`${path} ends before byte ${end}.`);
    at += bytesRead;
    await sent;
    sent = write(response, piece.subarray(0, bytesRead));
    // Awaited at the next turn; an error of it must not be unheard until then.
    sent.catch(() => undefined);
  }
  await sent;
  response.end();
};

/** Resolves when the memory may be used again. */
const write = async (response: ServerResponse, piece: Buffer): Promise<void> => {
  if (response.destroyed) throw new Error("The client has gone.");
  const gone = new AbortController();
  try {
    await Promise.race([
      new Promise<void>((resolve, reject) => response.write(piece, (error) => (error ? reject(error) : resolve()))),
      once(response, "close", { signal: gone.signal }).then(() => Promise.reject(new Error("The client has gone."))),
    ]);
  } finally {
    gone.abort();
  }
};
