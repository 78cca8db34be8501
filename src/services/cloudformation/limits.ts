/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const limits = {
  templateBodyBytes: 51_200,
  templateObjectBytes: 1_000_000,
  descriptionBytes: 1024,
  resources: 500,
  parameters: 200,
  outputs: 200,
  mappings: 200,
  parameterValueBytes: 4096,
  eventsPage: 100,
  stacksPage: 100,
  exportsPage: 100,
  changesPage: 100,
  resourcesPage: 100,
} as const;
