import { join } from "node:path";

/** A file of the page, as it is sent. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

/** A page is compressed once and sent often. */
const hardest = { library: "libdeflate", level: 12 } as const;

/**
 * Builds the page's script and style: one file each, by the path under which it is served, which
 * holds a hash of what is in it.
 *
 * @throws {AggregateError} with what the bundler says
 */
export async function buildPage(): Promise<ReadonlyMap<string, Asset>> {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "../client/main.tsx")],
    target: "browser",
    minify: true,
    naming: "[name]-[hash].[ext]",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const assets = new Map<string, Asset>();
  for (const output of outputs) {
    const path = `/assets/${output.path.replace(/^.*\//, "")}`;
    const body = new Uint8Array(await output.arrayBuffer());
    const type = types[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    assets.set(path, { body, gzip: Bun.gzipSync(body, hardest), type });
  }
  return assets;
}

/** The one document: everything else is the script's. */
export function pageDocument(assets: ReadonlyMap<string, Asset>): string {
  const paths = [...assets.keys()];
  const style = paths.filter((path) => path.endsWith(".css"));
  const script = paths.filter((path) => path.endsWith(".js"));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Novactor</title>
<link rel="icon" href="data:,">
${style.map((path) => `<link rel="stylesheet" href="${path}">`).join("\n")}
${script.map((path) => `<script type="module" src="${path}"></script>`).join("\n")}
</head>
<body><noscript>The panel needs its script.</noscript></body>
</html>
`;
}
