import type { Catcher, Retrier } from "../definition.ts";
import { limits } from "../limits.ts";
import { catcherFields, retrierFields } from "./fields.ts";
import { checkLanguageFields } from "./language.ts";
import { allow, checkNumber, complain, need, oneOf, placesIn, textIn, textsIn, type Place } from "./place.ts";
import { assignIn } from "./flow.ts";
import { payloadIn, resultPathIn } from "./values.ts";

export const parseRetry = (place: Place): Retrier[] => {
  const retriers = placesIn(place, "Retry");
  return retriers.map((retrier, index) => {
    allow(retrier, retrierFields);
    need(retrier, "ErrorEquals");
    return {
      errorEquals: errorsIn(retrier, index === retriers.length - 1),
      intervalSeconds: checkNumber(retrier, "IntervalSeconds", { least: 1, most: limits.seconds }) ?? 1,
      maxAttempts: checkNumber(retrier, "MaxAttempts", { least: 0, most: limits.seconds }) ?? 3,
      backoffRate: checkNumber(retrier, "BackoffRate", { least: 1, whole: false }) ?? 2,
      maxDelaySeconds: checkNumber(retrier, "MaxDelaySeconds", { least: 1, most: limits.retryMaxDelaySeconds - 1 }),
      fullJitter: oneOf(retrier, "JitterStrategy", ["FULL", "NONE"]) === "FULL",
    };
  });
};

export const parseCatch = (place: Place): Catcher[] => {
  const catchers = placesIn(place, "Catch");
  return catchers.map((catcher, index) => {
    allow(catcher, catcherFields);
    checkLanguageFields(catcher);
    need(catcher, "ErrorEquals", "Next");
    return {
      errorEquals: errorsIn(catcher, index === catchers.length - 1),
      next: textIn(catcher, "Next") ?? "",
      resultPath: resultPathIn(catcher, "ResultPath"),
      output: payloadIn(catcher, "Output"),
      assign: assignIn(catcher),
    };
  });
};

const errorsIn = (place: Place, last: boolean): readonly string[] => {
  const errors = textsIn(place, "ErrorEquals");
  if (errors?.length === 0) complain(place, "ErrorEquals must not be empty", "/ErrorEquals");
  if (errors?.includes("States.ALL") && (errors.length > 1 || !last)) {
    complain(place, "States.ALL must appear alone and at end of list", `/ErrorEquals[${errors.indexOf("States.ALL")}]`);
  }
  return errors ?? [];
};
