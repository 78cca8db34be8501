/** What a container finds around it so that programs which know nothing of this cloud reach it. */
export type Surroundings = {
  environment: Readonly<Record<string, string>>;
  mounts: readonly { source: string; target: string; readOnly: true }[];
};

/** Where Debian, Alpine and Go look for trusted roots, and where Red Hat and Amazon Linux do. */
const bundleTargets = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"] as const;

/** Environment and mounts that every container of a task or function gets; what the user sets goes before. */
export const surroundings = (given: { bundlePath: string; endpointUrl: string; region: string }): Surroundings => {
  const [bundle] = bundleTargets;
  return {
    environment: {
      AWS_REGION: given.region,
      AWS_DEFAULT_REGION: given.region,
      AWS_ENDPOINT_URL: given.endpointUrl,
      // Programs that bring roots of their own: the AWS CLI and boto3, Node, OpenSSL, Python's requests, curl.
      AWS_CA_BUNDLE: bundle,
      NODE_EXTRA_CA_CERTS: bundle,
      SSL_CERT_FILE: bundle,
      REQUESTS_CA_BUNDLE: bundle,
      CURL_CA_BUNDLE: bundle,
    },
    mounts: bundleTargets.map((target) => ({ source: given.bundlePath, target, readOnly: true })),
  };
};
