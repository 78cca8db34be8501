import { Fault } from "#wire/fault.ts";

export const groupExists = () => new Fault("ResourceAlreadyExistsException", "The specified log group already exists");
export const streamExists = () => new Fault("ResourceAlreadyExistsException", "The specified log stream already exists");
export const groupNotFound = () => new Fault("ResourceNotFoundException", "The specified log group does not exist.");
export const streamNotFound = () => new Fault("ResourceNotFoundException", "The specified log stream does not exist.");
export const resourceNotFound = () => new Fault("ResourceNotFoundException", "The specified resource does not exist.");
export const invalidParameter = (message: string) => new Fault("InvalidParameterException", message);
export const invalidToken = () => invalidParameter("The specified nextToken is invalid.");
export const invalidPattern = () => invalidParameter("Invalid filter pattern");
export const tooManyTags = () => new Fault("TooManyTagsException", "A resource can have no more than 50 tags.");
export const deletionProtected = () =>
  new Fault("ValidationException", "Log group has deletion protection enabled. Disable it before deleting the log group.");
