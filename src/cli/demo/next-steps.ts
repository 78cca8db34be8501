/** What to type while the demonstration's cloud is kept. */
export const nextSteps = (endpoint: string, bucket: string): string =>
  `
The cloud stays up until ctrl-c. In another terminal (an aws older than 2.13 needs --endpoint-url ${endpoint} as well):

  export AWS_ENDPOINT_URL=${endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
  aws s3 cp YOUR_VIDEO.mp4 s3://${bucket}/your-video_00-02.mp4
  aws s3 ls s3://${bucket}/
  aws logs tail /aws/lambda/video-thumbnailer-onNewThumbnail --follow
  aws ecs list-tasks --cluster "$(aws ecs list-clusters --query 'clusterArns[0]' --output text)" --desired-status STOPPED
  aws cloudformation describe-stack-resources --stack-name video-thumbnailer --output table
  bin/tandem status`;
