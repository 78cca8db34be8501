import type { Terminal } from "./terminal.ts";

/** A command of the command line. Its module is loaded when it is called. */
export type Command = {
  /** What follows `tandem`, with its options, a line each. */
  usage: string;
  /** Answers with the exit code. */
  run: (args: readonly string[], terminal: Terminal) => Promise<number>;
};

type Entry = { summary: string; load: () => Promise<Command> };

/** Every command, in the order of help. */
export const commands: Readonly<Record<string, Entry>> = {
  up: { summary: "start a cloud on this machine", load: async () => (await import("./commands/up.ts")).up },
  demo: {
    summary: "show the video thumbnailer at work, in a cloud of its own",
    load: async () => (await import("./commands/demo.ts")).demo,
  },
  deploy: { summary: "deploy an app", load: async () => (await import("./commands/deploy.ts")).deploy },
  destroy: { summary: "remove an app and what it made", load: async () => (await import("./commands/destroy.ts")).destroy },
  synth: { summary: "write the template of an app", load: async () => (await import("./commands/synth.ts")).synth },
  status: { summary: "what the cloud runs", load: async () => (await import("./commands/status.ts")).status },
  logs: { summary: "the output of a function, a task or a log group", load: async () => (await import("./commands/logs.ts")).logs },
  workflows: {
    summary: "what state machines execute, and an execution as a graph",
    load: async () => (await import("./commands/workflows.ts")).workflows,
  },
  invoke: { summary: "call a function", load: async () => (await import("./commands/invoke.ts")).invoke },
  reset: { summary: "forget everything the cloud holds", load: async () => (await import("./commands/reset.ts")).reset },
  help: { summary: "this page, or that of a command", load: async () => (await import("./commands/help.ts")).help },
  version: { summary: "the version", load: async () => (await import("./commands/version.ts")).version },
};
