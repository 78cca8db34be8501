import { sub } from "./template.ts";
import type { Json } from "./template.ts";

/** What `tandem deploy` uploads before the template is carried out; keys and tags follow from the content. */
export type Assets = {
  /** The key of the zip with the app's own module, for all inline handlers. */
  appKey: string;
  /** The zips of functions whose code is a folder, by the function's name. */
  folderKeys: Readonly<Record<string, string>>;
  /** Repository and tag of the images that are built, by the task's name. */
  images: Readonly<Record<string, { repository: string; tag: string }>>;
};

/** One bucket of each account and region keeps code, whatever the app. */
export const assetsBucket = ({ account, region }: { account: string; region: string }): string => `tandem-assets-${account}-${region}`;

export const codeAt = (key: string): Json => ({
  S3Bucket: sub(assetsBucket({ account: "${AWS::AccountId}", region: "${AWS::Region}" })),
  S3Key: key,
});

export const imageAt = ({ repository, tag }: { repository: string; tag: string }): Json =>
  sub(`\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.\${AWS::URLSuffix}/${repository}:${tag}`);
