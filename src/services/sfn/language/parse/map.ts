import type { Distributed, ItemBatcher, ItemReader, MapState, ResultWriter } from "../definition.ts";
import { expressionIn } from "../jsonata/delimiters.ts";
import { isArray, isObject } from "../json.ts";
import { limits } from "../limits.ts";
import { distributedFields, processorFields } from "./fields.ts";
import { checkLanguageFields } from "./language.ts";
import { allow, choose, complain, get, has, need, oneOf, placeIn, textIn, textsIn, type Place } from "./place.ts";
import type { ParseScope } from "./states.ts";
import { numberFieldIn, payloadIn, pathFieldIn, queryFieldIn } from "./values.ts";

type MapParts = Pick<MapState, "processor" | "items" | "itemsPayload" | "itemSelector" | "maxConcurrency" | "distributed">;

export const parseMap = (place: Place, parseScope: ParseScope): MapParts => {
  choose(place, ["ItemProcessor", "Iterator"]);
  choose(place, ["ItemSelector", "Parameters"]);
  const name = has(place, "ItemProcessor") || !has(place, "Iterator") ? "ItemProcessor" : "Iterator";
  if (!has(place, name)) need(place, name);
  const processor = placeIn(place, name);
  const config = processor && placeIn(processor, "ProcessorConfig");
  const mode = config && oneOf(config, "Mode", ["INLINE", "DISTRIBUTED"]);
  if (config) allow(config, new Set(["Mode", "ExecutionType"]));
  const distributed = mode === "DISTRIBUTED" && config ? parseDistributed(place, config) : undefined;
  if (distributed === undefined) refuseDistributedFields(place);
  if (distributed === undefined && config && has(config, "ExecutionType")) complain(config, "Field 'ExecutionType' is not supported");
  return {
    processor: processor ? parseScope(processor, processorFields) : -1,
    ...parseItems(place),
    itemSelector: payloadIn(place, "ItemSelector") ?? payloadIn(place, "Parameters"),
    maxConcurrency: numberFieldIn(place, "MaxConcurrency", { least: 0 }),
    distributed,
  };
};

const parseItems = (place: Place): Pick<MapState, "items" | "itemsPayload"> => {
  if (place.language === "JSONPath") return { items: pathFieldIn(place, "ItemsPath"), itemsPayload: undefined };
  const value = get(place, "Items");
  if (typeof value === "string" && expressionIn(value) !== undefined)
    return { items: queryFieldIn(place, "Items"), itemsPayload: undefined };
  if (value !== undefined && !isArray(value) && !isObject(value)) complain(place, "Expected value of type Array or Object", "/Items");
  return { items: undefined, itemsPayload: payloadIn(place, "Items") };
};

const refuseDistributedFields = (place: Place): void => {
  for (const name of distributedFields) {
    if (has(place, name)) complain(place, `Field '${name}' is only supported when the Map's ProcessorConfig has Mode 'DISTRIBUTED'`);
  }
};

const parseDistributed = (place: Place, config: Place): Distributed => {
  need(config, "ExecutionType");
  if (place.parsing.express) complain(config, "Express state machine does not support Map states in DISTRIBUTED mode", "/Mode");
  return {
    executionType: oneOf(config, "ExecutionType", ["STANDARD", "EXPRESS"]) ?? "STANDARD",
    label: parseLabel(place),
    toleratedFailureCount: numberFieldIn(place, "ToleratedFailureCount", { least: 0 }),
    toleratedFailurePercentage: numberFieldIn(place, "ToleratedFailurePercentage", { least: 0, most: 100, whole: false }),
    reader: parseReader(placeIn(place, "ItemReader")),
    batcher: parseBatcher(placeIn(place, "ItemBatcher")),
    writer: parseWriter(placeIn(place, "ResultWriter")),
  };
};

const parseLabel = (place: Place): string | undefined => {
  const label = textIn(place, "Label");
  if (label === undefined) return undefined;
  if (label.length > limits.labelLength || label === "" || /[\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]/u.test(label)) {
    complain(place, `Invalid label name '${label}'`, "/Label", "INVALID_LABEL_NAME");
  }
  if (place.parsing.labels.has(label)) complain(place, `Duplicate label name '${label}'`, "/Label", "DUPLICATE_LABEL_NAME");
  place.parsing.labels.add(label);
  return label;
};

const argumentsIn = (place: Place) => payloadIn(place, place.language === "JSONPath" ? "Parameters" : "Arguments");

/** The dataset of a Map is read from S3, and its results are written there. */
const checkResource = (place: Place, calls: readonly string[]): void => {
  const resource = get(place, "Resource");
  const known =
    typeof resource === "string" && calls.some((call) => /^arn:aws[\w-]*:states:::/.test(resource) && resource.endsWith(`:::${call}`));
  if (resource !== undefined && !known) complain(place, "Value is not a valid resource ARN", "/Resource");
};

const parseReader = (place: Place | undefined): ItemReader | undefined => {
  if (place === undefined) return undefined;
  allow(place, new Set(["Resource", "Parameters", "Arguments", "ReaderConfig"]));
  checkLanguageFields(place);
  need(place, "Resource");
  checkResource(place, ["s3:getObject", "s3:listObjectsV2"]);
  const config = placeIn(place, "ReaderConfig") ?? { ...place, object: {} };
  checkLanguageFields(config);
  const header = oneOf(config, "CSVHeaderLocation", ["FIRST_ROW", "GIVEN"]);
  if (header === "GIVEN") need(config, "CSVHeaders");
  return {
    resource: textIn(place, "Resource") ?? "",
    arguments: argumentsIn(place),
    inputType: oneOf(config, "InputType", ["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]),
    headerLocation: header,
    headers: textsIn(config, "CSVHeaders"),
    delimiter: oneOf(config, "CSVDelimiter", ["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]) ?? "COMMA",
    maxItems: numberFieldIn(config, "MaxItems", { least: 0, most: limits.readerItems }),
    manifestType: oneOf(config, "ManifestType", ["S3_INVENTORY", "ATHENA_DATA"]),
    itemsPointer: textIn(config, "ItemsPointer"),
    loadAndFlatten: oneOf(config, "Transformation", ["NONE", "LOAD_AND_FLATTEN"]) === "LOAD_AND_FLATTEN",
  };
};

const parseBatcher = (place: Place | undefined): ItemBatcher | undefined => {
  if (place === undefined) return undefined;
  const names = ["MaxItemsPerBatch", "MaxInputBytesPerBatch"];
  allow(place, new Set([...names, ...names.map((name) => `${name}Path`), "BatchInput"]));
  checkLanguageFields(place);
  if (!names.some((name) => has(place, name) || has(place, `${name}Path`))) {
    complain(place, `There must be one of the following fields: [${names.join(", ")}]`);
  }
  return {
    maxItemsPerBatch: numberFieldIn(place, "MaxItemsPerBatch", { least: 0 }),
    maxInputBytesPerBatch: numberFieldIn(place, "MaxInputBytesPerBatch", { least: 0, most: limits.payloadBytes }),
    batchInput: payloadIn(place, "BatchInput"),
  };
};

const parseWriter = (place: Place | undefined): ResultWriter | undefined => {
  if (place === undefined) return undefined;
  allow(place, new Set(["Resource", "Parameters", "Arguments", "WriterConfig"]));
  checkLanguageFields(place);
  checkResource(place, ["s3:putObject"]);
  const config = placeIn(place, "WriterConfig");
  if (!has(place, "Resource") && config === undefined) complain(place, "These fields are required: [Resource]");
  return {
    resource: textIn(place, "Resource"),
    arguments: argumentsIn(place),
    transformation: config && oneOf(config, "Transformation", ["NONE", "COMPACT", "FLATTEN"]),
    outputType: config && oneOf(config, "OutputType", ["JSON", "JSONL"]),
  };
};
