import { expect, test } from "bun:test";
import fc from "fast-check";
import { parse, parseDocument } from "yaml";
import { defaultConfiguration } from "../../config/default-configuration.ts";
import { keys } from "../../config/keys.ts";
import { leavesOf } from "../../config/tree.ts";
import { readConfigurationFile } from "./files.ts";
import { resolveConfiguration } from "./resolve-configuration.ts";
import { readTemplate, type Template, templateNames, withTemplate } from "./templates.ts";

const sections = ["strategy", "risk", "stop", "entry", "coolDown"];

function template(name: string): Template {
  const found = readTemplate(name);
  if (found === null) throw new Error(`Cannot test template "${name}": it is not there`);
  return found;
}

/** Every value of a text by its path. */
function leaves(text: string): Map<string, string> {
  const { tree, problems } = readConfigurationFile("test.yaml", text);
  expect(problems).toEqual([]);
  return new Map(tree ? [...leavesOf(tree)].map(([path, leaf]) => [path, leaf.text ?? ""]) : []);
}

test("templates are the ones that the desk comes with", () => {
  expect(templateNames()).toEqual([
    "balanced",
    "breakout-hunter",
    "cautious",
    "mean-reverter",
    "order-flow",
    "scalper",
    "trend-follower",
  ]);
});

const each = templateNames().map((name) => [name]);

test.each(each)("template %s is in order, and by itself a sound configuration", (name) => {
  const result = resolveConfiguration({
    preset: null,
    file: template(name).path,
    env: {},
    flags: [],
  });
  expect(result.type === "ok" ? [] : result.problems).toEqual([]);
});

// Else a key of one template would stay when another one is applied.
test.each(each)("template %s sets every key of its sections, and no other", (name) => {
  const wanted = keys.filter(({ path }) => sections.includes(path.split(".")[0] ?? ""));
  expect([...leaves(template(name).text).keys()].toSorted()).toEqual(
    wanted.map(({ path }) => path).toSorted(),
  );
});

test.each(each)("template %s says for whom it is, what it does and what it risks", (name) => {
  const { text, purpose } = template(name);
  const [comment = ""] = text.split("strategy:\n");
  expect(comment).toMatch(
    /^# .+\.\n#\n# For: .+(\n# .+)*\n# Does: .+(\n# .+)*\n# Risks: .+(\n# .+)*\n$/,
  );
  expect(purpose.length).toBeLessThan(80);
});

test.each(each)("template %s says its own risk", (name) => {
  const { text } = template(name);
  const { riskShare, maxShare } = parse(text).risk;
  const percent = (share: number) => `${Number((share * 100).toFixed(4))} %`;
  const risks = text.slice(text.indexOf("# Risks:"));
  expect(risks).toContain(`${percent(riskShare)} of equity in a trade`);
  expect(risks).toContain(`${percent(maxShare)} in a position`);
});

test("template balanced is what the desk does by default", () => {
  const request = { preset: null, file: template("balanced").path, env: {}, flags: [] };
  const result = resolveConfiguration(request);
  expect(result).toMatchObject({ type: "ok", configuration: defaultConfiguration });
});

test("readTemplate() knows no other name, not even a path", () => {
  expect(["scalpr", "", "../presets/paper-demo"].map(readTemplate)).toEqual([null, null, null]);
});

const file = `# My desk.

seed: 7 # lucky

# What I dare
risk:
  # a lot
  riskShare: "0.02" # two percent
strategy:
  frames: [1, 5, 15] # usual
  votes:
    keltner: { weight: 0.2 } # mine
market:
  symbols:
  - symbol: BTC/EUR
    startPrice: 64000.10
    tick: 0.1
# the end
`;

test("withTemplate() changes what the template says, and keeps keys, comments and layout", () => {
  const text = withTemplate(file, template("scalper"), 3) ?? "";
  const kept = [
    '# My desk.\n\nseed: 7 # lucky\n\n# What I dare\nrisk:\n  # a lot\n  riskShare: "0.003" # two percent\n',
    "  frames: [ 1, 3, 5 ] # usual\n",
    "    keltner: { weight: 0.3, use: true, period: 12, range: 7, width: 1.5, slope: 3 } # mine\n",
    "market:\n  symbols:\n  - symbol: BTC/EUR\n    startPrice: 64000.10\n    tick: 0.1\n",
    "\nentry:\n  type: limit\n",
    "\ntemplate:\n  name: scalper\n  version: 3\n",
    "# the end\n",
  ];
  for (const part of kept) expect(text).toContain(part);
});

test("withTemplate() indents as the file does", () => {
  const text = withTemplate("risk:\n    positionCap: 2\n", template("scalper"), 1);
  expect(text).toStartWith("risk:\n    positionCap: 5\n    riskShare: 0.003\n");
});

test("withTemplate() is null once the file has all of it, and not when one value was changed", () => {
  const once = withTemplate(file, template("cautious"), 1) ?? "";
  expect(withTemplate(once, template("cautious"), 2)).toBeNull();
  const turned = once.replace("minConfidence: 0.65", "minConfidence: 0.7");
  expect(leaves(withTemplate(turned, template("cautious"), 2) ?? "")).toEqual(
    leaves(once.replace("  version: 1\n", "  version: 2\n")),
  );
});

test("withTemplate() writes another template over one with the very values", () => {
  const balanced = { ...template("balanced"), name: "other" };
  const once = withTemplate("seed: 1\n", template("balanced"), 1) ?? "";
  expect(leaves(withTemplate(once, balanced, 2) ?? "").get("template.name")).toBe("other");
});

test.each(["- a\n- b\n", "seed: 7\n\tx: 1\n", "just text\n"])(
  "withTemplate() refuses %p",
  (text) => {
    expect(() => withTemplate(text, template("scalper"), 1)).toThrow(RangeError);
  },
);

/** Any part of a whole configuration, in blocks or braces, with keys in any order. */
const files = fc.record({
  from: fc.constantFrom(...templateNames()),
  kept: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  flow: fc.boolean(),
  turned: fc.boolean(),
});

test("withTemplate() on any file holds the template's values and the file's others", () => {
  fc.assert(
    fc.property(
      files,
      fc.constantFrom(...templateNames()),
      ({ from, kept, flow, turned }, name) => {
        const whole = parseDocument(`seed: 3\nlog: { level: warn }\n${template(from).text}`, {
          schema: "failsafe",
        }).toJS() as Record<string, unknown>;
        const parts = Object.entries(whole).filter((_, index) => index === 0 || kept[index]);
        const document = parseDocument("{}", { schema: "failsafe" });
        document.contents = document.createNode(
          Object.fromEntries(turned ? parts.toReversed() : parts),
          { flow },
        ) as typeof document.contents;
        const before = document.toString();
        const after = leaves(withTemplate(before, template(name), 1) ?? "");
        const wanted = new Map([
          ...leaves(before),
          ...leaves(template(name).text),
          ["template.name", name] as const,
          ["template.version", "1"] as const,
        ]);
        expect(new Map([...after].toSorted())).toEqual(new Map([...wanted].toSorted()));
      },
    ),
    { seed: 53, numRuns: 60 },
  );
});
