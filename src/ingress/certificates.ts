import { createPrivateKey, createPublicKey } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { authorityCertificate, newKeys, serverCertificate, type Keys } from "./x509.ts";

const name = "Tandem local CA";
const dayMs = 24 * 60 * 60 * 1000;
const authorityDays = 3_650;
const serverDays = 90;
/** A server's certificate is made anew this long before its end. */
const renewDays = 14;
const maxContexts = 1_000;

/** The roots that systems trust, where the usual ones keep them. */
const systemRoots = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
] as const;

type Authority = { certificate: string; keys: Keys };
type Settings = { folder: string; now: () => number };

/** Written beside and renamed, so that a crash leaves the old file or the new one. */
const writeWhole = async (path: string, content: string, mode: number): Promise<void> => {
  await writeFile(`${path}.new`, content, { mode });
  await rename(`${path}.new`, path);
};

const readText = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
};

const isHostName = (host: string): boolean => host.length <= 253 && /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(host);

/** The cloud's own certificate authority: containers trust it, and it vouches for whatever AWS name they call. */
export class CertificateAuthority {
  readonly #settings: Settings;
  readonly #contexts = new Map<string, { until: number; context: Promise<SecureContext> }>();
  /** One key for all names: they are all this process's. */
  #serverKeys: Keys | undefined;
  #authority: Promise<Authority> | undefined;
  #bundle: Promise<string> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** The authority's certificate, made and kept when it is first asked for. */
  async certificate(): Promise<string> {
    return (await this.#load()).certificate;
  }

  /** Path of a file with the machine's trusted roots and this authority: what containers take for the roots of their system. */
  bundlePath(): Promise<string> {
    // Written once: two tasks that start together must not write it over each other.
    this.#bundle ??= this.#writeBundle().catch((error: unknown) => {
      this.#bundle = undefined;
      throw error;
    });
    return this.#bundle;
  }

  async #writeBundle(): Promise<string> {
    const path = join(this.#settings.folder, "bundle.pem");
    const own = await this.certificate();
    const found = await Promise.all(systemRoots.map(readText));
    const roots = found.find((content) => content?.includes("BEGIN CERTIFICATE")) ?? rootCertificates.join("\n");
    const bundle = `${roots.trimEnd()}\n${own}`;
    if ((await readText(path)) !== bundle) await writeWhole(path, bundle, 0o644);
    return path;
  }

  /** What TLS needs to answer for a host name or IPv4 address. @throws when it is neither */
  context(hostName: string): Promise<SecureContext> {
    const host = hostName.toLowerCase();
    const now = this.#settings.now();
    const known = this.#contexts.get(host);
    if (known && known.until > now) return known.context;
    if (!isHostName(host)) return Promise.reject(new Error(`not a host name: ${JSON.stringify(host.slice(0, 300))}`));
    const oldest = this.#contexts.keys().next();
    if (this.#contexts.size >= maxContexts && !oldest.done) this.#contexts.delete(oldest.value);
    const context = this.#issue(host, now);
    this.#contexts.set(host, { until: now + (serverDays - renewDays) * dayMs, context });
    context.catch(() => this.#contexts.delete(host));
    return context;
  }

  #load(): Promise<Authority> {
    this.#authority ??= this.#readOrCreate().catch((error: unknown) => {
      this.#authority = undefined;
      throw error;
    });
    return this.#authority;
  }

  async #readOrCreate(): Promise<Authority> {
    const { folder, now } = this.#settings;
    const [certificatePath, keyPath] = [join(folder, "ca.pem"), join(folder, "ca-key.pem")];
    const [found, key] = await Promise.all([readText(certificatePath), readText(keyPath)]);
    if (found && key) return { certificate: found, keys: { privateKey: createPrivateKey(key), publicKey: createPublicKey(key) } };
    const keys = newKeys();
    const certificate = authorityCertificate(name, keys, { fromMs: now() - dayMs, untilMs: now() + authorityDays * dayMs });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // The certificate last: with it there, the key is there too.
    await writeWhole(keyPath, keys.privateKey.export({ format: "pem", type: "pkcs8" }).toString(), 0o600);
    await writeWhole(certificatePath, certificate, 0o644);
    return { certificate, keys };
  }

  async #issue(host: string, now: number): Promise<SecureContext> {
    const { certificate, keys } = await this.#load();
    this.#serverKeys ??= newKeys();
    const { publicKey, privateKey } = this.#serverKeys;
    const validity = { fromMs: now - dayMs, untilMs: now + serverDays * dayMs };
    const server = serverCertificate(host, publicKey, { name, keys, validity });
    return createSecureContext({ cert: server + certificate, key: privateKey.export({ format: "pem", type: "pkcs8" }) });
  }
}
