import type { Theme } from "../../generated/bindings";

/** Shows the person's choice; the system's when there is none. */
export function showTheme(theme: Theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** The theme that the window was opened with stands in its address, so that the first picture has it already. */
export function themeOfAddress() {
  const theme = new URLSearchParams(window.location.search).get("theme");
  if (theme === "light" || theme === "dark") showTheme(theme);
}

/** What is shown now. */
export function themeShown(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}
