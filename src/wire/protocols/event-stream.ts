import { EventStreamSerde, UniversalEventStreamMarshaller } from "@smithy/core/event-streams";
import { fromUtf8, toUtf8 } from "@smithy/core/serde";
import type { EventStreamMarshaller, ShapeDeserializer, ShapeSerializer } from "@smithy/types";
import type { NormalizedSchema } from "../schema.ts";

type Codec = { serializer: ShapeSerializer<string | Uint8Array>; contentType: string };

const noReads = {
  read: () => Promise.reject(new Error("an output stream is only written")),
  setSerdeContext: () => undefined,
} satisfies ShapeDeserializer<Uint8Array>;

/**
 * Writes an output's event stream in AWS's binary framing. `initial` is what the output has besides the stream: RPC protocols send it as the first
 * event, REST ones have it in headers already.
 */
export const writeEventStream = (
  schema: NormalizedSchema,
  output: Record<string, unknown>,
  { serializer, contentType, initial }: Codec & { initial: Record<string, unknown> | undefined },
): AsyncIterable<Uint8Array> => {
  const marshaller = new UniversalEventStreamMarshaller({ utf8Encoder: toUtf8, utf8Decoder: fromUtf8 });
  const serde = new EventStreamSerde({
    marshaller: marshaller as EventStreamMarshaller,
    serializer,
    deserializer: noReads,
    defaultContentType: contentType,
  });
  const eventStream = output[schema.getEventStreamMember()] as AsyncIterable<Record<string, unknown>>;
  return {
    async *[Symbol.asyncIterator]() {
      const frames = await serde.serializeEventStream({
        eventStream,
        requestSchema: schema,
        ...(initial ? { initialRequest: initial, initialMessageType: "initial-response" } : {}),
      });
      yield* frames as AsyncIterable<Uint8Array>;
    },
  };
};

export const eventStreamType = "application/vnd.amazon.eventstream";
