import { Fault } from "#wire/fault.ts";

/** Codes and words of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, with the further elements that S3 sends. */
export const noSuchBucket = (name: string) =>
  new Fault("NoSuchBucket", "The specified bucket does not exist", 404, { details: { BucketName: name } });

export const noSuchKey = (key: string) => new Fault("NoSuchKey", "The specified key does not exist.", 404, { details: { Key: key } });

export const noSuchVersion = (key: string, versionId: string) =>
  new Fault("NoSuchVersion", "The specified version does not exist.", 404, { details: { Key: key, VersionId: versionId } });

export const noSuchUpload = (uploadId: string) =>
  new Fault(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    404,
    { details: { UploadId: uploadId } },
  );

export const accessDenied = () => new Fault("AccessDenied", "Access Denied", 403);

export const invalidBucketName = (name: string) =>
  new Fault("InvalidBucketName", "The specified bucket is not valid.", 400, { details: { BucketName: name } });

export const bucketAlreadyExists = (name: string) =>
  new Fault(
    "BucketAlreadyExists",
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
    409,
    { details: { BucketName: name } },
  );

export const bucketAlreadyOwnedByYou = (name: string) =>
  new Fault("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", 409, {
    details: { BucketName: name },
  });

export const bucketNotEmpty = (name: string) =>
  new Fault("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, { details: { BucketName: name } });

export const invalidLocation = (location: string) =>
  new Fault("InvalidLocationConstraint", "The specified location-constraint is not valid", 400, {
    details: { LocationConstraint: location },
  });

export const illegalLocation = (location: string) =>
  new Fault(
    "IllegalLocationConstraintException",
    `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    400,
  );

export const invalidArgument = (message: string, name?: string, value?: string) =>
  new Fault("InvalidArgument", message, 400, {
    details: { ...(name === undefined ? {} : { ArgumentName: name }), ...(value === undefined ? {} : { ArgumentValue: value }) },
  });

export const invalidOwner = () =>
  new Fault("InvalidBucketOwnerAWSAccountID", "The value of the expected bucket owner parameter must be an AWS account ID", 400);

export const invalidRequest = (message: string) => new Fault("InvalidRequest", message, 400);

export const invalidTag = (message: string, key?: string) =>
  new Fault("InvalidTag", message, 400, { details: key === undefined ? {} : { TagKey: key } });

export const tooManyTags = (maxTags: number) => new Fault("BadRequest", `Object tags cannot be greater than ${maxTags}`, 400);

export const malformedXml = () =>
  new Fault("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400);

export const keyTooLong = (sizeBytes: number, maxBytes: number) =>
  new Fault("KeyTooLongError", "Your key is too long", 400, { details: { Size: sizeBytes, MaxSizeAllowed: maxBytes } });

export const entityTooLarge = (proposed: number, maxBytes: number) =>
  new Fault("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, {
    details: { ProposedSize: proposed, MaxSizeAllowed: maxBytes },
  });

export const metadataTooLarge = (sizeBytes: number, maxBytes: number) =>
  new Fault("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400, {
    details: { Size: sizeBytes, MaxSizeAllowed: maxBytes },
  });

export const invalidStorageClass = (name: string) =>
  new Fault("InvalidStorageClass", "The storage class you specified is not valid", 400, { details: { StorageClassRequested: name } });

export const preconditionFailed = (condition: string) =>
  new Fault("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, {
    details: { Condition: condition },
  });

export const notModified = (headers: Record<string, string>) => new Fault("NotModified", "Not Modified", 304, { headers });

export const invalidRange = (requested: string, sizeBytes: number) =>
  new Fault("InvalidRange", "The requested range is not satisfiable", 416, {
    details: { RangeRequested: requested, ActualObjectSize: sizeBytes },
    headers: { "content-range": `bytes */${sizeBytes}` },
  });

export const invalidPartNumber = (requested: number, count: number) =>
  new Fault("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, {
    details: { PartNumberRequested: requested, ActualPartCount: count },
  });

/** For what a header or a configuration asks and this service does not have: said by name, never ignored. */
export const notBuilt = (what: string) =>
  new Fault("NotImplemented", `A header or setting you provided implies functionality that is not implemented: ${what}`, 501);

export const aclNotSupported = () => new Fault("AccessControlListNotSupported", "The bucket does not allow ACLs", 400);

export const badDigest = (algorithm: string) =>
  new Fault("BadDigest", `The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`, 400);

export const invalidPart = (uploadId: string, part: { PartNumber?: number | undefined; ETag?: string | undefined }) =>
  new Fault(
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { details: { UploadId: uploadId, PartNumber: part.PartNumber, ETag: part.ETag?.replaceAll('"', "") } },
  );

export const invalidPartOrder = () =>
  new Fault(
    "InvalidPartOrder",
    "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
    400,
  );

export const entityTooSmall = (part: { partNumber: number; etag: string; sizeBytes: number }, minBytes: number) =>
  new Fault("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400, {
    details: { ProposedSize: part.sizeBytes, MinSizeAllowed: minBytes, PartNumber: part.partNumber, ETag: part.etag },
  });

const noSuch = (code: string, message: string, bucket: string) => new Fault(code, message, 404, { details: { BucketName: bucket } });

export const noSuchTagSet = (bucket: string) => noSuch("NoSuchTagSet", "The TagSet does not exist", bucket);
export const noSuchBucketPolicy = (bucket: string) => noSuch("NoSuchBucketPolicy", "The bucket policy does not exist", bucket);
export const noSuchPublicAccessBlock = (bucket: string) =>
  noSuch("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", bucket);
export const noSuchOwnershipControls = (bucket: string) =>
  noSuch("OwnershipControlsNotFoundError", "The bucket ownership controls were not found", bucket);
export const noSuchLifecycle = (bucket: string) =>
  noSuch("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", bucket);
export const noSuchCors = (bucket: string) => noSuch("NoSuchCORSConfiguration", "The CORS configuration does not exist", bucket);

export const malformedPolicy = (message: string) => new Fault("MalformedPolicy", message, 400);

/** Each destination is an ArgumentName with its ArgumentValue, numbered, as AWS sends them. */
export const unknownDestinations = (faulty: readonly { arn: string; why: string }[]) =>
  new Fault("InvalidArgument", "Unable to validate the following destination configurations", 400, {
    details: Object.fromEntries(
      faulty.flatMap(({ arn, why }, index) => [
        [`ArgumentName${index + 1}`, arn],
        [`ArgumentValue${index + 1}`, why],
      ]),
    ),
  });

export const corsForbidden = (message: string) => new Fault("AccessForbidden", message, 403);
