import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { pack, unpack } from "msgpackr";
import { originText } from "../../config/tree.ts";
import { Secret } from "./secret.ts";
import { readSecrets } from "./secrets.ts";

const canary = "canary-3f9d1c77";
const uid = process.getuid?.() ?? -1;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "novactor-secrets-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function written(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function problemsOf(file: string | null, env: Record<string, string> = {}, user = uid) {
  const result = readSecrets({ env, file, uid: user });
  expect(Bun.inspect(result, { depth: 10 })).not.toContain(canary);
  return result.type === "ok" ? [] : result.problems;
}

test("readSecrets() reads variables and a file's lines, variables first", () => {
  const text = `# keys\n\nNOVACTOR_SECRET_KRAKEN_KEY=${canary}=\r\nNOVACTOR_SECRET_BOT = from-the-file\n`;
  const file = written("sound", text);
  const result = readSecrets({
    env: { NOVACTOR_SECRET_BOT: "from-variable", HOME: "/" },
    file,
    uid,
  });
  if (result.type === "problems") throw new Error("refused");
  const held = [...result.secrets.values()];
  expect(
    held.map(({ name, secret, origin }) => [name, secret.reveal(), originText(origin)]),
  ).toEqual([
    ["KRAKEN_KEY", `${canary}=`, `${file}, line 3`],
    ["BOT", "from-variable", "NOVACTOR_SECRET_BOT"],
  ]);
});

test.each([0o644, 0o640, 0o660, 0o604, 0o700, 0o4600])(
  "readSecrets() refuses a file of mode %o",
  (mode) => {
    const file = written(`mode-${mode.toString(8)}`, `NOVACTOR_SECRET_KEY=${canary}\n`, mode);
    const [problem] = problemsOf(file);
    expect(problem?.state).toBe(`has mode ${mode.toString(8)}`);
    expect(problem?.wanted).toContain(`chmod 600 ${file}`);
  },
);

test("readSecrets() takes a file that even its owner cannot write", () => {
  expect(problemsOf(written("mode-400", `NOVACTOR_SECRET_KEY=${canary}\n`, 0o400))).toEqual([]);
});

test("readSecrets() refuses a file of another user", () => {
  const file = written("foreign", `NOVACTOR_SECRET_KEY=${canary}\n`);
  const [problem] = problemsOf(file, {}, uid + 1);
  expect(problem?.state).toBe(`belongs to user ${uid}`);
  expect(problem?.wanted).toContain(`chown ${uid + 1} ${file}`);
});

test.skipIf(uid !== 0)(
  "readSecrets() refuses a file that was given away (runs as root only)",
  () => {
    const file = written("given-away", `NOVACTOR_SECRET_KEY=${canary}\n`);
    chownSync(file, 65_534, 65_534);
    expect(problemsOf(file)[0]?.state).toBe("belongs to user 65534");
  },
);

test("readSecrets() follows no link", () => {
  const link = join(folder, "link");
  symlinkSync(written("target", `NOVACTOR_SECRET_KEY=${canary}\n`), link);
  expect(problemsOf(link)[0]?.state).toBe("is a symbolic link");
});

test.each([
  ["a line without equals sign", `${canary}\n`, "line has no equals sign"],
  ["a name without the prefix", `KRAKEN=${canary}\n`, "has a name that is not a secret's"],
  [
    "a name in small letters",
    `NOVACTOR_SECRET_kraken=${canary}\n`,
    "has a name that is not a secret's",
  ],
  ["a value in quotes", `NOVACTOR_SECRET_KEY="${canary}"\n`, "KEY stands in quotes"],
  ["no value", "NOVACTOR_SECRET_KEY=\n", "KEY has fewer than 8 characters"],
  [
    "one name twice",
    `NOVACTOR_SECRET_KEY=${canary}\nNOVACTOR_SECRET_KEY=${canary}\n`,
    "KEY comes a second time",
  ],
])("readSecrets() refuses %s", (name, text, state) => {
  expect(problemsOf(written(name.replaceAll(" ", "-"), text)).map((each) => each.state)).toEqual([
    state,
  ]);
});

test("readSecrets() refuses a file that is not there, and a variable of wrong form", () => {
  expect(problemsOf(join(folder, "absent"))[0]?.state).toBe("does not exist");
  expect(problemsOf(null, { NOVACTOR_SECRET_: canary })[0]?.state).toBe(
    "has a name that is not a secret's",
  );
});

test("a Secret prints as nothing but [redacted]", () => {
  const secret = new Secret(canary);
  const error = new Error(`Cannot log in with ${secret}`, { cause: secret });
  const prints = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    Bun.inspect({ secret }),
    inspect(error),
    Object.entries(secret).join(),
    JSON.stringify(unpack(pack({ secret }))),
  ];
  expect(prints.filter((text) => text.includes(canary))).toEqual([]);
  expect(prints[0]).toBe("[redacted]");
  expect(secret.reveal()).toBe(canary);
});
