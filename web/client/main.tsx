import { render } from "preact";
import { App, followFrameKeys } from "./app.tsx";
import { listen } from "./live.ts";
import { followLinks } from "./router.ts";
import { followTheme } from "./theme.ts";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/overview.css";
import "./styles/plain-pages.css";

followTheme();
followLinks();
followFrameKeys();
listen();
render(<App />, document.body);
