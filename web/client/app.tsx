import { pages } from "./pages.tsx";
import { pathParts } from "./router.ts";

/** The frame around every page. */
export function App() {
  const [first = ""] = pathParts.value;
  const page = pages.find(({ path }) => path === first);
  const Content = page?.content;
  return (
    <>
      <nav class="nav" aria-label="Pages">
        {pages.map(({ path, title }) => (
          <a key={path} href={`/${path}`} aria-current={path === first ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <main>{Content ? <Content /> : <p class="empty">There is no page "{first}"</p>}</main>
    </>
  );
}
