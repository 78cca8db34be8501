import { ConfigError } from "#config";
import { CliError } from "./cli-error.ts";

/** What to tell of an error: what a user can put right in a line or two, a bug with its stack. */
export const explain = (error: unknown): { message: string; exitCode: number } => {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof ConfigError) return { message: error.message, exitCode: 2 };
  if (!(error instanceof Error)) return { message: String(error), exitCode: 1 };
  const address = refusedAddress(error);
  if (address !== undefined)
    return {
      message: `No cloud answers at ${address}. Start one with \`tandem up\`, or say where yours is with --endpoint or AWS_ENDPOINT_URL.`,
      exitCode: 1,
    };
  if (/^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch)/.test(error.name))
    return {
      message: `${error.name}: ${error.message} This cloud verifies signatures: set AWS_SHARED_CREDENTIALS_FILE to the file that \`tandem up --auth\` named.`,
      exitCode: 1,
    };
  if ("$fault" in error) return { message: `${error.name}: ${error.message}`, exitCode: 1 };
  if (error.name === "EngineError" && "code" in error && error.code === "Unavailable")
    return {
      message: `${error.message} Start Docker or Podman, or let \`sh scripts/setup\` install one; DOCKER_HOST says where another is.`,
      exitCode: 1,
    };
  if (error.name === "AppError" || error.name === "EngineError") return { message: error.message, exitCode: 1 };
  return { message: error.stack ?? error.message, exitCode: 1 };
};

/** `127.0.0.1:4566` when the error, or what caused it, is a connection that nobody took. */
const refusedAddress = (error: unknown): string | undefined => {
  for (let each = error; each instanceof Error; each = each.cause) {
    const parts = each instanceof AggregateError ? (each.errors as unknown[]) : [each];
    for (const part of parts) {
      const { code, address, port, hostname } = part as { code?: string; address?: string; port?: number; hostname?: string };
      if (code === "ECONNREFUSED") return `${address ?? "there"}:${port ?? ""}`;
      if (code === "ENOTFOUND") return hostname ?? "that address";
    }
  }
  return undefined;
};
