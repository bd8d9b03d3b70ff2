export type Theme = "light" | "dark" | "system";

/** The person's choice; the system's when there is none. Kept on this computer only. */
export function applyTheme(theme: Theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // A webview without storage forgets the choice.
  }
}

export function restoreTheme() {
  try {
    const kept = localStorage.getItem("theme");
    if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  } catch {
    // See above.
  }
}
