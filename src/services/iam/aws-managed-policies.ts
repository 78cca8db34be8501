/** What a policy of AWS's own allows, in short: its actions on every resource. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ["*"],
  AmazonEC2ContainerRegistryFullAccess: ["ecr:*"],
  AmazonEC2ContainerRegistryReadOnly: ["ecr:BatchGetImage", "ecr:Describe*", "ecr:Get*", "ecr:List*"],
  AmazonECS_FullAccess: ["ecs:*", "iam:PassRole", "logs:*"],
  AmazonS3FullAccess: ["s3:*"],
  AmazonS3ReadOnlyAccess: ["s3:Get*", "s3:List*", "s3:Describe*"],
  AmazonSQSFullAccess: ["sqs:*"],
  AWSLambda_FullAccess: ["lambda:*", "iam:PassRole", "logs:*"],
  CloudWatchLogsFullAccess: ["logs:*"],
  PowerUserAccess: ["*"],
  ReadOnlyAccess: ["*:Describe*", "*:Get*", "*:List*"],
  "service-role/AmazonECSTaskExecutionRolePolicy": [
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ],
  "service-role/AWSLambdaBasicExecutionRole": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  "service-role/AWSLambdaVPCAccessExecutionRole": [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "ec2:*NetworkInterface*",
  ],
  "service-role/AWSLambdaSQSQueueExecutionRole": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "logs:*"],
};

/** AWS's own managed policies that can be attached here, by ARN, with their documents. Fewer than AWS has; the README lists them. */
export const awsManagedPolicies: ReadonlyMap<string, string> = new Map(
  Object.entries(allowed).map(([name, actions]) => [
    `arn:aws:iam::aws:policy/${name}`,
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] }),
  ]),
);
