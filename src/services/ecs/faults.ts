import { Fault } from "#wire/fault.ts";

export const invalidParameter = (message: string) => new Fault("InvalidParameterException", message);
export const clientFault = (message: string) => new Fault("ClientException", message);
export const clusterNotFound = () => new Fault("ClusterNotFoundException", "Cluster not found.");
export const clusterContainsTasks = () =>
  new Fault("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.");
export const definitionNotFound = () => clientFault("Unable to describe task definition.");
export const definitionNotFoundToRun = () => clientFault("TaskDefinition not found.");
export const definitionInactive = () => clientFault("TaskDefinition is inactive");
export const taskNotFound = () => invalidParameter("The referenced task was not found.");
export const resourceNotFound = (arn: string) => invalidParameter(`The specified resource could not be found: ${arn}`);
export const tokenConflict = (resourceIds: readonly string[]) =>
  new Fault(
    "ConflictException",
    "The RunTask request could not be processed due to conflicts. The provided clientToken is already in use with a different RunTask request. The resourceIds are the existing task ARNs that are already associated with the clientToken.",
    undefined,
    { details: { resourceIds } },
  );

/** What AWS has and we do not: said rather than left out. */
export const memberNotImplemented = (member: string) => new Fault("NotImplemented", `The member ${member} of ecs is not implemented.`, 501);
