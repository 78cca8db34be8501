import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { IssuedCredentials } from "#wire/context.ts";
import { defaultAccount, rootOf } from "#wire/identity.ts";

/** Where a cloud that asks for signatures keeps the keys of its root, in the form of AWS's own credentials file. */
const rootCredentialsPath = (dataPath: string): string => join(dataPath, "credentials");

/** The root's keys, made with the data folder and readable by its owner alone. */
export const loadRootCredentials = async (dataPath: string): Promise<IssuedCredentials> => {
  const path = rootCredentialsPath(dataPath);
  const known = await readFile(path, "utf8").catch(() => "");
  const accessKeyId = /^aws_access_key_id = (\S+)$/m.exec(known)?.[1];
  const secretAccessKey = /^aws_secret_access_key = (\S+)$/m.exec(known)?.[1];
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { ...rootOf(defaultAccount, accessKeyId), secretAccessKey };
  const made = { accessKeyId: `AKIA${letters(16)}`, secretAccessKey: randomBytes(30).toString("base64") };
  const text = `[default]\naws_access_key_id = ${made.accessKeyId}\naws_secret_access_key = ${made.secretAccessKey}\n`;
  await writeFile(path, text, { mode: 0o600 });
  return { ...rootOf(defaultAccount, made.accessKeyId), secretAccessKey: made.secretAccessKey };
};

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const letters = (count: number): string => Array.from(randomBytes(count), (byte) => alphabet[byte & 31]).join("");
