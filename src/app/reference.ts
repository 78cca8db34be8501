import { AppError } from "./app-error.ts";
import { logicalId } from "./logical-id.ts";

/** A value that is known once the app is deployed, such as a bucket's name. */
export type Reference = {
  /** In a function: the value. While the app is being declared: text that becomes the value in the template, alone or within other text. */
  get(): string;
  toString(): string;
};

export type Attribute = { id: string; attribute: string };

/** The function that this process runs; undefined while the app is turned into a template. */
export const runningFunction = (): string | undefined => process.env["TANDEM_FUNCTION"];

/** The environment variable by which a function knows the value. */
export const variableOf = ({ id, attribute }: Attribute): string => `TANDEM_${id}_${attribute}`;

const placeholder = /\$\{tandem:([A-Za-z0-9]+)\.([A-Za-z]+)\}/g;

/** The key under which a reference keeps what it refers to. */
const referred = Symbol("attribute");

export const reference = (name: string, attribute: string): Reference => {
  const of = { id: logicalId(name), attribute };
  const get = () => (runningFunction() === undefined ? textFor(of) : read(of, name));
  return Object.assign({ get, toString: get }, { [referred]: of });
};

const textFor = ({ id, attribute }: Attribute): string => `\${tandem:${id}.${attribute}}`;

type Referring = Reference & { readonly [referred]: Attribute };

export const isReference = (value: unknown): value is Reference => typeof value === "object" && value !== null && referred in value;

/** The text that becomes the value in the template, wherever the app is loaded. */
export const placeholderOf = (of: Reference): string => textFor((of as Referring)[referred]);

const read = (of: Attribute, name: string): string => {
  const value = process.env[variableOf(of)];
  if (value === undefined)
    throw new AppError(`The function ${runningFunction()} may not use "${name}": add it to the function's \`uses\`, and deploy again.`);
  return value;
};

/** Splits text into what is literal and what refers to attributes. */
export const splitReferences = (text: string): (string | Attribute)[] => {
  const parts: (string | Attribute)[] = [];
  let at = 0;
  for (const match of text.matchAll(placeholder)) {
    const [whole, id = "", attribute = ""] = match;
    if (match.index > at) parts.push(text.slice(at, match.index));
    parts.push({ id, attribute });
    at = match.index + whole.length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
};
