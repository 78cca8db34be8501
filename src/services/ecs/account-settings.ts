import type { Setting } from "@aws-sdk/client-ecs";
import type { AccountSetting } from "./setting-rows.ts";
import type { Ecs } from "./ecs.ts";
import { invalidParameter } from "./faults.ts";

/** What an account has that has set nothing. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html */
const defaults: Readonly<Record<string, string>> = {
  serviceLongArnFormat: "enabled",
  taskLongArnFormat: "enabled",
  containerInstanceLongArnFormat: "enabled",
  awsvpcTrunking: "disabled",
  containerInsights: "disabled",
  dualStackIPv6: "enabled",
  fargateFIPSMode: "disabled",
  fargateTaskRetirementWaitPeriod: "7",
  tagResourceAuthorization: "on",
  guardDutyActivate: "off",
  defaultLogDriverMode: "non-blocking",
};

const settingOf = ({ principal, name, value }: AccountSetting): Setting => ({
  name: name as NonNullable<Setting["name"]>,
  value,
  principalArn: principal,
  type: "user",
});

const checkName = (name: string): void => {
  if (!(name in defaults)) throw invalidParameter(`The specified account setting name is not valid: ${name}`);
};

export const PutAccountSetting: Ecs["PutAccountSetting"] = async (input, { settings, account, region, caller }) => {
  checkName(input.name);
  const setting = { principal: input.principalArn ?? caller.arn, name: input.name, value: input.value };
  await settings.put({ account, region }, setting);
  return { setting: settingOf(setting) };
};

const rootOf = (account: string) => `arn:aws:iam::${account}:root`;

export const PutAccountSettingDefault: Ecs["PutAccountSettingDefault"] = async (input, { settings, account, region }) => {
  checkName(input.name);
  const setting = { principal: rootOf(account), name: input.name, value: input.value };
  await settings.put({ account, region }, setting);
  return { setting: settingOf(setting) };
};

export const DeleteAccountSetting: Ecs["DeleteAccountSetting"] = async (input, { settings, account, region, caller }) => {
  checkName(input.name);
  const principal = input.principalArn ?? caller.arn;
  await settings.remove({ account, region }, { principal, name: input.name });
  return { setting: settingOf({ principal, name: input.name, value: defaults[input.name] ?? "" }) };
};

export const ListAccountSettings: Ecs["ListAccountSettings"] = async (input, { settings, account, region, caller }) => {
  const principal = input.principalArn ?? caller.arn;
  const known = await settings.list({ account, region });
  const own = new Map(known.filter((each) => each.principal === principal).map(({ name, value }) => [name, value]));
  const accounts = new Map(known.filter((each) => each.principal === rootOf(account)).map(({ name, value }) => [name, value]));
  const names = input.effectiveSettings ? Object.keys(defaults) : [...own.keys()];
  const shown = names
    .map((name) => ({ principal, name, value: own.get(name) ?? accounts.get(name) ?? defaults[name] ?? "" }))
    .filter(({ name, value }) => (input.name === undefined || input.name === name) && (input.value === undefined || input.value === value));
  return { settings: shown.map(settingOf) };
};
