import { render } from "preact";
import { followFrameKeys } from "./app.tsx";
import { Entrance } from "./entrance.tsx";
import { followLinks } from "./router.ts";
import { beginSession } from "./sign-in.tsx";
import { followTheme } from "./theme.ts";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/overview.css";
import "./styles/plain-pages.css";
import "./styles/operators.css";
import "./styles/lanes.css";
import "./styles/books.css";

followTheme();
followLinks();
followFrameKeys();
render(<Entrance />, document.body);
void beginSession();
