import "./styles";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BackendContext } from "../backend/context";
import { themeOfAddress } from "../features/shell/theme";
import { readOpenedAgain } from "../parts/again";
import { Boundary } from "../parts/Boundary";
import { forgetKept } from "../parts/kept";
import { showPreferences } from "../parts/preferences";
import { App } from "./App";
import { backendHere } from "./backend";
import { Foreign } from "./Foreign";

async function start(root: HTMLElement) {
  themeOfAddress();
  showPreferences();
  if (!readOpenedAgain()) forgetKept();
  const backend = await backendHere();
  createRoot(root).render(
    <StrictMode>
      {backend ? (
        <BackendContext value={backend}>
          <Boundary at="" whole>
            <App />
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
