import { render } from "preact";
import { App } from "./app.tsx";
import { listen } from "./live.ts";
import { followLinks } from "./router.ts";
import "./styles/base.css";
import "./styles/plain-pages.css";

followLinks();
listen();
render(<App />, document.body);
