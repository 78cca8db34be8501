import { Fault } from "#wire/fault.ts";

export const noSuchRole = (name: string) => new Fault("NoSuchEntityException", `The role with name ${name} cannot be found.`);
export const noSuchRolePolicy = (name: string) => new Fault("NoSuchEntityException", `The role policy with name ${name} cannot be found.`);
export const noSuchPolicy = (arn: string) => new Fault("NoSuchEntityException", `Policy ${arn} was not found.`);
export const notAttachable = (arn: string) => new Fault("NoSuchEntityException", `Policy ${arn} does not exist or is not attachable.`);
export const noSuchAttachment = (arn: string) => new Fault("NoSuchEntityException", `Policy ${arn} was not found.`);
export const noSuchVersion = (arn: string, id: string) =>
  new Fault("NoSuchEntityException", `Policy ${arn} version ${id} does not exist or is not attachable.`);
export const roleExists = (name: string) => new Fault("EntityAlreadyExistsException", `Role with name ${name} already exists.`);
export const policyExists = (name: string) =>
  new Fault("EntityAlreadyExistsException", `A policy called ${name} already exists. Duplicate names are not allowed.`);
export const detachFirst = () => new Fault("DeleteConflictException", "Cannot delete entity, must detach all policies first.");
export const deletePoliciesFirst = () => new Fault("DeleteConflictException", "Cannot delete entity, must delete policies first.");
export const policyIsAttached = () => new Fault("DeleteConflictException", "Cannot delete a policy attached to entities.");
export const deleteVersionsFirst = () =>
  new Fault(
    "DeleteConflictException",
    "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
  );
export const defaultVersionStays = () => new Fault("DeleteConflictException", "Cannot delete the default version of a policy.");
export const tooManyVersions = () =>
  new Fault(
    "LimitExceededException",
    "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
  );
export const invalidJson = () => new Fault("MalformedPolicyDocumentException", "This policy contains invalid Json");
export const malformedDocument = (message: string) => new Fault("MalformedPolicyDocumentException", message);
export const invalidMarker = () => new Fault("ValidationError", "Invalid Marker", 400);
export const emptyPolicy = () => new Fault("MalformedPolicyDocumentException", "Syntax errors in policy.");
export const policyNotAllowed = () => new Fault("UnmodifiableEntityException", "Cannot modify an AWS managed policy.", 400);
