/** A CloudFormation template as JSON. */
export type Template = {
  AWSTemplateFormatVersion: "2010-09-09";
  Description: string;
  Parameters?: Record<string, Json>;
  Resources: Record<string, Resource>;
  Outputs?: Record<string, { Value: Json }>;
};

export type Resource = { Type: string; DependsOn?: readonly string[]; Properties?: Readonly<Record<string, Json>> };

export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

export const sub = (text: string): Json => ({ "Fn::Sub": text });
export const ref = (id: string): Json => ({ Ref: id });
export const attribute = (id: string, name: string): Json => ({ "Fn::GetAtt": [id, name] });
export const joined = (separator: string, parts: readonly Json[]): Json => ({ "Fn::Join": [separator, parts] });

export const trust = (service: string): Json => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
});
