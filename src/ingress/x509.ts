import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIPv4 } from "node:net";
import { bits, explicit, implicit, integer, objectId, octets, sequence, set, text, time, truth } from "./der.ts";

export type Keys = { publicKey: KeyObject; privateKey: KeyObject };
export type Validity = { fromMs: number; untilMs: number };

const oid = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  serverAuthentication: "1.3.6.1.5.5.7.3.1",
  alternativeName: "2.5.29.17",
  subjectKey: "2.5.29.14",
  authorityKey: "2.5.29.35",
} as const;

/** On the curve P-256, which every TLS library takes. */
export const newKeys = (): Keys => generateKeyPairSync("ec", { namedCurve: "P-256" });

const nameOf = (commonName: string): Buffer =>
  sequence(set(sequence(objectId(oid.organization), text("Tandem"))), set(sequence(objectId(oid.commonName), text(commonName))));

const spkiOf = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" });

/** The hash of the key's point, which is the last 65 bytes of its encoding. */
const keyIdOf = (key: KeyObject): Buffer => createHash("sha1").update(spkiOf(key).subarray(-65)).digest();

const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(objectId(id), ...(critical ? [truth()] : []), octets(value));

/** Positive, without a leading zero, and not to be guessed. */
const newSerial = (): Buffer => Buffer.concat([Buffer.from([1]), randomBytes(15)]);

type Unsigned = { issuer: string; subject: string; validity: Validity; publicKey: KeyObject; extensions: readonly Buffer[] };

const signed = ({ issuer, subject, validity, publicKey, extensions }: Unsigned, signer: KeyObject): string => {
  const algorithm = sequence(objectId(oid.ecdsaWithSha256));
  const body = sequence(
    explicit(0, integer(2)),
    integer(newSerial()),
    algorithm,
    nameOf(issuer),
    sequence(time(validity.fromMs), time(validity.untilMs)),
    nameOf(subject),
    spkiOf(publicKey),
    explicit(3, sequence(...extensions)),
  );
  const certificate = sequence(body, algorithm, bits(sign("sha256", body, signer)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
};

/** A certificate, in PEM, that vouches for servers' certificates and for nothing else. */
export const authorityCertificate = (name: string, keys: Keys, validity: Validity): string =>
  signed(
    {
      issuer: name,
      subject: name,
      validity,
      publicKey: keys.publicKey,
      extensions: [
        extension(oid.basicConstraints, sequence(truth(), integer(0)), true),
        // keyCertSign and cRLSign, the sixth and seventh bits.
        extension(oid.keyUsage, bits(Buffer.from([0x06]), 1), true),
        extension(oid.subjectKey, octets(keyIdOf(keys.publicKey))),
      ],
    },
    keys.privateKey,
  );

/** A server's certificate, in PEM, for one host name or IPv4 address. */
export const serverCertificate = (host: string, publicKey: KeyObject, by: { name: string; keys: Keys; validity: Validity }): string => {
  const alternative = isIPv4(host) ? implicit(7, Buffer.from(host.split(".").map(Number))) : implicit(2, Buffer.from(host, "latin1"));
  return signed(
    {
      issuer: by.name,
      // A common name holds 64 characters at most; clients read the alternative name.
      subject: host.length <= 64 ? host : "server",
      validity: by.validity,
      publicKey,
      extensions: [
        extension(oid.basicConstraints, sequence(), true),
        // digitalSignature, the first bit.
        extension(oid.keyUsage, bits(Buffer.from([0x80]), 7), true),
        extension(oid.extendedKeyUsage, sequence(objectId(oid.serverAuthentication))),
        extension(oid.alternativeName, sequence(alternative)),
        extension(oid.authorityKey, sequence(implicit(0, keyIdOf(by.keys.publicKey)))),
      ],
    },
    by.keys.privateKey,
  );
};
