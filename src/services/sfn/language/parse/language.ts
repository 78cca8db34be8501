import type { QueryLanguage } from "../definition.ts";
import { jsonataOnly, jsonPathOnly } from "./fields.ts";
import { complain, get, type Place } from "./place.ts";

/** Tells of fields that belong to the other query language. */
export const checkLanguageFields = (place: Place): void => {
  const [others, other] = place.language === "JSONPath" ? ([jsonataOnly, "JSONata"] as const) : ([jsonPathOnly, "JSONPath"] as const);
  for (const name of Object.keys(place.object)) {
    if (!others.has(name)) continue;
    complain(
      place,
      `The QueryLanguage is set to '${place.language}', but field '${name}' is only supported for the '${other}' QueryLanguage`,
    );
  }
};

/** The query language that a `QueryLanguage` field sets; anything but `JSONPath` is read as JSONata, as AWS does. */
export const languageIn = (place: Place): QueryLanguage | undefined => {
  const value = get(place, "QueryLanguage");
  if (value === undefined) return undefined;
  if (typeof value !== "string") complain(place, "Expected value of type String", "/QueryLanguage");
  else if (value !== "JSONPath" && value !== "JSONata") complain(place, "Value is not one of: [JSONPath, JSONata]", "/QueryLanguage");
  return value === "JSONPath" ? "JSONPath" : "JSONata";
};

/** The language of one state: its own, or the machine's, which JSONPath cannot take back from JSONata. */
export const stateLanguage = (place: Place): QueryLanguage => {
  const own = languageIn(place);
  if (own === "JSONPath" && place.parsing.language === "JSONata") {
    complain(place, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  }
  return own ?? place.parsing.language;
};
