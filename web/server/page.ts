import type { Context } from "hono";
import { buildPage, pageDocument } from "./bundle.ts";

/** The page's files under their hashes, and its one document. */
export class Page {
  private building: ReturnType<typeof buildPage> | null = null;

  /** A file of the page, or null. */
  async asset(context: Context): Promise<Response | null> {
    const asset = (await this.built()).get(context.req.path);
    if (!asset) return null;
    const isZipped = context.req.header("Accept-Encoding")?.includes("gzip") ?? false;
    return context.body(isZipped ? asset.gzip : asset.body, 200, {
      "Content-Type": asset.type,
      "Cache-Control": "public, max-age=31536000, immutable",
      Vary: "Accept-Encoding",
      ...(isZipped && { "Content-Encoding": "gzip" }),
    });
  }

  async document(context: Context): Promise<Response> {
    const document = pageDocument(await this.built());
    return context.html(document, 200, { "Cache-Control": "no-cache" });
  }

  private built() {
    this.building ??= buildPage();
    return this.building;
  }
}
