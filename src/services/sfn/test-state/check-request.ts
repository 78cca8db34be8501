import { validation } from "../faults.ts";
import type { State } from "../language/definition.ts";
import { patternOf } from "../language/resource.ts";
import type { Sfn } from "../sfn.ts";
import { distributed, stateInside } from "./tested.ts";
import type { Tested } from "./tested.ts";

/** What a client asks of TestState. */
export type Request = Parameters<Sfn["TestState"]>[0];

/** Whether the members of a mock fit together, whatever is tested. */
export const checkMock = ({ mock, context, revealSecrets, stateConfiguration }: Request): void => {
  if (mock === undefined) {
    if (context !== undefined) throw validation("The context may only be specified together with a mock");
    if (stateConfiguration !== undefined && Object.values(stateConfiguration).some((value) => value !== undefined))
      throw validation("The stateConfiguration may only be specified together with a mock");
    return;
  }
  const { result, errorOutput } = mock;
  if (result !== undefined && errorOutput !== undefined)
    throw validation("A test mock should have only one of the following fields: [result, errorOutput].");
  if (result === undefined && errorOutput === undefined)
    throw validation("A test mock should have one of the following fields: [result, errorOutput].");
  if (errorOutput !== undefined && errorOutput.error === undefined) throw validation("The errorOutput of a mock must have an error");
  if (revealSecrets === true) throw validation("TestState does not support revealSecrets when a mock is specified");
};

/** Whether the state may be tested in the way that the request asks for. */
export const checkRequest = (request: Request, tested: Tested): void => {
  if (request.mock === undefined) checkUnmocked(request, tested.state);
  else if (!["Task", "Map", "Parallel"].includes(tested.state.type))
    throw validation(`State type '${tested.state.type}' is not supported when a mock is specified`);
  checkConfiguration(request, tested);
};

const checkUnmocked = ({ roleArn }: Request, state: State): void => {
  if (state.type === "Map" || state.type === "Parallel")
    throw validation(`State type '${state.type}' is not supported when a mock is not specified`);
  if (state.type !== "Task") return;
  const { resource } = state;
  if (patternOf(resource) !== "request") throw validation(`Resource '${resource.arn}' is not supported when a mock is not specified`);
  if (roleArn === undefined) throw validation("A role ARN must be specified for a Task state without a mock");
};

const checkConfiguration = ({ mock, stateConfiguration = {} }: Request, { machine, state, lineage, outer }: Tested): void => {
  const { errorCausedByState, mapIterationFailureCount, mapItemReaderData } = stateConfiguration;
  if (errorCausedByState !== undefined) {
    if ((state.type !== "Map" && state.type !== "Parallel") || mock?.errorOutput === undefined)
      throw validation("The errorCausedByState may only be specified when an error is mocked for a Map or Parallel state");
    if (!stateInside(machine, state, errorCausedByState)) throw validation(`State not found: ${errorCausedByState}`);
  }
  const insideMap =
    outer !== undefined || lineage.some(({ scope, state: name }) => machine.scopes[scope]?.states.get(name)?.type === "Map");
  if (mapIterationFailureCount !== undefined && !insideMap)
    throw validation("The mapIterationFailureCount may only be specified for a Map state or a state within one");
  if (mapItemReaderData !== undefined && distributed(state)?.reader === undefined)
    throw validation("The mapItemReaderData may only be specified for a Map state with an ItemReader");
};

/** The failed iterations that the request tells of must be some of those that the Map has. */
export const checkFailureCount = ({ stateConfiguration }: Request, items: number): void => {
  const failed = stateConfiguration?.mapIterationFailureCount ?? 0;
  if (failed > items) throw validation(`The mapIterationFailureCount ${failed} exceeds the number of items ${items}`);
};
