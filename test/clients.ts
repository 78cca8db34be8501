import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const requirements = join(import.meta.dirname, "requirements.txt");
const venv = join(root, "node_modules", ".cache", "tandem", "clients");
const debianPython = "/usr/bin/python3";

/** Clients from Debian's packages, each by a file that it brings. Debian's `aws` is old on purpose: it knows no endpoint variable. */
const packages: readonly { name: string; files: readonly string[] }[] = [
  { name: "awscli", files: ["/usr/bin/aws"] },
  { name: "skopeo", files: ["/usr/bin/skopeo"] },
  { name: "curl", files: ["/usr/bin/curl"] },
  { name: "docker.io", files: ["/usr/bin/docker", "/usr/local/bin/docker"] },
  { name: "python3-venv", files: ["/usr/share/doc/python3-venv/copyright", "/usr/lib/python3.11/ensurepip/__init__.py"] },
];

const run = (command: readonly string[]): void => {
  const [program = "", ...rest] = command;
  const { status, error, stdout, stderr } = spawnSync(program, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (status === 0) return;
  const said = `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n").slice(-20).join("\n");
  throw new Error(`${command.join(" ")} failed: ${error?.message ?? `exit code ${status}`}\n${said}`);
};

const asRoot = (...command: string[]): void => run(process.getuid?.() === 0 ? command : ["sudo", ...command]);

const say = (line: string): void => console.log(`test clients: ${line}`);

const installPackages = (): void => {
  const missing = packages.filter(({ files }) => !files.some((file) => existsSync(file))).map(({ name }) => name);
  if (missing.length === 0) return;
  say(`installing ${missing.join(", ")}`);
  asRoot("apt-get", "update", "-q");
  asRoot("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qy", "--no-install-recommends", ...missing);
};

const installPythonClients = (): void => {
  const installed = join(venv, "requirements.txt");
  if (existsSync(installed) && readFileSync(installed, "utf8") === readFileSync(requirements, "utf8")) return;
  say("installing boto3 and the aws command into a virtual environment");
  rmSync(venv, { recursive: true, force: true });
  run([existsSync(debianPython) ? debianPython : "python3", "-m", "venv", venv]);
  run([join(venv, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement", requirements]);
  // Written last: an installation that was cut off is done again.
  copyFileSync(requirements, installed);
};

/** Installs the clients that tests drive, where they are missing. Answers with the variables by which tests find them. */
export const ensureClients = (): Record<string, string> => {
  installPackages();
  installPythonClients();
  return {
    TANDEM_TEST_PYTHON: join(venv, "bin", "python"),
    TANDEM_TEST_AWS_OLD: "/usr/bin/aws",
    TANDEM_TEST_AWS_NEW: join(venv, "bin", "aws"),
  };
};
