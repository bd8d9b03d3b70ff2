import "../theme/theme.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BackendContext } from "../backend/context";
import { themeOfAddress } from "../features/shell/theme";
import { readOpenedAgain } from "../parts/again";
import { Boundary } from "../parts/Boundary";
import { showPreferences } from "../parts/preferences";
import { SessionBar } from "../screens/SessionBar";
import { backendHere } from "./backend";
import { Foreign } from "./Foreign";

async function start(root: HTMLElement) {
  themeOfAddress();
  showPreferences();
  readOpenedAgain();
  const backend = await backendHere();
  const session = new URLSearchParams(window.location.search).get("session");
  createRoot(root).render(
    <StrictMode>
      {backend ? (
        <BackendContext value={backend}>
          <Boundary at="" whole>
            <SessionBar session={session} />
          </Boundary>
        </BackendContext>
      ) : (
        <Foreign />
      )}
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);
