/** https://docs.aws.amazon.com/general/latest/gr/s3.html and https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const limits = {
  keyBytes: 1024,
  /** Objects up to this size live in their row, larger ones in blobs. */
  inlineBytes: 16 * 1024,
  putBytes: 5 * 1024 ** 3,
  objectBytes: 50 * 1024 ** 4,
  metadataBytes: 2048,
  tagsAnObject: 10,
  tagsABucket: 50,
  tagKeyLength: 128,
  tagValueLength: 256,
  keysAPage: 1000,
  keysADeletion: 1000,
  bucketsAPage: 10_000,
  bucketsAnAccount: 10_000,
  partNumber: 10_000,
  /** The least size of all parts but the last. */
  partBytes: 5 * 1024 ** 2,
  partsAPage: 1000,
  uploadsAPage: 1000,
  policyBytes: 20 * 1024,
  lifecycleRules: 1000,
  corsRules: 100,
} as const;
