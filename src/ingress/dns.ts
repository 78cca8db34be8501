import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_AVAILABLE, RECURSION_DESIRED, type DecodedPacket, type Packet } from "dns-packet";
import type { Socket } from "node:net";
import { frame, Frames } from "./dns-frames.ts";
import type { NameTable } from "./name-table.ts";
import { forward, type Resolver } from "./resolvers.ts";

const idleMs = 10_000;
/** Queries under way at once; beyond it the client is told to try again, so that a loop of names can't fill the memory. */
const maxForwards = 512;

type Rcode = "NOERROR" | "FORMERR" | "SERVFAIL" | "NOTIMP";
const rcodes: Record<Rcode, number> = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NOTIMP: 4 };

const reply = (query: DecodedPacket, rcode: Rcode, answers: Packet["answers"] = []): Buffer => {
  // A client that speaks EDNS is answered in it.
  const edns = (query.additionals ?? []).some((record) => record.type === "OPT");
  const message = encode({
    type: "response",
    id: query.id ?? 0,
    flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED),
    questions: query.questions ?? [],
    answers,
    additionals: edns
      ? [{ type: "OPT", name: ".", udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }]
      : [],
  });
  // The encoder has no member for the code; it is the last four bits of the flags.
  message.writeUInt8((message.readUInt8(3) & 0xf0) | rcodes[rcode], 3);
  return message;
};

/** Answers the names of a table and asks the machine's name servers for all others. */
export class NameServer {
  readonly #table: NameTable;
  readonly #resolvers: () => readonly Resolver[];
  #forwards = 0;

  constructor(table: NameTable, resolvers: () => readonly Resolver[]) {
    this.#table = table;
    this.#resolvers = resolvers;
  }

  /** The answer to a query; undefined for what is none and deserves no answer. */
  async answer(message: Buffer, transport: "udp" | "tcp"): Promise<Buffer | undefined> {
    // Too short for a header, or an answer: replying could make two servers talk for ever.
    if (message.length < 12 || (message.readUInt8(2) & 0x80) !== 0) return undefined;
    let query: DecodedPacket;
    try {
      query = decode(message);
    } catch {
      return reply({ id: message.readUInt16BE(0) } as DecodedPacket, "FORMERR");
    }
    const [question] = query.questions ?? [];
    if (!question || query.questions?.length !== 1) return reply(query, "FORMERR");
    if ((message.readUInt8(2) & 0x78) !== 0) return reply(query, "NOTIMP");
    const answers = this.#table.answer(question);
    if (answers) return reply(query, "NOERROR", answers);
    return this.#forward(message, query, transport);
  }

  async #forward(message: Buffer, query: DecodedPacket, transport: "udp" | "tcp"): Promise<Buffer> {
    if (this.#forwards >= maxForwards) return reply(query, "SERVFAIL");
    this.#forwards += 1;
    try {
      return await forward(this.#resolvers(), message, transport);
    } catch {
      return reply(query, "SERVFAIL");
    } finally {
      this.#forwards -= 1;
    }
  }

  /** Serves queries that come over a stream, each after its length, and hangs up when the client has and all are answered. */
  serve(socket: Socket): void {
    const frames = new Frames();
    let open = 0;
    let ended = false;
    const answered = (): void => {
      if (ended && open === 0) socket.end();
    };
    const respond = async (message: Buffer): Promise<void> => {
      open += 1;
      const answer = await this.answer(message, "tcp");
      open -= 1;
      if (answer && socket.writable) socket.write(frame(answer));
      answered();
    };
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("end", () => {
      ended = true;
      answered();
    });
    socket.on("data", (chunk: Buffer) => {
      for (const message of frames.add(chunk)) void respond(message);
    });
  }
}
