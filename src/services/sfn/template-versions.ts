import { Fault } from "#wire/fault.ts";
import { accepting, integer, list, replacing, required, resourceType, struct, text } from "../resource-type.ts";
import type { ResourceContext, ValuesOf } from "../resource-type.ts";
import { alreadyExists, refuseExisting } from "./template-existing.ts";

const minuteMs = 60_000;

/** The version that has what the state machine is now, which publishing it once more would answer with. */
const currentVersion = async (machineArn: string, call: ResourceContext["call"]): Promise<string | undefined> => {
  const { stateMachineVersions: [latest] = [] } = await call("sfn", "ListStateMachineVersions", {
    stateMachineArn: machineArn,
    maxResults: 1,
  });
  const versionArn = latest?.stateMachineVersionArn;
  if (versionArn === undefined) return undefined;
  const revisionOf = async (stateMachineArn: string) =>
    (await call("sfn", "DescribeStateMachine", { stateMachineArn, includedData: "METADATA_ONLY" })).revisionId;
  return (await revisionOf(versionArn)) === (await revisionOf(machineArn)) ? versionArn : undefined;
};

/** A version never changes: whatever differs in the template is published as a new one. */
const version = resourceType({
  name: "AWS::StepFunctions::StateMachineVersion",
  properties: {
    Description: replacing(text()),
    StateMachineArn: required(replacing(text())),
    StateMachineRevisionId: replacing(text()),
  },
  attributes: ["Arn"],
  create: async ({ properties: { Description, StateMachineArn, StateMachineRevisionId }, isRepeated }, { call }) => {
    const existing = isRepeated ? undefined : await currentVersion(StateMachineArn, call);
    if (existing !== undefined) throw alreadyExists(existing);
    const { stateMachineVersionArn: arn = "" } = await call("sfn", "PublishStateMachineVersion", {
      stateMachineArn: StateMachineArn,
      revisionId: StateMachineRevisionId,
      description: Description,
    });
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  remove: ({ physicalId }, { call }) =>
    call("sfn", "DeleteStateMachineVersion", { stateMachineVersionArn: physicalId }).then(() => undefined),
});

const aliasProperties = {
  DeploymentPreference: struct({
    Alarms: list(text()),
    Interval: integer(),
    Percentage: integer(),
    StateMachineVersionArn: required(text()),
    Type: required(text()),
  }),
  Description: text(),
  Name: replacing(text()),
  RoutingConfiguration: list(struct({ StateMachineVersionArn: required(text()), Weight: required(integer()) })),
  StateMachineArn: replacing(text()),
};

type AliasValues = ValuesOf<typeof aliasProperties>;
type Preference = NonNullable<AliasValues["DeploymentPreference"]>;
type Routing = { stateMachineVersionArn: string; weight: number }[];

const invalid = (message: string) => new Fault("InvalidRequest", message, 400);

const checkPreference = ({ Type, Alarms, Interval, Percentage }: Preference): void => {
  if (!["ALL_AT_ONCE", "CANARY", "LINEAR"].includes(Type))
    throw invalid(`DeploymentPreference.Type must be ALL_AT_ONCE, CANARY or LINEAR.`);
  if (Alarms && Alarms.length > 0)
    throw new Fault("NotImplemented", "DeploymentPreference.Alarms is not supported: no alarm is watched.", 501);
  if (Type === "ALL_AT_ONCE") return;
  if (Interval === undefined || Interval < 1 || Percentage === undefined || Percentage < 1 || Percentage > 99)
    throw invalid(`DeploymentPreference of type ${Type} needs an Interval of 1 minute or more, and a Percentage from 1 to 99.`);
};

/** Where the alias leads in the end. */
const wantedRouting = ({ DeploymentPreference: preference, RoutingConfiguration }: AliasValues): Routing => {
  if ((preference === undefined) === (RoutingConfiguration === undefined))
    throw invalid("Exactly one of RoutingConfiguration and DeploymentPreference must be specified.");
  if (preference === undefined)
    return (RoutingConfiguration ?? []).map(({ StateMachineVersionArn, Weight }) => ({
      stateMachineVersionArn: StateMachineVersionArn,
      weight: Weight,
    }));
  checkPreference(preference);
  return [{ stateMachineVersionArn: preference.StateMachineVersionArn, weight: 100 }];
};

/** The weights that the new version is given on its way to 100, from the one that it has. */
export const weightsToCome = ({ Type, Percentage = 100 }: Pick<Preference, "Type" | "Percentage">, from: number): number[] => {
  if (Type === "CANARY") return from > 0 ? [] : [Percentage];
  if (Type !== "LINEAR") return [];
  return Array.from({ length: Math.ceil((100 - from) / Percentage) - 1 }, (_, index) => from + (index + 1) * Percentage);
};

/** Moves executions over step by step, going on from where the alias stands: a step that was cut off is taken up again. */
const shift = async (arn: string, preference: Preference, { call, pause }: ResourceContext): Promise<void> => {
  const wanted = preference.StateMachineVersionArn;
  const { routingConfiguration = [] } = await call("sfn", "DescribeStateMachineAlias", { stateMachineAliasArn: arn });
  const before = routingConfiguration.find(({ stateMachineVersionArn }) => stateMachineVersionArn !== wanted)?.stateMachineVersionArn;
  const from = routingConfiguration.find(({ stateMachineVersionArn }) => stateMachineVersionArn === wanted)?.weight ?? 0;
  if (before === undefined) return;
  for (const weight of weightsToCome(preference, from)) {
    const routing = [
      { stateMachineVersionArn: before, weight: 100 - weight },
      { stateMachineVersionArn: wanted, weight },
    ];
    // oxlint-disable-next-line no-await-in-loop -- one increment after the other
    await call("sfn", "UpdateStateMachineAlias", { stateMachineAliasArn: arn, routingConfiguration: routing });
    await pause((preference.Interval ?? 1) * minuteMs); // oxlint-disable-line no-await-in-loop
  }
};

const alias = resourceType({
  name: "AWS::StepFunctions::StateMachineAlias",
  properties: aliasProperties,
  attributes: ["Arn"],
  create: async ({ properties, isRepeated }, context) => {
    const name = properties.Name ?? context.name({ longest: 80 });
    const routingConfiguration = wantedRouting(properties);
    const [first] = routingConfiguration;
    if (first && !isRepeated) {
      const existing = `${first.stateMachineVersionArn.replace(/:\d+$/, "")}:${name}`;
      await refuseExisting(existing, context.call("sfn", "DescribeStateMachineAlias", { stateMachineAliasArn: existing }));
    }
    const { stateMachineAliasArn: arn = "" } = await context.call("sfn", "CreateStateMachineAlias", {
      name,
      description: properties.Description,
      routingConfiguration,
    });
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  update: async ({ properties }, { physicalId, attributes }, context) => {
    const routingConfiguration = wantedRouting(properties);
    if (properties.DeploymentPreference) await shift(physicalId, properties.DeploymentPreference, context);
    await context.call("sfn", "UpdateStateMachineAlias", {
      stateMachineAliasArn: physicalId,
      description: properties.Description,
      routingConfiguration,
    });
    return { physicalId, attributes };
  },
  remove: ({ physicalId }, { call }) =>
    accepting(
      call("sfn", "DeleteStateMachineAlias", { stateMachineAliasArn: physicalId }),
      /^(ResourceNotFound|StateMachineDoesNotExist)$/,
    ),
});

export const versionResourceTypes = [version, alias];
