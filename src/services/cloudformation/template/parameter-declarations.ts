import { templateFormatError, validationError } from "../faults.ts";
import { asText, isList, isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import type { ParameterDeclaration } from "./template.ts";

const members = [
  "Type",
  "Default",
  "NoEcho",
  "Description",
  "ConstraintDescription",
  "AllowedValues",
  "AllowedPattern",
  "MinLength",
  "MaxLength",
  "MinValue",
  "MaxValue",
];

/** The types whose values are plain text or numbers. Types that AWS looks up in the account (`AWS::EC2::…`, `AWS::SSM::…`) are refused. */
const plainTypes = ["String", "Number", "List<Number>", "List<String>", "CommaDelimitedList"];

export const readParameter = (name: string, value: Json): ParameterDeclaration => {
  if (!isObject(value)) throw templateFormatError("Every Parameters member must be an object.");
  for (const key of Object.keys(value)) if (!members.includes(key)) throw validationError(`Invalid template parameter property '${key}'`);
  const type = value["Type"];
  if (type === undefined) throw templateFormatError("Every Parameters object must contain a Type member.");
  if (typeof type !== "string" || !plainTypes.includes(type)) throw unrecognizedType(asText(type) ?? JSON.stringify(type));
  return {
    name,
    type,
    default: textMember(value, "Default"),
    noEcho: asText(value["NoEcho"])?.toLowerCase() === "true",
    description: textMember(value, "Description"),
    constraintDescription: textMember(value, "ConstraintDescription"),
    allowedValues: readAllowedValues(value["AllowedValues"]),
    allowedPattern: textMember(value, "AllowedPattern"),
    minLength: numberMember(value, "MinLength"),
    maxLength: numberMember(value, "MaxLength"),
    minValue: numberMember(value, "MinValue"),
    maxValue: numberMember(value, "MaxValue"),
  };
};

const unrecognizedType = (type: string) =>
  /^(List<)?AWS::/.test(type)
    ? validationError(`Parameter type ${type} is not supported: its values would have to be looked up in services that are not here.`)
    : templateFormatError(`Unrecognized parameter type: ${type}`);

const textMember = (value: JsonObject, name: string): string | undefined => {
  const found = value[name];
  if (found === undefined) return undefined;
  const text = asText(found);
  if (text === undefined) throw templateFormatError(`Every ${name} member must be a string.`);
  return text;
};

const numberMember = (value: JsonObject, name: string): number | undefined => {
  const text = textMember(value, name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw templateFormatError(`Every ${name} member must be a number.`);
  return number;
};

const readAllowedValues = (value: Json | undefined): string[] | undefined => {
  if (value === undefined) return undefined;
  if (!isList(value)) throw templateFormatError("Every AllowedValues member must be a list.");
  return value.map((item) => {
    const text = asText(item);
    if (text === undefined) throw templateFormatError("Every AllowedValues value must be a string.");
    return text;
  });
};
