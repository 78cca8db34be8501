/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
export const maxManifestBytes = 4 << 20;
export const layerPartBytes = 20 << 20;
export const maxTagsPerResource = 50;
export const tokenLifeMs = 12 * 3_600_000;
/** An upload that is not completed, and a layer that no image names, are dropped after a day. */
export const unfinishedLifeMs = 24 * 3_600_000;
export const maxPage = 1000;
export const maxBatch = 100;
