export type Frame = { stream: "stdout" | "stderr"; bytes: Buffer };

const headerBytes = 8;

/** Docker's two-in-one stream: each frame has a byte for the stream and a length. With a terminal there is one stream without frames. */
export async function* readFrames(source: AsyncIterable<Uint8Array>, terminal: boolean): AsyncGenerator<Frame> {
  if (terminal) {
    yield* readRaw(source);
    return;
  }
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let neededBytes = headerBytes;
  for await (const chunk of source) {
    pending.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    pendingBytes += chunk.byteLength;
    if (pendingBytes < neededBytes) continue;
    let joined = pending.length === 1 && pending[0] ? pending[0] : Buffer.concat(pending);
    for (;;) {
      neededBytes = joined.length < headerBytes ? headerBytes : headerBytes + joined.readUInt32BE(4);
      if (joined.length < neededBytes) break;
      yield { stream: joined[0] === 2 ? "stderr" : "stdout", bytes: joined.subarray(headerBytes, neededBytes) };
      joined = joined.subarray(neededBytes);
    }
    pending = joined.length > 0 ? [joined] : [];
    pendingBytes = joined.length;
  }
}

async function* readRaw(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield { stream: "stdout", bytes: rest.subarray(0, end + 1) };
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield { stream: "stdout", bytes: rest };
}
