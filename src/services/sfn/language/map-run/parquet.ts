import { Worker } from "node:worker_threads";
import type { JsonObject } from "../json.ts";
import { limits } from "../limits.ts";
import type { Batched } from "./batched.ts";
import type { DecoderData, FromDecoder, ToDecoder } from "./parquet-decoder.ts";
import { itemReaderFailed } from "./reader-failure.ts";

/** An object of which any range can be read, end exclusive. */
export type Ranged = { readonly sizeBytes: number; readonly read: (from: number, to: number) => Promise<Uint8Array> };

/**
 * The rows of a Parquet file. It is decoded by a thread of its own: a file that is not what it says can keep the library busy for
 * ever, or fill its memory.
 */
export async function* parquetRows(object: Ranged, quietMs: number = limits.parquetMilliseconds): Batched<JsonObject> {
  await checkFooter(object);
  const { decoderUrl } = await import("./parquet-decoder.ts");
  const data: DecoderData = { decodes: "parquet", sizeBytes: object.sizeBytes };
  const worker = new Worker(decoderUrl, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: limits.parquetMebibytes } });
  try {
    for (;;) {
      const answer = await nextOf(worker, object, quietMs);
      if (answer.kind === "end") return;
      if (answer.kind === "failed") throw itemReaderFailed(`The Parquet file can't be read: ${answer.cause}`);
      yield answer.rows;
    }
  } finally {
    await worker.terminate();
  }
}

type Answer = Exclude<FromDecoder, { kind: "read" }>;

/** The decoder's next answer; until then it gets the bytes that it asks for. Its time runs only while it has them all. */
const nextOf = (worker: Worker, { read, sizeBytes }: Ranged, quietMs: number): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const tell = (message: ToDecoder) => worker.postMessage(message);
    const tooLong = () => end(() => resolve({ kind: "failed", cause: "decoding it takes too long" }));
    let reading = 0;
    let timer = setTimeout(tooLong, quietMs);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      worker.off("error", onError).off("message", onMessage);
      settle();
    };
    const send = async ({ from, to, id }: Extract<FromDecoder, { kind: "read" }>) => {
      reading += 1;
      clearTimeout(timer);
      const bytes = await read(from, Math.min(to, sizeBytes));
      reading -= 1;
      if (reading === 0) timer = setTimeout(tooLong, quietMs);
      tell({ kind: "bytes", id, bytes });
    };
    const onError = (fault: Error) => end(() => resolve({ kind: "failed", cause: fault.message }));
    const onMessage = (message: FromDecoder) => {
      if (message.kind === "read") send(message).catch((fault: unknown) => end(() => reject(fault)));
      else end(() => resolve(message));
    };
    worker.on("error", onError).on("message", onMessage);
    tell({ kind: "next" });
  });

/** The last eight bytes are the footer's length and the file's signature: both are looked at before a footer is fetched. */
const checkFooter = async ({ sizeBytes, read }: Ranged): Promise<void> => {
  const tail = sizeBytes < 12 ? undefined : Buffer.from(await read(sizeBytes - 8, sizeBytes));
  if (tail?.toString("latin1", 4) !== "PAR1") throw itemReaderFailed("The object is not a Parquet file.");
  const footerBytes = tail.readUInt32LE(0);
  if (footerBytes > limits.parquetFooterBytes) {
    throw itemReaderFailed(`A Parquet footer of ${footerBytes} bytes exceeds the limit of ${limits.parquetFooterBytes} bytes.`);
  }
};
