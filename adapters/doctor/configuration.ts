/** Can the configuration be used, and where does it come from? */
import { problemText } from "../../config/problem.ts";
import type { Origin } from "../../config/tree.ts";
import { loadConfiguration } from "../config/load-configuration.ts";
import type { ConfigurationRequest } from "../config/resolve-configuration.ts";
import { type Finding, found } from "./finding.ts";

/** As many problems as a person reads; `config check` lists all. */
const shownMax = 5;

/** Findings about configuration and secrets. No text ever holds a secret. */
export function checkConfiguration(request: ConfigurationRequest, uid: number): Finding[] {
  const loaded = loadConfiguration(request, uid);
  if (loaded.type === "ok") {
    const { origins } = loaded.resolved;
    const layers = [...origins.values()].map(({ origin }) => layerText(origin));
    const counts = [...new Set(layers)].map(
      (layer) => `${layers.filter((each) => each === layer).length} from ${layer}`,
    );
    const { size } = loaded.secrets;
    const secrets = size === 1 ? "1 secret" : `${size} secrets`;
    const text = `It is valid: ${counts.join(", ")}; ${secrets}`;
    return [found("configuration", "ok", text)];
  }
  const { problems } = loaded;
  const cure = "novactor config check says where each stands and what is allowed";
  const findings = problems
    .slice(0, shownMax)
    .map((problem) => found("configuration", "critical", problemText(problem), cure));
  if (problems.length > shownMax) {
    const text = `And ${problems.length - shownMax} more problems`;
    findings.push(found("configuration", "critical", text, cure));
  }
  return findings;
}

function layerText(origin: Origin): string {
  switch (origin.layer) {
    case "default":
      return "the defaults";
    case "preset":
      return `preset "${origin.name}"`;
    case "file":
      return `"${origin.file}"`;
    case "environment":
      return "the environment";
    case "flag":
      return "the command line";
  }
}
