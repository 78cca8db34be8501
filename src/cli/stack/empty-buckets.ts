import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import type { CloudAddress } from "#config";
import type { Terminal } from "../terminal.ts";
import { findStack } from "./deploy-stack.ts";

type Access = { client: CloudFormationClient; address: CloudAddress; terminal: Terminal };

/** Removes every object in the buckets that a stack made. */
export const emptyBuckets = async (stackName: string, { client, address, terminal }: Access): Promise<void> => {
  if (!(await findStack(client, stackName))) return;
  const { DescribeStackResourcesCommand } = await import("@aws-sdk/client-cloudformation");
  const { DeleteObjectsCommand, S3Client, paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: stackName }));
  const s3 = new S3Client({ ...address, forcePathStyle: true });
  for (const { ResourceType, ResourceStatus, PhysicalResourceId: Bucket } of StackResources) {
    if (ResourceType !== "AWS::S3::Bucket" || Bucket === undefined || ResourceStatus === "DELETE_COMPLETE") continue;
    let count = 0;
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
      if (Contents.length === 0) continue;
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true } }));
      count += Contents.length;
    }
    terminal.step("bucket", `${Bucket}: removed ${count} objects`, { bucket: Bucket, count });
  }
  s3.destroy();
};
