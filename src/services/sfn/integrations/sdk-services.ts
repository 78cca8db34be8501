/**
 * The services that `aws-sdk:` resources may name, as their errors are prefixed; in lower case they are the names of the resources.
 * https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 * BedrockAgentCore, its Control and S3Vectors are of the 28 services that AWS announced on 26 March 2026; it does not name the others there.
 */
const prefixes = `
  AccessAnalyzer Account Acm AcmPca Amp Amplify AmplifyBackend AmplifyUiBuilder ApiGateway ApiGatewayV2 AppConfig AppConfigData AppFabric
  AppIntegrations AppMesh AppRunner AppStream AppSync AppTest Appflow ApplicationAutoScaling ApplicationCostProfiler ApplicationDiscovery
  ApplicationInsights ApplicationSignals ArcZonalShift Athena AuditManager AutoScaling AutoScalingPlans B2Bi Backup BackupGateway BackupSearch
  Batch BcmDataExports BcmPricingCalculator Bedrock BedrockAgent BedrockAgentCore BedrockAgentCoreControl BedrockAgentRuntime
  BedrockDataAutomation BedrockDataAutomationRuntime BedrockRuntime Billing Billingconductor Braket Budgets Chime ChimeSdkIdentity
  ChimeSdkMediaPipelines ChimeSdkMeetings ChimeSdkMessaging ChimeSdkVoice CleanRooms CleanRoomsMl Cloud9 CloudControl CloudDirectory
  CloudFormation CloudFront CloudFrontKeyValueStore CloudHsm CloudHsmV2
  CloudSearch CloudTrail CloudTrailData CloudWatch CloudWatchLogs CodeBuild CodeCatalyst CodeCommit CodeConnections CodeDeploy CodeGuruProfiler
  CodeGuruReviewer CodeGuruSecurity CodePipeline CodeStarConnections Codeartifact CodestarNotifications CognitoIdentity CognitoIdentityProvider
  CognitoSync Comprehend ComprehendMedical ComputeOptimizer Config Connect ConnectCampaigns ConnectCampaignsV2 ConnectCases ConnectContactLens
  ConnectParticipant ControlCatalog ControlTower CostAndUsageReport CostExplorer CostOptimizationHub CustomerProfiles DataBrew DataExchange
  DataPipeline DataSync DataZone DatabaseMigration Dax Deadline Detective DevOpsGuru DeviceFarm DirectConnect Directory DirectoryServiceData Dlm
  DocDb DocDbElastic Drs Dsql DynamoDb DynamoDbStreams Ebs Ec2 Ec2InstanceConnect Ecr EcrPublic Ecs Efs Eks EksAuth ElastiCache ElasticBeanstalk
  ElasticInference ElasticLoadBalancing ElasticLoadBalancingV2 ElasticTranscoder Elasticsearch Emr EmrContainers EmrServerless EntityResolution
  EventBridge Evidently FSx Finspace FinspaceData Firehose Fis Fms Forecast Forecastquery FraudDetector FreeTier GameLift GeoMaps GeoPlaces
  GeoRoutes Glacier Glue Grafana Greengrass GreengrassV2 GroundStation GuardDuty Health HealthLake Honeycode Iam Identitystore Imagebuilder
  Inspector Inspector2 InspectorScan InternetMonitor Invoicing IoTAnalytics IoTFleetHub IoTFleetWise IoTSecureTunneling IoTSiteWise
  IoTThingsGraph IoTTwinMaker Iot IotDeviceAdvisor IotEvents IotEventsData IotJobsDataPlane IotWireless Ivs IvsRealTime Ivschat Kafka
  KafkaConnect Kendra KendraRanking Keyspaces Kinesis KinesisAnalytics KinesisAnalyticsV2 KinesisVideo KinesisVideoArchivedMedia
  KinesisVideoMedia KinesisVideoSignaling KinesisVideoWebRtcStorage Kms LakeFormation Lambda LaunchWizard LexModelBuilding LexModelsV2
  LexRuntime LexRuntimeV2 LicenseManager LicenseManagerLinuxSubscriptions LicenseManagerUserSubscriptions Lightsail Location LookoutEquipment
  LookoutMetrics LookoutVision M2 MTurk Macie2 MailManager ManagedBlockchain ManagedBlockchainQuery MarketplaceCatalog
  MarketplaceCommerceAnalytics MarketplaceEntitlement MarketplaceMetering MarketplaceReporting MediaConnect MediaConvert MediaLive MediaPackage
  MediaPackageV2 MediaPackageVod MediaStore MediaTailor MedicalImaging MemoryDb Mgn MigrationHub MigrationHubConfig MigrationHubOrchestrator
  MigrationHubRefactorSpaces MigrationHubStrategy Mq Mwaa Neptune NeptuneGraph NetworkFirewall NetworkFlowMonitor NetworkManager NetworkMonitor
  NotificationsContacts Oam ObservabilityAdmin Omics OpenSearch OpenSearchServerless OpsWorks OpsWorksCm Organizations Osis Outposts Panorama
  PartnerCentralSelling PaymentCryptography PaymentCryptographyData PcaConnectorAd PcaConnectorScep Pcs Personalize PersonalizeEvents
  PersonalizeRuntime Pi Pinpoint PinpointEmail PinpointSmsVoice PinpointSmsVoiceV2 Pipes Polly Pricing PrivateNetworks Proton QApps QBusiness
  QConnect Qldb QldbSession QuickSight Ram Rbin Rds RdsData Redshift RedshiftData RedshiftServerless Rekognition Repostspace Resiliencehub
  ResourceExplorer2 ResourceGroups ResourceGroupsTaggingApi RoboMaker RolesAnywhere Route53 Route53Domains Route53Profiles
  Route53RecoveryCluster Route53RecoveryControlConfig Route53RecoveryReadiness Route53Resolver Rum S3 S3Control S3Outposts S3Tables S3Vectors
  SageMaker SageMakerA2IRuntime SageMakerFeatureStoreRuntime SageMakerGeospatial SageMakerMetrics SageMakerRuntime SagemakerEdge Savingsplans
  Scheduler Schemas SecretsManager SecurityHub SecurityIr SecurityLake ServerlessApplicationRepository ServiceCatalog ServiceCatalogAppRegistry
  ServiceDiscovery ServiceQuotas Ses SesV2 Sfn Shield Signer SimSpaceWeaver Sms SnowDeviceManagement Snowball Sns SocialMessaging Sqs Ssm
  SsmContacts SsmIncidents SsmQuickSetup SsmSap Sso SsoAdmin SsoOidc StorageGateway Sts SupplyChain Support SupportApp Swf Synthetics
  TaxSettings Textract TimestreamInfluxDb TimestreamQuery TimestreamWrite Tnb Transcribe Transfer Translate TrustedAdvisor VerifiedPermissions
  VoiceId VpcLattice Waf WafRegional Wafv2 WellArchitected Wisdom WorkDocs WorkMail WorkMailMessageFlow WorkSpaces WorkSpacesThinClient
  WorkSpacesWeb XRay`;

const byResource = new Map(
  prefixes
    .trim()
    .split(/\s+/)
    .map((prefix) => [prefix.toLowerCase(), prefix] as const),
);

/** Operations that AWS leaves out, of the services that a cloud may have. */
const withoutThese: Readonly<Record<string, readonly string[]>> = {
  cloudwatchlogs: ["StartLiveTail"],
  kinesis: ["SubscribeToShard"],
  lambda: ["InvokeAsync", "InvokeWithResponseStream"],
  s3: ["SelectObjectContent"],
  sts: ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"],
};

/** Services whose name in the cloud is not that of their resources. */
const cloudNames: Readonly<Record<string, string>> = {
  cloudwatchlogs: "logs",
  elasticloadbalancingv2: "elbv2",
  eventbridge: "events",
};

/** The prefix of a service's errors: `DynamoDb` for `dynamodb`; `undefined` for what is no service. */
export const errorPrefix = (service: string): string | undefined => byResource.get(service);

/** Whether `aws-sdk:` resources may call the operation of a service that has it. */
export const isCallable = (service: string, operation: string): boolean => withoutThese[service]?.includes(operation) !== true;

/** The names under which the cloud may have a service. */
export const namesInCloud = (service: string): readonly string[] => [
  service,
  ...(cloudNames[service] === undefined ? [] : [cloudNames[service]]),
];
