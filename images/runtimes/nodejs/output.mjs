import { format } from "node:util";

let requestId;
let wrote = false;
const write = process.stdout.write.bind(process.stdout);

export const setRequestId = (id) => {
  requestId = id;
};

const watch = (stream) => {
  const original = stream.write.bind(stream);
  stream.write = (...given) => {
    wrote = true;
    return original(...given);
  };
};

const levels = { log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG", trace: "TRACE" };

/** Formats the console as AWS does: time, request id, level, message. Line breaks travel as carriage returns, so that an entry stays one. */
export const watchOutput = () => {
  watch(process.stdout);
  watch(process.stderr);
  for (const [name, level] of Object.entries(levels))
    console[name] = (...parts) => {
      const text = `${new Date().toISOString()}\t${requestId ?? "undefined"}\t${level}\t${format(...parts)}`;
      process.stdout.write(`${text.replaceAll("\n", "\r")}\n`);
    };
};

/** Marks the end of an invocation's output, if it has any, and says so along with the most memory that was in use. */
export const finishOutput = (id) => {
  const output = wrote ? "marked" : "none";
  if (wrote) write(`\u0001tandem:end ${id}\n`);
  wrote = false;
  return { "tandem-output": output, "tandem-memory": String(process.resourceUsage().maxRSS * 1024) };
};
