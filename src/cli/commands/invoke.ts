import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { parseCloudAddress } from "#config";
import { CliError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { cloudOptions, readArguments } from "../read-arguments.ts";

const usage = `invoke FUNCTION [OPTIONS]
  Calls a function and prints its result; its log's last lines go to stderr. The exit code is 1 when the function fails.
  FUNCTION is its name, in full or as the app's file calls it.
  --payload JSON         what it is called with; @FILE reads a file, - reads stdin
  --async                queue the call, and don't wait
  --endpoint URL, --region NAME, --json`;

export const invoke: Command = {
  usage,
  run: async (args, terminal) => {
    const options = { ...cloudOptions, payload: { type: "string" }, async: { type: "boolean" } } as const;
    const { values, positionals } = readArguments(args, { options, usage, positionals: { atLeast: 1, atMost: 1 } });
    const payload = await readPayload(values.payload);
    const { InvokeCommand, LambdaClient: Client } = await import("@aws-sdk/client-lambda");
    const client = new Client(parseCloudAddress(values));
    const name = await findFunction(client, positionals[0] ?? "");
    const isAsync = values.async === true;
    const answer = await client.send(
      new InvokeCommand({
        FunctionName: name,
        InvocationType: isAsync ? "Event" : "RequestResponse",
        ...(isAsync ? {} : { LogType: "Tail" }),
        ...(payload === undefined ? {} : { Payload: payload }),
      }),
    );
    const result = answer.Payload && answer.Payload.length > 0 ? Buffer.from(answer.Payload).toString() : "";
    const log = Buffer.from(answer.LogResult ?? "", "base64").toString();
    if (log !== "" && !terminal.isJson) process.stderr.write(log.endsWith("\n") ? log : `${log}\n`);
    terminal.result(
      {
        function: name,
        status: answer.StatusCode,
        error: answer.FunctionError,
        payload: parse(result),
        log: log.split("\n").filter(Boolean),
      },
      () => (isAsync ? `${name} will be called.` : result),
    );
    return answer.FunctionError === undefined ? 0 : 1;
  },
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return json === "" ? undefined : json;
  }
};

const readPayload = async (given: string | undefined): Promise<string | undefined> => {
  const content = given === "-" ? await text(process.stdin) : given?.startsWith("@") ? await readPayloadFile(given.slice(1)) : given;
  if (content === undefined) return undefined;
  try {
    JSON.parse(content);
  } catch (error) {
    throw new CliError(`--payload is no JSON: ${error instanceof Error ? error.message : String(error)}.`, { exitCode: 2 });
  }
  return content;
};

const readPayloadFile = (path: string): Promise<string> =>
  readFile(path, "utf8").catch(() => {
    throw new CliError(`There is no file ${path} to read the payload from.`, { exitCode: 2 });
  });

/** The function of that name, or the one whose name ends with it. */
const findFunction = async (client: LambdaClient, wanted: string): Promise<string> => {
  const { paginateListFunctions } = await import("@aws-sdk/client-lambda");
  const names: string[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
    names.push(...Functions.map(({ FunctionName = "" }) => FunctionName));
  if (names.includes(wanted) || wanted.startsWith("arn:")) return wanted;
  const found = names.filter((name) => name.endsWith(`-${wanted}`));
  if (found.length > 1) throw new CliError(`${wanted} may be any of these; give one of them in full:\n${found.join("\n")}`);
  if (found[0] === undefined)
    throw new CliError(`There is no function ${wanted}. ${names.length === 0 ? "There are none yet." : `There are:\n${names.join("\n")}`}`);
  return found[0];
};
